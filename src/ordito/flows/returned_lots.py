"""The lots of units that come back: those that were shipped with the line, as far as is known."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.catalog.tracked_items import TrackedItem, lock_tracking
from ordito.flows.document_lots import SELLABLE, fit_day_at
from ordito.flows.lot_codes import LotCodes
from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.order_lots import refuse_unfit
from ordito.flows.reference import reference
from ordito.fulfillment.line_lots import LineLot, LotLineKey, change_line_lots, read_line_lots
from ordito.inventory.ledger import Ledger
from ordito.inventory.lot_book import LotBook, LotUse, open_book, split_uses
from ordito.inventory.lots import Lot, find_lots, lock_lots
from ordito.inventory.problems import LotRequired, LotShort, SerialInStock
from ordito.inventory.serials import find_serials
from ordito.inventory.types import CellKey
from ordito.kernel.asks import LotPieces
from ordito.kernel.moves import Bucket
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput

ItemLine = tuple[int, str]
"""line no, item id"""


class Returned(msgspec.Struct, frozen=True):
    """Pieces of a line's item that come back to a cell, in the order in which they are posted."""

    line_no: int
    cell: CellKey
    qty: int

    @property
    def line(self) -> ItemLine:
        return self.line_no, self.cell[0]


def choose_returned_lots(
    tx: Tx,
    ledger: Ledger,
    opened: OpenedOrder,
    pieces: Sequence[Returned],
    ask: tuple[Bucket, Sequence[LotPieces]],
) -> None:
    """Say which lots come back; raises LotRequired, LotShort, LotUnfit, SerialInStock.

    ask: the bucket that they come to, and the lots that were named. The cells are locked.
    """
    to, named = ask
    tracked = lock_tracking(tx, {one.cell[0] for one in pieces})
    ledger.lots = book = open_book(tx, tracked.keys(), ledger.cells)
    concerned = [one for one in pieces if one.line[1] in tracked]
    places = reference(tx).locations_by_id
    if all(places[UUID(one.cell[1])].kind == "history" for one in pieces):
        # What was sold elsewhere before has no lots here, wherever it went.
        ledger.lots = LotBook(())
        return
    if not concerned and not named:
        return
    rows = [row for row in read_line_lots(tx, [opened.order.id]) if row.shipped > row.returned]
    uses_of = _find_named(tx, opened, tracked, named)
    for line, qty in _sum_lines(concerned).items():
        if line not in uses_of:
            uses_of[line] = _guess(tracked[line[1]], line, qty, rows, to)
    lots = lock_lots(tx, {id_ for uses in uses_of.values() for id_, _ in uses})
    _check(tx, concerned, uses_of, (tracked, lots), to)
    change_line_lots(tx, _mark_returned(rows, uses_of, lots))
    for one in concerned:
        uses = split_uses(uses_of[one.line], one.qty)
        serial = tracked[one.line[1]].serial
        book.choose(one.cell, ("customer", to), uses, serial=serial)


def _sum_lines(pieces: Sequence[Returned]) -> Counter[ItemLine]:
    sums: Counter[ItemLine] = Counter()
    for one in pieces:
        sums[one.line] += one.qty
    return sums


def _find_named(
    tx: Tx, opened: OpenedOrder, tracked: Mapping[str, TrackedItem], named: Sequence[LotPieces]
) -> dict[ItemLine, list[LotUse]]:
    """The lots named, by line and item; raises InvalidInput."""
    codes = LotCodes(tx, [piece.lot for piece in named])
    faults: list[Fault] = []
    found: list[tuple[int, LotPieces, TrackedItem, str]] = []
    for n, piece in enumerate(named):
        items = [
            tracked[str(part.item_id)]
            for part in opened.parts.get(piece.line, ())
            if str(part.item_id) in tracked
        ]
        if piece.sku is not None:
            items = [item for item in items if normal_code(item.sku) == normal_code(piece.sku)]
        if len(items) != 1:
            detail = "Name a line that comes back, and by `sku` which of its items has this lot."
            faults.append(Fault(f"/lots/{n}/line", "unclear", detail))
        elif code := codes.find(piece.lot, items[0], f"/lots/{n}/lot", faults):
            found.append((n, piece, items[0], code.key))
    lots = find_lots(tx, {(item.id, key) for _, _, item, key in found})
    uses: dict[ItemLine, list[LotUse]] = {}
    for n, piece, item, key in found:
        lot = lots.get((item.id, key))
        if lot is None:
            detail = f"“{item.sku}” has no lot “{piece.lot}”; check what is on the label."
            faults.append(Fault(f"/lots/{n}/lot", "unknown-lot", detail))
        else:
            uses.setdefault((piece.line, item.id), []).append((lot.id, piece.quantity))
    if faults:
        raise InvalidInput("Nothing was returned.", errors=faults)
    return uses


