"""Fill pick bins from reserve: levels, the work that they raise, and doing it."""

from uuid import UUID

from ordito.flows.binned_places import find_binned, open_cell
from ordito.inventory.bin_events import BIN_STOCK, PickLevelSet
from ordito.inventory.bin_events import BinStockMoved as BinStockWasMoved
from ordito.inventory.bin_events import ReplenishmentsRaised as ReplenishmentsWereRaised
from ordito.inventory.bin_stock import Missing, Step, read_binned, send_steps
from ordito.inventory.bin_types import (
    BinStockMoved,
    PickLevel,
    PickLevelState,
    RaiseReplenishments,
    Replenish,
    Replenishment,
    ReplenishmentsRaised,
    SetPickLevel,
)
from ordito.inventory.ledger import lock_cells
from ordito.inventory.problems import NotInBin
from ordito.inventory.replenishments import (
    add_moved,
    drop_level,
    end_work,
    lock_open,
    put_work,
    read_level,
    read_open,
    write_level,
)
from ordito.kernel.ids import new_id
from ordito.listings.bin_needs import PickNeed, find_reserved, list_pick_needs
from ordito.locations.locations import LOCATION, lock_location, read_locations
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, Problem


@command(permission="inventory.write")
def set_pick_level(tx: Tx, ask: SetPickLevel) -> PickLevelState:
    """Say from how few units on an item's pick bin is filled, and up to how many."""
    cell = open_cell(tx, ask.location, ask.sku, {"bin": ask.bin})
    lock_location(tx, cell.location.code)
    before = read_level(tx, cell.location.id, cell.item.id)
    if ask.bin is None:
        if before is not None:
            drop_level(tx, cell.location.id, cell.item.id)
            event = PickLevelSet(cell.location.code, str(cell.item.id), None, 0, 0)
            tx.emit(LOCATION, cell.location.id, event)
        return PickLevelState(cell.location.code, cell.item.sku, None, 0, 0)
    faults = []
    if ask.bin not in cell.bins or cell.bins[ask.bin].purpose != "pick":
        detail = f"“{ask.bin}” is no bin for picking; change what it is for, or name another."
        faults.append(Fault("/bin", "bin-refused", detail))
    if ask.units_max < max(1, ask.units_min):
        detail = "Fill it up to at least one unit, and to no fewer than it is filled from."
        faults.append(Fault("/units_max", "too-low", detail))
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)
    level = PickLevel(cell.location.id, cell.item.id, ask.bin, ask.units_min, ask.units_max)
    if level != before:
        write_level(tx, level)
        event = PickLevelSet(
            cell.location.code, str(cell.item.id), level.bin, level.units_min, level.units_max
        )
        tx.emit(LOCATION, cell.location.id, event)
    return PickLevelState(
        cell.location.code, cell.item.sku, level.bin, level.units_min, level.units_max
    )


@command(permission="inventory.write")
def raise_replenishments(tx: Tx, ask: RaiseReplenishments) -> ReplenishmentsRaised:
    """Look which pick bins of a location are to be filled: work that is new, that is other than it
    was, and that nobody needs to do any more."""
    location = find_binned(tx, ask.location)
    lock_location(tx, location.code)
    before = read_open(tx, location.id)
    needs = {need.item_id: need for need in list_pick_needs(tx, location.id)}
    wanted: list[Replenishment] = []
    for item_id, need in needs.items():
        known = before.get(item_id)
        if known is None or _differs(known, need):
            wanted.append(_work(tx, location.id, need))
    # Work that was begun goes on until its bin is full; other work ends with its need.
    over = [row.id for item_id, row in before.items() if item_id not in needs and not row.moved]
    over += _finished(tx, location.id, before, needs)
    put_work(tx, wanted)
    end_work(tx, over, tx.now)
    raised = len([work for work in wanted if work.item_id not in before])
    if raised:
        urgent = len([work for work in wanted if work.urgent])
        event = ReplenishmentsWereRaised(location.code, raised, urgent)
        tx.emit(BIN_STOCK, new_id(), event)
    left = len(before) + raised - len(over)
    return ReplenishmentsRaised(location.code, raised, len(over), left)


