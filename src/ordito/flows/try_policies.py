"""Try sourcing policies on an order that there is, or on one made up: who would ship what, and why.

Nothing is locked or written. It is planned on the stock and the load of this moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from ordito.catalog.items import send_facts, send_find_facts
from ordito.channels.types import Channel
from ordito.flows.kept_stock import add_kept
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference, reference
from ordito.fulfillment import load
from ordito.inventory.kept import Buyer
from ordito.inventory.reservations import read_reservations
from ordito.inventory.stock import send_free
from ordito.kernel.addresses import CountryCode
from ordito.kernel.asks import Ask, Code, Quantity, Sku
from ordito.kernel.text import normal_code
from ordito.listings.order_page import read_order_page
from ordito.locations import postal_codes
from ordito.locations.distances import locate, lookup_keys
from ordito.locations.types import Location
from ordito.orders.orders import read_components, read_lines, read_orders
from ordito.orders.parties import read_postal_codes
from ordito.orders.types import Line, Order
from ordito.platform.database import Tx, beyond_scope
from ordito.platform.problems import Fault, InvalidInput
from ordito.sourcing.bringing import outcome_of, units_at
from ordito.sourcing.explanations import explain, explain_order
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.plans import compile_policy, plan
from ordito.sourcing.policies import Policy
from ordito.sourcing.promises import Promise
from ordito.sourcing.sentences import Words, plain_money, say
from ordito.sourcing.types import (
    Decision,
    Delivery,
    Destination,
    Part,
    Plan,
    SourcingRequest,
    Want,
)
from ordito.sourcing.whatif_sentences import say_way
from ordito.sourcing.whatifs import Situation, find_ways

WAYS_FOR = 5
"""Locations for which it is looked for what would make them ship."""


class TryLine(Ask, frozen=True):
    sku: Sku
    quantity: Quantity


class TryOrder(Ask, frozen=True, kw_only=True):
    """An order to try policies on that nobody placed."""

    channel: Code
    country: CountryCode
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    lines: Annotated[tuple[TryLine, ...], Meta(min_length=1, max_length=100)]


class TriedPlace(msgspec.Struct, frozen=True):
    """What a policy says of one location. units: those it would ship; promise: of its parcel,
    where the location's working time or carriers are known. ways: changes, each in words, that
    together would make it ship; looked for at the best ranked ones only."""

    location: str
    name: str
    units: int
    km: int | None
    standing: str
    words: str
    promise: Promise | None
    ways: tuple[tuple[str, ...], ...] = ()


class TriedPlan(msgspec.Struct, frozen=True):
    """What one policy would do.

    cost:    thousandths of the policy's money.
    summary: what is to be said of the order as a whole.
    places:  of the locations that the reader sees: chosen ones first, then as they ranked.
    """

    outcome: str
    served: int
    wanted: int
    parcels: int
    cost: int
    summary: tuple[str, ...]
    places: tuple[TriedPlace, ...]


class Question(msgspec.Struct, frozen=True):
    """An order as the planner is asked about it. own: pieces that the order itself holds now."""

    channel: Channel
    country: str
    postal_code: str
    delivery: Delivery
    pickup: Location | None
    wants: tuple[Want, ...]
    skus: Mapping[int, str]
    own: Sequence[tuple[str, int, int]] = ()


def ask_about_order(tx: Tx, number: int) -> Question:
    """The order as if it were placed now: all its units, on stock that has its own back.

    Raises NotFound when there is no such order or the reader doesn't see it.
    """
    tx.actor.require("orders.read")
    order_id = read_order_page(tx, number).id
    known = reference(tx)
    order = read_orders(tx, [order_id])[order_id]
    kits: dict[int, list[Part]] = {}
    for component in read_components(tx, [order_id]):
        part = Part(str(component.item_id), component.per_kit)
        kits.setdefault(component.line_no, []).append(part)
    lines = read_lines(tx, [order_id])[order_id]
    with beyond_scope(tx):
        held_units = read_reservations(tx, [order_id])
    wants = []
    ids = {line.item_id for line in lines if line.item_id is not None}
    items = {item.id: item for item in send_facts(tx, ids)}
    for line in lines:
        parts = kits.get(line.line_no, [])
        if line.item_kind == "stocked" and line.item_id is not None:
            parts = [Part(str(line.item_id), 1)]
        units = line.ordered - line.cancelled
        pinned = known.locations_by_id.get(line.pinned_location_id or order_id)
        if parts and units:
            item = items.get(str(line.item_id))
            wants.append(
                Want(
                    line.line_no,
                    units,
                    tuple(parts),
                    pinned.no if pinned else None,
                    tuple(item.tags) if item else (),
                    item.weight_g if item else None,
                    _value_milli(line, order),
                )
            )
    return Question(
        channel=known.channels_by_id[order.channel_id],
        country=order.country,
        postal_code=read_postal_codes(tx, [order_id]).get(order_id, ""),
        delivery=order.delivery,
        pickup=known.locations_by_id.get(order.pickup_location_id or order_id),
        wants=tuple(wants),
        skus={line.line_no: line.sku for line in lines},
        own=[
            (str(held.item_id), known.no_by_id[str(held.location_id)], held.qty)
            for held in held_units
        ],
    )


def _value_milli(line: Line, order: Order) -> int | None:
    """A unit's price in thousandths of the order's base currency; None where no rate is known."""
    if order.rate is None and order.currency != order.base_currency:
        return None
    return int(line.unit_price * (order.rate or 1) * 1000)


def ask_about_lines(tx: Tx, ask: TryOrder) -> Question:
    """An order that nobody placed; raises InvalidInput with everything that is wrong."""
    known = reference(tx)
    faults = []
    channel = known.channels.get(ask.channel)
    if channel is None or not tx.actor.sees_channel(channel.id):
        faults.append(Fault("/channel", "unknown-channel", "There is no such channel."))
    found = {item.sku_key: item for item in send_find_facts(tx, _keys(ask))}
    wants = []
    for n, line in enumerate(ask.lines):
        item = found.get(normal_code(line.sku))
        if item is None:
            detail = f"There is no item “{line.sku[:60]}”."
            faults.append(Fault(f"/lines/{n}/sku", "unknown-sku", detail))
            continue
        parts = [Part(id_, per) for id_, per in item.parts or ()]
        if item.kind == "stocked":
            parts = [Part(item.id, 1)]
        if parts:
            tags = tuple(item.tags)
            wants.append(Want(n + 1, line.quantity, tuple(parts), None, tags, item.weight_g))
    if faults or channel is None:
        raise InvalidInput("There is something to correct before it can be tried.", errors=faults)
    return Question(
        channel=channel,
        country=ask.country,
        postal_code=ask.postal_code,
        delivery="ship",
        pickup=None,
        wants=tuple(wants),
        skus={n: line.sku for n, line in enumerate(ask.lines, start=1)},
    )


def _keys(ask: TryOrder) -> set[str]:
    return {normal_code(line.sku) for line in ask.lines}


def try_policies(
    tx: Tx, question: Question, policies: Sequence[Policy], words: Words
) -> list[TriedPlan]:
    """What each policy would do with the order, on the same stock and load."""
    tx.actor.require("settings.read")
    if not question.wants:
        raise InvalidInput("Nothing of this order takes stock: there is nothing to source.")
    known = reference(tx)
    request = _request(tx, question, known)
    with beyond_scope(tx):
        free = _read_free(tx, question, known)
        accepted = known.count_accepted(load.send_read(tx, known.capacity_days(tx.now)))
        queue = read_queue(send_queue(tx, known), known)
    tried = []
    for policy in policies:
        network = compile_policy(policy, known.places, tariffs=known.tariffs, delays=known.delays)
        found = plan(request, network, free, accepted)
        promises = promise_parcels(request, network, found.allocations, accepted, queue)
        ways = _find_ways(
            Situation(request, policy, known.places, known.tariffs, free, accepted),
            found.decision,
            _Telling(tx, question, words),
        )
        tried.append(_tell(found, promises, ways, _Telling(tx, question, words)))
    return tried


class _Telling(NamedTuple):
    """For whom plans of which order are put into words."""

    tx: Tx
    question: Question
    words: Words


_WaysOfPlaces = dict[int, tuple[tuple[str, ...], ...]]


def _find_ways(situation: Situation, decision: Decision, telling: _Telling) -> _WaysOfPlaces:
    """By place, what it would take for it to ship, for some that don't: each takes some plans."""
    tx, question, words = telling
    known = reference(tx)
    ways: _WaysOfPlaces = {}
    for reason in explain(decision, known.places, question.skus):
        location = known.locations_by_no.get(reason.place or 0)
        if reason.standing == "chosen" or location is None or not _seen(tx, location):
            continue
        found = find_ways(situation, location.no)
        ways[location.no] = tuple(say_way(way, words, question.skus) for way in found)
        if len(ways) == WAYS_FOR:
            break
    return ways


