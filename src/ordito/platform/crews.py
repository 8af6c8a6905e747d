"""A crew: a thread for each thing that has work to do, so that a slow one delays no other.

For things that come and go while the program runs; followers, which are known at the start, have
lanes of their own.
"""

import threading
from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec
import structlog

from ordito.platform.database import Database
from ordito.platform.retries import tell

log = structlog.get_logger(__name__)

HANDS_MAX = 64
"""Things at work at the same time."""


class Crew(msgspec.Struct, frozen=True):
    """due: what has work now, most urgent first. work: does some of it, for one of them.

    Work is done by one thread of this process at a time for each thing; `work` itself sees to it
    that other processes keep away, and returns how much it did. What it raises is logged, and the
    thing is due again.
    """

    name: str
    due: Callable[[Database], Sequence[UUID]]
    work: Callable[[Database, UUID], int]


class CrewAtWork:
    """The threads of a crew. wake: called when one has done something, to look for more."""

    def __init__(self, db: Database, crew: Crew, wake: Callable[[], None]) -> None:
        self._db = db
        self._crew = crew
        self._wake = wake
        self._busy: set[UUID] = set()
        self._changed = threading.Condition()
        self._stopping = False

    def step(self) -> bool:
        """Set a thread to everything that is due; the rest waits for a thread to come free."""
        for one in self._crew.due(self._db):
            with self._changed:
                if self._stopping or one in self._busy or len(self._busy) >= HANDS_MAX:
                    continue
                self._busy.add(one)
            name = f"{self._crew.name} {one}"
            # Daemons: a call that hangs must not keep the process from ending.
            threading.Thread(target=self._work, args=(one,), name=name, daemon=True).start()
        return False

    def ask_to_stop(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._stopping = True

    def join(self, timeout_s: float) -> bool:
        """Wait for what is at work; False when some of it hangs."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout=max(timeout_s, 0.0))

    def _work(self, one: UUID) -> None:
        done = 0
        try:
            done = self._crew.work(self._db, one)
        except Exception as fault:
            log.error("crew_failed", crew=self._crew.name, id=str(one), error=tell(fault))
        finally:
            with self._changed:
                self._busy.discard(one)
                self._changed.notify_all()
        if done:
            self._wake()
