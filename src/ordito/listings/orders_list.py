"""The list of orders: any filters together, newest first, page by page in both directions."""

from collections.abc import Iterable
from datetime import date, datetime
from time import monotonic
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from ordito.kernel.text import normal_code
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_entries import is_awaited
from ordito.listings.order_filter import OrderFilter, match
from ordito.listings.order_search import Span, count_entries, find_entries
from ordito.listings.order_types import ChannelName
from ordito.listings.order_walks import Entry, Sort
from ordito.listings.places import Names, read_names
from ordito.orders.types import Delivery, Fulfilment, Life, Mode, MoneyState, ReturnState
from ordito.platform.access import Actor
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query
from ordito.platform.problems import Fault, InvalidInput

LIMIT_MAX = 200
COUNT_MAX = 999


class OrderRow(msgspec.Struct, frozen=True):
    """An order as lists show it. Units are those of the lines; done: shipped or completed ones.

    customer, city: None for those who may not see orders' personal data. holds: reasons of open
    holds. assignee: the name of who looks after it. locations: codes of those that have a part in
    it, as far as the reader sees them.
    """

    id: UUID
    number: int
    version: int
    external_id: str | None
    channel: ChannelName
    mode: Mode
    kind: str
    code: str | None
    delivery: Delivery
    placed_at: datetime
    promised_on: date | None
    late: bool
    customer: str | None
    city: str | None
    country: str
    lines: int
    units: int
    units_cancelled: int
    units_done: int
    currency: str
    total_minor: int
    life: Life
    fulfilment: Fulfilment
    money: MoneyState
    return_state: ReturnState
    backordered: bool
    holds: list[str]
    tags: list[str]
    assignee_id: UUID | None
    assignee: str | None
    locations: tuple[str, ...]


