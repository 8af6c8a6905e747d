"""Adjust stock: differences with their reasons, and units set aside or released for sale."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.catalog.types import ItemFacts
from ordito.flows.bin_walks import lead
from ordito.flows.binned_places import find_bin_faults
from ordito.flows.document_lots import (
    LotLine,
    NamedLot,
    refuse_untracked,
    require_in_layer,
)
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
from ordito.inventory.adjustments import ADJUSTMENT, STOCK_MOVE
from ordito.inventory.asks import (
    AdjustLine,
    AdjustMany,
    AdjustStock,
    MoveLine,
    MoveStock,
    StockChanged,
    StockResult,
    StockResults,
)
from ordito.inventory.events import StockAdjusted, StockMoved
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.lot_book import LAYER_OF, Layer, LotUse, open_book
from ordito.inventory.lots import Lot, LotKey
from ordito.inventory.reasons import Reason
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
    lots: Sequence[NamedLot] = ()
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
    names = StockNames(tx, [ask])
    document = _find_adjustment(names, ask)
    ledger, lots = _lock(names, [document])
    _post(tx, document, ledger, lots)
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
    ledger, lots = _lock(names, [doc for doc in found if isinstance(doc, _Document)])
    results = []
    for adjustment, document in zip(ask.adjustments, found, strict=True):
        if isinstance(document, Problem):
            results.append(StockResult(problem=document.body()))
            continue
        try:
            _post(tx, document, ledger, lots)
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
    reason = names.find_reason(ask.reason, ask.note, "/reason", faults)
    if reason is not None and not reason.moves:
        detail = f"Stock isn't moved for the reason “{ask.reason}”; adjust it, or name another."
        faults.append(Fault("/reason", "not-for-moves", detail))
    steps = []
    for n, line in enumerate(ask.lines):
        item = names.find_item(n, line.sku, faults)
        if line.from_bucket == line.to_bucket:
            detail = "The units lie there already; name two different buckets."
            faults.append(Fault(f"/lines/{n}/to_bucket", "same-bucket", detail))
        if item is not None:
            way = (line.from_bucket, line.to_bucket)
            lots = _find_lots(names, n, line, (item, location, way), faults)
            steps.append(_Step(item, *way, line.quantity, ask.reason, lots))
    raise_faults(faults)
    assert location is not None, "without a fault it was found"
    document = _Document(new_id(), location, tuple(steps))
    ledger, found = _lock(names, [document])
    _post(tx, document, ledger, found)
    ledger.send(tx)
    lines = [(step.item.id, str(step.from_), str(step.to), step.qty) for step in steps]
    moved = StockMoved(location.code, ask.note, lines, document.freed(), ask.reason)
    tx.emit(STOCK_MOVE, document.id, moved)
    return _tell(document, ledger)


def _find_adjustment(names: StockNames, ask: AdjustStock) -> _Document:
    faults: list[Fault] = []
    # Stock of a closed place may still be found, lost or sent away.
    location = names.find_location(ask.location, faults, open_only=False)
    codes = dict.fromkeys(line.reason or ask.reason for line in ask.lines)
    reasons = {code: names.find_reason(code, ask.note, "/reason", faults) for code in codes}
    steps = []
    for n, line in enumerate(ask.lines):
        item = names.find_item(n, line.sku, faults)
        reason = reasons[line.reason or ask.reason]
        if line.quantity == 0:
            detail = "Say how many there are more or, with a minus, fewer."
            faults.append(Fault(f"/lines/{n}/quantity", "zero", detail))
        elif reason is None:
            continue
        elif (side := reason.side(line.quantity)) is None:
            detail = _wrong_way(reason)
            faults.append(Fault(f"/lines/{n}/quantity", "wrong-sign", detail))
        elif item is not None:
            from_, to = (side, line.bucket) if line.quantity > 0 else (line.bucket, side)
            lots = _find_lots(names, n, line, (item, location, (from_, to)), faults)
            qty, bin_ = abs(line.quantity), line.bin or ""
            steps.append(_Step(item, from_, to, qty, reason.code, lots, bin_))
    check_moment(names.tx, ask.occurred_at, "/occurred_at", faults)
    if location is not None:
        named = {f"/lines/{n}/bin": line.bin for n, line in enumerate(ask.lines) if line.bin}
        faults += find_bin_faults(names.tx, location.id, named)
    raise_faults(faults)
    assert location is not None, "without a fault it was found"
    return _Document(new_id(), location, tuple(steps), ask.occurred_at)


def _find_lots(
    names: StockNames,
    n: int,
    line: AdjustLine | MoveLine,
    booked: tuple[ItemFacts, Location | None, tuple[Bucket, Bucket]],
    faults: list[Fault],
) -> list[NamedLot]:
    """The lots that line `n` moves; none where the item has none, or the units stay on the shelf.

    booked: the item, the place and the way.
    """
    item, location, (from_, to) = booked
    tracked = names.tracked.get(item.id)
    crosses = LAYER_OF.get(from_) != LAYER_OF.get(to)
    if tracked is None or not crosses:
        refuse_untracked(f"/lines/{n}", line.sku, line.lots, faults)
        return []
    if location is None:
        return []
    of_line = LotLine(f"/lines/{n}", tracked, location, line.lots, abs(line.quantity), to)
    if LAYER_OF.get(from_) is None:
        return names.lots.read_in(of_line, faults)
    return names.lots.read_out(of_line, faults)


def _wrong_way(reason: Reason) -> str:
    if reason.more_from is None and reason.fewer_to is None:
        return f"The reason “{reason.code}” is for setting units aside, not for more or fewer."
    only = "more" if reason.more_from is not None else "fewer"
    return f"With the reason “{reason.code}” there can only be {only}; check the sign."


def _lock(names: StockNames, documents: Sequence[_Document]) -> tuple[Ledger, dict[LotKey, Lot]]:
    """The cells of documents, locked with the lots that they name."""
    ledger = lock_cells(names.tx, {doc.cell(step) for doc in documents for step in doc.steps})
    named = {key for doc in documents for step in doc.steps for key, _ in step.lots}
    lots = names.lots.settle(named) if named else {}
    ledger.lots = open_book(names.tx, names.tracked.keys(), ledger.cells)
    lead(names.tx, ledger)
    return ledger, lots


def _post(tx: Tx, document: _Document, ledger: Ledger, lots: Mapping[LotKey, Lot]) -> None:
    """Make a document's moves on locked cells; raises OutOfStock and LotShort before the first."""
    _check(tx, document, ledger)
    uses_of = [[(lots[key].id, qty) for key, qty in step.lots] for step in document.steps]
    _check_lots(document, ledger, uses_of, lots)
    for n, step in enumerate(document.steps):
        if uses_of[n]:
            book, serial = ledger.lots, lots[step.lots[0][0]].serial
            assert book is not None, "it was opened when the cells were locked"
            book.choose(document.cell(step), (step.from_, step.to), uses_of[n], serial=serial)
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


def _check_lots(
    document: _Document,
    ledger: Ledger,
    uses_of: Sequence[Sequence[LotUse]],
    lots: Mapping[LotKey, Lot],
) -> None:
    """Whether each lot has what all lines together take from it."""
    assert ledger.lots is not None, "it was opened when the cells were locked"
    by_id = {lot.id: lot for lot in lots.values()}
    taken: dict[tuple[CellKey, Layer], list[LotUse]] = {}
    for step, uses in zip(document.steps, uses_of, strict=True):
        layer = LAYER_OF.get(step.from_)
        if layer is not None and uses:
            taken.setdefault((document.cell(step), layer), []).extend(uses)
    for (cell, from_layer), uses_here in taken.items():
        require_in_layer(ledger.lots, cell, from_layer, uses_here, by_id)


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
