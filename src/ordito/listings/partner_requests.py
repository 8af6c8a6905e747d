"""What partners are asked and have answered: at which location, since when, what is in it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from ordito.fulfillment.actions import WorkAction, WorkFacts, allowed_work_actions
from ordito.fulfillment.requests import Answer
from ordito.fulfillment.types import Delivery, RequestState, State, fo_id
from ordito.kernel.addresses import Address
from ordito.listings.board import seen_channels
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.places import Names, find_place, read_names
from ordito.locations.types import PARTNERS
from ordito.platform.arrays import ints, texts, uuids
from ordito.platform.database import Tx, query

Show = Literal["answer", "send", "done"]
"""What is to be answered, what was accepted and is to be sent, and the rest."""

Measure = Literal[
    "answered_in_time", "answered_late", "rejected", "shipped_in_time", "shipped_late"
]
"""What partners are measured by; each is true, false or not known yet of a request."""

_STATES: dict[Show, tuple[RequestState, ...]] = {
    "answer": ("submitted", "cancellation_requested"),
    "send": ("accepted", "cancellation_requested", "cancellation_rejected"),
}

PARTNER_ACTIONS: frozenset[WorkAction] = frozenset(
    ("accept", "reject", "report_short", "ship_accepted", "answer_cancellation", "withdraw")
)


class RequestLine(msgspec.Struct, frozen=True):
    """Units of a line that the partner has, kits as kits. cancel: how many it is asked to leave
    out."""

    line_no: int
    sku: str
    title: str
    units: int
    shipped: int
    cancel: int


class PartnerRequest(msgspec.Struct, frozen=True):
    """A request to a partner. units: those it was asked for at first; lines: what it still has.

    to: None for those who may not know where it goes. ship_by: since the partner's yes.
    """

    id: str
    order_id: UUID
    fo_no: int
    number: int
    channel: ChannelName
    location: PlaceName
    state: State
    request: RequestState
    version: int
    units: int
    promised_on: date | None
    submitted_at: datetime
    answer_by: datetime
    chased_at: datetime | None
    answered_at: datetime | None
    answer: Answer | None
    reason: str
    reference: str
    ship_by: datetime | None
    shipped_at: datetime | None
    closed_at: datetime | None
    held: bool
    to: Address | None
    lines: tuple[RequestLine, ...]
    allowed_actions: tuple[WorkAction, ...]


class RequestPage(msgspec.Struct, frozen=True):
    """Requests, the oldest first; those that are done the newest first."""

    items: tuple[PartnerRequest, ...]
    next: str | None


class _Row(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    number: int
    channel_id: UUID
    location_id: UUID
    delivery: Delivery
    state: State
    request: RequestState | None
    version: int
    units: int
    promised_on: date | None
    submitted_at: datetime
    answer_by: datetime
    chased_at: datetime | None
    answered_at: datetime | None
    answer: Answer | None
    reason: str
    reference: str
    ship_by: datetime | None
    shipped_at: datetime | None
    closed_at: datetime | None
    held: bool
    address: Address | None
    destination_id: UUID | None


class _Line(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    line_no: int
    sku: str
    title: str
    units: int
    picked: int
    packed: int
    shipped: int
    cancel: int


class _Place(msgspec.Struct, frozen=True, array_like=True):
    submitted_at: datetime
    order_id: UUID
    fo_no: int


_START = _Place(datetime.fromisoformat("0001-01-02T00:00:00+00:00"), UUID(int=0), 0)
_END = _Place(
    datetime.fromisoformat("9999-12-30T00:00:00+00:00"), UUID(int=2**128 - 1), 2_147_483_647
)


def partner_places(tx: Tx) -> list[PlaceName]:
    """Locations that the reader sees and whose work others can be asked to do, by name."""
    names = read_names(tx)
    found = (
        names.place(place.id)
        for place in names.locations.values()
        if place.kind in PARTNERS and tx.actor.sees_location(place.id)
    )
    return sorted(found, key=lambda place: (place.name, place.code))


def list_requests(
    tx: Tx,
    show: Show,
    *,
    location: str | None = None,
    measure: Measure | None = None,
    since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> RequestPage:
    """Requests at a location (its code), or at all partners that the reader sees.

    measure, since: only of those done, or what the figures of a partner count.
    Raises NotFound, InvalidInput for a foreign cursor.
    """
    names = read_names(tx)
    places = [find_place(tx, names, location)] if location else partner_places(tx)
    rest = show == "done"
    after = read_cursor(cursor, _Place) if cursor else (_END if rest else _START)
    asked = {
        "location_ids": uuids(place.id for place in places),
        "channel_ids": seen_channels(tx),
        "submitted_at": after.submitted_at,
        "order_id": after.order_id,
        "fo_no": after.fo_no,
        "limit": limit + 1,
    }
    if rest:
        rows = _DONE.all(tx, measure=measure, since=since, now=tx.now, **asked)
    else:
        rows = _OPEN.all(tx, states=texts(_STATES[show]), **asked)
    items = tuple(_tell(tx, names, rows[:limit]))
    if len(rows) <= limit:
        return RequestPage(items, None)
    last = rows[limit - 1]
    return RequestPage(items, write_cursor(_Place(last.submitted_at, last.order_id, last.fo_no)))


def read_requests(tx: Tx, keys: Sequence[tuple[UUID, int]]) -> list[PartnerRequest]:
    """Requests of fulfillment orders (order id, fo no) that the reader sees."""
    rows = _BY_KEY.all(tx, order_ids=uuids(k[0] for k in keys), fo_nos=ints(k[1] for k in keys))
    seen = [
        row
        for row in rows
        if tx.actor.sees_location(row.location_id) and tx.actor.sees_channel(row.channel_id)
    ]
    return list(_tell(tx, read_names(tx), seen))


def _tell(tx: Tx, names: Names, rows: Sequence[_Row]) -> Iterable[PartnerRequest]:
    lines: dict[tuple[UUID, int], list[_Line]] = {}
    keys = {"order_ids": uuids(r.order_id for r in rows), "fo_nos": ints(r.fo_no for r in rows)}
    for line in _LINES.all(tx, **keys):
        lines.setdefault((line.order_id, line.fo_no), []).append(line)
    knows = not tx.actor.permissions.isdisjoint(("orders.read", "fulfillment.write"))
    for row in rows:
        there = lines.get((row.order_id, row.fo_no), [])
        assert row.request is not None, "whoever was asked has a state"
        known = {
            name: getattr(row, name)
            for name in PartnerRequest.__struct_fields__
            if name in _Row.__struct_fields__
        }
        yield PartnerRequest(
            id=fo_id(row.order_id, row.fo_no),
            channel=names.channel(row.channel_id),
            location=names.place(row.location_id),
            to=_find_destination(row, names) if knows else None,
            lines=tuple(
                RequestLine(n.line_no, n.sku, n.title, n.units, n.shipped, n.cancel)
                for n in there
                if n.units
            ),
            allowed_actions=_allowed(row, there),
            **known,
        )


def _find_destination(row: _Row, names: Names) -> Address | None:
    """Where it goes: to the shop, for what is collected there, else to the customer."""
    if row.destination_id is None:
        return row.address
    shop = names.locations[row.destination_id]
    return msgspec.structs.replace(shop.address, company=shop.name)


def _allowed(row: _Row, lines: Sequence[_Line]) -> tuple[WorkAction, ...]:
    facts = WorkFacts(
        state=row.state,
        delivery=row.delivery,
        held=row.held,
        unpicked=sum(line.units - line.picked for line in lines),
        unpacked=sum(line.picked - line.packed for line in lines),
        unshipped=sum(line.packed - line.shipped for line in lines),
        under_way=0,
        request=row.request,
    )
    return tuple(action for action in allowed_work_actions(facts) if action in PARTNER_ACTIONS)


_COLUMNS = """
    SELECT r.order_id, r.fo_no, o.number, o.channel_id, r.location_id, f.delivery, f.state,
           f.request, f.version, r.units, f.promised_on, r.submitted_at,
           r.answer_by, r.chased_at, r.answered_at, r.answer, r.reason, r.reference, r.ship_by,
           s.shipped_at, r.closed_at,
           EXISTS (
               SELECT FROM orders.hold AS h
               WHERE h.order_id = r.order_id AND h.released_at IS NULL
           ) AS held,
           p.address, f.destination_id"""

FACTS = """
    JOIN fulfillment.fulfillment_order AS f ON f.order_id = r.order_id AND f.fo_no = r.fo_no
    LEFT JOIN LATERAL (
        SELECT max(b.shipped_at) AS shipped_at
        FROM fulfillment.parcel AS b
        WHERE b.order_id = r.order_id AND b.fo_no = r.fo_no
    ) AS s ON true"""
"""What figures look at, joined to requests (r)."""

ANSWERED_IN_TIME = """
    CASE WHEN r.answer IN ('accepted', 'rejected') THEN r.answered_at <= r.answer_by
         WHEN r.answer = 'withdrawn' AND r.reason <> 'unanswered' THEN NULL
         WHEN r.answer = 'withdrawn' OR r.answer_by < %(now)s THEN false END"""

SHIPPED_IN_TIME = """
    CASE WHEN r.answer <> 'accepted' THEN NULL
         WHEN f.state IN ('shipped', 'delivered') THEN s.shipped_at <= r.ship_by
         WHEN r.closed_at IS NULL AND r.ship_by < %(now)s THEN false END"""

REJECTED = "(r.answer = 'rejected' OR r.rejected_units > 0)"

_REST = """
    JOIN orders.sales_order AS o ON o.id = r.order_id
    LEFT JOIN orders.party AS p ON p.order_id = r.order_id AND p.role = 'ship_to'"""

_AT = """
    WHERE r.location_id = ANY(%(location_ids)s::uuid[])
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))"""

_OPEN = query(
    _Row,
    f"""{_COLUMNS}
    FROM fulfillment.request AS r
    {FACTS}
    {_REST}
    {_AT}
      AND r.closed_at IS NULL AND f.request = ANY(%(states)s::text[])
      AND (r.submitted_at, r.order_id, r.fo_no)
          > (%(submitted_at)s::timestamptz, %(order_id)s::uuid, %(fo_no)s::int4)
    ORDER BY r.submitted_at, r.order_id, r.fo_no
    LIMIT %(limit)s
    """,
)

_DONE = query(
    _Row,
    f"""{_COLUMNS}
    FROM fulfillment.request AS r
    {FACTS}
    {_REST}
    {_AT}
      AND (%(since)s::timestamptz IS NULL OR r.submitted_at >= %(since)s)
      AND CASE WHEN %(measure)s::text IS NULL THEN r.closed_at IS NOT NULL
               WHEN %(measure)s = 'answered_in_time' THEN {ANSWERED_IN_TIME}
               WHEN %(measure)s = 'answered_late' THEN NOT ({ANSWERED_IN_TIME})
               WHEN %(measure)s = 'rejected' THEN {REJECTED}
               WHEN %(measure)s = 'shipped_in_time' THEN {SHIPPED_IN_TIME}
               ELSE NOT ({SHIPPED_IN_TIME}) END
      AND (r.submitted_at, r.order_id, r.fo_no)
          < (%(submitted_at)s::timestamptz, %(order_id)s::uuid, %(fo_no)s::int4)
    ORDER BY r.submitted_at DESC, r.order_id DESC, r.fo_no DESC
    LIMIT %(limit)s
    """,
)

_BY_KEY = query(
    _Row,
    f"""{_COLUMNS}
    FROM unnest(%(order_ids)s::uuid[], %(fo_nos)s::int4[]) WITH ORDINALITY
        AS k (order_id, fo_no, place)
    JOIN fulfillment.request AS r USING (order_id, fo_no)
    {FACTS}
    {_REST}
    ORDER BY k.place
    """,
)

_LINES = query(
    _Line,
    """
    SELECT l.order_id, l.fo_no, l.line_no, o.sku, o.title, min(l.qty / l.per_unit)::int8 AS units,
           min(l.picked / l.per_unit)::int8 AS picked, min(l.packed / l.per_unit)::int8 AS packed,
           min(l.shipped / l.per_unit)::int8 AS shipped,
           coalesce(max((c.lines ->> l.line_no::text)::int8), 0)::int8 AS cancel
    FROM unnest(%(order_ids)s::uuid[], %(fo_nos)s::int4[]) AS k (order_id, fo_no)
    JOIN fulfillment.line AS l USING (order_id, fo_no)
    JOIN orders.line AS o ON o.order_id = l.order_id AND o.line_no = l.line_no
    LEFT JOIN fulfillment.cancellation_ask AS c
      ON c.order_id = l.order_id AND c.fo_no = l.fo_no AND c.answered_at IS NULL
    GROUP BY l.order_id, l.fo_no, l.line_no, o.sku, o.title
    ORDER BY l.order_id, l.fo_no, l.line_no
    """,
)


def count_to_answer(tx: Tx, *, location: str | None = None, cap: int = 999) -> int:
    """Requests that wait for an answer, up to one more than `cap`."""
    names = read_names(tx)
    places = [find_place(tx, names, location)] if location else partner_places(tx)
    return _TO_ANSWER.one(
        tx,
        location_ids=uuids(place.id for place in places),
        channel_ids=seen_channels(tx),
        states=texts(_STATES["answer"]),
        most=cap + 1,
    )


_TO_ANSWER = query(
    int,
    f"""
    SELECT count(*)
    FROM (
        SELECT
        FROM fulfillment.request AS r
        JOIN fulfillment.fulfillment_order AS f ON f.order_id = r.order_id AND f.fo_no = r.fo_no
        JOIN orders.sales_order AS o ON o.id = r.order_id
        {_AT}
          AND r.closed_at IS NULL AND f.request = ANY(%(states)s::text[])
        LIMIT %(most)s
    ) AS counted
    """,  # noqa: S608 (constants of this module)
)

MEASURES: tuple[Measure, ...] = get_args(Measure)
