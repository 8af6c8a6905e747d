"""Looking after one postgres: start it again when it dies, end it when nobody wants it."""

import logging
import os
import signal
import subprocess
import time
from pathlib import Path

import msgspec

from ordito.platform.embedded import socket_folders, statuses
from ordito.platform.embedded.control import Ask, Caller, Control
from ordito.platform.embedded.postmaster import Postmaster
from ordito.platform.embedded.statuses import Status

log = logging.getLogger("ordito.embedded")

FIRST_LEASE_GRACE_S = 15.0  # the program that started us may be slow to come back
LOOK_S = 0.03  # how often postgres is looked at while it starts or stops
REST_S = 5.0  # how often the folders are looked at while all is well
# Waits before the next start when postgres ends without having become ready. One that was ready
# and got killed is started again at once and never given up.
RETRY_AFTER_S = (0.2, 0.4, 0.8, 1.2)
RESTLESS_S = 5.0  # one that lived shorter than this gets a moment of rest first
RESTLESS_PAUSE_S = 0.3
FAST_STOP_S, IMMEDIATE_STOP_S = 30.0, 35.0


class Supervisor:
    """Keeps postgres running while it is wanted. `run` returns when both are done."""

    def __init__(
        self, home: Path, lock: int, postmaster: Postmaster, control: Control, facts: Status
    ) -> None:
        self._home, self._lock = home, lock
        self._postmaster, self._control = postmaster, control
        self._status = facts
        self._idle_s = FIRST_LEASE_GRACE_S
        self._idle_since = self._changed_at = time.monotonic()
        self._retry_at = 0.0
        self._failures = 0
        self._stop_signals = 0
        self._must_stop = self._deliberate = False

    def run(self, idle_s: float) -> None:
        """Look after postgres until nobody has wanted it for `idle_s`, or a stop is asked for."""
        self._idle_s = max(idle_s, FIRST_LEASE_GRACE_S)
        try:
            while self._step():
                for caller, ask in self._control.wait(self._patience()):
                    self._hear(caller, ask, idle_s)
        finally:
            self._postmaster.send(signal.SIGINT)  # nothing to do after an orderly end
            self._control.leave()

    def ask_to_stop(self) -> None:
        """End soon; programs that still need the database start it again. For signal handlers."""
        self._must_stop = True

    def _stop(self) -> None:
        if self._status.state != "stopping":
            self._change("stopping")
            self._control.stop_listening()

    def _hear(self, caller: Caller, ask: Ask, idle_s: float) -> None:
        if ask.ask == "stop":
            self._deliberate = True
            self._stop()
        elif ask.ask == "lease" and not caller.has_lease:
            caller.has_lease = True
            self._idle_s = idle_s
            log.info("process %d takes a lease", ask.pid)
        self._control.answer(caller, self._shown())

    def _step(self) -> bool:
        """Do what is due. False when all is done."""
        now = time.monotonic()
        if self._must_stop:
            self._stop()
        if self._control.leases:
            self._idle_since = now
        elif self._status.state != "stopping" and now - self._idle_since > self._idle_s:
            log.info("nobody has held a lease for %g s", self._idle_s)
            self._stop()
        if self._postmaster.has_ended():
            return self._ended(now)
        if self._status.state == "stopping":
            return self._press_to_stop(now)
        if self._postmaster.pid is None:
            return now < self._retry_at or self._start(now)
        if self._status.state == "starting" and self._postmaster.is_ready():
            log.info("ready after %.2f s", now - self._changed_at)
            self._failures = 0
            self._change("ready")
        elif self._status.state == "ready":
            self._check_folders()
        return True

    def _start(self, now: float) -> bool:
        """Try to start postgres. False when that was the last try."""
        try:
            if self._postmaster.start():
                self._change("starting")
        except (OSError, subprocess.SubprocessError) as error:
            return self._try_later(now, str(error))
        return True

    def _ended(self, now: float) -> bool:
        """Hear how postgres has ended. False when there is nothing left to do."""
        lived = now - self._changed_at
        code = self._postmaster.exit_code()
        if self._status.state == "stopping":
            log.info("postgres has stopped after %.2f s", lived)
            return False
        log.warning("postgres ended with code %s; it was %s", code, self._status.state)
        if self._status.state != "ready":
            said = self._postmaster.last_words() or f"it ended with code {code}"
            return self._try_later(now, said)
        self._retry_at = now + (RESTLESS_PAUSE_S if lived < RESTLESS_S else 0.0)
        self._begin_again()
        return True

    def _try_later(self, now: float, said: str) -> bool:
        if self._failures == len(RETRY_AFTER_S):
            self._change("failed", f"PostgreSQL does not start: {said}")
            return False
        self._retry_at = now + RETRY_AFTER_S[self._failures]
        self._failures += 1
        self._begin_again()
        return True

    def _begin_again(self) -> None:
        restarts = self._status.restarts + 1
        self._status = msgspec.structs.replace(self._status, restarts=restarts)
        self._change("starting")

    def _press_to_stop(self, now: float) -> bool:
        """Fast shutdown first; harder when that takes too long. False when nothing runs."""
        waited = now - self._changed_at
        ladder = (
            (0.0, signal.SIGINT),
            (FAST_STOP_S, signal.SIGQUIT),
            (IMMEDIATE_STOP_S, signal.SIGKILL),
        )
        for after_s, number in ladder[self._stop_signals :]:
            if waited >= after_s:
                self._postmaster.send(number)
                self._stop_signals += 1
        return self._postmaster.pid is not None

    def _check_folders(self) -> None:
        """The data directory may have been deleted, and cleaners may sweep sockets away."""
        try:
            ours = os.path.samestat(os.fstat(self._lock), statuses.lock_file(self._home).stat())
        except OSError:
            ours = False
        if not ours:
            log.error("the data directory is gone")
            self._stop()
        elif not (self._postmaster.is_reachable() and self._control.is_reachable()):
            log.warning("the sockets were swept away; starting postgres again to have new ones")
            folder = socket_folders.make(self._home)
            self._control.move(folder)
            self._postmaster.move(folder)
            self._status = msgspec.structs.replace(self._status, socket_dir=str(folder))
            self._postmaster.send(signal.SIGINT)
            self._change("starting")

    def _patience(self) -> float:
        if self._status.state != "ready":
            return LOOK_S
        if self._control.leases:
            return REST_S
        return min(REST_S, max(0.0, self._idle_since + self._idle_s - time.monotonic()) + 0.01)

    def _change(self, state: statuses.State, reason: str = "") -> None:
        self._status = msgspec.structs.replace(self._status, state=state, reason=reason)
        self._changed_at = time.monotonic()
        log.info(f"{state}: {reason}" if reason else state)
        try:
            statuses.write(self._home, self._shown())
        except OSError as error:  # a full disk must not end the supervisor
            log.warning("the status could not be written: %s", error)
        if state != "stopping" or self._deliberate:
            self._control.tell_leases(self._shown())

    def _shown(self) -> Status:
        return msgspec.structs.replace(
            self._status, postgres_pid=self._postmaster.pid, leases=self._control.leases
        )
