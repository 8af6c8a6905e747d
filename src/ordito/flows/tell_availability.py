"""Tell a shop how many units of items a destination can have, and by when."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from ordito.catalog.items import send_find_facts
from ordito.catalog.types import ItemFacts
from ordito.channels.item_buffers import read_buffers
from ordito.flows.kept_stock import add_kept
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference, reference
from ordito.flows.supply_ahead import (
    Arrival,
    SupplyAhead,
    Wanted,
    find_arrivals,
    read_ahead,
)
from ordito.fulfillment import load
from ordito.inventory.kept import Buyer
from ordito.inventory.stock import send_free, send_incoming
from ordito.kernel.addresses import CountryCode
from ordito.kernel.asks import Ask, Code, Sku
from ordito.kernel.text import normal_code
from ordito.locations import postal_codes
from ordito.locations.distances import locate, lookup_keys
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput
from ordito.sourcing.availability import Supply, find_brought, find_supply
from ordito.sourcing.bringing import ask_to_bring
from ordito.sourcing.promises import Promise
from ordito.sourcing.types import Destination, Part, SourcingRequest, Want

UNITS_MOST = 1_000_000_000
"""More units than this aren't told apart."""
SKUS_MOST = 100


class AskDelivery(Ask, frozen=True, kw_only=True):
    """Items for one destination and channel."""

    channel: Code
    country: CountryCode
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    delivery: Literal["ship", "pickup"] = "ship"
    location: Code | None = None
    """Where the buyer picks up; only for `delivery` pickup."""
    sku: Annotated[tuple[Sku, ...], Meta(min_length=1, max_length=SKUS_MOST)]


class SupplyStep(msgspec.Struct, frozen=True):
    """That many units can be had by these days. Days are null where they aren't known.

    probability: percent of arriving by then, learned from what was sent; null by calendar alone.
    """

    units: int
    ships_on: date | None
    delivers_on: date | None
    probability: float | None = None


class ItemSupply(msgspec.Struct, frozen=True):
    """What the destination can have of an item.

    units:       now, from the places that may serve it, less the channel's buffer.
    ships_on:    earliest day of sending, delivers_on: of delivery; null where not known.
    probability: percent of arriving by then, learned from what was sent; null by calendar alone.
    steps:       more units, later: the units of each step include those of the steps before.
    incoming:    pieces on their way to these places, whoever gets them; null for kits.
    expected:    more units, from what is on its way and promised to nobody yet; the units of each
                 step include those of the steps before and what can be had now. Empty for kits.
    released_on: it is a pre-order until then: nothing leaves before, whatever `steps` say.
    brought:     of a pick-up: how many of the units come from other locations, so that they are at
                 the shop only later; each step tells the day.
    """

    sku: str
    known: bool
    units: int
    ships_on: date | None
    delivers_on: date | None
    steps: tuple[SupplyStep, ...]
    incoming: int | None
    probability: float | None = None
    expected: tuple[SupplyStep, ...] = ()
    released_on: date | None = None
    brought: int = 0


class DeliveryAvailability(msgspec.Struct, frozen=True):
    items: tuple[ItemSupply, ...]


def get_delivery_availability(tx: Tx, params: AskDelivery) -> DeliveryAvailability:
    """How many units the destination can have, and when: only of places that may serve it.

    Items that are unknown or not on sale are `known: false` with 0 units.
    """
    known = reference(tx)
    channel = known.channels.get(params.channel)
    if channel is None or not channel.active or not tx.actor.sees_channel(channel.id):
        detail = f"There is no open channel “{params.channel}”."
        raise InvalidInput(detail, errors=[Fault("/channel", "unknown-channel", detail)])
    request = _request(tx, params, known)
    keys = [normal_code(sku) for sku in params.sku]
    items = {item.sku_key: item for item in send_find_facts(tx, set(keys)) if item.active}
    pieces = {id_ for item in items.values() for id_, _per in _parts(item)}
    free = {
        row.item_id: dict(zip(row.places, row.units, strict=True))
        for row in send_free(tx, pieces, known.no_by_id)
    }
    add_kept(tx, Buyer(channel.id), known, free, pieces)
    incoming = {
        row.item_id: dict(zip(row.places, row.units, strict=True))
        for row in send_incoming(tx, pieces, known.no_by_id)
    }
    # What is to come is looked at only where something is.
    ahead = read_ahead(tx, incoming) if incoming else SupplyAhead({})
    today = tx.now.astimezone(ZoneInfo(channel.time_zone)).date()
    accepted = known.count_accepted(load.send_read(tx, known.capacity_days(tx.now)))
    queue = read_queue(send_queue(tx, known), known)
    network = known.networks[channel.policy_id]
    buffers = read_buffers(tx, channel.id, [item.id for item in items.values()])
    found = []
    for sku, key in zip(params.sku, keys, strict=True):
        item = items.get(key)
        if item is None:
            found.append(ItemSupply(sku, False, 0, None, None, (), None))
            continue
        if not _parts(item):
            found.append(ItemSupply(item.sku, True, UNITS_MOST, None, None, (), None))
            continue
        asked = msgspec.structs.replace(request, wants=(_want(item),))
        supply = find_supply(asked, network, free, accepted, queue)
        eligible = set(network.rank(asked).nos)
        own = sum(one.units for one in supply)
        if asked.bring_days is not None:
            # The shop's own units first: they are there now.
            supply += find_brought(asked, network, free, accepted, queue)
            eligible |= set(network.rank(ask_to_bring(asked, None)).nos)
        on_way = None
        if item.kind == "stocked":
            on_way = sum(n for no, n in incoming.get(item.id, {}).items() if no in eligible)
        told = _tell(item, supply, buffers.get(item.id, channel.stock_buffer), on_way)
        if asked.bring_days is not None:
            told = msgspec.structs.replace(told, brought=max(0, told.units - own))
        if item.kind == "stocked":
            wanted = Wanted(1, ahead.items.get(item.id, []))
            weights = {1: item.weight_g}
            arrivals = find_arrivals(asked, network, wanted, known, weights)
            told = msgspec.structs.replace(told, expected=_expect(told.units, arrivals))
        release = known.releases.get(item.id)
        if release is not None and release.day(channel.id) > today:
            told = msgspec.structs.replace(told, released_on=release.day(channel.id))
        found.append(told)
    return DeliveryAvailability(tuple(found))


