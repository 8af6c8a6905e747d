"""How an order line's quantities, and a cell's stock, are laid out along a bar."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class LineQuantities(Protocol):
    """An order line's quantity vector; delivered and returned are parts of shipped."""

    @property
    def cancelled(self) -> int: ...
    @property
    def open(self) -> int: ...
    @property
    def backordered(self) -> int: ...
    @property
    def reserved(self) -> int: ...
    @property
    def released(self) -> int: ...
    @property
    def picked(self) -> int: ...
    @property
    def packed(self) -> int: ...
    @property
    def shipped(self) -> int: ...
    @property
    def completed(self) -> int: ...
    @property
    def delivered(self) -> int: ...
    @property
    def returned(self) -> int: ...


class StockQuantities(Protocol):
    """What lies at a location: the parts of on_hand."""

    @property
    def available(self) -> int: ...
    @property
    def reserved(self) -> int: ...
    @property
    def picked(self) -> int: ...
    @property
    def quality_control(self) -> int: ...
    @property
    def damaged(self) -> int: ...
    @property
    def safety(self) -> int: ...


class Segment(msgspec.Struct, frozen=True):
    """A stretch of the bar: where it starts and how wide it is, in percent of the bar."""

    state: str
    quantity: int
    start: float
    width: float


WIDTH_MIN = 3.0
"""Percent. Thinner stretches could not be seen; what they gain is taken from the widest."""


def line_segments(line: LineQuantities) -> list[Segment]:
    """The line's quantities from most done to least, without those that are zero.

    Units that came back are taken from the delivered ones first, then from those on their way: a
    carrier may never have reported the delivery.
    """
    returned = min(line.returned, line.shipped)
    delivered = min(line.delivered, line.shipped - returned)
    return _segments(
        (
            ("completed", line.completed),
            ("delivered", delivered),
            ("shipped", line.shipped - returned - delivered),
            ("packed", line.packed),
            ("picked", line.picked),
            ("released", line.released),
            ("reserved", line.reserved),
            ("open", line.open),
            ("backordered", line.backordered),
            ("returned", returned),
            ("cancelled", line.cancelled),
        )
    )


def stock_segments(stock: StockQuantities) -> list[Segment]:
    """What lies there, free units first, without what is zero. Negative counts take no room."""
    return _segments(
        (
            ("available", stock.available),
            ("reserved", stock.reserved),
            ("picked", stock.picked),
            ("quality_control", stock.quality_control),
            ("safety", stock.safety),
            ("damaged", stock.damaged),
        )
    )


def _segments(parts: Sequence[tuple[str, int]]) -> list[Segment]:
    shown = [(state, quantity) for state, quantity in parts if quantity > 0]
    whole = sum(quantity for _, quantity in shown)
    if not whole:
        return []
    widths = [max(WIDTH_MIN, 100 * quantity / whole) for _, quantity in shown]
    widest = widths.index(max(widths))
    widths[widest] -= sum(widths) - 100
    segments, start = [], 0.0
    for (state, quantity), width in zip(shown, widths, strict=True):
        segments.append(Segment(state, quantity, round(start, 3), round(width, 3)))
        start += width
    return segments
