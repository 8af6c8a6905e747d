"""What would become of an order if it were placed now; nothing is written or reserved."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from ordito.catalog.items import list_items, send_find_facts
from ordito.catalog.types import ItemFacts
from ordito.flows.buyers import buyer_of, find_contact_groups
from ordito.flows.kept_stock import add_kept
from ordito.flows.order_drafts import (
    Draft,
    Known,
    draft_order,
    find_channel,
    item_ids,
    postal_keys,
)
from ordito.flows.order_timing import NO_TIMING, OrderTiming, time_order
from ordito.flows.planned_orders import promise_order
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference, reference
from ordito.flows.slot_bookings import promise_slot
from ordito.flows.slot_choices import read_local
from ordito.flows.tell_availability import say_probability
from ordito.fulfillment import load
from ordito.inventory.kept import Buyer
from ordito.inventory.stock import send_free
from ordito.kernel.text import normal_code
from ordito.locations import postal_codes
from ordito.locations.types import Location
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Tx, beyond_scope
from ordito.platform.door import command
from ordito.sourcing.bringing import is_brought
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.plans import plan
from ordito.sourcing.promises import Promise
from ordito.sourcing.types import Delivery, Plan


class PreviewPart(msgspec.Struct, frozen=True):
    """Units of a line that a location would serve."""

    location: str
    name: str
    units: int


class PreviewPromise(msgspec.Struct, frozen=True):
    """What a location would promise for its part.

    probability: percent of arriving by `delivers_on`, learned from so many `observations`; null by
                 calendar alone. queue_minutes: of work that waits there. calendar_on,
    calendar_delivers_on: days of sending and delivery by calendar and queue.
    """

    location: str
    name: str
    delivery: Delivery
    ready_at: datetime
    ships_at: datetime
    ships_on: date
    delivers_on: date
    calendar_on: date
    calendar_delivers_on: date
    tariff: str
    queue_minutes: int
    probability: float | None
    observations: int | None
    brought_to: str | None = None
    """Name of the shop that it is sent to, where it is collected; null: it goes to the customer."""


class PreviewLine(msgspec.Struct, frozen=True):
    """net_minor: after discounts; it holds the taxes where prices include them.

    backordered: units that no location has. parts are empty for services.
    """

    line_no: int
    sku: str
    title: str
    units: int
    gross_minor: int
    net_minor: int
    tax_minor: int
    parts: tuple[PreviewPart, ...]
    backordered: int
    released_on: date | None = None
    """It would be a pre-order until then."""
    late: bool = False
    """The days that are asked for can't be kept, as far as is known."""
    earliest: date | None = None
    """Of what is late: the day on which it can arrive, where one is known."""


class OrderPreview(msgspec.Struct, frozen=True):
    """An order as it would be placed at this moment. refused: the channel takes no backorders and
    not everything is there, or refuses what would be late."""

    currency: str
    tax_included: bool
    items_minor: int
    discount_minor: int
    shipping_minor: int
    fees_minor: int
    tax_minor: int
    total_minor: int
    base_total_minor: int | None
    promised_on: date
    lines: tuple[PreviewLine, ...]
    refused: bool
    promises: tuple[PreviewPromise, ...] = ()
    """Of the locations whose time, carriers or history are known."""
    brought: int = 0
    """Of a pick-up: units that other locations would bring to the shop, all there on
    `promised_on`."""


@command(permission="orders.write")
def preview_order(tx: Tx, ask: PlaceOrder) -> OrderPreview:
    """Price and source the order on what is free now; raises InvalidInput as placing would.

    Nothing is reserved: what is free can be gone when the order is placed.
    """
    known = _read(tx, ask)
    draft = draft_order(tx.actor, ask, known)
    return _preview(draft, _plan(tx, draft, known.reference), known.reference)


def _read(tx: Tx, ask: PlaceOrder) -> Known:
    skus = {normal_code(line.sku) for line in ask.lines}
    points = postal_codes.send_find(tx, sorted(postal_keys([ask]))).fetchall()
    known, items = reference(tx), {item.sku_key: item for item in send_find_facts(tx, skus)}
    with beyond_scope(tx):
        local = read_local(tx, [ask], known, items)
    return Known(
        reference=known,
        items=items,
        centroids={(p.country, p.code): (p.latitude, p.longitude) for p in points},
        now=tx.now,
        local=local,
    )


class _Planned(NamedTuple):
    """Who would serve it, what each place would promise, and when parts with dates begin."""

    plan: Plan
    promises: dict[int, Promise]
    timing: OrderTiming


def _plan(tx: Tx, draft: Draft, known: Reference) -> _Planned:
    """What locations would serve, and when."""
    with beyond_scope(tx):
        free = read_free(tx, item_ids([draft]), known)
        groups = find_contact_groups(tx, known.keeping, draft.contacts)
        buyer = buyer_of(draft.channel.id, draft.contacts, groups)
        add_kept(tx, buyer, known, free, item_ids([draft]))
        accepted = load.send_read(tx, known.capacity_days(tx.now))
        queue = read_queue(send_queue(tx, known), known)
    carried = known.count_accepted(accepted)
    network = known.networks[draft.channel.policy_id]
    outcome = plan(draft.sourcing, network, free, carried)
    promises = promise_parcels(draft.sourcing, network, outcome.allocations, carried, queue)
    if draft.slot is not None:
        promises = {one.place: promise_slot(draft.slot) for one in outcome.allocations}
    timing = NO_TIMING
    if draft.dates.lines:
        timing = time_order(tx, draft, outcome, known, carried)
    return _Planned(outcome, promises, timing)


