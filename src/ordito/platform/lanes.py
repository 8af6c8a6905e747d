"""A lane: one thread that does one thing again and again, and can't stop any other."""

import threading
import time
from collections.abc import Callable

import msgspec
import structlog

from ordito.platform.retries import is_outage, tell

log = structlog.get_logger(__name__)

PAUSE_S_MAX = 4.0
"""The longest pause after failures: when the database is back, work goes on within seconds."""

_LOG_EVERY = 20


class LaneState(msgspec.Struct, frozen=True):
    """busy_s: seconds the step at work has taken, None when it rests; failures in a row."""

    name: str
    busy_s: float | None
    failures: int
    error: str


class Lane:
    """Repeats `step` when woken, at least every `poll_s`, at most every `gap_s`.

    step: returns True when there is more to do at once. What it raises is logged, and the step
    is tried again after a growing pause: a lane never ends by itself.
    """

    def __init__(
        self, name: str, step: Callable[[], bool], *, poll_s: float, gap_s: float = 0.0
    ) -> None:
        self.name = name
        self._step = step
        self._poll_s = poll_s
        self._gap_s = gap_s
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._began: float | None = None
        self._failures = 0
        self._error = ""
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._awake.set()

    def ask_to_stop(self) -> None:
        """End after the step at work; doesn't wait for it."""
        self._stopping.set()
        self._awake.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False when the step at work hangs."""
        self._thread.join(timeout=max(timeout_s, 0.0))
        return not self._thread.is_alive()

    def state(self) -> LaneState:
        began = self._began
        busy_s = None if began is None else time.monotonic() - began
        return LaneState(self.name, busy_s, self._failures, self._error)

    def _work(self) -> None:
        while not self._stopping.is_set():
            # Cleared first: what wakes the lane during a step makes another step.
            self._awake.clear()
            if self._do_step():
                continue
            if self._failures:
                self._stopping.wait(min(0.25 * 2 ** min(self._failures, 10), PAUSE_S_MAX))
                continue
            self._stopping.wait(self._gap_s)
            self._awake.wait(self._poll_s)

    def _do_step(self) -> bool:
        self._began = time.monotonic()
        try:
            more = self._step()
        except Exception as fault:
            self._note_failure(fault)
            return False
        finally:
            self._began = None
        if self._failures:
            log.info("lane_recovered", lane=self.name, failures=self._failures)
        self._failures, self._error = 0, ""
        return more

    def _note_failure(self, fault: Exception) -> None:
        self._failures += 1
        self._error = tell(fault)
        if self._failures % _LOG_EVERY == 1:
            trace = None if is_outage(fault) else fault
            log.error(
                "lane_failed",
                lane=self.name,
                failures=self._failures,
                error=self._error,
                exc_info=trace,
            )
