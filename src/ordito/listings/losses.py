"""Losses: what was written off, found missing or found, by month, reason and location.

Counted are the postings into adjustment and scrapped, and out of adjustment: what left the books
without being sold, and what came into them without being bought. Months are of the day of booking,
in UTC: a month that is over doesn't change.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from ordito.kernel.money import to_minor
from ordito.kernel.moves import Bucket
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import PlaceName
from ordito.listings.overstock import report_currency
from ordito.listings.places import find_place, read_names
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query
from ordito.platform.problems import Fault, InvalidInput

MONTHS_MAX = 24
ROWS_MAX = 5_000

# As in the index posting_written_off.
_OFF = """(p.to_bucket IN ('adjustment', 'scrapped') OR p.from_bucket = 'adjustment')"""


class Loss(msgspec.Struct, frozen=True):
    """What was lost and found for a reason at a location in a month.

    month: its first day. lost, found: pieces. value_minor: of what was lost less what was found,
    at today's prices in `currency`; unpriced: pieces of items without a price in it.
    """

    month: date
    reason: str
    location: PlaceName
    lost: int
    found: int
    value_minor: int
    currency: str
    unpriced: int


class LossPosting(msgspec.Struct, frozen=True):
    """A posting of which losses are made. qty: pieces, negative where they were lost."""

    at: datetime
    item_id: UUID
    sku: str
    name: str
    location: PlaceName
    seq: int
    from_bucket: Bucket
    to_bucket: Bucket
    qty: int
    reason: str
    note: str
    actor: str


class LossPostingPage(msgspec.Struct, frozen=True):
    """Newest first. next: the cursor of what came before."""

    items: tuple[LossPosting, ...]
    next: str | None


class _Row(msgspec.Struct, frozen=True):
    month: date
    reason: str
    location_id: UUID
    lost: int
    found: int
    value: Decimal
    unpriced: int


def month_of(text: str, pointer: str = "/month") -> date:
    """The first day of a month written as 2026-03; raises InvalidInput."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        fault = Fault(pointer, "month", "Write a month as 2026-03.")
        raise InvalidInput(fault.detail, errors=[fault]) from None


def later(month: date, months: int) -> date:
    """The first day of the month so many months later, or earlier."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def list_losses(tx: Tx, *, since: date, until: date, location: str | None = None) -> list[Loss]:
    """Losses of the months from `since` to `until`, both their first days; newest month first.

    Raises NotFound, and InvalidInput for more than MONTHS_MAX months.
    """
    if not since <= until < later(since, MONTHS_MAX):
        detail = f"Ask for one month to {MONTHS_MAX}, the first one before the last."
        raise InvalidInput(detail, errors=[Fault("/until", "span", detail)])
    names = read_names(tx)
    currency = report_currency(tx)
    rows = _LIST.all(
        tx,
        since=_begins(since),
        until=_begins(later(until, 1)),
        location_ids=_places(tx, location),
        currency=currency,
        limit=ROWS_MAX,
    )
    return [
        Loss(
            row.month,
            row.reason,
            names.place(row.location_id),
            row.lost,
            row.found,
            to_minor(row.value, currency),
            currency,
            row.unpriced,
        )
        for row in rows
    ]


_LIST = query(
    _Row,
    f"""
    SELECT f.month, f.reason, f.location_id, sum(f.lost)::int8 AS lost, sum(f.found)::int8 AS found,
           coalesce(sum((f.lost - f.found) * f.price), 0) AS value,
           coalesce(sum(f.lost + f.found) FILTER (WHERE f.price IS NULL), 0)::int8 AS unpriced
    FROM (
        SELECT g.month, g.reason, g.location_id, g.lost, g.found,
               (i.prices ->> %(currency)s)::numeric AS price
        FROM (
            SELECT date_trunc('month', p.at AT TIME ZONE 'UTC')::date AS month, p.reason,
                   p.location_id, p.item_id,
                   coalesce(sum(p.qty) FILTER (
                       WHERE p.to_bucket IN ('adjustment', 'scrapped')), 0) AS lost,
                   coalesce(sum(p.qty) FILTER (WHERE p.from_bucket = 'adjustment'), 0) AS found
            FROM inventory.posting AS p
            WHERE {_OFF} AND p.at >= %(since)s AND p.at < %(until)s
              AND (%(location_ids)s::uuid[] IS NULL
                   OR p.location_id = ANY(%(location_ids)s::uuid[]))
            GROUP BY 1, 2, 3, 4
        ) AS g
        JOIN catalog.item AS i ON i.id = g.item_id
    ) AS f
    JOIN locations.location AS l ON l.id = f.location_id AND l.kind <> 'history'
    GROUP BY f.month, f.reason, f.location_id, l.code
    ORDER BY f.month DESC, abs(coalesce(sum((f.lost - f.found) * f.price), 0)) DESC, f.reason,
             l.code
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


