"""Bring units to their bins: put away what came in, move between bins, take a move back."""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from ordito.catalog.items import read_items
from ordito.flows.binned_places import BinnedCell, find_binned, open_cell
from ordito.fulfillment.tasks import raise_tasks
from ordito.inventory.bin_events import BIN_STOCK
from ordito.inventory.bin_events import BinStockMoved as BinStockWasMoved
from ordito.inventory.bin_stock import (
    Missing,
    Step,
    find_undone,
    read_contents,
    read_moves,
    send_steps,
)
from ordito.inventory.bin_types import (
    BUILT_IN,
    RECEIVING,
    UNPLACED,
    BinMove,
    BinStockMoved,
    MoveBetweenBins,
    PutAway,
    ReportNotInBin,
    UndoBinMoves,
    Warning_,
)
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.problems import BinRefused, NotInBin
from ordito.inventory.put_away_plans import fitting_units, propose
from ordito.inventory.replenishments import add_moved, lock_open
from ordito.inventory.types import Cell
from ordito.kernel.ids import new_id
from ordito.listings.bin_contents import find_to_put_away
from ordito.listings.bin_rooms import read_room, read_rooms
from ordito.locations.bins import find_bins
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, NotFound

UNDONE: frozenset[str] = frozenset(("put_away", "moved", "replenished", "not_found"))
"""Reasons of moves that can be taken back; the others came with postings."""


@command(permission="inventory.write")
def put_away(tx: Tx, ask: PutAway) -> BinStockMoved:
    """Units that came in, or lie in no bin, go into one; another bin than the one proposed is
    taken, and told. Raises NotInBin when fewer are to be put away, BinRefused."""
    cell = open_cell(tx, ask.location, ask.sku, {"to_bin": ask.to_bin, "from_bin": ask.from_bin})
    _require_purpose(cell, "to_bin", ask.to_bin, ("pick", "reserve", "quality"))
    ledger = lock_cells(tx, [cell.key])
    waiting = _waiting(tx, cell, ledger)
    if ask.from_bin is not None:
        waiting = {ask.from_bin: waiting.get(ask.from_bin, 0)}
    there = sum(waiting.values())
    if there < ask.quantity:
        raise NotInBin(
            f"{there} of {cell.item.sku} are to be put away at {cell.location.code}, not"
            f" {ask.quantity}. Receive more first, or move them from the bin where they lie.",
            extra={"there": there, "asked": ask.quantity},
        )
    _require_set_aside(tx, cell, ledger, ask.to_bin, ask.quantity)
    sources = _spread(waiting, ask.quantity)
    warnings = _warn(tx, cell, ask.to_bin, ask.quantity)
    return _move(tx, cell, ledger, sources, ask.to_bin, "put_away", warnings)


@command(permission="inventory.write")
def move_bin_stock(tx: Tx, ask: MoveBetweenBins) -> BinStockMoved:
    """Units go from one bin to another. Raises NotInBin, BinRefused."""
    cell = open_cell(tx, ask.location, ask.sku, {"to_bin": ask.to_bin, "from_bin": ask.from_bin})
    if ask.to_bin == ask.from_bin:
        fault = Fault("/to_bin", "same-bin", "They lie there already; name two different bins.")
        raise InvalidInput("Nothing was moved.", errors=[fault])
    if ask.to_bin == RECEIVING:
        fault = Fault("/to_bin", "bin-refused", "Only what comes in lies there.")
        raise InvalidInput("Nothing was moved.", errors=[fault])
    ledger = lock_cells(tx, [cell.key])
    _require_set_aside(tx, cell, ledger, ask.to_bin, ask.quantity)
    warnings = _warn(tx, cell, ask.to_bin, ask.quantity, proposed=False)
    sources = [(ask.from_bin, ask.quantity)]
    return _move(tx, cell, ledger, sources, ask.to_bin, "moved", warnings)