class OrderPageOfList(msgspec.Struct, frozen=True):
    """A page of the list. older, newer: cursors of the neighbouring pages, None where none is.

    With a rising order “older” is what follows all the same: the next page.
    """

    items: tuple[OrderRow, ...]
    older: str | None
    newer: str | None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the sort, the last row, and which way to go on."""

    sort: Sort
    descending: bool
    back: bool
    value: str | int
    order_id: UUID


def list_orders(
    tx: Tx,
    asked: OrderFilter,
    *,
    sort: Sort = "placed_at",
    descending: bool = True,
    cursor: str | None = None,
    limit: int = 50,
) -> OrderPageOfList:
    """A page of the orders that the reader sees; without a cursor the first one.

    Sorting by promise puts orders without one last when rising; sorting by total needs a currency
    in the filter. Raises InvalidInput, also for a cursor of another list.
    """
    assert 0 < limit <= LIMIT_MAX, "caller limits the page"
    names = read_names(tx)
    matching = match(_find_item(tx, asked), names, tx.actor, tx.now.date())
    if sort == "total" and matching.currency is None:
        raise InvalidInput(
            "Amounts of several currencies can't be sorted together.",
            errors=[Fault("/currency", "missing", "Name the currency to sort totals of.")],
        )
    place = _read_place(cursor, sort, descending=descending)
    back = place is not None and place.back
    start = None if place is None else (_from_text(sort, place.value), place.order_id)
    span = Span(sort, descending == back, start, limit + 1)
    found = find_entries(tx, matching, span)
    more = len(found) > limit
    page = found[:limit]
    if back:
        page.reverse()
    has_newer = more if back else place is not None
    has_older = more if not back else True
    keys = [entry.key(sort) for entry in page]

    def cursor_at(key: tuple[Any, UUID], *, back: bool) -> str:
        return write_cursor(_Place(sort, descending, back, _to_text(key[0]), key[1]))

    return OrderPageOfList(
        items=_read_rows(tx, [entry.order_id for entry in page], names),
        older=cursor_at(keys[-1], back=False) if keys and has_older else None,
        newer=cursor_at(keys[0], back=True) if keys and has_newer else None,
    )


class Neighbours(msgspec.Struct, frozen=True):
    """Numbers of the orders before and after one in a list, None at its ends."""

    previous: int | None
    next: int | None


def find_neighbours(
    tx: Tx,
    asked: OrderFilter,
    order_id: UUID,
    *,
    sort: Sort = "placed_at",
    descending: bool = True,
) -> Neighbours:
    """What stands before and after an order in a list, also when it is in it no longer.

    Two probes, however long the list is.
    """
    entry = _ENTRY.first(tx, order_id=order_id)
    if entry is None:
        return Neighbours(None, None)
    matching = match(_find_item(tx, asked), read_names(tx), tx.actor, tx.now.date())
    if sort == "total" and matching.currency is None:
        sort = "placed_at"

    def probe(*, rising: bool) -> int | None:
        found = find_entries(tx, matching, Span(sort, rising, entry.key(sort), 1))
        return found[0].number if found else None

    return Neighbours(previous=probe(rising=descending), next=probe(rising=not descending))


_ENTRY = query(
    Entry,
    """
    SELECT order_id, placed_at, number, promised_on, currency, total_minor
    FROM listings.order_entry
    WHERE order_id = %(order_id)s
    """,
)


def count_capped(tx: Tx, asked: OrderFilter, *, cap: int = COUNT_MAX) -> int:
    """How many orders there are, counted up to cap + 1, which means “more”."""
    matching = match(_find_item(tx, asked), read_names(tx), tx.actor, tx.now.date())
    return count_entries(tx, matching, cap + 1)


class _Counted(msgspec.Struct, frozen=True):
    count: int
    good_until: float


def recall_count(tx: Tx, asked: OrderFilter, *, cap: int = COUNT_MAX) -> int:
    """The same, or the count of a moment ago where counting took long.

    One that took 50 ms is good for ten seconds. Few are always counted: people watch those change.
    """
    known: dict[Any, _Counted] = tx.memory.setdefault("listings.counts", {})
    actor = tx.actor
    reader = (actor.channel_ids, actor.location_ids, asked.assignee == "me" and actor.id)
    key = (asked, cap, reader)
    began = monotonic()
    found = known.get(key)
    if found is not None and began < found.good_until:
        return found.count
    count = count_capped(tx, asked, cap=cap)
    if count < _FEW:
        return count
    now = monotonic()
    if len(known) >= _COUNTS_KEPT:
        known.clear()
    known[key] = _Counted(count, now + _GOOD_FOR * (now - began))
    return count


_FEW = 100
_COUNTS_KEPT = 1_000
_GOOD_FOR = 200
"""Times as long as the counting took."""


def list_order_ids(
    tx: Tx, asked: OrderFilter, *, sort: Sort = "placed_at", descending: bool = True, most: int
) -> list[UUID]:
    """The ids of all orders that match, in the order of the list, at most so many."""
    matching = match(_find_item(tx, asked), read_names(tx), tx.actor, tx.now.date())
    if sort == "total" and matching.currency is None:
        sort = "placed_at"
    span = Span(sort, not descending, None, most)
    return [entry.order_id for entry in find_entries(tx, matching, span)]


def _find_item(tx: Tx, asked: OrderFilter) -> OrderFilter:
    """The filter with the item that has the SKU, where one has it."""
    if asked.sku is None or asked.item_id is not None:
        return asked
    item_id = _ITEM.first(tx, sku_key=normal_code(asked.sku))
    return asked if item_id is None else replace(asked, sku=None, item_id=item_id)


_ITEM = query(UUID, "SELECT id FROM catalog.item WHERE sku_key = %(sku_key)s")


def _read_place(cursor: str | None, sort: Sort, *, descending: bool) -> _Place | None:
    if cursor is None:
        return None
    place = read_cursor(cursor, _Place)
    if (place.sort, place.descending) != (sort, descending):
        raise InvalidInput(
            "The list is sorted in another way now; begin again without a cursor.",
            errors=[Fault("/cursor", "invalid-cursor", "This cursor is of another order.")],
        )
    return place


def _to_text(value: Any) -> str | int:
    return value if isinstance(value, int) else str(value.isoformat())


_VALUES: dict[Sort, Any] = {
    "placed_at": datetime,
    "promised_on": date,
    "number": int,
    "total": int,
}


def _from_text(sort: Sort, value: str | int) -> Any:
    try:
        return msgspec.convert(value, _VALUES[sort])
    except msgspec.ValidationError as fault:
        raise InvalidInput(
            "The list can't be continued from there; begin again without a cursor.",
            errors=[Fault("/cursor", "invalid-cursor", "This is no cursor of this list.")],
        ) from fault


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    version: int
    external_id: str | None
    channel_id: UUID
    mode: Mode
    kind: str
    code: str | None
    delivery: Delivery
    placed_at: datetime
    promised_on: date | None
    customer: str
    city: str
    country: str
    lines: int
    units: int
    units_cancelled: int
    units_done: int
    currency: str
    total_minor: int
    life: Life
    fulfilment: Fulfilment
    money: MoneyState
    return_state: ReturnState
    backordered: bool
    holds: list[str]
    tags: list[str]
    assignee_id: UUID | None
    assignee: str | None
    location_ids: list[UUID]


def read_rows(tx: Tx, ids: Iterable[UUID]) -> tuple[OrderRow, ...]:
    """The orders of these ids that the reader sees, in the order of the ids."""
    names, actor = read_names(tx), tx.actor
    wanted = list(dict.fromkeys(ids))
    rows = _read_rows(tx, wanted, names)
    if actor.location_ids is not None:
        rows = tuple(row for row in rows if row.locations)
    return tuple(row for row in rows if actor.sees_channel(row.channel.id))


def _read_rows(tx: Tx, ids: list[UUID], names: Names) -> tuple[OrderRow, ...]:
    """The rows of orders, in the order of the ids, as they are at this moment."""
    found = {row.id: row for row in _ROWS.all(tx, ids=uuids(ids))} if ids else {}
    today = tx.now.date()
    return tuple(_row(found[id_], names, tx.actor, today) for id_ in ids if id_ in found)


def _row(row: _Row, names: Names, actor: Actor, today: date) -> OrderRow:
    known = {n: getattr(row, n) for n in OrderRow.__struct_fields__ if hasattr(row, n)}
    promised = row.promised_on
    personal = "orders.read" in actor.permissions
    return OrderRow(
        **known
        | {
            "customer": row.customer if personal else None,
            "city": row.city if personal else None,
        },
        channel=names.channel(row.channel_id),
        late=promised is not None and promised < today and is_awaited(row.life, row.fulfilment),
        locations=tuple(
            sorted(names.code(id_) for id_ in row.location_ids if actor.sees_location(id_))
        ),
    )


_ROWS = query(
    _Row,
    """
    SELECT o.id, o.number, o.version, o.external_id, o.channel_id, o.mode, o.kind, o.code,
           o.delivery, o.placed_at, o.promised_on,
           coalesce(nullif(p.name, ''), nullif(s.address ->> 'name', ''),
                    nullif(s.address ->> 'company', ''), nullif(p.email, ''), s.email, '')
               AS customer,
           coalesce(s.address ->> 'city', '') AS city,
           o.country, l.lines, l.units, l.units_cancelled, l.units_done, o.currency, o.total_minor,
           o.life, o.fulfilment, o.money, o.return_state, o.backordered,
           ARRAY(
               SELECT h.reason
               FROM orders.hold AS h
               WHERE h.order_id = o.id AND h.released_at IS NULL
               ORDER BY h.hold_no
           ) AS holds,
           ARRAY(SELECT t.tag FROM orders.tag AS t WHERE t.order_id = o.id ORDER BY t.tag) AS tags,
           g.user_id AS assignee_id, w.name AS assignee,
           ARRAY(
               SELECT DISTINCT f.location_id
               FROM fulfillment.fulfillment_order AS f
               WHERE f.order_id = o.id
                 AND f.state NOT IN ('cancelled', 'rejected', 'short', 'not_collected')
           ) AS location_ids
    FROM orders.sales_order AS o
    LEFT JOIN customers.person AS p ON p.customer_id = o.customer_id
    LEFT JOIN orders.party AS s ON s.order_id = o.id AND s.role = 'ship_to'
    LEFT JOIN orders.assignment AS g ON g.order_id = o.id
    LEFT JOIN platform.app_user AS w ON w.id = g.user_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines, coalesce(sum(n.ordered), 0)::int8 AS units,
               coalesce(sum(n.cancelled), 0)::int8 AS units_cancelled,
               coalesce(sum(n.shipped + n.completed), 0)::int8 AS units_done
        FROM orders.line AS n
        WHERE n.order_id = o.id
    ) AS l
    WHERE o.id = ANY(%(ids)s::uuid[])
    """,
)
