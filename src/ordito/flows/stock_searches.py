"""Where units could come from: what the planner is asked about opened orders."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.catalog.items import send_facts
from ordito.catalog.types import ItemFacts
from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.reference import Reference
from ordito.locations import postal_codes
from ordito.locations.distances import locate, lookup_keys
from ordito.orders.parties import read_postal_codes
from ordito.orders.refusals import OUT_OF_STOCK, Refusal, read_refusals
from ordito.orders.types import Line
from ordito.platform.database import Tx
from ordito.sourcing.types import Destination, Part, SourcingRequest, Want


class Search(msgspec.Struct, frozen=True):
    """Units of an order that need stock.

    units:       line no → units, all of them open or backordered once the changes made so far are
                 written.
    backordered: line no → how many of those are backordered; the others are open.
    excluded:    locations (ids as text) that don't come into question this time; those that said
                 no to the order never do by themselves.
    promised:    True when the units had stock before: whoever looks after the order is told of
                 what can't be found again.
    """

    opened: OpenedOrder
    units: dict[int, int]
    cause: str
    backordered: dict[int, int] = msgspec.field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    promised: bool = False
    unwanted: bool = False
    """The shop of a pick-up said no, and not for want of stock: nothing is brought to it."""


def make_requests(
    tx: Tx, searches: Sequence[Search], known: Reference
) -> list[SourcingRequest | None]:
    """What each search asks of the planner; None where no unit takes stock."""
    codes = read_postal_codes(tx, {search.opened.order.id for search in searches})
    keys = {
        (search.opened.order.country, key)
        for search in searches
        for key in lookup_keys(search.opened.order.country, codes.get(search.opened.order.id, ""))
    }
    points = postal_codes.send_find(tx, sorted(keys)).fetchall() if keys else []
    centroids = {(p.country, p.code): (p.latitude, p.longitude) for p in points}
    items = _read_items(tx, searches, known)
    searches = _pass_refusers(tx, searches)
    return [
        _make_request(tx, search, known, codes.get(search.opened.order.id, ""), centroids, items)
        for search in searches
    ]


def _pass_refusers(tx: Tx, searches: Sequence[Search]) -> list[Search]:
    """The searches without the locations that said no to their orders."""
    refusals = read_refusals(tx, {search.opened.order.id for search in searches})
    return [
        msgspec.structs.replace(
            search,
            excluded=search.excluded | _refusers(refusals, search),
            unwanted=_is_unwanted(refusals, search),
        )
        for search in searches
    ]


def _is_unwanted(refusals: Mapping[UUID, Sequence[Refusal]], search: Search) -> bool:
    order = search.opened.order
    return any(
        row.location_id == order.pickup_location_id and row.reason != OUT_OF_STOCK
        for row in refusals.get(order.id, ())
    )


def _refusers(refusals: Mapping[UUID, Sequence[Refusal]], search: Search) -> frozenset[str]:
    return frozenset(str(row.location_id) for row in refusals.get(search.opened.order.id, ()))


def _read_items(tx: Tx, searches: Sequence[Search], known: Reference) -> dict[str, ItemFacts]:
    """Facts of the lines' items, where a policy or a promise looks at them."""
    ids = {
        line.item_id
        for search in searches
        for line_no in search.units
        if (line := search.opened.lines[line_no]).item_id is not None
        and is_interested(known, search.opened.order.channel_id)
    }
    return {item.id: item for item in send_facts(tx, ids)} if ids else {}


def is_interested(known: Reference, channel_id: UUID) -> bool:
    """Whether sourcing for a channel looks at tags, weights or values of items."""
    networks = known.guides.networks(channel_id)
    return any(
        network.looks_at_items or network.timed or network.outlooks is not None
        for network in networks
    )


def _with_item(want: Want, line: Line, items: Mapping[str, ItemFacts]) -> Want:
    item = items.get(str(line.item_id))
    if item is None:
        return want
    return msgspec.structs.replace(want, tags=tuple(item.tags), weight_g=item.weight_g)


def _make_request(
    tx: Tx,
    search: Search,
    known: Reference,
    postal_code: str,
    centroids: Mapping[tuple[str, str], tuple[float, float]],
    items: Mapping[str, ItemFacts],
) -> SourcingRequest | None:
    order = search.opened.order
    wants = tuple(
        _with_item(
            Want(line_no, qty, parts, _pinned_place(search.opened, line_no, known)),
            search.opened.lines[line_no],
            items,
        )
        for line_no, qty in sorted(search.units.items())
        if (parts := parts_of(search.opened, line_no))
    )
    if not wants:
        return None
    channel = known.channels_by_id[order.channel_id]
    pickup = known.locations_by_id.get(order.pickup_location_id or order.id)
    if pickup is not None and order.delivery == "pickup":
        destination = Destination(
            order.country, pickup.latitude, pickup.longitude, pickup.latitude is not None
        )
    else:
        spot = locate(order.country, postal_code, centroids)
        destination = (
            Destination(order.country, spot.latitude, spot.longitude, spot.exact, postal_code)
            if spot
            else Destination(order.country, None, None, False, postal_code)
        )
    return SourcingRequest(
        channel=channel.code,
        market=known.market_of.get(order.country) or channel.market,
        places_allowed=known.places_allowed[channel.id],
        delivery=order.delivery,
        pickup_place=pickup.no if pickup else None,
        destination=destination,
        wants=wants,
        weekday=tx.now.weekday(),
        date=tx.now.date().isoformat(),
        at=tx.now,
        places_passed=frozenset(known.no_by_id[id_] for id_ in search.excluded),
        level=channel.promise_level,
        bring_days=None if search.unwanted else known.bring_days(channel, pickup),
    )


def parts_of(opened: OpenedOrder, line_no: int) -> tuple[Part, ...]:
    return tuple(Part(str(part.item_id), part.per_unit) for part in opened.parts[line_no])


def _pinned_place(opened: OpenedOrder, line_no: int, known: Reference) -> int | None:
    location_id = opened.lines[line_no].pinned_location_id
    return known.locations_by_id[location_id].no if location_id else None
