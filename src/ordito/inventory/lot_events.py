"""What happens to lots."""

from typing import Any, ClassVar

from ordito.platform.events import Event


class LotBlocked(Event, frozen=True):
    """Nobody may pick or ship it any more."""

    kind: ClassVar[str] = "lot.blocked"
    sku: str
    lot: str
    reason: str


class LotFreed(Event, frozen=True):
    """It may be sold again."""

    kind: ClassVar[str] = "lot.freed"
    sku: str
    lot: str


class LotChanged(Event, frozen=True):
    """What is said of it was corrected: field → what it was, what it is."""

    kind: ClassVar[str] = "lot.changed"
    sku: str
    lot: str
    changes: dict[str, tuple[Any, Any]]


class LotSetAside(Event, frozen=True):
    """Pieces went from the shelf to quality control. why: blocked or too_old. orders: how many
    lost units that had been promised to them."""

    kind: ClassVar[str] = "lot.set_aside"
    sku: str
    lot: str
    location: str
    qty: int
    why: str
    orders: int


class LotPutBack(Event, frozen=True):
    """What was set aside because of the lot can be sold again; `items` is by item id."""

    kind: ClassVar[str] = "lot.put_back"
    sku: str
    lot: str
    location: str
    qty: int
    items: dict[str, int]
