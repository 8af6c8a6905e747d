"""A program's hold on an embedded database: as long as it lasts, the database is kept running."""

import contextlib
import logging
import random
import threading
import time
from pathlib import Path
from types import TracebackType

from ordito.platform.embedded import connections, statuses
from ordito.platform.embedded.cluster import DATABASE, OWNER, password_file
from ordito.platform.embedded.connections import Connection
from ordito.platform.embedded.problems import EmbeddedUnavailable
from ordito.platform.embedded.socket_folders import PORT
from ordito.platform.embedded.statuses import Status
from ordito.platform.problems import Problem

log = logging.getLogger("ordito.embedded")

RECOVERY_TIMEOUT_S = 60.0
RETRY_AFTER_S = (0.5, 1.0, 2.0, 5.0, 10.0)
LOOK_S = 1.0
LOCK_LOOK_S = 0.03
STATUS_TIMEOUT_S = 5.0


class Lease:
    """Made by `lease`. Give it back with `close`, or let the process end: both count.

    A daemon thread notices when the supervisor is gone and starts another. After a fork the
    child has no such thread: it takes a lease of its own.
    """

    def __init__(self, home: Path, connection: Connection) -> None:
        self._home = home
        self._connection = connection
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="embedded-lease", daemon=True)
        self._thread.start()

    @property
    def bin_dir(self) -> Path:
        """Where pg_dump, psql, pgbench and the like of this PostgreSQL are."""
        return Path(self._connection.status.bin_dir)

    def dsn(self, dbname: str = DATABASE) -> str:
        """A libpq connection string without a password in it: that is in a file of the owner's."""
        words = {
            "host": self._connection.status.socket_dir,
            "port": PORT,
            "user": OWNER,
            "dbname": dbname,
            "passfile": str(password_file(self._home)),
        }
        return " ".join(f"{name}={_quoted(value)}" for name, value in words.items())

    def close(self) -> None:
        """Give the lease back. The database stops some time after the last one is back."""
        self._closed.set()
        self._connection.close()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _watch(self) -> None:
        while not self._closed.is_set():
            if self._connection.hear() is not None:
                continue
            if self._closed.is_set():
                return
            wanted = self._connection.status.state != "stopping"
            log.warning("the database's supervisor is gone%s", "" if wanted else ", by request")
            self._take_again(start=wanted)

    def _take_again(self, *, start: bool) -> None:
        """Until it is held again. start: start a supervisor; else wait for someone who does."""
        tries = 0
        # Several programs notice at the same moment; the first to come spares the others a start.
        self._closed.wait(random.uniform(0, 0.05))  # noqa: S311
        while not self._closed.is_set():
            try:
                if start or read_status(self._home).state in ("starting", "ready"):
                    self._replace(connections.attach(self._home, timeout_s=RECOVERY_TIMEOUT_S))
                    return
                self._closed.wait(LOOK_S)
            except (Problem, OSError) as error:
                log.error("the database is not back: %s", error)
                self._closed.wait(RETRY_AFTER_S[min(tries, len(RETRY_AFTER_S) - 1)])
                tries += 1

    def _replace(self, connection: Connection) -> None:
        self._connection.close()
        self._connection = connection
        if self._closed.is_set():  # closed while we were starting one
            connection.close()


def lease(data_dir: Path, *, timeout_s: float = RECOVERY_TIMEOUT_S) -> Lease:
    """Hold the database of `data_dir`, made and started if need be, until the lease is closed.

    Returns when the server takes connections: a second or two the first time, a few milliseconds
    when it runs. Raises EmbeddedUnavailable with the reason and what to do.
    """
    home = data_dir.expanduser().absolute()
    return Lease(home, connections.attach(home, timeout_s=timeout_s))


def stop(data_dir: Path, *, timeout_s: float = 60) -> None:
    """Stop the database now, whoever holds it, and wait until it has stopped.

    Programs that hold it don't start it again, but take hold of it when somebody else does.
    Raises EmbeddedUnavailable when it doesn't end in time.
    """
    home = data_dir.expanduser().absolute()
    deadline = time.monotonic() + timeout_s
    asked = None
    while connections.is_supervised(home):
        if time.monotonic() > deadline:
            raise EmbeddedUnavailable(
                f"The database in {home} did not stop within {timeout_s:g} s; see"
                f" {home / 'supervisor.log'}."
            )
        asked = asked or connections.connect(home, "stop")
        time.sleep(LOCK_LOOK_S)
    if asked:
        asked.close()


def read_status(data_dir: Path) -> Status:
    """What state the database is in. Starts nothing.

    Raises EmbeddedUnavailable for a folder that we may not look into.
    """
    home = data_dir.expanduser().absolute()
    connection = connections.connect(home, "status")
    if connection is not None:
        with contextlib.suppress(TimeoutError), contextlib.closing(connection):
            if told := connection.hear(STATUS_TIMEOUT_S):
                return told
    told = statuses.read(home) or Status(state="stopped")
    if connections.is_supervised(home):
        return told
    state: statuses.State = "failed" if told.state == "failed" else "stopped"
    return Status(state=state, reason=told.reason, version=told.version, bin_dir=told.bin_dir)


def _quoted(value: str) -> str:
    """A value of a libpq connection string."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
