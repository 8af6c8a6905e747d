"""Lots that may not be sold: blocked, freed, corrected, set aside where they lie and put back."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec

from ordito.catalog.items import send_facts
from ordito.catalog.tracked_items import TrackedItem, read_tracked
from ordito.catalog.types import ItemFacts
from ordito.flows.count_readings import Count, Reading
from ordito.flows.count_stock import book_count
from ordito.flows.document_lots import fit_day_at
from ordito.flows.reference import reference
from ordito.inventory.counts import LotDifference
from ordito.inventory.ledger import lock_cells
from ordito.inventory.lot_asks import BlockLot, ChangeLot, LotAsk, LotSettled, SettleLot, UnblockLot
from ordito.inventory.lot_book import LotCell, open_book, read_lot_cells
from ordito.inventory.lot_events import (
    LotBlocked,
    LotChanged,
    LotFreed,
    LotPutBack,
    LotSetAside,
)
from ordito.inventory.lots import LOT, Lot, lock_lots, read_lots, write_lot
from ordito.inventory.types import CellKey
from ordito.kernel.asks import differences, given
from ordito.kernel.ids import new_id
from ordito.listings.lot_faults import find_misplaced_lots, list_places_of
from ordito.listings.lots import LotView, read_lot
from ordito.locations.types import Location
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.events import Event
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, NotFound, NotPermitted
from ordito.platform.versions import check_version

AT_ONCE = 500
"""Places of lots that one sweep puts right."""


@command(permission="inventory.write")
def block_lot(tx: Tx, ask: BlockLot) -> LotView:
    """From now on nobody picks or ships it; what lies on shelves is set aside right after."""
    lot = _open_lot(tx, ask)
    reason = ask.reason.strip()
    if not reason:
        raise InvalidInput(
            "Nothing was changed.", errors=[Fault("/reason", "required", "Say why it is blocked.")]
        )
    if lot.state == "blocked":
        raise _refuse(f"{lot.code} is blocked already: {lot.reason}", "unblock")
    changed = msgspec.structs.replace(lot, state="blocked", reason=reason)
    return _write(tx, changed, LotBlocked(_sku_of(tx, lot), lot.code, reason))


@command(permission="inventory.write")
def unblock_lot(tx: Tx, ask: UnblockLot) -> LotView:
    """It may be sold again, unless it is too old; what was set aside is put back right after."""
    lot = _open_lot(tx, ask)
    if lot.state == "free":
        raise _refuse(f"{lot.code} is not blocked.", "block")
    changed = msgspec.structs.replace(lot, state="free", reason="")
    return _write(tx, changed, LotFreed(_sku_of(tx, lot), lot.code))


@command(permission="inventory.write")
def change_lot(tx: Tx, ask: ChangeLot) -> LotView:
    """Correct the dates or the supplier's reference of a lot."""
    lot = _open_lot(tx, ask)
    fields = given(ask, without=("lot_id", "version"))
    changed = msgspec.structs.replace(lot, **fields)
    _check_dates(tx, changed)
    changes = differences(lot, changed)
    if not changes:
        return read_lot(tx, lot.id)
    return _write(tx, changed, LotChanged(_sku_of(tx, lot), lot.code, changes))


def _open_lot(tx: Tx, ask: LotAsk) -> Lot:
    """The lot, locked, where the actor sees every place that has it; raises NotFound."""
    lot = lock_lots(tx, [ask.lot_id]).get(ask.lot_id)
    if lot is None:
        raise NotFound("There is no such lot.")
    if any(not tx.actor.sees_location(place) for place in list_places_of(tx, lot.id)):
        raise NotPermitted(
            "The lot lies also at locations that you don't see, where this would count as well."
            " Ask somebody who sees them all."
        )
    check_version("lot", lot.version, ask.version)
    return lot


def _check_dates(tx: Tx, lot: Lot) -> None:
    faults = []
    if lot.expires_on is not None and lot.made_on is not None and lot.made_on > lot.expires_on:
        detail = "It can't end before it was made; check both dates."
        faults.append(Fault("/made_on", "after-expiry", detail))
    item = read_tracked(tx, [lot.item_id]).get(str(lot.item_id))
    if lot.expires_on is None and item is not None and item.expires:
        detail = f"Lots of {item.sku} have a last day; say which."
        faults.append(Fault("/expires_on", "required", detail))
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)


def _refuse(why: str, allowed: str) -> ActionNotAllowed:
    return ActionNotAllowed(f"{why} Nothing was changed.", extra={"allowed_actions": [allowed]})


