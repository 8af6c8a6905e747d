# Run `make help` for what can be done. Two are all you need: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

$(VENV)/.base: requirements.lock pyproject.toml assets/package-lock.json assets/package.json assets/build_hook.py
	@$(PYTHON) tools/make_venv.py $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python assets/build_hook.py --with-tests
	@$(BIN)/python tools/find_chromium.py
	@touch $@

demo: $(VENV)/.base  ## Build everything, load a real month of orders, serve it and print the URL
	@$(BIN)/ordito demo

demo-reset: $(VENV)/.base  ## Forget the demo's data; the next `make demo` begins anew
	@$(BIN)/ordito demo --reset

test: $(VENV)/.dev  ## Install what tests need and run all of them
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/chaos
	@$(BIN)/python -m pytest tests/chaos

check: $(VENV)/.dev  ## Format, lint, types, floors
	@$(BIN)/ruff format --check src tests bench tools
	@$(BIN)/ruff check src tests bench tools
	@$(BIN)/mypy
	@$(BIN)/lint-imports

chaos: $(VENV)/.dev  ## The long failure tests: kill everything, again and again
	@$(BIN)/python -m pytest -m chaos --chaos-rounds 200 tests/chaos

lock: ## Refresh the lock files after a change of pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --extra pdf --extra opt pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## Remove what was built
	rm -rf $(VENV) assets/node_modules src/ordito/web/static/vendor .mypy_cache .ruff_cache .pytest_cache

.PHONY: help demo demo-reset test check chaos lock clean
