"""Placed orders as the planner was asked about them, with the stock and load of that moment.

Stock is the ledger's: every posting carries the balance after it. Lines, quantities and pins are
those of the stored decision; places, markets and tariffs are those of now.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.catalog.items import send_facts
from ordito.catalog.types import ItemFacts
from ordito.flows.reference import Reference
from ordito.fulfillment.work import count_lines
from ordito.inventory.past_stock import (
    FreeChange,
    read_free_before,
    read_free_changes,
    read_takings,
)
from ordito.locations import postal_codes
from ordito.locations.distances import locate, lookup_keys
from ordito.orders.orders import read_components, read_lines, read_orders
from ordito.orders.parties import read_postal_codes
from ordito.orders.types import Line, Order
from ordito.platform.database import Tx, beyond_scope
from ordito.sourcing.stored_decisions import (
    PastLoad,
    PlacingDecision,
    read_past_load,
    read_placing,
)
from ordito.sourcing.types import Destination, Part, SourcingRequest, Want
from ordito.sourcing.workloads import count_work


class PastOrder(msgspec.Struct, frozen=True):
    """An order as it was asked about. moment: when it took its stock, by the ledger's clock."""

    order: Order
    decision: PlacingDecision
    request: SourcingRequest
    moment: datetime
    skus: Mapping[int, str]


class _Facts(NamedTuple):
    """What orders are made of, by their ids. kits: parts by order and line."""

    lines: Mapping[UUID, Sequence[Line]]
    kits: Mapping[tuple[UUID, int], list[Part]]
    items: Mapping[str, ItemFacts]
    postal_codes: Mapping[UUID, str]
    spots: Mapping[tuple[str, str], tuple[float, float]]


def read_past_orders(tx: Tx, order_ids: Iterable[UUID], known: Reference) -> list[PastOrder]:
    """The orders in the order in which they were sourced, those without a decision left out."""
    with beyond_scope(tx):
        decisions = {one.order_id: one for one in read_placing(tx, order_ids)}
        orders = read_orders(tx, decisions)
        lines = read_lines(tx, decisions)
        kits: dict[tuple[UUID, int], list[Part]] = {}
        for component in read_components(tx, decisions):
            key = (component.order_id, component.line_no)
            kits.setdefault(key, []).append(Part(str(component.item_id), component.per_kit))
        codes = read_postal_codes(tx, decisions)
        spots = _read_spots(tx, [(orders[id_].country, codes.get(id_, "")) for id_ in decisions])
        item_ids = {line.item_id for of in lines.values() for line in of if line.item_id}
        items = {item.id: item for item in send_facts(tx, item_ids)}
    facts = _Facts(lines, kits, items, codes, spots)
    asked = [_ask(orders[id_], one, facts, known) for id_, one in decisions.items()]
    return _in_time(tx, [one for one in asked if one.request.wants])


def _read_spots(
    tx: Tx, destinations: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[float, float]]:
    keys = {(country, key) for country, code in destinations for key in lookup_keys(country, code)}
    points = postal_codes.send_find(tx, sorted(keys)).fetchall() if keys else []
    return {(point.country, point.code): (point.latitude, point.longitude) for point in points}


def _ask(order: Order, decision: PlacingDecision, facts: _Facts, known: Reference) -> PastOrder:
    lines, postal_code = facts.lines[order.id], facts.postal_codes.get(order.id, "")
    channel = known.channels_by_id[order.channel_id]
    pickup = known.locations_by_id.get(order.pickup_location_id or order.id)
    if pickup is not None:
        exact = pickup.latitude is not None
        there = Destination(order.country, pickup.latitude, pickup.longitude, exact)
    else:
        spot = locate(order.country, postal_code, facts.spots)
        there = (
            Destination(order.country, spot.latitude, spot.longitude, spot.exact, postal_code)
            if spot
            else Destination(order.country, None, None, False, postal_code)
        )
    at = decision.at.astimezone(UTC)
    return PastOrder(
        order=order,
        decision=decision,
        request=SourcingRequest(
            channel=channel.code,
            market=known.market_of.get(order.country) or channel.market,
            places_allowed=known.places_allowed[channel.id],
            delivery=order.delivery,
            pickup_place=pickup.no if pickup else None,
            destination=there,
            wants=tuple(_list_wants(order, decision, facts)),
            weekday=at.weekday(),
            date=at.date().isoformat(),
            at=at,
            # As it was then: whoever switches it on later doesn't change the past.
            bring_days=channel.bring_days if decision.body.brought else None,
        ),
        moment=decision.at,
        skus={line.line_no: line.sku for line in lines},
    )


