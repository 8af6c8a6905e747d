"""What the ledger is told beside the moves of lines: pieces that were lost, or brought."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.catalog.tracked_items import read_tracked
from ordito.flows.bin_walks import lead
from ordito.inventory import reservations
from ordito.inventory.ledger import Ledger
from ordito.inventory.lot_book import LotUse, open_book
from ordito.inventory.types import CellKey
from ordito.kernel.moves import Bucket
from ordito.platform.database import Tx


class Loss(msgspec.Struct, frozen=True):
    """Reserved pieces that turned out to be not there, or not fit to be sold."""

    order_id: UUID
    fo_no: int
    line_no: int
    item_id: UUID
    location_id: UUID
    qty: int
    to: Bucket

    @property
    def cell(self) -> CellKey:
        return str(self.item_id), str(self.location_id)


class Carried(msgspec.Struct, frozen=True):
    """Pieces between a location and a shop: what the ledger is told of a parcel's arrival.

    No state of a line says where they lie. lots: of an item that has any, all of the pieces.
    """

    order_id: UUID
    line_no: int
    item_id: UUID
    location_id: UUID
    from_: Bucket
    to: Bucket
    qty: int
    reason: str
    lots: tuple[LotUse, ...] = ()

    @property
    def cell(self) -> CellKey:
        return str(self.item_id), str(self.location_id)


def write_losses(tx: Tx, losses: Sequence[Loss], ledger: Ledger, reason: str) -> None:
    """Take lost pieces off the shelf's count, and free what was reserved of them."""
    if not losses:
        return
    freed: Counter[tuple[str, int, str, str]] = Counter()
    for loss in losses:
        cause = (str(loss.order_id), loss.line_no)
        ledger.post(loss.cell, "reserved", loss.to, loss.qty, reason=reason, source=cause)
        freed[str(loss.order_id), loss.line_no, *loss.cell] -= loss.qty
    ledger.send(tx)
    reservations.change(tx, [(*key, qty) for key, qty in sorted(freed.items())])


def write_carried(tx: Tx, carried: Sequence[Carried], ledger: Ledger) -> None:
    """Post what a parcel brought from one location to another, with its lots."""
    if not carried:
        return
    if any(one.lots for one in carried):
        assert ledger.lots is None, "what is carried is all that an arrival moves of lots"
        tracked = read_tracked(tx, {one.item_id for one in carried})
        ledger.lots = open_book(tx, tracked.keys(), ledger.cells)
        for one in carried:
            if one.lots:
                serial = tracked[str(one.item_id)].serial
                ledger.lots.choose(one.cell, (one.from_, one.to), one.lots, serial=serial)
    for one in carried:
        cause = (str(one.order_id), one.line_no)
        ledger.post(one.cell, one.from_, one.to, one.qty, reason=one.reason, source=cause)
    if ledger.binned:
        lead(tx, ledger)
    ledger.send(tx)
