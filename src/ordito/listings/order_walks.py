"""Entries in list order: one query for each way of sorting and direction."""

from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from ordito.platform.database import Query, query

Sort = Literal["placed_at", "promised_on", "number", "total"]

EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
TOTAL_MAX = 2**63 - 1
NO_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)

FIRST_VALUES: dict[Sort, tuple[Any, UUID]] = {
    "placed_at": (EARLIEST, NO_ID),
    "promised_on": (date.min, NO_ID),
    "number": (-1, NO_ID),
    "total": (-TOTAL_MAX, NO_ID),
}
"""Before every entry."""
LAST_VALUES: dict[Sort, tuple[Any, UUID]] = {
    "placed_at": (LATEST, _LAST_ID),
    "promised_on": (date.max, _LAST_ID),
    "number": (TOTAL_MAX, _LAST_ID),
    "total": (TOTAL_MAX, _LAST_ID),
}
"""After every entry."""


class Entry(msgspec.Struct, frozen=True):
    """An entry as far as lists are sorted by it."""

    order_id: UUID
    placed_at: datetime
    number: int
    promised_on: date
    currency: str
    total_minor: int

    def key(self, sort: Sort) -> tuple[Any, UUID]:
        """The value it is sorted by, and its id, which makes the order one of all entries."""
        value: Any = self.total_minor if sort == "total" else getattr(self, sort)
        return value, self.order_id


class Found(msgspec.Struct, frozen=True):
    """A match that comes next in the list, None where there is none, and how many were found."""

    found: int
    order_id: UUID | None
    placed_at: datetime | None
    number: int | None
    promised_on: date | None
    currency: str | None
    total_minor: int | None


_COLUMNS = "order_id, placed_at, number, promised_on, currency, total_minor"
_TYPES = {
    "placed_at": "timestamptz",
    "promised_on": "date",
    "number": "int8",
    "total_minor": "int8",
}


def _after(sort: Sort, *, rising: bool) -> tuple[str, str]:
    """What comes after a row in the list, and the order of the list."""
    column = "total_minor" if sort == "total" else sort
    after = (
        f"({column}, order_id) {'>' if rising else '<'}"
        f" (%(value)s::{_TYPES[column]}, %(order_id)s::uuid)"
    )
    if sort == "placed_at":
        after += (
            "\n          AND placed_at >= %(placed_from)s::timestamptz"
            "\n          AND placed_at < %(placed_before)s::timestamptz"
        )
    if sort == "total":
        after = f"currency = %(currency)s::text AND {after}"
    direction = "ASC" if rising else "DESC"
    return after, f"{column} {direction}, order_id {direction}"


# What lexemes are too coarse for.
_EXACTLY = """placed_at >= %(placed_from)s::timestamptz
      AND placed_at < %(placed_before)s::timestamptz
      AND (promised_on < %(promised_before)s::date OR %(promised_before)s::date = '9999-12-31')
      AND total_minor BETWEEN %(total_min)s::int8 AND %(total_max)s::int8"""


def _walk(sort: Sort, *, rising: bool) -> Query[Entry]:
    after, order = _after(sort, rising=rising)
    # The inner LIMIT bounds what is looked at, the outer one ends the walk when the page is full.
    return query(
        Entry,
        f"""
    SELECT {_COLUMNS}
    FROM (
        SELECT {_COLUMNS}, doc
        FROM listings.order_entry
        WHERE {after}
        ORDER BY {order}
        LIMIT %(steps)s
    ) AS e
    WHERE (%(query)s::text IS NULL OR doc @@ (SELECT %(query)s::text::tsquery))
      AND {_EXACTLY}
    ORDER BY {order}
    LIMIT %(limit)s
    """,  # noqa: S608 (constants of this module)
    )


def _walk_end(sort: Sort, *, rising: bool) -> Query[Entry]:
    after, order = _after(sort, rising=rising)
    return query(
        Entry,
        f"""
    SELECT {_COLUMNS}
    FROM listings.order_entry
    WHERE {after}
    ORDER BY {order}
    OFFSET %(steps)s
    LIMIT 1
    """,  # noqa: S608 (constants of this module)
    )


def _match(source: str, sort: Sort, *, rising: bool) -> Query[Found]:
    after, order = _after(sort, rising=rising)
    return query(
        Found,
        f"""
    WITH matches AS MATERIALIZED (
        SELECT {_COLUMNS}
        {source}
        LIMIT %(most)s::int4
    )
    SELECT c.found, {", ".join(f"e.{column}" for column in _COLUMNS.split(", "))}
    FROM (SELECT count(*) AS found FROM matches) AS c
    LEFT JOIN LATERAL (
        SELECT {_COLUMNS}
        FROM matches
        WHERE {after}
          AND {_EXACTLY}
        ORDER BY {order}
        LIMIT %(limit)s
    ) AS e ON true
    """,  # noqa: S608 (constants of this module)
    )


_BY_INDEX = "FROM listings.match_entries(%(queries)s::text[]::tsquery[], %(most)s::int4)"

# What is late is a small part of what is awaited, unless the shop is in trouble.
_OF_LATE = """FROM listings.order_entry
        WHERE awaited AND promised_on < %(promised_before)s::date
          AND doc @@ (SELECT %(query)s::text::tsquery)"""


def _late_walk(sort: Sort, *, rising: bool) -> Query[Entry]:
    after, order = _after(sort, rising=rising)
    return query(
        Entry,
        f"""
    SELECT {_COLUMNS}
    FROM listings.order_entry
    WHERE awaited AND promised_on < %(promised_before)s::date
      AND {after}
      AND {_EXACTLY}
    ORDER BY {order}
    LIMIT %(limit)s
    """,  # noqa: S608 (constants of this module)
    )


_SORTS: tuple[Sort, ...] = ("placed_at", "promised_on", "number", "total")

WALKS = {(sort, up): _walk(sort, rising=up) for sort in _SORTS for up in (True, False)}
"""Matches among the next `steps` entries of the list."""
WALK_ENDS = {(sort, up): _walk_end(sort, rising=up) for sort in _SORTS for up in (True, False)}
"""The entry that many steps further on."""
MATCHES = {
    (sort, up): _match(_BY_INDEX, sort, rising=up) for sort in _SORTS for up in (True, False)
}
"""The next entries of the list among at most `most` matches that the index finds."""
LATE_MATCHES = {
    (sort, up): _match(_OF_LATE, sort, rising=up) for sort in _SORTS for up in (True, False)
}
"""The same among what is late."""
LATE_WALKS = {
    (sort, up): _late_walk(sort, rising=up)
    for sort in ("placed_at", "promised_on")
    for up in (True, False)
}
"""What is late, in the orders that an index has what is awaited in."""