def _list_wants(order: Order, decision: PlacingDecision, facts: _Facts) -> list[Want]:
    """Lines as they were: added ones are left out, changed ones have their first quantity."""
    body, by_no = decision.body, {line.line_no: line for line in facts.lines[order.id]}
    wants = []
    for group, line_nos in enumerate(body.lines):
        for line_no in line_nos:
            line = by_no[line_no]
            parts = facts.kits.get((order.id, line_no), [])
            if line.item_kind == "stocked" and line.item_id is not None:
                parts = [Part(str(line.item_id), 1)]
            item = facts.items.get(str(line.item_id))
            wants.append(
                Want(
                    line_no,
                    body.wanted[group] if len(line_nos) == 1 else line.ordered,
                    tuple(parts),
                    body.pinned[group] if body.pinned else None,
                    tuple(item.tags) if item else (),
                    item.weight_g if item else None,
                    _value_milli(line, order),
                )
            )
    return sorted(wants, key=lambda want: want.line_no)


def _value_milli(line: Line, order: Order) -> int | None:
    if order.rate is None and order.currency != order.base_currency:
        return None
    return int(line.unit_price * (order.rate or Decimal(1)) * 1000)


def _in_time(tx: Tx, asked: Sequence[PastOrder]) -> list[PastOrder]:
    """By the moment at which each took stock; one that took none goes by its number."""
    with beyond_scope(tx):
        takings = read_takings(tx, [one.order.id for one in asked], _items_of(asked))
    taken = {one.order_id: one.at for one in takings}
    found = []
    latest: datetime | None = None
    for one in sorted(asked, key=lambda one: one.order.number):
        moment = taken.get(one.order.id) or latest or one.moment
        latest = moment
        found.append(msgspec.structs.replace(one, moment=moment))
    # Ids of a batch rise in the order in which it was sourced.
    return sorted(found, key=lambda one: (one.moment, one.order.id))


def _items_of(asked: Iterable[PastOrder]) -> set[str]:
    return {str(part.item_id) for one in asked for want in one.request.wants for part in want.parts}