@command(permission="fulfillment.write")
def report_not_in_bin(tx: Tx, ask: ReportNotInBin) -> BinStockMoved:
    """Fewer units lie in a bin than its record says: the others lie in no bin until somebody
    finds them, and the item is to be counted. What is promised stays promised."""
    cell = open_cell(tx, ask.location, ask.sku, {"bin": ask.bin})
    ledger = lock_cells(tx, [cell.key])
    there = _contents(tx, cell).get(ask.bin, 0)
    if ask.bin == UNPLACED or ask.left >= there:
        raise NotInBin(
            f"By the record {there} of {cell.item.sku} lie in {ask.bin}; only fewer can be"
            " reported. Nothing was changed.",
            extra={"there": there, "asked": ask.left},
        )
    missing = there - ask.left
    raise_tasks(tx, [("count", None, None, cell.location.id, cell.item.id, missing)])
    return _move(tx, cell, ledger, [(ask.bin, missing)], UNPLACED, "not_found", [])


@command(permission="inventory.write")
def undo_bin_moves(tx: Tx, ask: UndoBinMoves) -> BinStockMoved:
    """Take moves of one act back. Raises NotFound, ActionNotAllowed for moves that came with a
    posting or were taken back already, NotInBin when the units have gone on since."""
    location = find_binned(tx, ask.location)
    moves = read_moves(tx, location.id, ask.moves)
    if len(moves) < len(set(ask.moves)) or len({move.item_id for move in moves}) != 1:
        raise NotFound("There are no such moves of one item at this location.")
    item = read_items(tx, [moves[0].item_id])[moves[0].item_id]
    cell = BinnedCell(location, item, {})
    ledger = lock_cells(tx, [cell.key])
    ids = [move.id for move in moves]
    if find_undone(tx, ids) or any(not _is_between(move) for move in moves):
        raise ActionNotAllowed(
            "The move was taken back already, or came with a change of stock. Move the units by"
            " hand.",
            extra={"allowed_actions": ["move_bin_stock"]},
        )
    document = new_id()
    steps = [
        Step(cell.key, move.to_bin, move.from_bin, move.qty, "undone", str(document), move.id)
        for move in moves
    ]
    made = _send(tx, cell, ledger, steps)
    _take_work_back(tx, cell, moves)
    told = [(str(m.to_bin), str(m.from_bin), m.qty) for m in moves]
    return _tell(tx, cell, document, "undone", told, made, [])


def _is_between(move: BinMove) -> bool:
    return None not in (move.from_bin, move.to_bin) and move.reason in UNDONE


def _take_work_back(tx: Tx, cell: BinnedCell, moves: Sequence[BinMove]) -> None:
    """What was brought to a pick bin and taken back is to be brought again."""
    units = sum(move.qty for move in moves if move.reason == "replenished")
    work = lock_open(tx, cell.location.id, cell.item.id) if units else None
    if work is not None:
        add_moved(tx, work.id, -units, tx.now)


def _require_purpose(cell: BinnedCell, field: str, code: str, allowed: Iterable[str]) -> None:
    purpose = cell.purpose(code)
    if purpose in allowed:
        return
    if code in BUILT_IN:
        fault = Fault(f"/{field}", "unknown-bin", f"“{code}” is no bin; name the one you use.")
        raise InvalidInput("Nothing was moved.", errors=[fault])
    raise BinRefused(
        f"{code} is a bin where goods lie until they are put away. Take a bin for picking or for"
        " reserve. Nothing was moved.",
        extra={"bin": code, "purpose": purpose},
    )


def _require_set_aside(
    tx: Tx, cell: BinnedCell, ledger: Ledger, to_bin: str, quantity: int
) -> None:
    """A bin for quality takes what is to be checked or damaged, and nothing that may be sold."""
    if to_bin in BUILT_IN or cell.purpose(to_bin) != "quality":
        return
    locked: Cell = ledger.cells[cell.key]
    waiting = locked.quality_control + locked.damaged
    contents = _contents(tx, cell)
    known = find_bins(tx, cell.location.id, contents)
    put = sum(contents[code] for code, bin_ in known.items() if bin_.purpose == "quality")
    if put + quantity > waiting:
        raise BinRefused(
            f"{to_bin} is for what is to be checked or damaged: of {cell.item.sku} these are"
            f" {waiting}, and {put} of them lie in such bins. Set units aside first, or take"
            " another bin. Nothing was moved.",
            extra={"bin": to_bin, "purpose": "quality"},
        )