def _write(tx: Tx, lot: Lot, event: Event) -> LotView:
    write_lot(tx, lot)
    tx.emit(LOT, lot.id, event)
    view = read_lot(tx, lot.id)
    return msgspec.structs.replace(view, version=lot.version + 1)


def _sku_of(tx: Tx, lot: Lot) -> str:
    return _facts_of(tx, lot).sku


def _facts_of(tx: Tx, lot: Lot) -> ItemFacts:
    return next(iter(send_facts(tx, [lot.item_id])))


@command(permission="inventory.write")
def settle_lot_at(tx: Tx, ask: SettleLot) -> LotSettled:
    """Set a lot aside where it may not be sold any more, or put back what was set aside.

    Who was promised units that are set aside loses them, the latest promise first.
    """
    lot = read_lots(tx, [ask.lot_id]).get(ask.lot_id)
    place = reference(tx).locations_by_id.get(ask.location_id)
    if lot is None or place is None or not tx.actor.sees_location(ask.location_id):
        raise NotFound("There is no such lot, or you don't see the location.")
    tracked = read_tracked(tx, [lot.item_id]).get(str(lot.item_id))
    if tracked is None:
        return LotSettled()
    fit_day = fit_day_at(tx, tracked, place)
    if lot.is_fit(fit_day):
        return _put_back(tx, tracked, lot, place)
    return _set_aside(tx, lot, place, fit_day)


def _set_aside(tx: Tx, lot: Lot, place: Location, fit_day: date) -> LotSettled:
    """Move what lies on the shelf to quality control, as a count does with what is missing."""
    facts = _facts_of(tx, lot)
    moved = 0

    def find_lots(cells: Mapping[UUID, LotCell]) -> LotDifference:
        nonlocal moved
        now = lock_lots(tx, [lot.id])[lot.id]
        moved = cells[lot.id].shelf if lot.id in cells and not now.is_fit(fit_day) else 0
        return LotDifference(shelf=[(lot.id, moved)] if moved else [])

    reading = Reading(facts, lambda cell: cell.on_hand, find_lots=find_lots)
    count = Count(new_id(), place, (reading,), gone_to="quality_control", reason="lot", tell=False)
    booked = book_count(tx, count)
    if moved:
        why = "blocked" if lot.state == "blocked" else "too_old"
        orders = len(booked.shortened)
        event = LotSetAside(facts.sku, lot.code, place.code, moved, why, orders)
        tx.emit(LOT, lot.id, event)
    return LotSettled(set_aside=moved)


def _put_back(tx: Tx, item: TrackedItem, lot: Lot, place: Location) -> LotSettled:
    key: CellKey = (item.id, str(place.id))
    if not any(cell.lot_id == lot.id and cell.held_back for cell in read_lot_cells(tx, [key])):
        return LotSettled()
    ledger = lock_cells(tx, [key])
    now = lock_lots(tx, [lot.id])[lot.id]
    ledger.lots = book = open_book(tx, [item.id], [key])
    cell = book.cells[key].get(lot.id)
    if cell is None or not cell.held_back or not now.is_fit(fit_day_at(tx, item, place)):
        return LotSettled()
    qty = cell.held_back
    book.choose(key, ("quality_control", "available"), [(lot.id, qty)])
    ledger.post(key, "quality_control", "available", qty, reason="lot", source=(str(lot.id), None))
    ledger.send(tx)
    event = LotPutBack(item.sku, lot.code, place.code, qty, {item.id: qty})
    tx.emit(LOT, lot.id, event)
    return LotSettled(put_back=qty)


def settle_lot(db: Database, lot_id: UUID) -> int:
    """Put one lot right wherever it lies; returns at how many locations something was moved."""
    with db.reading(SYSTEM) as tx:
        places = list_places_of(tx, lot_id)
    return sum(_settle(db, lot_id, place) for place in places)


def settle_lots(db: Database) -> int:
    """The scheduled job: set aside what has become too old, and what else lies wrong."""
    with db.reading(SYSTEM) as tx:
        found = find_misplaced_lots(tx, limit=AT_ONCE)
    return sum(_settle(db, row.lot_id, row.location_id) for row in found)


def _settle(db: Database, lot_id: UUID, location_id: UUID) -> int:
    done = run(db, SYSTEM, settle_lot_at, SettleLot(lot_id=lot_id, location_id=location_id))
    return int(bool(done.set_aside or done.put_back))
