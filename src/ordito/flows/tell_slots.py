"""Tell in which slots an address can be brought something: with room, and whether with stock."""

from collections import Counter
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.catalog.items import send_find_facts
from ordito.catalog.types import ItemFacts
from ordito.flows.local_slots import (
    DAYS_AHEAD,
    LocalFacts,
    SlotTime,
    count_booked,
    find_areas,
    has_stock,
    list_free,
    list_times,
    send_booked,
)
from ordito.flows.reference import Reference, reference
from ordito.flows.slot_choices import pieces_of, read_free_nearby
from ordito.fulfillment import slot_days
from ordito.fulfillment.stops import read_stops
from ordito.kernel.addresses import CountryCode
from ordito.kernel.asks import Ask, Code, Quantity, Sku
from ordito.kernel.text import normal_code
from ordito.locations import postal_codes
from ordito.locations.distances import Position, locate, lookup_keys
from ordito.platform.database import Tx, beyond_scope
from ordito.platform.problems import Fault, InvalidInput

SLOTS_TOLD = 200
SKUS_MOST = 100


class AskSlots(Ask, frozen=True, kw_only=True):
    """An address, and what is to be brought; without items only room is looked at."""

    channel: Code
    country: CountryCode
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    sku: Annotated[tuple[Sku, ...], Meta(max_length=SKUS_MOST)] = ()
    quantity: Annotated[tuple[Quantity, ...], Meta(max_length=SKUS_MOST)] = ()
    """Of each `sku`, in the same order; without it one of each."""


class FreeSlot(msgspec.Struct, frozen=True):
    """A slot with room. starts_at, ends_at: in UTC; `on` is the location's own day.

    left: places. has_stock: the location has all that was asked for now.
    """

    location: str
    name: str
    slot: str
    on: date
    starts_at: datetime
    ends_at: datetime
    left: int
    has_stock: bool


class FreeSlots(msgspec.Struct, frozen=True):
    """Slots of today and the next 14 days, soonest first; at most 200.

    in_zone: some location of the channel brings orders to the address, whether or not it has room.
    """

    in_zone: bool
    items: tuple[FreeSlot, ...]


def get_free_slots(tx: Tx, params: AskSlots) -> FreeSlots:
    """Slots in which an address can be brought something; raises InvalidInput.

    A slot that is free now may be taken when the order is placed: placing looks again.
    """
    known = reference(tx)
    channel = known.channels.get(params.channel)
    if channel is None or not channel.active or not tx.actor.sees_channel(channel.id):
        detail = f"There is no open channel “{params.channel}”."
        raise InvalidInput(detail, errors=[Fault("/channel", "unknown-channel", detail)])
    pieces, items = _read_pieces(tx, params)
    address = (params.country, params.postal_code, _find_position(tx, params))
    areas = find_areas(known.local, address, known.places_allowed[channel.id])
    # What is taken is counted over all channels: a scoped reader is told only what is left.
    with beyond_scope(tx):
        booked = count_booked(send_booked(tx, areas, tx.now)) if areas else {}
        free = read_free_nearby(tx, known, items) if areas else {}
    facts = LocalFacts(booked, free)
    return FreeSlots(
        bool(areas),
        tuple(_tell(time, facts, pieces) for time in list_free(areas, facts, tx.now)[:SLOTS_TOLD]),
    )


def list_slots_of_stop(tx: Tx, order_id: UUID, known: Reference) -> list[FreeSlot]:
    """Slots into which an order's stop can be moved: of its location, with room; soonest first."""
    stop = read_stops(tx, [order_id]).get(order_id)
    area = known.local.get(stop.location_id) if stop else None
    if stop is None or area is None:
        return []
    times = list(list_times(area, tx.now, DAYS_AHEAD))
    if not times:
        return []
    with beyond_scope(tx):
        rows = slot_days.send_booked(
            tx, [stop.location_id], times[0].on_day, times[-1].on_day
        ).fetchall()
    facts = LocalFacts(count_booked(rows), {})
    free = list_free([area], facts, tx.now)
    return [_tell(time, facts, {}) for time in free if time.key != stop.key]


def _read_pieces(tx: Tx, params: AskSlots) -> tuple[Counter[str], list[ItemFacts]]:
    """Pieces by item id, and the items; raises InvalidInput for what isn't on sale."""
    if params.quantity and len(params.quantity) != len(params.sku):
        detail = "Give a quantity for each SKU, in the same order, or none."
        raise InvalidInput(detail, errors=[Fault("/quantity", "length", detail)])
    keys = [normal_code(sku) for sku in params.sku]
    items = {item.sku_key: item for item in send_find_facts(tx, set(keys)) if item.active}
    unknown = [n for n, key in enumerate(keys) if key not in items]
    if unknown:
        faults = [Fault(f"/sku/{n}", "unknown-sku", "There is no such item on sale.")
                  for n in unknown]  # fmt: skip
        raise InvalidInput("Nothing can be told of what isn't on sale.", errors=faults)
    pieces: Counter[str] = Counter()
    for key, qty in zip(keys, params.quantity or (1,) * len(keys), strict=True):
        for item_id, per_unit in pieces_of(items[key]):
            pieces[item_id] += qty * per_unit
    return pieces, list(items.values())


def _find_position(tx: Tx, params: AskSlots) -> Position | None:
    if not params.postal_code:
        return None
    keys = [(params.country, key) for key in lookup_keys(params.country, params.postal_code)]
    points = postal_codes.send_find(tx, keys).fetchall() if keys else []
    centroids = {(p.country, p.code): (p.latitude, p.longitude) for p in points}
    return locate(params.country, params.postal_code, centroids)


def _tell(time: SlotTime, facts: LocalFacts, pieces: dict[str, int] | Counter[str]) -> FreeSlot:
    return FreeSlot(
        time.location.code,
        time.location.name,
        time.slot,
        time.on_day,
        time.starts_at,
        time.ends_at,
        facts.left(time),
        has_stock(time.location.no, pieces, facts),
    )
