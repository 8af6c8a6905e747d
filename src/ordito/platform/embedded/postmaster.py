"""The postgres process of a cluster: started only when nothing of an earlier one is left."""

import contextlib
import logging
import os
import signal
import subprocess
import time
from pathlib import Path

from ordito.platform.embedded import locks
from ordito.platform.embedded.cluster import START_LOG, Cluster, environment, last_words
from ordito.platform.embedded.identity import Identity, child_setup
from ordito.platform.embedded.socket_folders import PORT, SOCKET_NAME

log = logging.getLogger("ordito.embedded")

# How long an earlier postgres may take over its fast shutdown (mostly a checkpoint) before it is
# told to drop everything; and how long backends without a postmaster may take to notice it.
SHUTDOWN_PATIENCE_S = 20.0
ORPHAN_PATIENCE_S = 0.5
KILL_AFTER_S = 3.0


class Postmaster:
    """Starts postgres and asks after it. Never waits: every call looks and returns.

    The cluster's lock file is opened, locked and handed down to postgres and so to all its
    backends; it is free only when the last of them is gone. So a second postmaster can't meet
    orphans of the first on the same shared memory, and a leftover postmaster.pid is known to be
    stale even when its number belongs to another process by now.
    """

    def __init__(self, cluster: Cluster, identity: Identity, socket_dir: Path) -> None:
        self._cluster = cluster
        self._identity = identity
        self._socket_dir = socket_dir
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._blocked_since: float | None = None
        self._signalled: set[tuple[int, int]] = set()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> bool:
        """Start postgres. False: processes of an earlier one still live, ask again soon."""
        lock = locks.take(self._cluster.lock)
        if lock is None:
            self._clear_the_way()
            return False
        self._blocked_since = None
        self._signalled.clear()
        try:
            self._remove_stale_files()
            self._process = self._spawn(lock)
        finally:
            os.close(lock)  # the child's copy keeps the lock
        return True

    def has_ended(self) -> bool:
        """Whether a postgres that we started has ended; `exit_code` then tells how."""
        return self._process is not None and self._process.poll() is not None

    def exit_code(self) -> int:
        """How it ended (negative: by that signal), told once: after that there is no process."""
        assert self._process, "caller has seen that it ended"
        code = self._process.wait()
        self._process = None
        return code

    def is_ready(self) -> bool:
        """Whether it says in its pid file, as pg_ctl reads it, that it takes connections."""
        try:
            lines = (
                (self._cluster.data / "postmaster.pid").read_text("utf-8", "replace").split("\n")
            )
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def is_reachable(self) -> bool:
        """Whether its socket file is still there: a cleaner of temporary files may take it."""
        return (self._socket_dir / SOCKET_NAME).exists()

    def move(self, socket_dir: Path) -> None:
        """Use another folder for the socket, from the next start on."""
        self._socket_dir = socket_dir

    def send(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)

    def last_words(self) -> str:
        return last_words(self._cluster, self._started_at - 1)  # a file's clock is coarse

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        self._started_at = time.time()
        with (self._cluster.log / START_LOG).open("wb") as said:
            return subprocess.Popen(  # noqa: S603
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd="/",
                env=environment(),
                pass_fds=(lock,),
                # SIGINT is PostgreSQL's fast shutdown.
                preexec_fn=child_setup(self._identity, signal.SIGINT),  # noqa: PLW1509
            )

    def _command(self) -> list[str | Path]:
        # On the command line nothing can override them, not even ALTER SYSTEM.
        fixed = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_dir),
            "unix_socket_permissions": "0700",
            "fsync": "on",
            "full_page_writes": "on",
        }
        options = [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]
        program = self._cluster.binaries.folder / "postgres"
        return [program, "-D", self._cluster.data, "-p", PORT, *options]

    def _remove_stale_files(self) -> None:
        socket_file = self._socket_dir / SOCKET_NAME
        pid_file = self._cluster.data / "postmaster.pid"
        for left in (pid_file, socket_file, socket_file.with_name(SOCKET_NAME + ".lock")):
            left.unlink(missing_ok=True)

    def _clear_the_way(self) -> None:
        """Press an earlier postgres to end: a postmaster politely, orphans soon."""
        now = time.monotonic()
        if self._blocked_since is None:
            self._blocked_since = now
            log.info("waiting for processes of an earlier postgres to end")
        waited = now - self._blocked_since
        alive = locks.holders(self._cluster.lock)
        first = alive & self._written_pid()
        if first:
            self._press(first, signal.SIGINT)
            if waited > SHUTDOWN_PATIENCE_S:
                self._press(first, signal.SIGQUIT)
            if waited > SHUTDOWN_PATIENCE_S + KILL_AFTER_S:
                self._press(alive, signal.SIGKILL)
        elif waited > KILL_AFTER_S:
            self._press(alive, signal.SIGKILL)
        elif waited > ORPHAN_PATIENCE_S:
            self._press(alive, signal.SIGQUIT)

    def _written_pid(self) -> set[int]:
        with contextlib.suppress(OSError, ValueError):
            return {int((self._cluster.data / "postmaster.pid").read_text().split("\n")[0])}
        return set()

    def _press(self, processes: set[int], number: signal.Signals) -> None:
        for process in processes:
            if (process, number) not in self._signalled:
                self._signalled.add((process, number))
                log.warning("sending %s to process %d of an earlier postgres", number.name, process)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process, number)