class _PostingPlace(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    item_id: UUID
    location_id: UUID
    seq: int


class _PostingRow(msgspec.Struct, frozen=True):
    at: datetime
    item_id: UUID
    sku: str
    name: str
    location_id: UUID
    seq: int
    from_bucket: Bucket
    to_bucket: Bucket
    qty: int
    reason: str
    note: str
    actor: str


def list_loss_postings(
    tx: Tx,
    month: date,
    *,
    reason: str | None = None,
    location: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> LossPostingPage:
    """The postings that a month's losses are made of; raises NotFound, InvalidInput for a foreign
    cursor."""
    names = read_names(tx)
    before = read_cursor(cursor, _PostingPlace) if cursor else None
    rows = _POSTINGS.all(
        tx,
        since=_begins(month),
        until=_begins(later(month, 1)),
        reason=reason,
        location_ids=_places(tx, location),
        at=before.at if before else None,
        item_id=before.item_id if before else None,
        location_id=before.location_id if before else None,
        seq=before.seq if before else None,
        limit=limit + 1,
    )
    shared = set(LossPosting.__struct_fields__) - {"location"}
    items = tuple(
        LossPosting(
            **{name: getattr(row, name) for name in shared}, location=names.place(row.location_id)
        )
        for row in rows[:limit]
    )
    if len(rows) <= limit:
        return LossPostingPage(items, None)
    last = rows[limit - 1]
    place = _PostingPlace(last.at, last.item_id, last.location_id, last.seq)
    return LossPostingPage(items, write_cursor(place))


# A document is one event, whose stream its postings name as their source.
_POSTINGS = query(
    _PostingRow,
    f"""
    SELECT p.at, p.item_id, i.sku, i.name, p.location_id, p.seq, p.from_bucket::text,
           p.to_bucket::text,
           CASE WHEN p.from_bucket = 'adjustment' THEN p.qty ELSE -p.qty END AS qty, p.reason,
           coalesce(e.body ->> 'note', '') AS note,
           coalesce(u.name, k.name, CASE WHEN p.actor_id = '00000000-0000-0000-0000-000000000000'
                                         THEN 'Ordito' ELSE '' END) AS actor
    FROM inventory.posting AS p
    JOIN catalog.item AS i ON i.id = p.item_id
    JOIN locations.location AS l ON l.id = p.location_id AND l.kind <> 'history'
    LEFT JOIN platform.event AS e
      ON e.stream_id = p.source_id AND e.seq = 1 AND e.stream IN ('adjustment', 'count')
    LEFT JOIN platform.app_user AS u ON u.id = p.actor_id
    LEFT JOIN platform.api_key AS k ON k.id = p.actor_id
    WHERE {_OFF} AND p.at >= %(since)s AND p.at < %(until)s
      AND (%(reason)s::text IS NULL OR p.reason = %(reason)s::text)
      AND (%(location_ids)s::uuid[] IS NULL OR p.location_id = ANY(%(location_ids)s::uuid[]))
      AND (%(at)s::timestamptz IS NULL
           OR (p.at, p.item_id, p.location_id, p.seq)
              < (%(at)s::timestamptz, %(item_id)s::uuid, %(location_id)s::uuid, %(seq)s::int8))
    ORDER BY p.at DESC, p.item_id DESC, p.location_id DESC, p.seq DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def _begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _places(tx: Tx, location: str | None) -> str | None:
    """The location that was named, else the scope, as an array's text; raises NotFound."""
    if location is not None:
        return uuids([find_place(tx, read_names(tx), location).id])
    return None if tx.actor.location_ids is None else uuids(sorted(tx.actor.location_ids))