class PastStock:
    """Free pieces and accepted work as they were, walked forward order by order.

    free: item id → place → pieces just before the order that `go_to` was called for; only read.
    """

    def __init__(self, tx: Tx, orders: Sequence[PastOrder], known: Reference) -> None:
        assert orders, "caller has orders"
        self._known = known
        self.free: dict[str, dict[int, int]] = defaultdict(dict)
        items = _items_of(orders)
        first, last = orders[0].moment, orders[-1].moment
        with beyond_scope(tx):
            for cell in read_free_before(tx, items, first):
                place = known.no_by_id.get(cell.location_id)
                if place is not None:
                    self.free[cell.item_id][place] = cell.available
            self._changes = read_free_changes(tx, items, first, last)
            self._load = _read_load(tx, orders, known)
        self._next = 0
        self._own: dict[UUID, list[FreeChange]] = {}
        self._others: dict[datetime, list[FreeChange]] = {}
        """What orders that aren't walked took, by moment: some of them share a batch."""
        walked = {order.order.id for order in orders}
        for one in self._changes:
            if one.order_id in walked:
                self._own.setdefault(one.order_id, []).append(one)
            elif one.order_id is not None:
                self._others.setdefault(one.at, []).append(one)

    def go_to(self, order: PastOrder) -> dict[int, int]:
        """Everything that happened before the order; returns the load of its day."""
        while self._next < len(self._changes):
            one = self._changes[self._next]
            if one.at >= order.moment:
                break
            place = self._known.no_by_id.get(one.location_id)
            if place is not None:
                self.free[one.item_id][place] = one.available_after
            self._next += 1
        mates = self._others.get(order.moment, [])
        earlier = [one for one in mates if one.order_id and one.order_id < order.order.id]
        self._others[order.moment] = [one for one in mates if one not in earlier]
        self._take(earlier)
        return self._count_load(order)

    def _count_load(self, order: PastOrder) -> dict[int, int]:
        key = (order.decision.at, order.order.id)
        counts = {}
        for location in self._known.limited:
            day = local_day(location.time_zone, order.decision.at)
            before = self._load.get((location.no, day), _NOTHING)
            accepted = before.sums[bisect_left(before.keys, key)]
            if accepted:
                counts[location.no] = accepted
        return counts

    def takes_of(self, order: PastOrder) -> dict[tuple[str, int], int]:
        """Pieces that the order took when it was placed, by item and place."""
        taken: Counter[tuple[str, int]] = Counter()
        for one in self._own.get(order.order.id, ()):
            place = self._known.no_by_id.get(one.location_id)
            if place is not None and one.at == order.moment:
                taken[one.item_id, place] += one.taken
        return taken

    def take(self, order: PastOrder) -> None:
        """Let the order have what it took: others of its batch come after it."""
        self._take([one for one in self._own.get(order.order.id, ()) if one.at == order.moment])

    def _take(self, changes: Iterable[FreeChange]) -> None:
        for one in changes:
            place = self._known.no_by_id.get(one.location_id)
            if place is not None:
                of_item = self.free[one.item_id]
                of_item[place] = of_item.get(place, 0) - one.taken


class _LoadOfDay(NamedTuple):
    """What a place accepted on a day: when and for which order, and the work before each."""

    keys: list[tuple[datetime, UUID]]
    sums: list[int]


_NOTHING = _LoadOfDay([], [0])
_LoadOfDays = dict[tuple[int, date], _LoadOfDay]


def _read_load(tx: Tx, orders: Sequence[PastOrder], known: Reference) -> _LoadOfDays:
    found: _LoadOfDays = {}
    if not known.limited:
        return found
    moments = [one.decision.at for one in orders]
    since, until = min(moments) - timedelta(days=2), max(moments)
    zones = {location.no: location.time_zone for location in known.limited}
    rows = read_past_load(tx, zones, since, until)
    lines = _read_lines(tx, rows, known)
    taken: defaultdict[tuple[int, date], list[tuple[datetime, UUID, int]]] = defaultdict(list)
    for row in rows:
        part = (row.order_id, row.decision_no, row.place)
        work = count_work(known.unit_of.get(row.place, "orders"), lines.get(part, 1), row.units)
        day = local_day(zones[row.place], row.at)
        taken[row.place, day].append((row.at, row.order_id, work))
    for key, works in taken.items():
        works.sort()
        sums = list(accumulate((work for _, _, work in works), initial=0))
        found[key] = _LoadOfDay([(at, id_) for at, id_, _ in works], sums)
    return found


def _read_lines(
    tx: Tx, rows: Sequence[PastLoad], known: Reference
) -> dict[tuple[UUID, int, int], int]:
    """Lines of the parts at places whose capacity counts lines, by order, decision and place."""
    counted = {no for no, unit in known.unit_of.items() if unit == "lines"}
    orders = {row.order_id for row in rows if row.place in counted}
    return {
        (row.order_id, row.decision_no, known.no_by_id[str(row.location_id)]): row.lines
        for row in (count_lines(tx, orders) if orders else ())
    }


def local_day(zone: str, at: datetime) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
