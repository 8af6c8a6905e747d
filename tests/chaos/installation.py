"""A real installation: `ordito serve` on an embedded PostgreSQL, looked after as systemd would.

Its processes can be found by what they are, and killed.
"""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import ordito
from ordito.flows.manage_keys import CreateKey, issue_key
from ordito.platform import embedded
from ordito.platform.access import EVERYTHING
from ordito.platform.database import Database
from ordito.platform.migrations import upgrade
from tests import make

HOST = "127.0.0.1"
BACK_WITHIN_S = 10.0

OURS = 4
"""Processes of an installation under load, and the clients."""


class Installation:
    """What runs: `ordito serve` in a session of its own, restarted when it ends."""

    def __init__(self, home: Path, log: IO[bytes]) -> None:
        self.home = home
        self.port = _free_port()
        self._log = log
        self._stopping = threading.Event()
        self._serve: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        self._keeper.start()
        self.wait_until_ready(60.0)

    def stop(self) -> None:
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join(timeout=30)
        embedded.stop(self.home)

    def _keep(self) -> None:
        """Start the program; when it ends, end what it left behind and start it again."""
        while not self._stopping.is_set():
            self._serve = subprocess.Popen(
                [
                    *(sys.executable, "-m", "ordito", "serve"),
                    *("--host", HOST, "--port", str(self.port), "--processes", "2"),
                ],
                env=self._environment(),
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
            )
            while self._serve.poll() is None and not self._stopping.wait(0.05):
                pass
            _kill_group(self._serve.pid)
            self._serve.wait()
            self._stopping.wait(0.1)

    def _environment(self) -> dict[str, str]:
        source = str(Path(ordito.__file__).parents[1])
        ours = {"ORDITO_DATA_DIR": str(self.home), "PYTHONPATH": source}
        # Where it is installed, Python keeps what it compiled: starting takes half as long.
        left_out = ("ORDITO_", "PYTHONDONTWRITEBYTECODE")
        return {k: v for k, v in os.environ.items() if not k.startswith(left_out)} | ours

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_until_ready(self, within_s: float) -> float:
        """Seconds until /ready has said so three times in a row.

        Where others keep the machine busy it may take as much longer as they leave us less.
        """
        began, times, limit_s = time.monotonic(), 0, within_s * _crowd()
        while times < 3:
            times = times + 1 if self.is_ready() else 0
            waited = time.monotonic() - began
            assert waited < limit_s, f"not ready after {waited:.1f} s"
            time.sleep(0.03)
        return time.monotonic() - began

    def victims(self, kind: str) -> list[int]:
        """Process ids of a kind: one of KINDS."""
        serve = self._serve.pid if self._serve else 0
        found = embedded.status(self.home)
        supervisor, postmaster = found.supervisor_pid or 0, found.postgres_pid or 0
        below = _children(serve)
        children = below + [child for pid, _ in below for child in _children(pid)]
        workers = [pid for pid, command in children if command == "ordito worker"]
        apps = [pid for pid, command in children if command == "ordito web"]
        preloaded = [pid for pid, command in children if command == "ordito preloaded"]
        backends = [pid for pid, command in _children(postmaster) if "ordito" in command]
        of_kind = {
            "app": apps[:1],
            "worker": workers,
            "preloaded": preloaded,
            "serve": [serve],
            "supervisor": [supervisor],
            "postmaster": [postmaster],
            "backend": backends[:1],
            "all": [serve, *(pid for pid, _ in children), supervisor, postmaster],
        }
        return [pid for pid in of_kind[kind] if pid]


KINDS = ("app", "worker", "preloaded", "serve", "supervisor", "postmaster", "backend", "all")


def kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _crowd() -> float:
    """How many times longer things take since others want the cores too; 1 when nobody does."""
    others = (os.getloadavg()[0] - OURS) / (os.cpu_count() or 1)
    # The other tests that `make test` runs beside this one take a core and more.
    beside = 2.5 if "PYTEST_XDIST_WORKER" in os.environ else 1.0
    return max(beside, others)


def _children(parent: int) -> list[tuple[int, str]]:
    told = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in told.splitlines()]
    return [(int(row[0]), row[2]) for row in rows if len(row) == 3 and int(row[1]) == parent]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for an installation, in memory where there is room: no plug is pulled here."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1_500_000_000
    home = Path(tempfile.mkdtemp(prefix="oc-", dir=memory if roomy else "/tmp"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def furnish(db: Database, stock: dict[str, dict[str, int]]) -> str:
    """A shop, and a key for its API; returns the key."""
    make.shop(db, stock=stock, shortage="refuse")
    ask = CreateKey(name="chaos", permissions=tuple(sorted(EVERYTHING)))
    token = issue_key(db, make.BOSS, ask).token
    assert token is not None
    return token


@contextlib.contextmanager
def opened(home: Path) -> Iterator[Database]:
    """The installation's database, migrated, for setting up and looking."""
    with embedded.lease(home) as lease:
        upgrade(lease.dsn(), kind="test")
        db = Database(lease.dsn(), size_max=4).open()
        try:
            yield db
        finally:
            db.close()


def rows(db: Database, sql: str) -> list[tuple[Any, ...]]:
    with db.connection() as conn:
        return conn.execute(sql.encode()).fetchall()
