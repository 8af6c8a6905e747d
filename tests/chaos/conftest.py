"""How long chaos lasts: short in `make test`, as long as asked for in `make chaos`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chaos-rounds", type=int, default=None, help="Kills per chaos test.")
    parser.addoption("--chaos-seed", type=int, default=None, help="Repeats a run's choices.")
