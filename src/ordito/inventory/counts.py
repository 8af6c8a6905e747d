"""Counts: what a difference between the record and the shelf is taken from."""

import msgspec

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


def split_missing(cell: Cell, missing: int) -> Takes:
    """Take missing pieces from what is free first, then from what protects promises, then from
    what is promised; last from what has been set aside and is counted elsewhere, if at all."""
    takes: dict[str, int] = {}
    for bucket in _ORDER:
        takes[bucket] = min(missing, getattr(cell, bucket))
        missing -= takes[bucket]
    return Takes(**takes, picked=missing)
