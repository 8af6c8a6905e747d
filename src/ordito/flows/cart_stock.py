"""Where the stock of a cart is taken from: what is free, and what is kept for its buyer."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.catalog.types import ItemFacts
from ordito.channels.types import Channel
from ordito.flows.kept_stock import KeptPlans, Parts
from ordito.flows.reference import Reference
from ordito.inventory.holds import KeptPart
from ordito.inventory.kept import Buyer
from ordito.inventory.stock import send_free
from ordito.inventory.types import CellKey
from ordito.locations.types import Location
from ordito.platform.database import Tx

Units = dict[tuple[int, CellKey], int]
"""(line no, cell) → pieces"""


class CartWant(msgspec.Struct, frozen=True):
    """A line: units, and the pieces of stocked items in one."""

    line_no: int
    sku: str
    quantity: int
    parts: tuple[tuple[str, int], ...]


def items_of(wants: Sequence[CartWant]) -> set[str]:
    return {item_id for want in wants for item_id, _ in want.parts}


def parts_of(item: ItemFacts) -> tuple[tuple[str, int], ...]:
    if item.kind == "stocked":
        return ((item.id, 1),)
    return tuple(item.parts or ())


def find_places(known: Reference, channel: Channel) -> list[Location]:
    """Locations that may ship for the channel, the first choice first."""
    allowed = known.places_allowed[channel.id]
    places = [
        place
        for place in known.locations.values()
        if place.active
        and place.can_ship
        and place.kind != "history"
        and (allowed is None or place.no in allowed)
    ]
    return sorted(places, key=lambda place: (place.priority, place.code))


def find_units(
    tx: Tx, wants: Sequence[CartWant], places: Sequence[Location], buyer: Buyer, kept: KeptPlans
) -> tuple[Units, list[tuple[str, int, int]]]:
    """Where the stock is to be taken from, and what is missing: (SKU, asked, found) each.

    From one place if one has everything, else greedily by priority, whole units each.
    """
    numbers = {str(place.id): place.no for place in places}
    rows = send_free(tx, items_of(wants), numbers)
    free = {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}
    kept.lend(buyer, free)
    for place in places:
        units, shorts = _take(wants, [place], free)
        if not shorts:
            return units, shorts
    return _take(wants, places, free)


def _take(
    wants: Sequence[CartWant], places: Sequence[Location], free: dict[str, dict[int, int]]
) -> tuple[Units, list[tuple[str, int, int]]]:
    left = {item_id: dict(of_item) for item_id, of_item in free.items()}
    units: Units = {}
    shorts = []
    for want in wants:
        open_ = want.quantity
        for place in places:
            here = min(left.get(id_, {}).get(place.no, 0) // per for id_, per in want.parts)
            taken = min(open_, here)
            if not taken:
                continue
            open_ -= taken
            for item_id, per in want.parts:
                left[item_id][place.no] -= taken * per
                units[want.line_no, (item_id, str(place.id))] = taken * per
        if open_:
            shorts.append((want.sku, want.quantity, want.quantity - open_))
    return units, shorts


def demand_of(units: Units) -> Counter[CellKey]:
    demand: Counter[CellKey] = Counter()
    for (_, cell), pieces in units.items():
        demand[cell] += pieces
    return demand


def kept_lines(units: Units, parts: Parts) -> list[KeptPart]:
    """Which lines of a cart have what was taken from what is kept: the first ones first."""
    left = dict(sorted(units.items()))
    found = []
    for row, pieces in parts:
        open_ = pieces
        for (line_no, cell), of_line in left.items():
            part = min(open_, of_line) if cell == (row.item_id, row.location_id) else 0
            if part:
                left[line_no, cell] -= part
                open_ -= part
                where = (UUID(row.item_id), UUID(row.location_id))
                found.append(KeptPart(row.hold_id, line_no, *where, part))
    return found