def _tell(
    found: Plan, promises: Mapping[int, Promise], ways: _WaysOfPlaces, telling: _Telling
) -> TriedPlan:
    tx, question, words = telling
    decision = found.decision
    names = {place.no: place.name for place in reference(tx).places}
    whole = explain_order(decision, question.skus, names)
    return TriedPlan(
        outcome=outcome_of(decision),
        served=sum(allocation.qty for allocation in found.allocations),
        wanted=sum(want.qty for want in question.wants),
        parcels=len({allocation.place for allocation in found.allocations}),
        cost=found.cost,
        summary=tuple(say(reason, words, plain_money) for reason in whole),
        places=tuple(_tell_places(decision, promises, ways, telling)),
    )


def _tell_places(
    decision: Decision,
    promises: Mapping[int, Promise],
    ways: _WaysOfPlaces,
    telling: _Telling,
) -> Iterator[TriedPlace]:
    tx, question, words = telling
    known = reference(tx)
    places = known.places
    for reason in explain(decision, places, question.skus):
        location = known.locations_by_no.get(reason.place or 0)
        if location is None or not _seen(tx, location):
            continue
        units, km = units_at(decision, location.no)
        yield TriedPlace(
            location=location.code,
            name=location.name,
            units=units,
            km=km,
            standing=reason.standing,
            words=say(reason, words, plain_money),
            promise=promises.get(location.no),
            ways=ways.get(location.no, ()),
        )


