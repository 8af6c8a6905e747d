"""How a program finds the supervisor of a data directory, or starts one, and talks with it."""

import contextlib
import os
import select
import site
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import msgspec

import ordito
from ordito.platform.embedded import locks, statuses
from ordito.platform.embedded.cluster import OWNER
from ordito.platform.embedded.control import Ask
from ordito.platform.embedded.problems import EmbeddedUnavailable
from ordito.platform.embedded.socket_folders import CONTROL_NAME, PORT
from ordito.platform.embedded.statuses import Status

MODULE = "ordito.platform.embedded.supervisor"
LOOK_S = 0.03
REFUSING, SILENT = 1, 2  # what pg_isready exits with while the server can't be used yet


class Connection:
    """An open line to a supervisor. status: what it said last."""

    def __init__(self, line: socket.socket, told: Status) -> None:
        self._line = line
        self._received = b""
        self.status = told

    def say(self, ask: Literal["lease", "status", "stop"]) -> None:
        self._line.sendall(msgspec.json.encode(Ask(ask, os.getpid())) + b"\n")

    def hear(self, timeout_s: float | None = None) -> Status | None:
        """The next status; None when the supervisor has hung up. Raises TimeoutError."""
        with contextlib.suppress(OSError):
            self._line.settimeout(timeout_s)
        while b"\n" not in self._received:
            try:
                more = self._line.recv(4096)
            except TimeoutError:
                raise
            except OSError:
                return None
            if not more:
                return None
            self._received += more
        line, _, self._received = self._received.partition(b"\n")
        self.status = msgspec.json.decode(line, type=Status)
        return self.status

    def close(self) -> None:
        """Hang up, also under a thread that is listening."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()


def attach(home: Path, *, timeout_s: float) -> Connection:
    """A lease on a database that takes connections, with a supervisor started if there is none.

    Raises EmbeddedUnavailable: with what went wrong, or when it isn't ready in time.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        connection = connect(home, "lease")
        if connection is not None:
            if _becomes_ready(connection, deadline):
                return connection
            connection.close()
        elif not is_supervised(home):
            _start_supervisor(home, deadline)
            continue
        time.sleep(LOOK_S)
    raise EmbeddedUnavailable(
        f"The database in {home} was not ready within {timeout_s:g} s. It may be recovering from"
        f" a crash: see {home / 'log'} and {home / 'supervisor.log'}, and try again."
    )


def connect(home: Path, ask: Literal["lease", "status", "stop"]) -> Connection | None:
    """Connect and ask; the answer is still to be heard. None where nobody listens."""
    told = statuses.read(home)
    if told is None or not told.socket_dir:
        return None
    line = socket.socket(socket.AF_UNIX)
    connection = Connection(line, told)
    try:
        line.connect(str(Path(told.socket_dir) / CONTROL_NAME))
        connection.say(ask)
    except OSError:
        line.close()
        return None
    return connection


def is_supervised(home: Path) -> bool:
    """Whether a supervisor is at work on it, perhaps one that begins or ends just now."""
    try:
        return locks.held(statuses.lock_file(home))
    except PermissionError as error:
        raise EmbeddedUnavailable(
            f"The data directory {home} belongs to somebody else ({error.strerror}:"
            f" {error.filename}). Run this as its owner, or set ORDITO_DATA_DIR to a folder of"
            " your own."
        ) from None


def _becomes_ready(connection: Connection, deadline: float) -> bool:
    """False when that supervisor is about to go, so that another has to be found or started."""
    try:
        while told := connection.hear(max(0.0, deadline - time.monotonic())):
            if told.state == "failed":
                raise EmbeddedUnavailable(told.reason)
            if told.state == "stopping":
                return False
            if told.state == "ready":
                return _accepts_connections(told, deadline)
    except TimeoutError:
        pass
    return False


def _accepts_connections(told: Status, deadline: float) -> bool:
    """Ask the server itself: after the crash of a backend it recovers without ending."""
    command = [str(Path(told.bin_dir) / "pg_isready"), "-q", "-h", told.socket_dir, "-p", PORT]
    while time.monotonic() < deadline:
        # The user is named since libpq would look up the name of our id, which may have none.
        answer = subprocess.run([*command, "-U", OWNER, "-t", "2"], check=False)  # noqa: S603
        if answer.returncode not in (REFUSING, SILENT):
            return True
        time.sleep(LOOK_S)
    return False


def _start_supervisor(home: Path, deadline: float) -> None:
    """Start one, detached, and wait until it listens. Raises with its reason if it can't."""
    command = [sys.executable, "-P", "-m", MODULE, str(home), "--detach"]
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=_environment(),
        start_new_session=True,
    ) as launcher:
        assert launcher.stdout
        said = _read_all(launcher.stdout.fileno(), deadline)
    if said is None:
        return  # too late: attach says so
    try:
        told = msgspec.json.decode(said, type=Status)
    except msgspec.DecodeError:
        words = said.decode(errors="replace").strip()[-800:]
        raise EmbeddedUnavailable(f"The database's supervisor did not start: {words}") from None
    if told.state == "failed":
        raise EmbeddedUnavailable(told.reason)


def _environment() -> dict[str, str]:
    """Ours; where the package was found in an unusual place, the child finds it there too."""
    root = str(Path(ordito.__file__).parents[1])
    if root in site.getsitepackages():
        return dict(os.environ)
    paths = [root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return dict(os.environ) | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def _read_all(descriptor: int, deadline: float) -> bytes | None:
    """What comes until the other end is closed; None when that takes too long."""
    said = b""
    while True:
        patience_s = max(0.0, deadline - time.monotonic())
        if not select.select([descriptor], [], [], patience_s)[0]:
            return None
        more = os.read(descriptor, 65536)
        if not more:
            return said
        said += more
