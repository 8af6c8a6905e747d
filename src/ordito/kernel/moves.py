"""How units of order lines move: the one list that lines, stock and fulfillment work follow."""

from typing import Literal
from uuid import UUID

import msgspec

LineState = Literal[
    "cancelled",
    "open",
    "backordered",
    "reserved",
    "released",
    "picked",
    "packed",
    "sent",
    "shipped",
    "completed",
]

Bucket = Literal[
    "supplier",
    "incoming",
    "available",
    "reserved",
    "picked",
    "in_transit",
    "quality_control",
    "damaged",
    "safety",
    "customer",
    "scrapped",
    "adjustment",
    "transfer",
    "assembly",
]

STOCK_OF: dict[str, Bucket | None] = {
    "cancelled": "available",
    "open": "available",
    "backordered": "available",
    "reserved": "reserved",
    "released": "reserved",
    "picked": "picked",
    "packed": "picked",
    "sent": "in_transit",
    "shipped": "customer",
    "completed": None,
}
"""The bucket in which the stock of a unit in that state lies. What is open, backordered or
cancelled has no stock of its own: its units lie with everyone's, in available. `sent` is on its way
to the shop where it will be collected: on the order's line it counts as packed."""

HELD = frozenset(("reserved", "released"))
"""States in which a reservation holds the stock."""


class Part(msgspec.Struct, frozen=True):
    """What one unit of a line takes from stock."""

    item_id: UUID
    per_unit: int


class Move(msgspec.Struct, frozen=True):
    """Units of one line going from one state to another at a location.

    qty counts units of the line (a kit line counts kits); `parts` says what a unit is made of.
    fo_no is the fulfillment order that does the work, None where none is concerned.
    """

    order_id: UUID
    line_no: int
    location_id: UUID
    from_: LineState
    to: LineState
    qty: int
    parts: tuple[Part, ...]
    fo_no: int | None = None