def _seen(tx: Tx, location: Location) -> bool:
    return location.kind != "history" and tx.actor.sees_location(location.id)


def _request(tx: Tx, question: Question, known: Reference) -> SourcingRequest:
    channel, pickup = question.channel, question.pickup
    return SourcingRequest(
        channel=channel.code,
        market=known.market_of.get(question.country) or channel.market,
        places_allowed=known.places_allowed[channel.id],
        delivery=question.delivery,
        pickup_place=pickup.no if pickup else None,
        destination=_destination(tx, question),
        wants=question.wants,
        weekday=tx.now.weekday(),
        date=tx.now.date().isoformat(),
        at=tx.now,
        bring_days=known.bring_days(channel, pickup),
    )


def _destination(tx: Tx, question: Question) -> Destination:
    pickup, country = question.pickup, question.country
    if pickup is not None:
        exact = pickup.latitude is not None
        return Destination(country, pickup.latitude, pickup.longitude, exact)
    keys = [(country, key) for key in lookup_keys(country, question.postal_code)]
    points = postal_codes.send_find(tx, keys).fetchall() if keys else []
    spot = locate(
        country,
        question.postal_code,
        {(point.country, point.code): (point.latitude, point.longitude) for point in points},
    )
    if spot is None:
        return Destination(country, None, None, False, question.postal_code)
    return Destination(country, spot.latitude, spot.longitude, spot.exact, question.postal_code)


def _read_free(tx: Tx, question: Question, known: Reference) -> dict[str, dict[int, int]]:
    items = {str(part.item_id) for want in question.wants for part in want.parts}
    rows = send_free(tx, items, known.no_by_id)
    free = {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}
    for item_id, place, pieces in question.own:
        of_item = free.setdefault(item_id, {})
        of_item[place] = of_item.get(place, 0) + pieces
    add_kept(tx, Buyer(question.channel.id), known, free, items)
    return free