def _contents(tx: Tx, cell: BinnedCell) -> dict[str, int]:
    return {row.bin: row.qty for row in read_contents(tx, [cell.key])}


def _waiting(tx: Tx, cell: BinnedCell, ledger: Ledger) -> dict[str, int]:
    """Units that are to be put away, by where they lie: what came in first."""
    found: dict[str, int] = {}
    contents = _contents(tx, cell)
    for code in (RECEIVING, UNPLACED):
        if contents.get(code):
            found[code] = contents.pop(code)
    known = find_bins(tx, cell.location.id, contents).values()
    found |= {bin_.code: contents[bin_.code] for bin_ in known if bin_.purpose == "receiving"}
    quality = Counter(
        {bin_.code: contents[bin_.code] for bin_ in known if bin_.purpose == "quality"}
    )
    locked = ledger.cells[cell.key]
    released = max(0, quality.total() - locked.quality_control - locked.damaged)
    for code, qty in sorted(quality.items()):
        found[code] = min(qty, released)
        released -= found[code]
    return {code: qty for code, qty in found.items() if qty}


def _spread(waiting: dict[str, int], quantity: int) -> list[tuple[str, int]]:
    sources = []
    for code, qty in waiting.items():
        taken = min(qty, quantity)
        if taken:
            sources.append((code, taken))
            quantity -= taken
    return sources


def _warn(
    tx: Tx, cell: BinnedCell, to_bin: str, quantity: int, *, proposed: bool = True
) -> list[Warning_]:
    """What is odd about putting units there; it is done nevertheless."""
    if to_bin in BUILT_IN:
        return []
    room = read_room(tx, cell.location.id, cell.item.id, to_bin)
    assert room is not None, "the bin was found"
    warnings: list[Warning_] = []
    if proposed and room.purpose != "quality":
        rooms = read_rooms(tx, cell.location.id, [cell.item.id])[cell.item.id]
        best = [found.bin for found in propose(rooms, quantity, cell.unit_mm3)]
        if best and to_bin not in best:
            warnings.append("other-bin")
    fitting = fitting_units(room, cell.unit_mm3)
    if fitting is not None and quantity > fitting:
        warnings.append("over-capacity")
    if room.others and not (room.here or room.home):
        warnings.append("mixed")
    return warnings


def _move(
    tx: Tx,
    cell: BinnedCell,
    ledger: Ledger,
    sources: Sequence[tuple[str, int]],
    to_bin: str,
    reason: str,
    warnings: list[Warning_],
) -> BinStockMoved:
    document = new_id()
    steps = [Step(cell.key, code, to_bin, qty, reason, str(document)) for code, qty in sources]
    made = _send(tx, cell, ledger, steps)
    told = [(code, to_bin, qty) for code, qty in sources]
    return _tell(tx, cell, document, reason, told, made, warnings)


def _send(tx: Tx, cell: BinnedCell, ledger: Ledger, steps: Sequence[Step]) -> list[int]:
    try:
        return send_steps(tx, steps, {}, at=ledger.at, actor_id=tx.actor.id)
    except Missing as missing:
        raise NotInBin(
            f"By the record {missing.there} of {cell.item.sku} lie in {missing.bin}. Take fewer,"
            " or count the bin. Nothing was moved.",
            extra={"bin": missing.bin, "there": missing.there},
        ) from None


def _tell(
    tx: Tx,
    cell: BinnedCell,
    document: UUID,
    reason: str,
    told: list[tuple[str, str, int]],
    made: list[int],
    warnings: list[Warning_],
) -> BinStockMoved:
    """The event and the answer of moves that were written."""
    event = BinStockWasMoved(cell.location.code, str(cell.item.id), reason, told)
    tx.emit(BIN_STOCK, document, event)
    waiting = find_to_put_away(tx, cell.location.id, cell.item.id)
    return BinStockMoved(
        location=cell.location.code,
        sku=cell.item.sku,
        moves=made,
        quantity=sum(qty for _from, _to, qty in told),
        from_bins=[from_ for from_, _to, _qty in told],
        to_bin=told[0][1],
        to_put_away=waiting.receiving + waiting.unplaced + waiting.released if waiting else 0,
        warnings=warnings,
    )
