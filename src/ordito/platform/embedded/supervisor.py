"""The process that owns the postgres of one data directory, apart from the programs that use it.

`python -m ordito.platform.embedded.supervisor DATA_DIR [--detach]`. One per data directory, by a
lock. It has one thread, since the signal that takes postgres down with it comes when the thread
that started postgres ends. What it says first, one JSON line, goes to standard output.
"""

import contextlib
import errno
import logging
import logging.handlers
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ordito.platform.embedded import binaries, cluster, identity, locks, socket_folders, statuses
from ordito.platform.embedded.control import Control
from ordito.platform.embedded.postmaster import Postmaster
from ordito.platform.embedded.problems import EmbeddedUnavailable
from ordito.platform.embedded.statuses import Status
from ordito.platform.embedded.supervision import Supervisor
from ordito.platform.problems import Problem

log = logging.getLogger("ordito.embedded")

IDLE_VARIABLE = "ORDITO_EMBEDDED_IDLE_S"
IDLE_S = 30.0
LOCK_PATIENCE_S = 2.0  # programs that look whether the lock is held hold it for an instant
LOG_BYTES_MAX = 1_000_000


def main(arguments: Sequence[str]) -> int:
    """Run until the database isn't wanted any more. Exit code 1: it could not be had."""
    home = Path(arguments[0]).absolute()
    if "--detach" in arguments:
        _detach()
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o077)
    os.chdir("/")
    log.addHandler(logging.NullHandler())  # until the log file is open
    lock = None
    try:
        idle_s = _idle_s()
        lock = _lock(home)
        if lock is None:
            _report(Status(state="starting", reason="another supervisor is at work"))
            return 0
        supervisor = _open(home, lock)
    except (Problem, OSError) as error:
        _report_failure(home, error, lock)
        return 1
    _report(Status(state="starting"))
    return _run(supervisor, idle_s)


def _run(supervisor: Supervisor, idle_s: float) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.ask_to_stop())
    try:
        supervisor.run(idle_s)
    except Exception:
        log.exception("the supervisor ends by a defect of its own; the next program replaces it")
        return 1
    return 0


def _open(home: Path, lock: int) -> Supervisor:
    found = binaries.find(major=cluster.read_major(home))
    who = identity.settle(home, found.folder)
    _log_to(home / "supervisor.log")
    log.info("supervisor %d with PostgreSQL %s of %s", os.getpid(), found.version, found.folder)
    here = cluster.Cluster(home, found)
    began = time.monotonic()
    cluster.prepare(here, identity.child_setup(who, signal.SIGKILL))
    log.info("the cluster is prepared after %.2f s", time.monotonic() - began)
    folder = socket_folders.make(home)
    facts = Status(
        state="starting",
        supervisor_pid=os.getpid(),
        version=found.version,
        bin_dir=str(found.folder),
        socket_dir=str(folder),
    )
    control = Control(folder, _wake_on_signals())
    statuses.write(home, facts)
    return Supervisor(home, lock, Postmaster(here, who, folder), control, facts)


def _detach() -> None:
    """Leave the program that started us: its terminal, its process group and its wait()."""
    if os.fork():
        os._exit(0)
    os.setsid()


def _lock(home: Path) -> int | None:
    """The lock of this data directory, whose folder is made if need be; None: it is taken."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity.check_owner(home)
    patient_until = time.monotonic() + LOCK_PATIENCE_S
    while (lock := locks.take(statuses.lock_file(home))) is None:
        if time.monotonic() > patient_until:
            return None
        time.sleep(0.05)
    return lock


def _wake_on_signals() -> socket.socket:
    """A socket that becomes readable when a signal comes, such as the end of postgres."""
    awake, waker = socket.socketpair()
    awake.setblocking(False)
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # with a handler at all it wakes
    return awake


def _idle_s() -> float:
    text = os.environ.get(IDLE_VARIABLE, "")
    try:
        return max(0.0, float(text)) if text else IDLE_S
    except ValueError:
        raise EmbeddedUnavailable(
            f"{IDLE_VARIABLE} is {text!r}; it must be a number of seconds, such as 30."
        ) from None


def _log_to(path: Path) -> None:
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES_MAX, backupCount=1)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s")
    formatter.converter = time.gmtime
    formatter.datefmt = "%Y-%m-%dT%H:%M:%S"
    handler.setFormatter(formatter)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _report_failure(home: Path, error: Problem | OSError, lock: int | None) -> None:
    told = Status(state="failed", reason=_in_words(home, error))
    log.error(told.reason)
    if lock is not None:
        with contextlib.suppress(OSError):
            statuses.write(home, told)
    _report(told)


def _in_words(home: Path, error: Problem | OSError) -> str:
    if isinstance(error, Problem):
        return error.detail
    where = f" ({error.filename})" if error.filename else ""
    what = "Free some space on that disk."
    if error.errno != errno.ENOSPC:
        what = "Set ORDITO_DATA_DIR to a folder where this user may write."
    return f"The data directory {home} can't be used: {error.strerror}{where}. {what}"


def _report(told: Status) -> None:
    """Say how it went to the program that started us, which then hears no more."""
    with contextlib.suppress(OSError):  # it may be gone
        os.write(1, msgspec.json.encode(told) + b"\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
