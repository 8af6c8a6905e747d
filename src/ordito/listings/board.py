"""The fulfilment board: a location's work by state, promise first, then age."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.fulfillment.actions import WorkAction, WorkFacts, allowed_work_actions
from ordito.fulfillment.types import WORK, Delivery, RequestState, State, fo_id
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.places import Names, find_place, read_names
from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound

COUNT_MAX = 999
"""Columns count up to this; one more means “more than”."""

WorkState = Literal["scheduled", "open", "released", "picking", "picked", "packed", "ready"]


class Card(msgspec.Struct, frozen=True):
    """A fulfillment order on the board. Units are units of lines; kits count kits.

    holds: reasons of open holds; while there are any the work rests.
    """

    id: str
    order_id: UUID
    fo_no: int
    number: int
    channel: ChannelName
    state: State
    request: RequestState | None
    version: int
    delivery: Delivery
    promised_on: date | None
    late: bool
    placed_at: datetime
    created_at: datetime
    updated_at: datetime
    kind: str
    code: str | None
    country: str
    lines: int
    units: int
    picked: int
    packed: int
    shipped: int
    holds: list[str]
    opens_at: datetime | None
    """When the work on what is scheduled begins."""
    allowed_actions: tuple[WorkAction, ...]
    destination: PlaceName | None = None
    """The shop that it is sent to, where its customer collects it; null: it goes to them."""


class CardPage(msgspec.Struct, frozen=True):
    """Cards by promise, then age. next: the cursor of what follows, None at the end."""

    items: tuple[Card, ...]
    next: str | None


class Column(msgspec.Struct, frozen=True):
    """One state of the board. count goes up to COUNT_MAX + 1."""

    state: WorkState
    count: int
    cards: CardPage


class Board(msgspec.Struct, frozen=True):
    """late: fulfillment orders of all columns whose promise has passed, up to COUNT_MAX + 1."""

    location: PlaceName
    columns: tuple[Column, ...]
    late: int


class _CardRow(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    number: int
    channel_id: UUID
    state: State
    request: RequestState | None
    version: int
    delivery: Delivery
    promised_on: date | None
    placed_at: datetime
    created_at: datetime
    updated_at: datetime
    kind: str
    code: str | None
    country: str
    lines: int
    units: int
    picked: int
    packed: int
    shipped: int
    under_way: int
    destination_id: UUID | None
    awaited: int
    holds: list[str]
    opens_at: datetime | None


class _CardPlace(msgspec.Struct, frozen=True, array_like=True):
    promised_on: date
    created_at: datetime
    order_id: UUID
    fo_no: int


_START = _CardPlace(date.min, datetime.fromisoformat("0001-01-02T00:00:00+00:00"), UUID(int=0), 0)


def read_board(
    tx: Tx, location: str, *, delivery: Delivery | None = None, limit: int = 30
) -> Board:
    """The first cards of each state at a location, by its code.

    Raises NotFound when there is no such location or it is out of scope.
    """
    names = read_names(tx)
    place = find_place(tx, names, location)
    counts = {
        row.state: row.n
        for row in _COUNTS.all(
            tx,
            states=texts(WORK),
            location_id=place.id,
            delivery=delivery,
            channel_ids=seen_channels(tx),
        )
    }
    columns = (
        Column(
            state,
            counts.get(state, 0),
            _page(tx, names, place.id, state, delivery, _START, limit)
            if counts.get(state)
            else CardPage((), None),
        )
        for state in _STATES
    )
    late = _LATE.one(
        tx,
        states=texts(WORK),
        location_id=place.id,
        delivery=delivery,
        channel_ids=seen_channels(tx),
        today=tx.now.date(),
    )
    return Board(place, tuple(columns), late)


_STATES: tuple[WorkState, ...] = (
    "scheduled",
    "open",
    "released",
    "picking",
    "picked",
    "packed",
    "ready",
)


def list_cards(
    tx: Tx,
    location: str,
    state: WorkState,
    *,
    delivery: Delivery | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> CardPage:
    """One column of the board. Raises NotFound, InvalidInput for a foreign cursor."""
    names = read_names(tx)
    place = find_place(tx, names, location)
    after = read_cursor(cursor, _CardPlace) if cursor else _START
    return _page(tx, names, place.id, state, delivery, after, limit)


def _page(
    tx: Tx,
    names: Names,
    location_id: UUID,
    state: str,
    delivery: Delivery | None,
    after: _CardPlace,
    limit: int,
) -> CardPage:
    rows = _CARDS.all(
        tx,
        location_id=location_id,
        state=state,
        delivery=delivery,
        channel_ids=seen_channels(tx),
        promised_on=after.promised_on,
        created_at=after.created_at,
        order_id=after.order_id,
        fo_no=after.fo_no,
        limit=limit + 1,
    )
    cards = tuple(_card(row, names, tx.now.date()) for row in rows[:limit])
    if len(rows) <= limit:
        return CardPage(cards, None)
    last = rows[limit - 1]
    place = _CardPlace(last.promised_on or date.max, last.created_at, last.order_id, last.fo_no)
    return CardPage(cards, write_cursor(place))


def seen_channels(tx: Tx) -> list[UUID] | None:
    """The channels that the reader is bound to; None is all."""
    return None if tx.actor.channel_ids is None else sorted(tx.actor.channel_ids)


def _card(row: _CardRow, names: Names, today: date) -> Card:
    facts = WorkFacts(
        state=row.state,
        delivery=row.delivery,
        held=bool(row.holds),
        unpicked=row.units - row.picked,
        unpacked=row.picked - row.packed,
        unshipped=row.packed - row.shipped,
        under_way=row.under_way,
        request=row.request,
        bound=row.destination_id is not None,
        awaited=row.awaited,
    )
    shop = names.place(row.destination_id) if row.destination_id else None
    known = {name: getattr(row, name) for name in Card.__struct_fields__ if hasattr(row, name)}
    return Card(
        id=fo_id(row.order_id, row.fo_no),
        channel=names.channel(row.channel_id),
        late=row.promised_on is not None and row.promised_on < today and row.state in WORK,
        allowed_actions=allowed_work_actions(facts),
        destination=shop,
        **known,
    )


_CARD = """
    SELECT f.order_id, f.fo_no, o.number, o.channel_id, f.state, f.request, f.version, f.delivery,
           f.promised_on, o.placed_at, f.created_at, f.updated_at, o.kind, o.code, o.country,
           w.lines, w.units, w.picked, w.packed, w.shipped,
           -- That there are some is all that matters.
           (
               SELECT count(*)
               FROM fulfillment.parcel AS p
               WHERE p.order_id = f.order_id AND p.fo_no = f.fo_no AND p.delivered_at IS NULL
           ) AS under_way,
           f.destination_id,
           CASE WHEN f.delivery = 'pickup' THEN (
               SELECT count(*)
               FROM fulfillment.fulfillment_order AS b
               WHERE b.order_id = f.order_id AND b.destination_id = f.location_id
                 AND b.state IN ('scheduled', 'open', 'released', 'picking', 'picked', 'packed',
                                 'shipped')
           ) ELSE 0 END AS awaited,
           ARRAY(
               SELECT h.reason
               FROM orders.hold AS h
               WHERE h.order_id = f.order_id AND h.released_at IS NULL
               ORDER BY h.hold_no
           ) AS holds,
           (
               SELECT s.opens_at
               FROM fulfillment.schedule AS s
               WHERE s.order_id = f.order_id AND s.fo_no = f.fo_no AND f.state = 'scheduled'
           ) AS opens_at"""

_UNITS = """
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines, coalesce(sum(units), 0)::int8 AS units,
               coalesce(sum(picked), 0)::int8 AS picked, coalesce(sum(packed), 0)::int8 AS packed,
               coalesce(sum(shipped), 0)::int8 AS shipped
        FROM (
            SELECT min(l.qty / l.per_unit) AS units, min(l.picked / l.per_unit) AS picked,
                   min(l.packed / l.per_unit) AS packed, min(l.shipped / l.per_unit) AS shipped
            FROM fulfillment.line AS l
            WHERE l.order_id = f.order_id AND l.fo_no = f.fo_no AND l.qty > 0
            GROUP BY l.line_no
        ) AS of_line
    ) AS w"""

# Only the cards of the page are looked at closer: a busy place has thousands in one state.
_CARDS = query(
    _CardRow,
    f"""{_CARD}
    FROM (
        SELECT g.order_id, g.fo_no, g.state, g.request, g.version, g.delivery, g.promised_on,
               g.created_at, g.updated_at, g.location_id, g.destination_id
        FROM fulfillment.fulfillment_order AS g
        WHERE g.location_id = %(location_id)s AND g.state = %(state)s
          AND (%(delivery)s::text IS NULL OR g.delivery = %(delivery)s)
          AND (%(channel_ids)s::uuid[] IS NULL OR EXISTS (
              SELECT FROM orders.sales_order AS s
              WHERE s.id = g.order_id AND s.channel_id = ANY(%(channel_ids)s::uuid[])))
          AND (coalesce(g.promised_on, '9999-12-31'), g.created_at, g.order_id, g.fo_no)
              > (%(promised_on)s::date, %(created_at)s::timestamptz, %(order_id)s::uuid,
                 %(fo_no)s::int4)
        ORDER BY coalesce(g.promised_on, '9999-12-31'), g.created_at, g.order_id, g.fo_no
        LIMIT %(limit)s
    ) AS f
    JOIN orders.sales_order AS o ON o.id = f.order_id
    {_UNITS}
    ORDER BY coalesce(f.promised_on, '9999-12-31'), f.created_at, f.order_id, f.fo_no
    """,  # noqa: S608 (constants of this module)
)


def read_card(tx: Tx, order_id: UUID, fo_no: int) -> tuple[Card, PlaceName]:
    """One fulfillment order in any state, and where it is; raises NotFound, also out of scope."""
    names = read_names(tx)
    row = _ONE.first(tx, order_id=order_id, fo_no=fo_no)
    location_id = _AT.first(tx, order_id=order_id, fo_no=fo_no)
    if (
        row is None
        or location_id is None
        or not (tx.actor.sees_channel(row.channel_id) and tx.actor.sees_location(location_id))
    ):
        raise NotFound("There is no such fulfillment order, or it is none of those you see.")
    return _card(row, names, tx.now.date()), names.place(location_id)


_ONE = query(
    _CardRow,
    f"""{_CARD}
    FROM fulfillment.fulfillment_order AS f
    JOIN orders.sales_order AS o ON o.id = f.order_id
    {_UNITS}
    WHERE f.order_id = %(order_id)s AND f.fo_no = %(fo_no)s
    """,
)

_AT = query(
    UUID,
    """
    SELECT location_id
    FROM fulfillment.fulfillment_order
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s
    """,
)


class _Count(msgspec.Struct, frozen=True):
    state: State
    n: int


_COUNTS = query(
    _Count,
    f"""
    SELECT s.state, c.n
    FROM unnest(%(states)s::text[]) AS s (state)
    CROSS JOIN LATERAL (
        SELECT count(*) AS n
        FROM (
            SELECT
            FROM fulfillment.fulfillment_order AS f
            WHERE f.location_id = %(location_id)s AND f.state = s.state
              AND (%(delivery)s::text IS NULL OR f.delivery = %(delivery)s)
              AND (%(channel_ids)s::uuid[] IS NULL OR EXISTS (
                  SELECT FROM orders.sales_order AS o
                  WHERE o.id = f.order_id AND o.channel_id = ANY(%(channel_ids)s::uuid[])))
            LIMIT {COUNT_MAX + 1}
        ) AS counted
    ) AS c
    """,  # noqa: S608 (a constant of this module)
)

_LATE = query(
    int,
    f"""
    SELECT count(*)
    FROM (
        SELECT
        FROM fulfillment.fulfillment_order AS f
        WHERE f.location_id = %(location_id)s AND f.state = ANY(%(states)s::text[])
          AND f.promised_on < %(today)s
          AND (%(delivery)s::text IS NULL OR f.delivery = %(delivery)s)
          AND (%(channel_ids)s::uuid[] IS NULL OR EXISTS (
              SELECT FROM orders.sales_order AS o
              WHERE o.id = f.order_id AND o.channel_id = ANY(%(channel_ids)s::uuid[])))
        LIMIT {COUNT_MAX + 1}
    ) AS counted
    """,  # noqa: S608 (a constant of this module)
)
