"""The command line as such: quick to start, exact about wrong use, problems in words."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import ordito as package
from tests.cli.conftest import Ordito

HEAVY = ("psycopg", "uvicorn", "jinja2", "prometheus_client", "phonenumbers")

HELP = """
import json, sys
from ordito.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print("\\n" + json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_nothing_heavy(option: str) -> None:
    env = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])}
    told = subprocess.run(
        [sys.executable, "-c", HELP, option],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout

    code, modules = msgspec.json.decode(told.splitlines()[-1])

    assert code == 0
    assert not set(HEAVY) & set(modules)
    if option == "--help":
        assert all(word in told for word in ("demo", "serve", "doctor", "bench"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--nonsense",),
        ("nonsense",),
        ("serve", "--nonsense"),
        ("serve", "--port", "65536"),
        ("db", "nonsense"),
        ("users", "create"),
        ("doctor", "--order", "one"),
        ("export", "orders", "file.pdf"),
        ("demo",),  # with ORDITO_DATABASE_URL
    ],
)
def test_wrong_use_ends_with_2(ordito: Ordito, arguments: tuple[str, ...]) -> None:
    refused = ordito(*arguments)

    assert refused.code == 2
    assert refused.out == ""
    assert "Usage: ordito" in refused.err


def test_a_wrong_setting_is_told_with_its_name(
    ordito: Ordito, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDITO_PROCESSSES", "2")

    refused = ordito("users", "list")

    assert refused.code == 1
    assert "ORDITO_PROCESSSES" in refused.err
    assert "did you mean ORDITO_PROCESSES?" in refused.err
