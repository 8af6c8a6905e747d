"""What lay between two moments of an item: its postings, and their sums by cause."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from ordito.inventory.history import HALVE, Moment, PostingCursor
from ordito.inventory.types import Posting
from ordito.kernel.moves import Bucket
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class Span(msgspec.Struct, frozen=True):
    """From one moment to a later one, of an item at some locations (None: at all)."""

    item_id: UUID
    since: Moment
    until: Moment
    location_ids: frozenset[UUID] | None = None

    def named(self) -> dict[str, Any]:
        """As the parameters of the queries below."""
        return {
            "item_id": self.item_id,
            "location_ids": None if self.location_ids is None else uuids(self.location_ids),
            "since": self.since.at,
            "since_booked": self.since.booked,
            "since_known": self.since.known_at,
            "until": self.until.at,
            "until_booked": self.until.booked,
            "until_known": self.until.known_at,
        }


class Cause(msgspec.Struct, frozen=True):
    """Postings of one reason from one bucket to another: how many there are, pieces in sum."""

    reason: str
    from_bucket: Bucket
    to_bucket: Bucket
    qty: int
    postings: int


def sum_causes(tx: Tx, span: Span) -> list[Cause]:
    """Why the stock differs between the two moments, the largest quantities first."""
    return _CAUSES.all(tx, **span.named())


# What had happened and was known at the first moment is no change, though booked after it.
_BOOKED = """
        FROM inventory.posting AS n
        WHERE n.item_id = s.item_id AND n.location_id = s.location_id
          AND n.seq > s.first AND n.seq <= s.last
          AND NOT (n.at - n.occurred_at > interval '1 minute'
                   AND n.occurred_at <= %(since)s::timestamptz
                   AND n.at <= %(since_known)s::timestamptz)"""

_BOOKED_LATE = """
        FROM inventory.posting AS n
        WHERE n.item_id = s.item_id AND n.location_id = s.location_id
          AND n.at - n.occurred_at > interval '1 minute'
          AND n.at > %(until_booked)s::timestamptz AND n.at <= %(until_known)s::timestamptz
          AND n.occurred_at > %(since)s::timestamptz
          AND n.occurred_at <= %(until)s::timestamptz"""

# Each cell with the numbers of its last posting until the first and until the second moment.
_SPANNED = f"""
    WITH RECURSIVE cell AS (
        SELECT c.item_id, c.location_id, c.seq
        FROM inventory.stock AS c
        WHERE c.item_id = %(item_id)s
          AND (%(location_ids)s::uuid[] IS NULL OR c.location_id = ANY(%(location_ids)s::uuid[]))
    ),
    moment AS (
        SELECT unnest(ARRAY[%(since_booked)s::timestamptz, %(until_booked)s::timestamptz]) AS moment
    ), {HALVE},
    s AS (
        SELECT item_id, location_id, min(low) AS first, max(low) AS last
        FROM halved
        WHERE low = high
        GROUP BY item_id, location_id
    )"""  # noqa: S608 (a constant)

_CAUSES = query(
    Cause,
    f"""
    {_SPANNED}
    SELECT p.reason, p.from_bucket, p.to_bucket, sum(p.qty)::int8 AS qty, count(*) AS postings
    FROM s
    CROSS JOIN LATERAL (
        SELECT n.reason, n.from_bucket, n.to_bucket, n.qty {_BOOKED}
        UNION ALL
        SELECT n.reason, n.from_bucket, n.to_bucket, n.qty {_BOOKED_LATE}
    ) AS p
    GROUP BY p.reason, p.from_bucket, p.to_bucket
    ORDER BY sum(p.qty) DESC, p.reason, p.from_bucket, p.to_bucket
    LIMIT 500
    """,  # noqa: S608 (constants of this module)
)


class Opened(msgspec.Struct, frozen=True):
    """Which of the postings are meant: of a bucket (into or out of it), of a reason; None: all."""

    bucket: Bucket | None = None
    reason: str | None = None


def list_changes(
    tx: Tx,
    span: Span,
    opened: Opened,
    *,
    before: PostingCursor | None = None,
    limit: int = 50,
) -> list[Posting]:
    """The postings between the two moments, the last booked first."""
    at, location_id, seq = before or (None, None, None)
    return _POSTINGS.all(
        tx,
        **span.named(),
        bucket=opened.bucket,
        reason=opened.reason,
        at=at,
        location_id=location_id,
        seq=seq,
        limit=limit,
    )


_FIELDS: Iterable[str] = Posting.__struct_fields__
_OF_POSTING = ", ".join(f"n.{name}" for name in _FIELDS)
_OPENED = """
          AND (%(bucket)s::inventory.bucket IS NULL
               OR %(bucket)s::inventory.bucket IN (n.from_bucket, n.to_bucket))
          AND (%(reason)s::text IS NULL OR n.reason = %(reason)s::text)
          AND (%(at)s::timestamptz IS NULL
               OR (n.at, n.location_id, n.seq)
                  < (%(at)s::timestamptz, %(location_id)s::uuid, %(seq)s::int8))
        ORDER BY n.seq DESC
        LIMIT %(limit)s"""

_POSTINGS = query(
    Posting,
    f"""
    {_SPANNED}
    SELECT {", ".join(f"p.{name}" for name in _FIELDS)}
    FROM s
    CROSS JOIN LATERAL (
        (SELECT {_OF_POSTING} {_BOOKED} {_OPENED})
        UNION ALL
        (SELECT {_OF_POSTING} {_BOOKED_LATE} {_OPENED})
    ) AS p
    ORDER BY p.at DESC, p.location_id DESC, p.seq DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (constants of this module)
)
