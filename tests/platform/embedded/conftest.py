"""Data directories that are cleaned up, programs that hold a lease, and waiting for a condition."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ordito.platform import embedded
from ordito.platform.embedded import locks

SOURCE = Path(embedded.__file__).parents[3]
HOLD = """
import sys
from pathlib import Path
from ordito.platform import embedded
with embedded.lease(Path(sys.argv[1])) as lease:
    print(lease.dsn(), flush=True)
    sys.stdin.read()
"""

MakeHome = Callable[[], Path]
Until = Callable[[Callable[[], object]], None]


@pytest.fixture(autouse=True)
def short_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDITO_EMBEDDED_IDLE_S", "1")
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))


@pytest.fixture(scope="session")
def until() -> Until:
    """Wait until the condition is true, at most 20 s."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, "the condition did not become true within 20 s"
            time.sleep(0.02)

    return wait


def make_folder() -> Path:
    """In memory where there is room: these tests kill processes, they don't pull plugs."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1_000_000_000
    return Path(tempfile.mkdtemp(prefix="oe-", dir=memory if roomy else "/tmp"))


@pytest.fixture(scope="session")
def _pattern() -> Iterator[Path]:
    """A data directory with a fresh cluster in it, to copy: quicker than making each anew."""
    folder = make_folder()
    with embedded.lease(folder / "pattern"):
        pass
    embedded.stop(folder / "pattern")
    yield folder / "pattern"
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path; supervisors of the data directories in it are ended after."""
    made = make_folder()
    made.chmod(0o755)
    yield made
    for lock in made.rglob("supervisor.lock"):
        end(lock.parent)
    shutil.rmtree(made)


@pytest.fixture
def home(folder: Path, _pattern: Path) -> Path:
    """A data directory with a cluster that is not running."""
    shutil.copytree(_pattern, folder / "data", ignore=shutil.ignore_patterns("run", "*.json"))
    return folder / "data"


@pytest.fixture
def hold() -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Start a program that holds a lease; it has printed its dsn once it has one."""
    programs: list[subprocess.Popen[str]] = []

    def start(home: Path) -> subprocess.Popen[str]:
        program = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        programs.append(program)
        return program

    yield start
    for program in programs:
        program.kill()
        program.communicate()


def end(home: Path) -> None:
    with contextlib.suppress(embedded.EmbeddedUnavailable):
        embedded.stop(home, timeout_s=10)
    for lock in (home / "supervisor.lock", home / "postgres.lock"):
        deadline = time.monotonic() + 20
        while lock.exists() and locks.held(lock) and time.monotonic() < deadline:
            for process in locks.holders(lock):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.02)
