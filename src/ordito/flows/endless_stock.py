"""What suppliers never run out of: said once, and filled up in the ledger as orders use it."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items, read_items_by_sku
from ordito.inventory.asks import FillEndless, SetEndless
from ordito.inventory.endless import (
    FILLED_TO,
    find_low,
    read_endless,
    replace_endless,
    still_endless,
)
from ordito.inventory.ledger import lock_cells
from ordito.inventory.types import CellKey
from ordito.kernel.text import normal_code
from ordito.locations.events import EndlessChanged
from ordito.locations.locations import LOCATION, lock_location
from ordito.locations.types import Location
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, NotFound
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version

AT_ONCE = 500
"""Cells that one transaction fills."""


class EndlessState(msgspec.Struct, frozen=True):
    """Items of a supplier that have no end, by SKU: days before its work begins."""

    location: str
    version: int
    items: dict[str, int]


@command(permission="inventory.write")
def set_endless(tx: Tx, ask: SetEndless) -> EndlessState:
    """Say which items a supplier never runs out of; those left out keep what they have now.

    Counting such an item says how many there are, and ends it.
    """
    place = lock_location(tx, ask.location)
    if place is None or not tx.actor.sees_location(place.id):
        raise NotFound(f"There is no location “{ask.location}”, or you don't see it.")
    check_version("location", place.version, ask.version)
    if place.kind != "supplier":
        raise ActionNotAllowed(
            f"{place.code} is no supplier that sends itself: what it has is counted. Nothing was"
            " changed.",
            extra={"allowed_actions": ["count_stock"]},
        )
    wanted = _find_items(tx, ask)
    before = {row.item_id: row.lead_days for row in read_endless(tx, place.id)}
    if wanted == before:
        return _tell(tx, place, wanted, place.version)
    replace_endless(tx, place.id, sorted(wanted.items()))
    added = sorted(wanted.keys() - before.keys())
    fill(tx, [(str(item_id), str(place.id)) for item_id in added])
    event = EndlessChanged(
        place.code,
        [str(item_id) for item_id in added],
        [str(item_id) for item_id in sorted(before.keys() - wanted.keys())],
        len(wanted),
    )
    tx.emit(LOCATION, place.id, event)
    # Lead days are part of what is promised, and kept in memory with the locations.
    raise_revision(tx, "reference")
    return _tell(tx, place, wanted, place.version + 1)


def _find_items(tx: Tx, ask: SetEndless) -> dict[UUID, int]:
    found = read_items_by_sku(tx, [normal_code(item.sku) for item in ask.items])
    wanted: dict[UUID, int] = {}
    faults = []
    for n, asked in enumerate(ask.items):
        item = found.get(normal_code(asked.sku))
        if item is None or item.kind != "stocked":
            detail = f"There is no stocked item “{asked.sku[:60]}”."
            faults.append(Fault(f"/items/{n}/sku", "unknown-sku", detail))
        elif item.id in wanted:
            detail = "The item is listed twice."
            faults.append(Fault(f"/items/{n}/sku", "duplicate", detail))
        else:
            wanted[item.id] = asked.lead_days
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)
    return wanted


def _tell(tx: Tx, place: Location, leads: dict[UUID, int], version: int) -> EndlessState:
    skus = {item.id: item.sku for item in read_items(tx, leads).values()}
    items = {skus[id_]: days for id_, days in leads.items()}
    return EndlessState(place.code, version, dict(sorted(items.items())))


def read_endless_state(tx: Tx, place: Location) -> EndlessState:
    """The items of a location that have no end."""
    leads = {row.item_id: row.lead_days for row in read_endless(tx, place.id)}
    return _tell(tx, place, leads, place.version)


def fill(tx: Tx, cells: Iterable[CellKey]) -> int:
    """Book units in from the supplier until these cells have enough; how many cells lacked some."""
    ledger = lock_cells(tx, cells)
    filled = 0
    for key in still_endless(tx, ledger.cells):
        lacks = FILLED_TO - ledger.cells[key].available
        if lacks > 0:
            ledger.post(key, "supplier", "available", lacks, reason="endless")
            filled += 1
    if filled:
        ledger.send(tx)
    return filled


@command(permission="inventory.write")
def fill_endless(tx: Tx, ask: FillEndless) -> int:
    """Fill up what orders have used of items without an end; how many cells."""
    return fill(tx, find_low(tx, limit=ask.cells_max))


def fill_all_endless(db: Database) -> int:
    """The scheduled job; how many cells were filled."""
    total = 0
    while True:
        filled = run(db, SYSTEM, fill_endless, FillEndless(cells_max=AT_ONCE))
        total += filled
        if filled < AT_ONCE:
            return total
