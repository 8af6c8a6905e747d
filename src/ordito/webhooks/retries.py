"""When a message is tried again, when an endpoint rests, when it is switched off. Calculators."""

from collections.abc import Sequence
from datetime import datetime, timedelta

PAUSES_S: Sequence[int] = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Pauses after the first, second, … failed try: ten tries in about three days and a half."""

JITTER = 0.1
RETRY_AFTER_MAX_S = 86_400

FAILING_MAX = timedelta(days=5)
"""An endpoint that took nothing for so long is switched off."""

DOWN_AFTER = 3
"""Failures in a row after which an endpoint counts as down: one message at a time feels its way."""

_REST_MAX_S = 300


def pause_s(attempts: int, *, chance: float, retry_after_s: int | None = None) -> float | None:
    """Seconds to the next try after so many failed ones; None when the message is given up.

    chance: 0 to 1, spreads the tries by a tenth to either side.
    retry_after_s: what the receiver asked for; never waits less, and a day at most for it.
    """
    assert attempts > 0, "something has failed"
    if attempts > len(PAUSES_S):
        return None
    pause = PAUSES_S[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)
    return max(pause, float(min(retry_after_s or 0, RETRY_AFTER_MAX_S)))


def rest_s(failures: int, *, retry_after_s: int | None = None) -> float:
    """Seconds in which nothing is sent to an endpoint after so many failures in a row.

    Without rests a receiver that is down would be called for each of thousands of messages.
    """
    asked = float(min(retry_after_s or 0, RETRY_AFTER_MAX_S))
    if failures < DOWN_AFTER:
        return asked
    return max(asked, min(5.0 * (1 << min(failures - DOWN_AFTER, 10)), float(_REST_MAX_S)))


def is_hopeless(failing_since: datetime, now: datetime) -> bool:
    """Whether an endpoint has failed for so long that it is switched off."""
    return now - failing_since >= FAILING_MAX
