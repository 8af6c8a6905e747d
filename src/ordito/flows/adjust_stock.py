"""Adjust stock: differences with their reasons, and units set aside or released for sale."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.catalog.types import ItemFacts
from ordito.flows.bin_walks import lead
from ordito.flows.binned_places import find_bin_faults
from ordito.flows.stock_documents import (
    Shortage,
    StockNames,
    check_moment,
    raise_faults,
    require_few_lines,
    run_groups,
    tell_cells,
    tell_shortages,
)
from ordito.inventory.adjustments import ADJUSTMENT, REASONS, STOCK_MOVE, find_side
from ordito.inventory.asks import (
    AdjustMany,
    AdjustStock,
    MoveStock,
    StockChanged,
    StockResult,
    StockResults,
)
from ordito.inventory.events import StockAdjusted, StockMoved
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.types import CellKey
from ordito.kernel.ids import new_id
from ordito.kernel.moves import Bucket
from ordito.locations.types import Location
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import Fault, Problem

_SUPPLY: frozenset[Bucket] = frozenset(("adjustment", "supplier", "customer", "scrapped"))
"""Buckets outside the shelf: they never run short."""


class _Step(msgspec.Struct, frozen=True):
    """One line as the ledger books it."""

    item: ItemFacts
    from_: Bucket
    to: Bucket
    qty: int
    reason: str
    bin: str = ""


class _Document(msgspec.Struct, frozen=True):
    """A document whose names were found."""

    id: UUID
    location: Location
    steps: tuple[_Step, ...]
    occurred_at: datetime | None = None

    def cell(self, step: _Step) -> CellKey:
        return step.item.id, str(self.location.id)

    def freed(self) -> dict[str, int]:
        """Pieces of each item of which more can be sold after it."""
        change: Counter[str] = Counter()
        for step in self.steps:
            change[step.item.id] += step.qty * (
                (step.to == "available") - (step.from_ == "available")
            )
        return {item_id: qty for item_id, qty in change.items() if qty > 0}


@command(permission="inventory.write")
def adjust_stock(tx: Tx, ask: AdjustStock) -> StockChanged:
    """Book differences with their reasons; never more away than is free."""
    document = _find_adjustment(StockNames(tx, [ask]), ask)
    ledger = _lock(tx, [document])
    _post(tx, document, ledger)
    ledger.send(tx)
    tx.emit(ADJUSTMENT, document.id, _adjusted(document, ask))
    return _tell(document, ledger)


@command(permission="inventory.write")
def adjust_many(tx: Tx, ask: AdjustMany) -> StockResults:
    """Book many adjustments in one go; each is booked or refused alone."""
    require_few_lines(ask.adjustments, "/adjustments")
    names = StockNames(tx, ask.adjustments)
    found: list[_Document | Problem] = []
    for adjustment in ask.adjustments:
        try:
            found.append(_find_adjustment(names, adjustment))
        except Problem as problem:
            found.append(problem)
    ledger = _lock(tx, [document for document in found if isinstance(document, _Document)])
    results = []
    for adjustment, document in zip(ask.adjustments, found, strict=True):
        if isinstance(document, Problem):
            results.append(StockResult(problem=document.body()))
            continue
        try:
            _post(tx, document, ledger)
        except Problem as problem:
            results.append(StockResult(problem=problem.body()))
            continue
        tx.emit(ADJUSTMENT, document.id, _adjusted(document, adjustment))
        results.append(StockResult(id=document.id))
    ledger.send(tx)
    return StockResults(results)


def adjust_any_number(
    db: Database, actor: Actor, adjustments: Sequence[AdjustStock], *, key: str | None = None
) -> list[StockResult]:
    """Book any number of adjustments, a thousand lines per transaction; the outcome of each.

    key: an Idempotency-Key for all of it: what was booked before is not booked again.
    """

    def book(group: list[AdjustStock], n: int) -> StockResults:
        ask = AdjustMany(adjustments=tuple(group))
        return run(db, actor, adjust_many, ask, key=f"{key}/{n}" if key else None)

    return run_groups(adjustments, book)


@command(permission="inventory.write")
def move_stock(tx: Tx, ask: MoveStock) -> StockChanged:
    """Set units aside (damaged, to be checked, safety), or release them for sale."""
    names = StockNames(tx, [ask])
    faults: list[Fault] = []
    location = names.find_location(ask.location, faults, open_only=False)
    steps = []
    for n, line in enumerate(ask.lines):
        item = names.find_item(n, line.sku, faults)
        if line.from_bucket == line.to_bucket:
            detail = "The units lie there already; name two different buckets."
            faults.append(Fault(f"/lines/{n}/to_bucket", "same-bucket", detail))
        if item is not None:
            steps.append(_Step(item, line.from_bucket, line.to_bucket, line.quantity, "move"))
    raise_faults(faults)
    assert location is not None, "without a fault it was found"
    document = _Document(new_id(), location, tuple(steps))
    ledger = _lock(tx, [document])
    _post(tx, document, ledger)
    ledger.send(tx)
    lines = [(step.item.id, str(step.from_), str(step.to), step.qty) for step in steps]
    tx.emit(STOCK_MOVE, document.id, StockMoved(location.code, ask.note, lines, document.freed()))
    return _tell(document, ledger)


def _find_adjustment(names: StockNames, ask: AdjustStock) -> _Document:
    faults: list[Fault] = []
    # Stock of a closed place may still be found, lost or sent away.
    location = names.find_location(ask.location, faults, open_only=False)
    steps = []
    for n, line in enumerate(ask.lines):
        item = names.find_item(n, line.sku, faults)
        reason = line.reason or ask.reason
        side = find_side(reason, line.quantity)
        if line.quantity == 0:
            detail = "Say how many there are more or, with a minus, fewer."
            faults.append(Fault(f"/lines/{n}/quantity", "zero", detail))
        elif side is None:
            only = "more" if line.quantity < 0 else "fewer"
            detail = f"With the reason “{reason}” there can only be {only}; check the sign."
            faults.append(Fault(f"/lines/{n}/quantity", "wrong-sign", detail))
        elif item is not None:
            from_, to = (side, line.bucket) if line.quantity > 0 else (line.bucket, side)
            steps.append(_Step(item, from_, to, abs(line.quantity), reason, line.bin or ""))
        if REASONS[reason].note_required and not ask.note.strip():
            detail = f"The reason “{reason}” needs a note that says what happened."
            faults.append(Fault("/note", "required", detail))
    check_moment(names.tx, ask.occurred_at, "/occurred_at", faults)
    if location is not None:
        named = {f"/lines/{n}/bin": line.bin for n, line in enumerate(ask.lines) if line.bin}
        faults += find_bin_faults(names.tx, location.id, named)
    raise_faults(faults)
    assert location is not None, "without a fault it was found"
    return _Document(new_id(), location, tuple(steps), ask.occurred_at)


def _lock(tx: Tx, documents: Iterable[_Document]) -> Ledger:
    ledger = lock_cells(tx, {doc.cell(step) for doc in documents for step in doc.steps})
    lead(tx, ledger)
    return ledger


def _post(tx: Tx, document: _Document, ledger: Ledger) -> None:
    """Make a document's moves on locked cells; raises OutOfStock before the first one."""
    _check(tx, document, ledger)
    for n, step in enumerate(document.steps):
        ledger.post(
            document.cell(step),
            step.from_,
            step.to,
            step.qty,
            reason=step.reason,
            source=(str(document.id), n + 1),
            occurred_at=document.occurred_at,
            bin_=step.bin,
        )


