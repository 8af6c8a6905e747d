"""The command line in this process: what it prints and the code it ends with."""

import io
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from ordito.cli.main import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)


Ordito = Callable[..., Outcome]


@pytest.fixture
def ordito(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ordito:
    """Run a command on the test's database; `stdin` is what somebody types."""
    monkeypatch.setenv("ORDITO_DATABASE_URL", dsn)

    def run(*arguments: str, stdin: str = "") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        code = end.value.code
        return Outcome(code if isinstance(code, int) else 0, told.out, told.err)

    return run
