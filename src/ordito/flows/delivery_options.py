"""What a customer can choose for a pick-up that its shop can't serve: what can be had just now."""

from collections import Counter

import msgspec

from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.reference import Reference, reference
from ordito.flows.resource_order import search_unsourced
from ordito.flows.search_plans import preview_searches
from ordito.flows.stock_searches import Search
from ordito.flows.withdraw_units import UNBEGUN
from ordito.fulfillment.types import WORK
from ordito.inventory.types import CellKey
from ordito.locations import postal_codes
from ordito.locations.distances import Position, km_between, locate, lookup_keys
from ordito.locations.types import Location
from ordito.orders.choices import Decision
from ordito.orders.parties import read_contacts, read_postal_codes
from ordito.platform.database import Tx

SHOPS_TRIED = 12
"""Nearest shops that are looked at: each takes a plan."""
SHOPS_SHOWN = 5


class DeliveryOption(msgspec.Struct, frozen=True):
    """One thing that can be chosen. location, name, town, km: of a shop, None and "" otherwise;
    km from where the customer lives, else from the shop that can't, where both are known. town:
    also of their own address.
    """

    choice: Decision
    location: str | None = None
    name: str = ""
    town: str = ""
    km: int | None = None


def is_to_be_chosen(opened: OpenedOrder) -> bool:
    """Whether a pick-up lacks units that its shop was to hand out."""
    order = opened.order
    return (
        order.delivery == "pickup"
        and order.life == "open"
        and order.mode == "live"
        and bool(search_unsourced(opened, "asked").units)
    )


def find_options(tx: Tx, opened: OpenedOrder) -> list[DeliveryOption]:
    """What can be chosen now: other shops with everything, nearest first, delivery, cancelling.

    Once a shop has begun with a part, only what it doesn't have can be given up, or all.
    """
    if not is_to_be_chosen(opened):
        return []
    options: list[DeliveryOption] = []
    if not _is_begun(opened):
        options = _movable(tx, opened)
    has_rest = any(line.reserved + line.released + line.picked + line.packed + line.shipped
                   for line in opened.lines.values())  # fmt: skip
    if has_rest:
        options.append(DeliveryOption("cancel_missing"))
    return [*options, DeliveryOption("cancel")]


def _is_begun(opened: OpenedOrder) -> bool:
    begun = any(fo.state in WORK and fo.state not in UNBEGUN for fo in opened.fos.values())
    return begun or opened.is_any_gone()


def _movable(tx: Tx, opened: OpenedOrder) -> list[DeliveryOption]:
    """Shops and delivery, as far as all units would be there."""
    known = reference(tx)
    units, given_back = _units(opened)
    town = next((c.city for c in read_contacts(tx, opened.order.id) if c.role == "ship_to"), "")
    ways: list[DeliveryOption] = _shops(tx, opened, known)
    if town:
        ways.append(DeliveryOption("ship", town=town))
    searches = [_search(opened, way, units, known) for way in ways]
    found = preview_searches(tx, searches, known, given_back)
    wanted = sum(units.values())
    there = [way for way, qty in zip(ways, found, strict=True) if qty == wanted]
    shops = [way for way in there if way.choice == "pickup"]
    return [*shops[:SHOPS_SHOWN], *(way for way in there if way.choice == "ship")]


def _units(opened: OpenedOrder) -> tuple[dict[int, int], Counter[CellKey]]:
    """What is sourced anew by line, and the pieces that would be free again for it."""
    units = Counter(search_unsourced(opened, "asked").units)
    given_back: Counter[CellKey] = Counter()
    for fo in opened.fos.values():
        if fo.state in UNBEGUN:
            for work in opened.work_of(fo.fo_no):
                units[work.line_no] += work.qty
                for part in opened.parts[work.line_no]:
                    cell = (str(part.item_id), str(fo.location_id))
                    given_back[cell] += work.qty * part.per_unit
    return {no: qty for no, qty in units.items() if qty}, given_back


def _search(
    opened: OpenedOrder, way: DeliveryOption, units: dict[int, int], known: Reference
) -> Search:
    """What would be looked for if this were chosen; pins are meant for before."""
    place = known.locations[way.location] if way.location else None
    order = msgspec.structs.replace(
        opened.order,
        delivery="pickup" if place else "ship",
        pickup_location_id=place.id if place else None,
    )
    lines = {
        no: msgspec.structs.replace(line, pinned_location_id=None)
        for no, line in opened.lines.items()
    }
    return Search(msgspec.structs.replace(opened, order=order, lines=lines), units, "asked")


def _shops(tx: Tx, opened: OpenedOrder, known: Reference) -> list[DeliveryOption]:
    """The nearest other shops that hand out, whatever they have."""
    here = _customer_position(tx, opened, known)
    shops = [
        DeliveryOption(
            "pickup", place.code, place.name, place.address.city, _km(here, _position(place))
        )
        for place in known.locations.values()
        if place.active
        and place.can_pickup
        and place.kind != "history"
        and place.id != opened.order.pickup_location_id
        and tx.actor.sees_location(place.id)
    ]
    far = 1_000_000
    shops.sort(key=lambda shop: (far if shop.km is None else shop.km, shop.name, shop.location))
    return shops[:SHOPS_TRIED]


def _customer_position(tx: Tx, opened: OpenedOrder, known: Reference) -> Position | None:
    """Where the customer lives, as far as their postal code tells; else their shop."""
    order = opened.order
    code = read_postal_codes(tx, [order.id]).get(order.id, "")
    keys = [(order.country, key) for key in lookup_keys(order.country, code)]
    points = postal_codes.send_find(tx, keys).fetchall() if keys else []
    centroids = {(p.country, p.code): (p.latitude, p.longitude) for p in points}
    spot = locate(order.country, code, centroids)
    if spot is not None and spot.exact:
        return spot
    shop = known.locations_by_id.get(order.pickup_location_id or order.id)
    return _position(shop) if shop else None


def _position(place: Location) -> Position | None:
    if place.latitude is None or place.longitude is None:
        return None
    return Position(place.latitude, place.longitude)


def _km(here: Position | None, there: Position | None) -> int | None:
    return None if here is None or there is None else round(km_between(here, there))
