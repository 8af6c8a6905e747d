"""What happens to bins and what lies in them."""

from typing import ClassVar

from ordito.inventory.adjustments import documents
from ordito.platform.events import Event


class BinStockSwitched(Event, frozen=True):
    """A location keeps a record of what lies in which bin from now on, or no more."""

    kind: ClassVar[str] = "location.bin_stock_switched"
    code: str
    on: bool
    units: int


class PickLevelSet(Event, frozen=True):
    """The pick bin of an item is filled from so few up to so many; without a bin, no more."""

    kind: ClassVar[str] = "location.pick_level_set"
    code: str
    item_id: str
    bin: str | None
    units_min: int
    units_max: int


class BinStockMoved(Event, frozen=True):
    """Units lie in another bin: (from, to, units) each.

    reason: put_away, moved, replenished, not_found, or undone.
    """

    kind: ClassVar[str] = "bin_stock.moved"
    location: str
    item_id: str
    reason: str
    moves: list[tuple[str, str, int]]


class ReplenishmentsRaised(Event, frozen=True):
    """Pick bins are to be filled: how many more than before, and of all how many are urgent."""

    kind: ClassVar[str] = "bin_stock.replenishments_raised"
    location: str
    raised: int
    urgent: int


BIN_STOCK = documents("bin_stock")
