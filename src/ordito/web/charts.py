"""Pictures of a comparison: two lines over days, a difference with its interval, paired bars.

SVG coordinates only; what they show stands as numbers in a table beside them.
"""

from collections.abc import Sequence

import msgspec

WIDTH, HEIGHT, INSET = 640, 140, 6
SPAN, BAR = 120, 14


class Lines(msgspec.Struct, frozen=True):
    """Two lines over the same days, from zero up. most: the value at the top."""

    before: str
    after: str
    most: float


class Whisker(msgspec.Struct, frozen=True):
    """A difference: its interval from `low` to `high`, its dot, and where nothing changes."""

    low: float
    high: float
    dot: float
    zero: float


def two_lines(before: Sequence[float], after: Sequence[float]) -> Lines:
    """Oldest first; both have the same scale."""
    assert len(before) == len(after) > 1, "a line has two ends"
    most = max(*before, *after) or 1.0
    return Lines(_points(before, most), _points(after, most), most)


def _points(values: Sequence[float], most: float) -> str:
    step = (WIDTH - 2 * INSET) / (len(values) - 1)
    room = HEIGHT - 2 * INSET
    return " ".join(
        f"{INSET + n * step:.1f},{HEIGHT - INSET - value / most * room:.1f}"
        for n, value in enumerate(values)
    )


def whisker(difference: float, low: float, high: float) -> Whisker:
    """Zero is in the middle; the farther end of the interval is at the edge."""
    far = max(abs(low), abs(high)) or 1.0
    half = SPAN / 2 - INSET

    def place(value: float) -> float:
        return round(SPAN / 2 + value / far * half, 1)

    return Whisker(place(low), place(high), place(difference), SPAN / 2)


def bar(value: int, most: int) -> float:
    """Length of a bar, of `SPAN`."""
    return round(SPAN * value / most, 1) if most else 0.0
