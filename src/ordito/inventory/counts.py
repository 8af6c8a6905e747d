"""Counts: what a difference between the record and the shelf is taken from."""

import msgspec

from ordito.inventory.lot_book import LotUse
from ordito.inventory.types import Cell
from ordito.kernel.moves import Bucket

_ORDER: tuple[Bucket, ...] = ("available", "safety", "reserved", "quality_control", "damaged")


class Takes(msgspec.Struct, frozen=True):
    """Pieces that are missing, by the bucket they are taken from.

    reserved: promised ones: someone loses them.
    picked:   what is left to take; it lies in somebody's hands, so that it can't be missing.
    """

    available: int = 0
    safety: int = 0
    reserved: int = 0
    quality_control: int = 0
    damaged: int = 0
    picked: int = 0


class LotDifference(msgspec.Struct, frozen=True):
    """What of which lots there is more on the shelf, and fewer in each layer."""

    more: list[LotUse] = []
    shelf: list[LotUse] = []
    quality_control: list[LotUse] = []
    damaged: list[LotUse] = []

    @property
    def gained(self) -> int:
        return sum(qty for _, qty in self.more)

    @property
    def lost(self) -> int:
        return sum(qty for of in (self.shelf, self.quality_control, self.damaged) for _, qty in of)


def split_missing_lots(cell: Cell, lots: LotDifference) -> Takes:
    """Take what lots lack from the buckets of the layers in which they lack it.

    What there is more of other lots is on the shelf by then: a promise is for any lot.
    """
    missing = sum(qty for _, qty in lots.shelf)
    takes: dict[str, int] = {}
    for bucket, there in (
        ("available", cell.available + lots.gained),
        ("safety", cell.safety),
        ("reserved", cell.reserved),
    ):
        takes[bucket] = min(missing, there)
        missing -= takes[bucket]
    assert missing == 0, "what lots have on the shelf, the cell has"
    return Takes(
        **takes,
        quality_control=sum(qty for _, qty in lots.quality_control),
        damaged=sum(qty for _, qty in lots.damaged),
    )


def split_missing(cell: Cell, missing: int) -> Takes:
    """Take missing pieces from what is free first, then from what protects promises, then from
    what is promised; last from what has been set aside and is counted elsewhere, if at all."""
    takes: dict[str, int] = {}
    for bucket in _ORDER:
        takes[bucket] = min(missing, getattr(cell, bucket))
        missing -= takes[bucket]
    return Takes(**takes, picked=missing)
