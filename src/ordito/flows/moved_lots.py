"""The lots that go along with a transfer: chosen when they leave, told when they arrive."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from ordito.catalog.tracked_items import TrackedItem, read_tracked
from ordito.flows.lot_codes import LotCodes
from ordito.inventory.asks import LotUnits
from ordito.inventory.fefo import ShelfLot, read_shelf_lots
from ordito.inventory.ledger import Ledger
from ordito.inventory.lot_book import LotBook, LotUse, open_book
from ordito.inventory.lots import lock_lots
from ordito.inventory.problems import LotRequired, LotShort
from ordito.inventory.transfer_lots import (
    TransferLot,
    end_transfer_lots,
    insert_transfer_lots,
    read_transfer_lots,
)
from ordito.inventory.transfers import Transfer, TransferItem
from ordito.inventory.types import CellKey
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput

Named = Mapping[int, Sequence[LotUnits]]
"""Line no → the lots that were named of it."""


def choose_sent_lots(
    tx: Tx, transfer: Transfer, lines: Sequence[TransferItem], ledger: Ledger, named: Named
) -> None:
    """Say which lots leave; raises LotRequired, LotShort, InvalidInput. The cells are locked."""
    tracked = _open(tx, ledger, lines, named)
    sources = {line.line_no: (str(line.item_id), str(transfer.from_location_id)) for line in lines}
    shelf = read_shelf_lots(tx, {key for key in sources.values() if key[0] in tracked})
    lock_lots(tx, {lot.lot_id for lots in shelf.values() for lot in lots})
    sent: list[tuple[int, LotUse]] = []
    book = _book(ledger)
    for line in lines:
        item = tracked.get(str(line.item_id))
        if item is None or not line.shipped:
            continue
        there = shelf.get(sources[line.line_no], [])
        uses = _choose_sent(tx, item, line, there, named.get(line.line_no, ()))
        sent += [(line.line_no, use) for use in uses]
        source, _destination = _ends(transfer, line)
        book.choose(source, ("available", "in_transit"), uses, serial=item.serial)
    insert_transfer_lots(tx, transfer.id, sent)


def _open(
    tx: Tx, ledger: Ledger, lines: Sequence[TransferItem], named: Named
) -> dict[str, TrackedItem]:
    """Open the ledger's book; lots of items that have none are a mistake."""
    tracked = read_tracked(tx, {line.item_id for line in lines})
    ledger.lots = open_book(tx, tracked.keys(), ledger.cells)
    for line in lines:
        if named.get(line.line_no) and str(line.item_id) not in tracked:
            detail = f"The item of line {line.line_no} is not kept by lots; leave them out."
            raise _invalid("not-tracked", detail)
    return tracked


def _book(ledger: Ledger) -> LotBook:
    assert ledger.lots is not None, "it was just opened"
    return ledger.lots


def _choose_sent(
    tx: Tx,
    item: TrackedItem,
    line: TransferItem,
    there: Sequence[ShelfLot],
    named: Sequence[LotUnits],
) -> list[LotUse]:
    known = {normal_code(lot.code): (lot.lot_id, lot.shelf) for lot in there}
    if not named:
        if len(there) == 1 and there[0].shelf >= line.shipped:
            return [(there[0].lot_id, line.shipped)]
        raise _ask_for(item, line, line.shipped, [(lot.code, lot.shelf) for lot in there])
    return _find(tx, item, (line.line_no, line.shipped), known, named)


def _find(
    tx: Tx,
    item: TrackedItem,
    wanted: tuple[int, int],
    known: Mapping[str, tuple[UUID, int]],
    named: Sequence[LotUnits],
) -> list[LotUse]:
    """The lots named, of those known (code → lot id and pieces there). wanted: line and pieces."""
    line_no, qty = wanted
    codes = LotCodes(tx, [one.lot for one in named])
    faults: list[Fault] = []
    sums: Counter[str] = Counter()
    for one in named:
        code = codes.find(one.lot, item, "/lines", faults)
        if code is not None:
            sums[code.key] += one.quantity
    if faults:
        raise InvalidInput("No stock was moved.", errors=faults)
    for key, pieces in sums.items():
        there = known.get(key, (None, 0))[1]
        if pieces > there:
            raise LotShort(
                f"{item.sku} {key}: {there} there, not {pieces}. No stock was moved.",
                extra={"sku": item.sku, "lot": key, "asked": pieces, "there": there},
            )
    if sums.total() != qty:
        raise _invalid(
            "wrong-sum", f"Line {line_no} moves {qty} of {item.sku}; its lots name {sums.total()}."
        )
    return [(known[key][0], pieces) for key, pieces in sums.items()]


