"""Bins that were counted: which of their units lie elsewhere, or were found."""

from collections.abc import Mapping

from ordito.inventory.bin_stock import read_contents
from ordito.inventory.bin_types import UNPLACED
from ordito.inventory.types import CellKey
from ordito.platform.database import Tx

BinMoves = list[tuple[str, str, int]]
"""From, to, units."""


def correct_bins(
    tx: Tx, key: CellKey, bins: Mapping[str, int], more: int
) -> tuple[BinMoves, BinMoves]:
    """Moves that make the bins of a locked cell hold what was counted: before and after the
    cell's own difference is booked, which comes to, or goes from, what lies in no bin.

    bins: what each had more or, negative, less than its record. more: units more in all.
    """
    if not bins:
        return [], []
    contents = {row.bin: row.qty for row in read_contents(tx, [key])}
    unplaced = contents.get(UNPLACED, 0)
    short: BinMoves = []
    found: BinMoves = []
    for code, less in sorted(bins.items()):
        # Some may have been taken since it was counted.
        qty = min(-less, contents.get(code, 0))
        if less < 0 and qty:
            short.append((code, UNPLACED, qty))
            unplaced += qty
    unplaced += max(0, more)
    for code, over in sorted(bins.items()):
        qty = min(over, unplaced)
        if over > 0 and qty:
            found.append((UNPLACED, code, qty))
            unplaced -= qty
    return short, found