def _parts_of(outcome: Plan, known: Reference) -> dict[int, list[PreviewPart]]:
    """What locations would serve, by line."""
    parts: defaultdict[int, list[PreviewPart]] = defaultdict(list)
    for allocation in outcome.allocations:
        place = known.locations_by_no[allocation.place]
        parts[allocation.line_no].append(PreviewPart(place.code, place.name, allocation.qty))
    return parts


def _promise(draft: Draft, place: Location, promise: Promise) -> PreviewPromise:
    basis = promise.basis
    shop = draft.pickup if is_brought(draft.sourcing, place.no) else None
    return PreviewPromise(
        location=place.code,
        name=place.name,
        delivery="ship" if shop else draft.ask.delivery,
        brought_to=shop.name if shop else None,
        ready_at=promise.ready_at,
        ships_at=promise.ships_at,
        ships_on=promise.ships_on,
        delivers_on=promise.delivers_on,
        calendar_on=basis.calendar_on if basis else promise.ships_on,
        calendar_delivers_on=basis.calendar_delivers_on if basis else promise.delivers_on,
        tariff=promise.tariff,
        queue_minutes=basis.queue_minutes if basis else 0,
        probability=say_probability(promise),
        observations=basis.observations if basis else None,
    )


def read_free(tx: Tx, ids: set[str], known: Reference) -> dict[str, dict[int, int]]:
    """Free units: item id → place number → units."""
    rows = send_free(tx, sorted(ids), known.no_by_id)
    return {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}


def _preview(draft: Draft, found: _Planned, known: Reference) -> OrderPreview:
    lines, parts = [], _parts_of(found.plan, known)
    timing, promises = found.timing, found.promises
    dates, later = draft.dates.lines, draft.dates.preordered_lines
    for line, priced in zip(draft.lines, draft.totals.lines, strict=True):
        here = tuple(parts.get(line.no, ()))
        served = sum(part.units for part in here)
        lines.append(
            PreviewLine(
                line_no=line.no,
                sku=line.item.sku,
                title=line.ask.title or line.item.name,
                units=line.ask.quantity,
                gross_minor=priced.gross_minor,
                net_minor=priced.net_minor,
                tax_minor=priced.tax_minor,
                parts=here,
                backordered=line.ask.quantity - served if line.parts else 0,
                released_on=dates[line.no].released_on if line.no in dates else None,
                late=line.no in timing.late,
                earliest=timing.earliest.get(line.no),
            )
        )
    totals = draft.totals
    return OrderPreview(
        currency=draft.terms.currency,
        tax_included=draft.terms.tax_included,
        items_minor=totals.items_minor,
        discount_minor=totals.discount_minor,
        shipping_minor=totals.shipping_minor,
        fees_minor=totals.fees_minor,
        tax_minor=totals.tax_minor,
        total_minor=totals.total_minor,
        base_total_minor=draft.base_total_minor,
        promised_on=timing.promised_on or promise_order(draft, found.plan, promises),
        lines=tuple(lines),
        refused=(
            draft.channel.shortage == "refuse"
            and any(line.backordered for line in lines if line.line_no not in later)
        )
        or (draft.channel.unkept_dates == "refuse" and bool(timing.late)),
        promises=tuple(
            _promise(draft, known.locations_by_no[no], promise)
            for no, promise in sorted(promises.items())
        ),
        brought=sum(
            one.qty for one in found.plan.allocations if is_brought(draft.sourcing, one.place)
        ),
    )


class Offer(msgspec.Struct, frozen=True):
    """An item that can be sold, its price as decimal text (None without one in the currency), and
    where units of it are free. free: in all; None for what takes no stock."""

    sku: str
    title: str
    price: str | None
    free: int | None
    places: tuple[PreviewPart, ...]


def offer_items(tx: Tx, channel_code: str, search: str, *, limit: int = 6) -> list[Offer]:
    """Items for sale that fit the words, with what the channel's locations have of them.

    Raises InvalidInput for a channel that is unknown, closed or out of scope.
    """
    known = reference(tx)
    channel = find_channel(tx.actor, known, channel_code)
    found = [item for item in list_items(tx, search=search, limit=limit) if item.active]
    keys = {normal_code(item.sku) for item in found}
    facts = sorted(send_find_facts(tx, keys), key=lambda item: item.sku_key)
    ids = {id_ for item in facts for id_, _ in _parts(item)}
    with beyond_scope(tx):
        free = read_free(tx, ids, known)
        add_kept(tx, Buyer(channel.id), known, free, ids)
    allowed = known.places_allowed[channel.id]
    return [_offer(item, free, known, allowed, channel.currency) for item in facts]


def _parts(item: ItemFacts) -> list[tuple[str, int]]:
    return [(item.id, 1)] if item.kind == "stocked" else list(item.parts or ())


def _offer(
    item: ItemFacts,
    free: dict[str, dict[int, int]],
    known: Reference,
    allowed: frozenset[int] | None,
    currency: str,
) -> Offer:
    parts = _parts(item)
    places = []
    for no, place in known.locations_by_no.items():
        usable = place.active and (allowed is None or no in allowed)
        units = min((free.get(id_, {}).get(no, 0) // n for id_, n in parts), default=0)
        if usable and units > 0:
            places.append(PreviewPart(place.code, place.name, units))
    places.sort(key=lambda part: -part.units)
    total = sum(part.units for part in places) if parts else None
    return Offer(item.sku, item.name, item.prices.get(currency), total, tuple(places))