def _finished(
    tx: Tx, location_id: UUID, before: dict[UUID, Replenishment], needs: dict[UUID, PickNeed]
) -> list[UUID]:
    """Work that was begun and can't go on: nothing is left in reserve."""
    begun = [row for item_id, row in before.items() if item_id not in needs and row.moved]
    if not begun:
        return []
    held = find_reserved(tx, location_id, [row.item_id for row in begun])
    return [row.id for row in begun if row.item_id not in held]


def _differs(known: Replenishment, need: PickNeed) -> bool:
    return (known.bin, known.urgent, known.units - known.moved) != (
        need.bin,
        _is_urgent(need),
        _units(need),
    )


def _is_urgent(need: PickNeed) -> bool:
    return need.wanted > need.in_pick_bins


def _units(need: PickNeed) -> int:
    """Units to be brought: up to the level, or to what picks need, and no more than there are."""
    most = max(need.units_max, need.wanted - need.in_pick_bins + need.in_bin)
    return min(most - need.in_bin, need.in_reserve)


def _work(tx: Tx, location_id: UUID, need: PickNeed) -> Replenishment:
    return Replenishment(
        id=new_id(),
        location_id=location_id,
        item_id=need.item_id,
        bin=need.bin,
        units=_units(need),
        moved=0,
        urgent=_is_urgent(need),
        raised_at=tx.now,
        ended_at=None,
    )


@command(permission="inventory.write")
def replenish(tx: Tx, ask: Replenish) -> BinStockMoved:
    """Units were brought to the pick bin that waits for them; more than asked for is fine. Raises
    ActionNotAllowed where none waits, NotInBin."""
    cell = open_cell(tx, ask.location, ask.sku, {"from_bin": ask.from_bin})
    ledger = lock_cells(tx, [cell.key])
    work = lock_open(tx, cell.location.id, cell.item.id)
    if work is None:
        raise ActionNotAllowed(
            f"No pick bin waits for {cell.item.sku} any more. To move it nevertheless, move it"
            " between bins.",
            extra={"allowed_actions": ["move_bin_stock"]},
        )
    if work.bin == ask.from_bin:
        fault = Fault("/from_bin", "same-bin", "That is the bin to be filled; name the other one.")
        raise InvalidInput("Nothing was moved.", errors=[fault])
    document = new_id()
    step = Step(cell.key, ask.from_bin, work.bin, ask.quantity, "replenished", str(document))
    try:
        made = send_steps(tx, [step], {}, at=ledger.at, actor_id=tx.actor.id)
    except Missing as missing:
        raise NotInBin(
            f"By the record {missing.there} of {cell.item.sku} lie in {missing.bin}. Take fewer,"
            " or another bin. Nothing was moved.",
            extra={"bin": missing.bin, "there": missing.there},
        ) from None
    add_moved(tx, work.id, ask.quantity, tx.now)
    moves = [(ask.from_bin, work.bin, ask.quantity)]
    event = BinStockWasMoved(cell.location.code, str(cell.item.id), "replenished", moves)
    tx.emit(BIN_STOCK, document, event)
    return BinStockMoved(
        location=cell.location.code,
        sku=cell.item.sku,
        moves=made,
        quantity=ask.quantity,
        from_bins=[ask.from_bin],
        to_bin=work.bin,
        to_put_away=0,
    )


def raise_all_replenishments(db: Database) -> int:
    """Look at every location that keeps bin stock; how much new work there is."""
    with db.reading(SYSTEM) as tx:
        binned = set(read_binned(tx))
        codes = [place.code for place in read_locations(tx) if place.id in binned] if binned else []
    raised = 0
    for code in codes:
        try:
            ask = RaiseReplenishments(location=code)
            raised += run(db, SYSTEM, raise_replenishments, ask).raised
        except Problem:
            # It was switched off meanwhile, or is being written to: the next round looks again.
            continue
    return raised