def _want(item: ItemFacts) -> Want:
    parts = tuple(Part(id_, per) for id_, per in _parts(item))
    return Want(1, UNITS_MOST, parts, None, tuple(item.tags), item.weight_g)


def _parts(item: ItemFacts) -> Sequence[tuple[str, int]]:
    return [(item.id, 1)] if item.kind == "stocked" else list(item.parts or ())


def _request(tx: Tx, params: AskDelivery, known: Reference) -> SourcingRequest:
    channel = known.channels[params.channel]
    pickup = None
    if params.delivery == "pickup":
        pickup = known.locations.get(params.location or "")
        if pickup is None or not pickup.can_pickup:
            detail = "For pick-up, name a location where customers can collect."
            raise InvalidInput(detail, errors=[Fault("/location", "unknown-location", detail)])
    bring = known.bring_days(channel, pickup)
    allowed = known.places_allowed[channel.id]
    if tx.actor.location_ids is not None:
        seen = frozenset(known.no_by_id[str(id_)] for id_ in tx.actor.location_ids
                         if str(id_) in known.no_by_id)  # fmt: skip
        allowed = seen if allowed is None else allowed & seen
    return SourcingRequest(
        channel=channel.code,
        market=known.market_of.get(params.country) or channel.market,
        places_allowed=allowed,
        delivery=params.delivery,
        pickup_place=pickup.no if pickup else None,
        destination=_destination(tx, params) if bring is None else _at_shop(pickup),
        wants=(),
        weekday=tx.now.weekday(),
        date=tx.now.date().isoformat(),
        at=tx.now,
        level=channel.promise_level,
        bring_days=bring,
    )


def _at_shop(shop: Location | None) -> Destination:
    assert shop is not None, "things are brought to a shop"
    return Destination(shop.country, shop.latitude, shop.longitude, shop.latitude is not None)


def _destination(tx: Tx, params: AskDelivery) -> Destination:
    country, code = params.country, params.postal_code
    keys = [(country, key) for key in lookup_keys(country, code)] if code else []
    points = postal_codes.send_find(tx, keys).fetchall() if keys else []
    centroids = {(p.country, p.code): (p.latitude, p.longitude) for p in points}
    spot = locate(country, code, centroids)
    if spot is None:
        return Destination(country, None, None, False, code)
    return Destination(country, spot.latitude, spot.longitude, spot.exact, code)


def _tell(
    item: ItemFacts, supply: Sequence[Supply], buffer: int, incoming: int | None
) -> ItemSupply:
    total = max(0, sum(found.units for found in supply) - buffer)
    steps: list[SupplyStep] = []
    units = 0
    for found in supply:
        units = min(total, units + found.units)
        ships_on = found.promise.ships_on if found.promise else None
        delivers_on = found.promise.delivers_on if found.promise else None
        probability = say_probability(found.promise)
        if steps and steps[-1].delivers_on == delivers_on:
            earlier = steps.pop()
            ships_on = earlier.ships_on
            known = [one for one in (earlier.probability, probability) if one is not None]
            probability = min(known, default=None)
        if units and (not steps or units > steps[-1].units):
            steps.append(SupplyStep(units, ships_on, delivers_on, probability))
    first = steps[0] if steps else None
    return ItemSupply(
        item.sku,
        True,
        total,
        first.ships_on if first else None,
        first.delivers_on if first else None,
        tuple(steps),
        incoming,
        first.probability if first else None,
    )


def _expect(units: int, arrivals: Sequence[Arrival]) -> tuple[SupplyStep, ...]:
    """What is to come, as steps beyond what can be had now."""
    steps: list[SupplyStep] = []
    for arrival in arrivals:
        units = min(UNITS_MOST, units + arrival.pieces)
        ships_on = arrival.ships_on
        if steps and steps[-1].delivers_on == arrival.arrives_on:
            earlier = steps.pop().ships_on
            ships_on = min(ships_on, earlier or ships_on)
        steps.append(SupplyStep(units, ships_on, arrival.arrives_on))
    return tuple(steps)


def say_probability(promise: Promise | None) -> float | None:
    """Percent of arriving in time; None by calendar alone."""
    if promise is None or promise.basis is None or promise.basis.probability is None:
        return None
    return promise.basis.probability / 10