def _check(tx: Tx, document: _Document, ledger: Ledger) -> None:
    """Whether every bucket has what is taken from it at each line, the earlier ones counted in."""
    left: dict[tuple[CellKey, Bucket], int] = {}
    taken: Counter[tuple[CellKey, Bucket]] = Counter()
    sku_of: dict[CellKey, str] = {}
    short: dict[tuple[CellKey, Bucket], None] = {}
    for step in document.steps:
        cell = document.cell(step)
        sku_of[cell] = step.item.sku
        for bucket, sign in ((step.from_, -1), (step.to, 1)):
            if bucket in _SUPPLY:
                continue
            key = (cell, bucket)
            left[key] = left.get(key, getattr(ledger.cells[cell], bucket)) + sign * step.qty
            if sign < 0:
                taken[key] += step.qty
            if left[key] < 0:
                short[key] = None
    if short:
        raise tell_shortages(
            tx,
            [
                Shortage(sku_of[cell], document.location, ledger.cells[cell], bucket, taken[key])
                for key in short
                for cell, bucket in (key,)
            ],
        )


def _adjusted(document: _Document, ask: AdjustStock) -> StockAdjusted:
    lines = [
        (
            step.item.id,
            str(step.to if step.from_ in _SUPPLY else step.from_),
            step.qty if step.from_ in _SUPPLY else -step.qty,
            step.reason,
        )
        for step in document.steps
    ]
    return StockAdjusted(document.location.code, ask.note, lines, document.freed())


def _tell(document: _Document, ledger: Ledger) -> StockChanged:
    cells: Sequence[tuple[str, CellKey]] = [
        (step.item.sku, document.cell(step)) for step in document.steps
    ]
    return StockChanged(document.id, document.location.code, tell_cells(ledger, cells))
