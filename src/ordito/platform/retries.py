"""When to try again, and what to tell of a failure meanwhile. Calculators only."""

from collections.abc import Sequence

from psycopg_pool import PoolTimeout

from ordito.platform.masking import mask_text
from ordito.platform.problems import Busy, DatabaseUnavailable

RETRY_AFTER_S: Sequence[int] = (5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200)
"""Pauses after the first, second, … failed try: about 22 hours in all."""

_TEXT_MAX = 500


def pause_s(attempts: int) -> int | None:
    """Seconds until the next try after so many failed ones; None when there is none."""
    assert attempts > 0, "something has failed"
    return RETRY_AFTER_S[attempts - 1] if attempts <= len(RETRY_AFTER_S) else None


def is_outage(fault: BaseException) -> bool:
    """True when the database was away: no fault of what was being worked on, so wait for it."""
    no_connection = isinstance(fault, Busy) and isinstance(fault.__cause__, PoolTimeout)
    return no_connection or isinstance(fault, DatabaseUnavailable)


def tell(fault: BaseException) -> str:
    """A failure in one line for staff: its class and text, without secrets and personal data."""
    text = mask_text(" ".join(str(fault).split()))
    told = f"{type(fault).__name__}: {text}" if text else type(fault).__name__
    return told if len(told) <= _TEXT_MAX else f"{told[: _TEXT_MAX - 1]}…"
