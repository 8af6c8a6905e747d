"""Receive stock: units from a supplier become free, or are set aside to be looked at."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.catalog.types import ItemFacts
from ordito.flows.document_lots import LotLine, NamedLot, refuse_untracked
from ordito.flows.expected_arrivals import Arrivals
from ordito.flows.stock_documents import (
    StockNames,
    check_moment,
    raise_faults,
    require_few_lines,
    run_groups,
    tell_cells,
)
from ordito.inventory.asks import (
    ReceiveMany,
    ReceiveStock,
    StockChanged,
    StockResult,
    StockResults,
)
from ordito.inventory.events import StockReceived
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.lot_book import open_book
from ordito.inventory.receipts import RECEIPT, ReceiptLineRow, ReceiptRow, insert_receipts
from ordito.inventory.types import CellKey
from ordito.kernel.ids import new_id
from ordito.locations.types import Location
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import Fault, Problem


class _Receipt(msgspec.Struct, frozen=True):
    """A receipt whose names were found; one item per line."""

    id: UUID
    ask: ReceiveStock
    location: Location
    items: tuple[ItemFacts, ...]
    lots: tuple[Sequence[NamedLot], ...]
    """Of each line; empty where the item has none."""

    def cell(self, line: int) -> CellKey:
        return self.items[line].id, str(self.location.id)


@command(permission="inventory.write")
def receive_stock(tx: Tx, ask: ReceiveStock) -> StockChanged:
    """Book what came in; orders that wait for it are served by whoever follows the event."""
    arrivals = Arrivals(tx, ask.lines)
    names = StockNames(tx, [ask])
    receipt = _find_names(names, ask, arrivals)
    ledger = _receive(names, [receipt], arrivals)
    cells = [(item.sku, receipt.cell(n)) for n, item in enumerate(receipt.items)]
    return StockChanged(receipt.id, ask.location, tell_cells(ledger, cells))


@command(permission="inventory.write")
def receive_many(tx: Tx, ask: ReceiveMany) -> StockResults:
    """Book many receipts in one go; each is booked or refused alone."""
    require_few_lines(ask.receipts, "/receipts")
    arrivals = Arrivals(tx, (line for receipt in ask.receipts for line in receipt.lines))
    names = StockNames(tx, ask.receipts)
    found: list[_Receipt | Problem] = []
    for receipt in ask.receipts:
        try:
            found.append(_find_names(names, receipt, arrivals))
        except Problem as problem:
            found.append(problem)
    _receive(names, [receipt for receipt in found if isinstance(receipt, _Receipt)], arrivals)
    return StockResults(
        [
            StockResult(problem=entry.body())
            if isinstance(entry, Problem)
            else StockResult(id=entry.id)
            for entry in found
        ]
    )


def receive_any_number(
    db: Database, actor: Actor, receipts: Sequence[ReceiveStock], *, key: str | None = None
) -> list[StockResult]:
    """Book any number of receipts, a thousand lines per transaction; the outcome of each.

    key: an Idempotency-Key for all of it: what was booked before is not booked again.
    """

    def book(group: list[ReceiveStock], n: int) -> StockResults:
        ask = ReceiveMany(receipts=tuple(group))
        return run(db, actor, receive_many, ask, key=f"{key}/{n}" if key else None)

    return run_groups(receipts, book)


def _find_names(names: StockNames, ask: ReceiveStock, arrivals: Arrivals) -> _Receipt:
    faults: list[Fault] = []
    location = names.find_location(ask.location, faults, open_only=True)
    items = [names.find_item(n, line.sku, faults) for n, line in enumerate(ask.lines)]
    for n, (line, item) in enumerate(zip(ask.lines, items, strict=True)):
        if item is not None:
            arrivals.check(n, line, (item.id, location), faults)
    check_moment(names.tx, ask.received_at, "/received_at", faults)
    lots = _find_lots(names, ask, location, items, faults) if location else ()
    raise_faults(faults)
    assert location is not None, "without a fault it was found"
    known = tuple(item for item in items if item is not None)
    return _Receipt(new_id(), ask, location, known, lots)


def _find_lots(
    names: StockNames,
    ask: ReceiveStock,
    location: Location,
    items: Sequence[ItemFacts | None],
    faults: list[Fault],
) -> tuple[Sequence[NamedLot], ...]:
    """The lots of each line; none where the item has none."""
    found: list[Sequence[NamedLot]] = []
    for n, (line, item) in enumerate(zip(ask.lines, items, strict=True)):
        tracked = names.tracked.get(item.id) if item is not None else None
        if tracked is not None:
            of_line = LotLine(
                f"/lines/{n}", tracked, location, line.lots, line.quantity, line.bucket
            )
            found.append(names.lots.read_in(of_line, faults))
        else:
            refuse_untracked(f"/lines/{n}", line.sku, line.lots, faults)
            found.append(())
    return tuple(found)


def _receive(names: StockNames, receipts: Sequence[_Receipt], arrivals: Arrivals) -> Ledger:
    tx = names.tx
    ledger = lock_cells(
        tx, {receipt.cell(n) for receipt in receipts for n in range(len(receipt.items))}
    )
    named = {key for receipt in receipts for uses in receipt.lots for key, _ in uses}
    lots = names.lots.settle(named) if named else {}
    ledger.lots = book = open_book(tx, names.tracked.keys(), ledger.cells)
    rows: list[ReceiptRow] = []
    line_rows: list[ReceiptLineRow] = []
    for receipt in receipts:
        ask = receipt.ask
        received_at = ask.received_at or tx.now
        rows.append((receipt.id, receipt.location.id, ask.reference, received_at, tx.actor.id))
        for n, line in enumerate(ask.lines):
            uses = [(lots[key].id, qty) for key, qty in receipt.lots[n]]
            serial = bool(uses) and lots[receipt.lots[n][0][0]].serial
            # What was announced and what wasn't: both come from where no lot is known.
            book.choose(receipt.cell(n), ("supplier", line.bucket), uses, serial=serial)
            arrivals.post(ledger, receipt.cell(n), line, (str(receipt.id), n + 1), received_at)
            line_rows.append((receipt.id, n + 1, receipt.items[n].id, line.quantity, line.expected))
        tx.emit(RECEIPT, receipt.id, _event(receipt))
    arrivals.write(ledger, {r.location.id: r.location.code for r in receipts})
    ledger.send(tx)
    insert_receipts(tx, rows, line_rows)
    return ledger


def _event(receipt: _Receipt) -> StockReceived:
    free: Counter[str] = Counter()
    aside: Counter[str] = Counter()
    for item, line in zip(receipt.items, receipt.ask.lines, strict=True):
        (free if line.bucket == "available" else aside)[item.id] += line.quantity
    return StockReceived(receipt.ask.location, receipt.ask.reference, dict(free), dict(aside))
