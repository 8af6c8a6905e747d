"""The rounds of a location on a day: the stops of each slot, in the order in which to drive."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.fulfillment.stop_types import StopAttempt, StopState
from ordito.fulfillment.stops import read_attempts
from ordito.kernel.addresses import Address
from ordito.listings.board import seen_channels
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.places import find_place, read_names
from ordito.locations import postal_codes
from ordito.locations.distances import Position, locate, lookup_keys
from ordito.locations.routes import follow_positions
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound

STOPS_MAX = 1000

Readiness = Literal["waiting", "picking", "packed", "gone"]
"""waiting: not begun, or without stock; gone: it has left the building."""


class RoundStop(msgspec.Struct, frozen=True):
    """A stop. to, phone and note are None for those who may not know where it goes.

    place: its number in the round, from 1. moved: staff have put it there.
    """

    order_id: UUID
    number: int
    version: int
    channel: ChannelName
    place: int
    moved: bool
    state: StopState
    readiness: Readiness
    held: bool
    units: int
    attempts: int
    to: Address | None
    phone: str | None
    note: str | None
    latitude: float | None
    longitude: float | None


class Round(msgspec.Struct, frozen=True):
    """What goes out in a slot. late: its time is over, and stops are not done."""

    slot: str
    on: date
    starts_at: datetime
    ends_at: datetime
    late: bool
    stops: tuple[RoundStop, ...]

    @property
    def ready(self) -> int:
        """Stops that can leave now."""
        return sum(1 for stop in self.stops if is_ready(stop))

    @property
    def done(self) -> int:
        return sum(1 for stop in self.stops if stop.state in ("delivered", "returned"))


class OpenDay(msgspec.Struct, frozen=True):
    """A day before with stops that are not done."""

    on_day: date
    stops: int


class DayRounds(msgspec.Struct, frozen=True):
    """earlier: days before with stops that are not done; at most 14."""

    location: PlaceName
    on: date
    rounds: tuple[Round, ...]
    earlier: tuple[OpenDay, ...]


class StopView(msgspec.Struct, frozen=True):
    """One stop, with what happened at its door."""

    location: PlaceName
    slot: str
    on: date
    starts_at: datetime
    ends_at: datetime
    stop: RoundStop
    tried: tuple[StopAttempt, ...]


class _Row(msgspec.Struct, frozen=True):
    order_id: UUID
    number: int
    version: int
    channel_id: UUID
    location_id: UUID
    slot: str
    on_day: date
    starts_at: datetime
    ends_at: datetime
    state: StopState
    position: int | None
    attempts: int
    address: Address | None
    phone: str
    note: str
    held: bool
    units: int
    packed: int
    picked: int
    shipped: int


def is_ready(stop: RoundStop) -> bool:
    """Whether it leaves when the round is started."""
    return stop.state == "planned" and stop.readiness in ("packed", "gone") and not stop.held


def read_day(tx: Tx, code: str, on: date) -> DayRounds:
    """The rounds of a location on a day, by their time; raises NotFound."""
    names = read_names(tx)
    place = find_place(tx, names, code)
    rows = _OF_DAY.all(
        tx, location_id=place.id, on_day=on, channel_ids=seen_channels(tx), limit=STOPS_MAX
    )
    earlier = _EARLIER.all(tx, location_id=place.id, on_day=on, channel_ids=seen_channels(tx))
    return DayRounds(place, on, tuple(_rounds(tx, rows)), tuple(earlier))


def read_stop(tx: Tx, order_id: UUID) -> StopView:
    """The stop of one order; raises NotFound."""
    names = read_names(tx)
    rows = _OF_ORDER.all(tx, order_id=order_id, channel_ids=seen_channels(tx))
    if not rows or not tx.actor.sees_location(rows[0].location_id):
        raise NotFound("The order is not brought in a slot, or from a location you don't see.")
    (found,) = _rounds(tx, rows)
    place = names.place(rows[0].location_id)
    tried = tuple(read_attempts(tx, [order_id]))
    if not _knows(tx):
        tried = tuple(msgspec.structs.replace(one, taken_by="", left_at="", note="")
                      for one in tried)  # fmt: skip
    stop = found.stops[0]
    return StopView(place, found.slot, found.on, found.starts_at, found.ends_at, stop, tried)


def _knows(tx: Tx) -> bool:
    """Who may know where things go."""
    return not tx.actor.permissions.isdisjoint(("orders.read", "fulfillment.write"))


def _rounds(tx: Tx, rows: Sequence[_Row]) -> Iterable[Round]:
    by_slot: defaultdict[tuple[datetime, datetime, str], list[_Row]] = defaultdict(list)
    for row in rows:
        # What was moved within a slot's change of time stands with the slot's other stops.
        by_slot[row.starts_at, row.ends_at, row.slot].append(row)
    spots = _locate(tx, rows)
    for (starts_at, ends_at, slot), of_slot in sorted(by_slot.items()):
        stops = tuple(_stops(tx, of_slot, spots))
        undone = any(stop.state in ("planned", "out", "failed") for stop in stops)
        yield Round(slot, of_slot[0].on_day, starts_at, ends_at, undone and ends_at < tx.now, stops)


def _locate(tx: Tx, rows: Sequence[_Row]) -> dict[UUID, Position | None]:
    """Where stops are, as far as their postal codes tell."""
    to = {row.order_id: row.address for row in rows if row.address is not None}
    keys = {(one.country, key) for one in to.values()
            for key in lookup_keys(one.country, one.postal_code)}  # fmt: skip
    points = postal_codes.send_find(tx, sorted(keys)).fetchall() if keys else []
    centroids = {(p.country, p.code): (p.latitude, p.longitude) for p in points}
    found: dict[UUID, Position | None] = {}
    for id_, one in to.items():
        spot = locate(one.country, one.postal_code, centroids)
        found[id_] = spot if spot is not None and spot.exact else None
    return found


def _stops(
    tx: Tx, rows: Sequence[_Row], spots: Mapping[UUID, Position | None]
) -> Iterable[RoundStop]:
    names = read_names(tx)
    location = names.locations[rows[0].location_id]
    start = None
    if location.latitude is not None and location.longitude is not None:
        start = Position(location.latitude, location.longitude)
    by_id = {row.order_id: row for row in rows}
    placed = [(row.position, row.order_id) for row in rows if row.position is not None]
    rest = {row.order_id: spots.get(row.order_id) for row in rows if row.position is None}
    last = max(placed, default=None)
    here = (spots.get(last[1]) if last else None) or start
    tied = {row.order_id: _tie(row) for row in rows}
    knows = _knows(tx)
    for n, id_ in enumerate(follow_positions(placed, rest, here, tied), start=1):
        row, spot = by_id[id_], spots.get(id_)
        yield RoundStop(
            order_id=id_,
            number=row.number,
            version=row.version,
            channel=names.channel(row.channel_id),
            place=n,
            moved=row.position is not None,
            state=row.state,
            readiness=_readiness(row),
            held=row.held,
            units=row.units,
            attempts=row.attempts,
            to=row.address if knows else None,
            phone=row.phone if knows else None,
            note=row.note if knows else None,
            latitude=spot.latitude if spot and knows else None,
            longitude=spot.longitude if spot and knows else None,
        )


def _tie(row: _Row) -> str:
    if row.address is None:
        return f"{row.number:020}"
    address = row.address
    return f"{address.postal_code} {address.city} {address.line1} {row.number:020}".casefold()


def _readiness(row: _Row) -> Readiness:
    if row.shipped and row.shipped >= row.units:
        return "gone"
    if row.units and row.packed >= row.units:
        return "packed"
    return "picking" if row.picked else "waiting"


# Units that still wait for stock count: a stop leaves whole.
_SELECT = """
    SELECT s.order_id, o.number, o.version, o.channel_id, s.location_id, s.slot, s.on_day,
           s.starts_at, s.ends_at, s.state, s.position, s.attempts, p.address,
           coalesce(nullif(p.address ->> 'phone', ''), c.phone, '') AS phone,
           coalesce(n.body, '') AS note,
           EXISTS (
               SELECT
               FROM orders.hold AS h
               WHERE h.order_id = s.order_id AND h.released_at IS NULL
           ) AS held,
           l.units, l.packed, l.picked, l.shipped
    FROM fulfillment.stop AS s
    JOIN orders.sales_order AS o ON o.id = s.order_id
    LEFT JOIN orders.party AS p ON p.order_id = s.order_id AND p.role = 'ship_to'
    LEFT JOIN customers.person AS c ON c.customer_id = o.customer_id
    LEFT JOIN orders.note AS n ON n.order_id = s.order_id AND n.note_no = 1
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.ordered - l.cancelled), 0)::int8 AS units,
               coalesce(sum(l.packed + l.shipped), 0)::int8 AS packed,
               coalesce(sum(l.picked + l.packed + l.shipped), 0)::int8 AS picked,
               coalesce(sum(l.shipped), 0)::int8 AS shipped
        FROM orders.line AS l
        WHERE l.order_id = s.order_id AND l.item_kind IN ('stocked', 'kit')
    ) AS l
    WHERE s.state <> 'dropped'
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))"""

_OF_DAY = query(
    _Row,
    f"""
    {_SELECT}
      AND s.location_id = %(location_id)s AND s.on_day = %(on_day)s
    ORDER BY s.starts_at, s.slot, s.order_id
    LIMIT %(limit)s
    """,
)

_OF_ORDER = query(
    _Row,
    f"""
    {_SELECT}
      AND s.order_id = %(order_id)s
    """,
)

_EARLIER = query(
    OpenDay,
    """
    SELECT s.on_day, count(*)::int8 AS stops
    FROM fulfillment.stop AS s
    JOIN orders.sales_order AS o ON o.id = s.order_id
    WHERE s.location_id = %(location_id)s AND s.on_day < %(on_day)s
      AND s.state IN ('planned', 'out', 'failed')
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
    GROUP BY s.on_day
    ORDER BY s.on_day DESC
    LIMIT 14
    """,
)
