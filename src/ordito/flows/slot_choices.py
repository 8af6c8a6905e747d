"""The slot in which an order that is being placed is brought: the one asked for, or the next free
one of a location that has everything. Looked at before the stock, and again under a lock."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from ordito.catalog.types import ItemFacts
from ordito.flows.local_slots import (
    NEXT_TOLD,
    LocalArea,
    LocalFacts,
    SlotTime,
    count_booked,
    find_areas,
    has_stock,
    list_free,
    send_booked,
)
from ordito.flows.reference import Reference
from ordito.fulfillment.problems import SlotUnavailable
from ordito.inventory.stock import send_free
from ordito.kernel.text import normal_code
from ordito.locations.distances import Position
from ordito.orders.types import LineAsk, PlaceOrder
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput
from ordito.sourcing.types import Part


class _Line(Protocol):
    """What is looked at of a drafted line."""

    @property
    def ask(self) -> LineAsk: ...
    @property
    def parts(self) -> tuple[Part, ...]: ...


class Chosen(NamedTuple):
    """A slot with room. zones: places whose zones hold the address; full: those without room."""

    time: SlotTime
    zones: frozenset[int]
    full: frozenset[int]


def read_local(
    tx: Tx, asks: Sequence[PlaceOrder], known: Reference, items: Mapping[str, ItemFacts]
) -> LocalFacts | None:
    """What is taken of slots, and free at the places that bring orders; None, and nothing is read,
    where no ask is about local delivery."""
    local = [ask for ask in asks if ask.delivery == "local"]
    if not local or not known.local:
        return LocalFacts({}, {}) if local else None
    booked = count_booked(send_booked(tx, known.local.values(), tx.now))
    found = [items[key] for ask in local if ask.slot is None for line in ask.lines
             if (key := normal_code(line.sku)) in items]  # fmt: skip
    return LocalFacts(booked, read_free_nearby(tx, known, found))


def read_free_nearby(
    tx: Tx, known: Reference, items: Iterable[ItemFacts]
) -> dict[str, dict[int, int]]:
    """Free units of items, or their parts, where orders are brought: item → place → units."""
    ids = {id_ for item in items for id_, _ in pieces_of(item)}
    if not ids:
        return {}
    places = {str(id_): area.place.no for id_, area in known.local.items()}
    return {row.item_id: dict(zip(row.places, row.units, strict=True))
            for row in send_free(tx, sorted(ids), places)}  # fmt: skip


def pieces_of(item: ItemFacts) -> list[tuple[str, int]]:
    """The items, with pieces of each, that a unit takes from stock."""
    return [(item.id, 1)] if item.kind == "stocked" else list(item.parts or ())


def choose_slot(
    ask: PlaceOrder,
    lines: Iterable[_Line],
    position: Position | None,
    known: tuple[Reference, LocalFacts, Any],
    allowed: frozenset[int] | None,
) -> Chosen:
    """The slot in which an order is brought; it counts as taken from now on.

    known: the reference data, what is taken, and the time. allowed: places of the channel.
    Raises SlotUnavailable, which tells the next free ones, and InvalidInput.
    """
    reference, facts, now = known
    assert ask.ship_to is not None, "caller looks at the address first"
    _check_dates(ask)
    address = (ask.ship_to.country, ask.ship_to.postal_code, position)
    areas = find_areas(reference.local, address, allowed)
    free = list_free(areas, facts, now)
    pieces: Counter[str] = Counter()
    for line in lines:
        for part in line.parts:
            pieces[str(part.item_id)] += part.per_unit * line.ask.quantity
    found = _pick(ask, free, pieces, facts)
    if found is None:
        raise _refuse(ask, areas, free, reference)
    facts.take(found, pieces)
    rooms = {time.location.no for time in free}
    zones = frozenset(area.place.no for area in areas)
    return Chosen(found, zones, frozenset(no for no in zones if no not in rooms))


def _check_dates(ask: PlaceOrder) -> None:
    """Raises InvalidInput for days of arrival beside the slot, which says them already."""
    dated: list[PlaceOrder | LineAsk] = [ask, *ask.lines]
    if any(one.not_before or one.requested_on or one.latest_on for one in dated):
        detail = "The slot says when it comes. Leave the days of arrival out."
        raise InvalidInput("Nothing was placed.", errors=[Fault("/slot", "dates", detail)])


def _pick(
    ask: PlaceOrder, free: Sequence[SlotTime], pieces: Mapping[str, int], facts: LocalFacts
) -> SlotTime | None:
    if ask.slot is not None:
        wanted = (ask.slot.location, ask.slot.slot, ask.slot.on)
        return next((t for t in free if (t.location.code, t.slot, t.on_day) == wanted), None)
    able = (time for time in free if has_stock(time.location.no, pieces, facts))
    # Where none has everything, the channel decides whether the order waits for supply.
    return next(able, free[0] if free else None)


def _refuse(
    ask: PlaceOrder, areas: Sequence[LocalArea], free: Sequence[SlotTime], known: Reference
) -> SlotUnavailable:
    """Why the slot can't be had, and which can."""
    wanted = ask.slot
    brings = {area.location.code: area for area in areas}
    if not areas:
        why = "No location of this channel brings orders to this address."
    elif wanted is None:
        why = "No slot of the next 14 days has room."
    elif wanted.location not in brings:
        place = known.locations.get(wanted.location)
        if place is None:
            detail = f"No location “{wanted.location[:60]}”."
            raise InvalidInput(
                "Nothing was placed.", errors=[Fault("/slot/location", "unknown-location", detail)]
            )
        why = f"The address is in none of the zones of {wanted.location}."
    elif all(slot.code != wanted.slot for slot in brings[wanted.location].slots):
        detail = f"{wanted.location} has no slot “{wanted.slot[:60]}”."
        raise InvalidInput(
            "Nothing was placed.", errors=[Fault("/slot/slot", "unknown-slot", detail)]
        )
    else:
        why = (
            f"Slot {wanted.slot} of {wanted.location} on {wanted.on.isoformat()} is full, closed"
            " or too near."
        )
    return refuse_slot(f"{why} Nothing was placed.", free)


def refuse_slot(why: str, free: Sequence[SlotTime]) -> SlotUnavailable:
    """The problem that names the next free slots."""
    near = free[:NEXT_TOLD]
    told = "; ".join(f"{t.location.code} {t.slot} on {t.on_day.isoformat()}" for t in near)
    return SlotUnavailable(
        f"{why} Free are: {told}." if told else why,
        extra={"next_free": [tell_time(time) for time in near]},
    )


def tell_time(time: SlotTime) -> dict[str, str]:
    """A slot on a day, as problems name it."""
    return {
        "location": time.location.code,
        "slot": time.slot,
        "on": time.on_day.isoformat(),
        "starts_at": time.starts_at.isoformat(),
        "ends_at": time.ends_at.isoformat(),
    }


def with_zones(request: Any, chosen: Chosen) -> Any:
    """A sourcing request that only the slot's location can serve, and knows why others can't."""
    return msgspec.structs.replace(
        request,
        pickup_place=chosen.time.location.no,
        zones=chosen.zones,
        full=chosen.full,
    )