def _guess(
    item: TrackedItem, line: ItemLine, qty: int, rows: Sequence[LineLot], to: Bucket
) -> list[LotUse]:
    """The lots where only one answer is possible; raises LotRequired."""
    out: Counter[UUID] = Counter()
    for row in rows:
        if (row.line_no, str(row.item_id)) == line:
            out[row.lot_id] += row.shipped - row.returned
    if out.total() == qty:
        return list(out.items())
    if len(out) == 1 and out.total() > qty:
        return [(lot_id, qty) for lot_id in out]
    if not out and to == "scrapped":
        return []
    what = "serial numbers" if item.serial else "lots"
    raise LotRequired(
        f"Say which {what} of {item.sku} came back (line {line[0]}, {qty}). Nothing was returned.",
        extra={"line_no": line[0], "sku": item.sku, "quantity": qty},
    )


def _check(
    tx: Tx,
    pieces: Sequence[Returned],
    uses_of: Mapping[ItemLine, Sequence[LotUse]],
    known: tuple[Mapping[str, TrackedItem], Mapping[UUID, Lot]],
    to: Bucket,
) -> None:
    """What comes back is what is said, may go where it goes, and isn't here already."""
    tracked, lots = known
    sums = _sum_lines(pieces)
    for line, uses in uses_of.items():
        named = sum(qty for _, qty in uses)
        if named != sums[line] and not (to == "scrapped" and not uses):
            detail = f"{sums[line]} pieces of line {line[0]} come back; the lots name {named}."
            raise InvalidInput(
                "Nothing was returned.", errors=[Fault("/lots", "wrong-sum", detail)]
            )
    places = reference(tx).locations_by_id
    for one in pieces if to in SELLABLE else ():
        item = tracked[one.line[1]]
        fit_day = fit_day_at(tx, item, places[UUID(one.cell[1])])
        unfit = [lots[id_] for id_, _ in uses_of[one.line] if not lots[id_].is_fit(fit_day)]
        if unfit:
            raise refuse_unfit(item, unfit, fit_day)
    serials = [lot.id for lot in lots.values() if lot.serial]
    here = find_serials(tx, serials) if serials and to != "scrapped" else {}
    for lot_id in here:
        raise SerialInStock(
            f"{lots[lot_id].code} is in stock: it can't come back. Nothing was returned; check the"
            " number."
        )


def _mark_returned(
    rows: Sequence[LineLot],
    uses_of: Mapping[ItemLine, Sequence[LotUse]],
    lots: Mapping[UUID, Lot],
) -> dict[tuple[LotLineKey, UUID], tuple[int, int, int]]:
    """What comes back of what each part of the order shipped; raises LotShort for what wasn't."""
    changes: dict[tuple[LotLineKey, UUID], tuple[int, int, int]] = {}
    for line, uses in uses_of.items():
        of_line = [row for row in rows if (row.line_no, str(row.item_id)) == line]
        if not of_line:
            # Shipped before its item had lots: nothing is known to compare with.
            continue
        left: Counter[UUID] = Counter()
        for lot_id, qty in uses:
            left[lot_id] += qty
        for row in of_line:
            now = min(left[row.lot_id], row.shipped - row.returned)
            if now:
                left[row.lot_id] -= now
                changes[row.key, row.lot_id] = (0, 0, now)
        for lot_id, qty in (+left).items():
            raise LotShort(
                f"{lots[lot_id].code} was not shipped with line {line[0]}, or not so many:"
                f" {qty} too many. Nothing was returned.",
                extra=_told(lots[lot_id], qty),
            )
    return changes


def _told(lot: Lot, qty: int) -> dict[str, Any]:
    return {"lot": lot.code, "too_many": qty}
