"""What happens to expected receipts. `items` is by item id, in pieces."""

from datetime import date
from typing import ClassVar

from ordito.platform.events import Event


class SupplyExpected(Event, frozen=True):
    kind: ClassVar[str] = "supply.expected"
    location: str
    items: dict[str, int]
    expected_on: date
    reference: str


class SupplyChanged(Event, frozen=True):
    """Field → what it was and what it is."""

    kind: ClassVar[str] = "supply.changed"
    location: str
    changes: dict[str, tuple[str, str]]


class SupplyReceived(Event, frozen=True):
    """Pieces of it came in; `left` are still expected. over: more than was announced."""

    kind: ClassVar[str] = "supply.received"
    location: str
    pieces: int
    left: int
    over: int


class SupplyClosed(Event, frozen=True):
    """Nothing more of it comes; `missing` pieces never came."""

    kind: ClassVar[str] = "supply.closed"
    location: str
    missing: int
    note: str
