"""The shape of a few days in one small picture; the numbers stand in a table beside it."""

from collections.abc import Sequence

import msgspec

WIDTH = 112
HEIGHT = 28
_INSET = 2


class Sparkline(msgspec.Struct, frozen=True):
    """SVG coordinates: the line's points, the area below it, and the last point."""

    line: str
    area: str
    end_x: float
    end_y: float


def sparkline(values: Sequence[int]) -> Sparkline:
    """The line of the values, oldest first, from zero up: twice as high is twice as much."""
    assert len(values) > 1, "a line has two ends"
    assert min(values) >= 0, "counts and sales are not negative"
    most = max(values) or 1
    step = (WIDTH - 2 * _INSET) / (len(values) - 1)
    room = HEIGHT - 2 * _INSET
    points = [
        (round(_INSET + n * step, 1), round(HEIGHT - _INSET - value / most * room, 1))
        for n, value in enumerate(values)
    ]
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    (first, _), (last, end_y) = points[0], points[-1]
    bottom = HEIGHT - _INSET
    return Sparkline(line, f"{first:g},{bottom} {line} {last:g},{bottom}", last, end_y)