def _ask_for(
    item: TrackedItem, line: TransferItem, qty: int, there: Sequence[tuple[str, int]]
) -> LotRequired:
    what = "serial numbers" if item.serial else "lots"
    names = ", ".join(f"{code} ({pieces})" for code, pieces in there[:5]) or "none"
    return LotRequired(
        f"Say which {what} the {qty} of {item.sku} are. There: {names}. No stock was moved.",
        extra={
            "line_no": line.line_no,
            "sku": item.sku,
            "quantity": qty,
            "lots": [{"lot": code, "quantity": pieces} for code, pieces in there],
        },
    )


def _invalid(code: str, detail: str) -> InvalidInput:
    return InvalidInput("No stock was moved.", errors=[Fault("/lines", code, detail)])


def _ends(transfer: Transfer, line: TransferItem) -> tuple[CellKey, CellKey]:
    item_id = str(line.item_id)
    return (item_id, str(transfer.from_location_id)), (item_id, str(transfer.to_location_id))


Arrived = tuple[TransferItem, int, int, int]
"""A line with pieces that arrived fit, damaged, and beyond what was sent."""


def choose_arrived_lots(
    tx: Tx,
    transfer: Transfer,
    arrived: Sequence[Arrived],
    ledger: Ledger,
    named: tuple[Named, Named],
) -> None:
    """Say which lots arrived; raises LotRequired, LotShort, InvalidInput. The cells are locked.

    named: the lots that arrived fit for sale, and those that arrived damaged.
    """
    lines = [line for line, *_ in arrived]
    both = {no: (*named[0].get(no, ()), *named[1].get(no, ())) for no in {*named[0], *named[1]}}
    tracked = _open(tx, ledger, lines, both)
    under_way = _read_under_way(tx, transfer) if tracked else {}
    lock_lots(tx, {lot.lot_id for lots in under_way.values() for lot in lots})
    book = _book(ledger)
    ended: Counter[tuple[int, UUID]] = Counter()
    for line, fit, damaged, surplus in arrived:
        item = tracked.get(str(line.item_id))
        if item is None:
            continue
        if surplus:
            raise _invalid(
                "surplus", f"Of {item.sku} more came than was sent: receive what was sent, and book"
                " the others as found, by an adjustment that names their lots.",
            )  # fmt: skip
        left = {normal_code(lot.lot): (lot.lot_id, lot.open) for lot in under_way[line.line_no]}
        source, destination = _ends(transfer, line)
        for pieces, to, asked in (
            (fit, "available", named[0].get(line.line_no, ())),
            (damaged, "damaged", named[1].get(line.line_no, ())),
        ):
            uses = _choose_arrived(tx, item, line, pieces, left, asked) if pieces else []
            book.choose(destination, ("incoming", to), uses, serial=item.serial)  # type: ignore[arg-type]
            book.choose(source, ("in_transit", "transfer"), uses, serial=item.serial)
            for lot_id, qty in uses:
                ended[line.line_no, lot_id] += qty
            taken = dict(uses)
            left = {key: (id_, n - taken.get(id_, 0)) for key, (id_, n) in left.items()}
    end_transfer_lots(tx, transfer.id, [(no, id_, qty, 0) for (no, id_), qty in ended.items()])


def _read_under_way(tx: Tx, transfer: Transfer) -> dict[int, list[TransferLot]]:
    found: dict[int, list[TransferLot]] = {line.line_no: [] for line in transfer.lines}
    for lot in read_transfer_lots(tx, transfer.id):
        if lot.open:
            found[lot.line_no].append(lot)
    return found


def _choose_arrived(
    tx: Tx,
    item: TrackedItem,
    line: TransferItem,
    pieces: int,
    left: Mapping[str, tuple[UUID, int]],
    named: Sequence[LotUnits],
) -> list[LotUse]:
    there = {key: (id_, n) for key, (id_, n) in left.items() if n}
    if named:
        return _find(tx, item, (line.line_no, pieces), there, named)
    if sum(n for _, n in there.values()) == pieces:
        return list(there.values())
    if len(there) == 1:
        return [(id_, pieces) for id_, _ in there.values()]
    raise _ask_for(item, line, pieces, [(key, n) for key, (_, n) in there.items()])


def give_up_lots(tx: Tx, transfer: Transfer, lines: Sequence[TransferItem], ledger: Ledger) -> None:
    """What has not arrived of these lines is missing, whichever lots they are."""
    tracked = _open(tx, ledger, lines, {})
    under_way = _read_under_way(tx, transfer) if tracked else {}
    lock_lots(tx, {lot.lot_id for lots in under_way.values() for lot in lots})
    book = _book(ledger)
    gone: list[tuple[int, UUID, int, int]] = []
    for line in lines:
        if str(line.item_id) not in tracked:
            continue
        uses = [(lot.lot_id, lot.open) for lot in under_way[line.line_no]]
        source, _destination = _ends(transfer, line)
        book.choose(source, ("in_transit", "adjustment"), uses)
        gone += [(line.line_no, lot_id, 0, qty) for lot_id, qty in uses]
    end_transfer_lots(tx, transfer.id, gone)
