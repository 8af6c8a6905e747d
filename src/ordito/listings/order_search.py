"""Finding the entries of a page: bounded work for any filter, at any depth of the list.

Three ways, tried in turn. Walk: look at the next few hundred entries in the order of the list; a
filter that is common there fills the page. Rare: where the index has few matches in all, take
them all and sort. Stretches: where matches are many, but not here, ask the index for stretches of
days, each so short that its matches are few, going on from where the walk ended.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.listings.entry_statistics import estimate_matches, most_unlisted, settle_words
from ordito.listings.order_filter import Matching
from ordito.listings.order_walks import (
    EARLIEST,
    FIRST_VALUES,
    LAST_VALUES,
    LATEST,
    TOTAL_MAX,
    WALK_ENDS,
    WALKS,
    Entry,
    Sort,
)
from ordito.listings.terms import DAY_SHIFTS, any_of, cover_days, day_begin, day_number
from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query


class Reach(msgspec.Struct, frozen=True):
    """How much is looked at before the next way is tried.

    walk:  entries in list order.
    fetch: matches taken from the index at a time.
    rare:  matches expected in all, up to which all are asked for at once.
    probe: matches that the index may be asked to find at a time, as far as can be foreseen.
    """

    walk: int = 300
    fetch: int = 500
    rare: int = 400
    probe: int = 4_000


REACH = Reach()


class Span(msgspec.Struct, frozen=True):
    """What part of the list is wanted: the entries after `start` in its direction.

    start: sort value and order id of the last row known, None at the list's beginning.
    """

    sort: Sort
    rising: bool
    start: tuple[Any, UUID] | None
    limit: int

    def sorted(self, entries: list[Entry]) -> list[Entry]:
        return sorted(entries, key=lambda e: e.key(self.sort), reverse=not self.rising)

    def has(self, entry: Entry) -> bool:
        if self.start is None:
            return True
        key = entry.key(self.sort)
        return key > self.start if self.rising else key < self.start


def find_entries(tx: Tx, matching: Matching, span: Span, reach: Reach = REACH) -> list[Entry]:
    """The next entries of the list, at most span.limit, in its direction."""
    matching = msgspec.structs.replace(matching, parts=settle_words(tx, matching.parts))
    found = _walk(tx, matching, span, reach.walk)
    if len(found) >= span.limit:
        return found
    end = _walk_end(tx, matching, span, reach.walk)
    if end is None or not (matching.parts or matching.coarse):
        return found
    rest = msgspec.structs.replace(span, start=end, limit=span.limit - len(found))
    return found + _find_beyond(tx, matching, rest, reach)


def _find_beyond(tx: Tx, matching: Matching, span: Span, reach: Reach) -> list[Entry]:
    if matching.promised_before is not None:
        late = {"promised_before": matching.promised_before, "n": reach.fetch + 1}
        if _COUNT_LATE.one(tx, **late) <= reach.fetch:
            rows = _LATE.all(tx, query=matching.check, **late)
            return _choose(rows, matching, span)[: span.limit]
    expected = estimate_matches(tx, [*matching.parts, *matching.coarse])
    by_date = span.sort == "placed_at"
    if expected <= reach.rare:
        rows = _MATCH.all(tx, queries=texts(matching.ask_index()), n=reach.fetch + 1)
        if len(rows) <= reach.fetch:
            return _choose(rows, matching, span)[: span.limit]
        expected = max(most_unlisted(tx), 2.0 * reach.fetch)
    if by_date:
        return _Stretches(tx, matching, span, reach, expected).find()
    # Other orders have no stretches. What is not rare is met soon, unless the order keeps it apart.
    return _walk(tx, matching, span, None)


_COUNT_LATE = query(
    int,
    """
    SELECT count(*)
    FROM (
        SELECT
        FROM listings.order_entry
        WHERE awaited AND promised_on < %(promised_before)s::date
        LIMIT %(n)s::int4
    ) AS counted
    """,
)

# What is late is a small part of what is awaited, unless the shop is in trouble.
_LATE = query(
    Entry,
    """
    SELECT order_id, placed_at, number, promised_on, currency, total_minor
    FROM listings.order_entry
    WHERE awaited AND promised_on < %(promised_before)s::date
      AND doc @@ (SELECT %(query)s::text::tsquery)
    LIMIT %(n)s::int4
    """,
)


def _choose(rows: list[Entry], matching: Matching, span: Span) -> list[Entry]:
    """Those of the rows that the list has there, in its order."""
    return span.sorted([row for row in rows if span.has(row) and _fits(row, matching)])


def _fits(row: Entry, matching: Matching) -> bool:
    """What lexemes are too coarse for."""
    at_least, at_most = matching.total_min_minor, matching.total_max_minor
    promised_before = matching.promised_before
    return (
        (matching.placed_from is None or row.placed_at >= matching.placed_from)
        and (matching.placed_before is None or row.placed_at < matching.placed_before)
        and (promised_before is None or row.promised_on < promised_before)
        and (at_least is None or row.total_minor >= at_least)
        and (at_most is None or row.total_minor <= at_most)
    )


_MATCH = query(
    Entry,
    """
    SELECT order_id, placed_at, number, promised_on, currency, total_minor
    FROM listings.match_entries(%(queries)s::text[]::tsquery[], %(n)s::int4)
    """,
)


class _Stretches:
    """The search by stretches of days, nearest first, as long as keeps their matches few."""

    def __init__(
        self, tx: Tx, matching: Matching, span: Span, reach: Reach, expected: float
    ) -> None:
        self.tx = tx
        self.matching = matching
        self.span = span
        self.reach = reach
        self.expected = expected
        self.found: list[Entry] = []

    def find(self) -> list[Entry]:
        low, high = self._days()
        days_max = self._foresee(self.reach.probe, high - low + 1)
        days = min(days_max, self._foresee(self.span.limit, high - low + 1))
        while low <= high and len(self.found) < self.span.limit:
            first, last = self._next_days(low, high, days)
            rows = self._matches(first, last)
            if len(rows) > self.reach.fetch and first < last:
                # More than foreseen lie here: what comes next will be as dense.
                days = max(1, (last - first + 1) // 8)
                days_max = max(1, (last - first + 1) // 2)
                continue
            if len(rows) > self.reach.fetch:
                self.found += self._walk_day(first)
            else:
                self.found += _choose(rows, self.matching, self.span)
            low, high = (last + 1, high) if self.span.rising else (low, first - 1)
            days = min(days * (2 if rows else 4), days_max)
        return self.found[: self.span.limit]

    def _next_days(self, low: int, high: int, days: int) -> tuple[int, int]:
        """About so many days at the near end; a few more, if that makes them whole stretches."""
        whole = 1 << DAY_SHIFTS[1]
        days = min(days, high - low + 1)
        if self.span.rising:
            last = low + days - 1
            return low, min(high, last - last % whole + whole - 1) if days >= whole else last
        first = high - days + 1
        return max(low, first - first % whole) if days >= whole else first, high

    def _days(self) -> tuple[int, int]:
        """The first and last day of what is left of the list."""
        assert self.span.start is not None, "the walk came to an end somewhere"
        ends = _ENDS.one(self.tx)
        low, high, at = ends.first, ends.last, self.span.start[0]
        low, high = (max(low, at), high) if self.span.rising else (low, min(high, at))
        low = max(low, self.matching.placed_from or low)
        high = min(high, self.matching.placed_before or high)
        return day_number(low), day_number(high)

    def _foresee(self, matches: int, days: int) -> int:
        """Days in which so many matches are expected, if they were spread evenly."""
        if self.expected < 1:
            return days
        return max(1, min(days, int(matches * days / self.expected)))

    def _matches(self, first: int, last: int) -> list[Entry]:
        days = any_of(stretch.term("d") for stretch in cover_days(first, last))
        queries = texts(self.matching.ask_index(days))
        return _MATCH.all(self.tx, queries=queries, n=self.reach.fetch + 1)

    def _walk_day(self, day: int) -> list[Entry]:
        """A day with more matches than are taken at a time: common enough to be walked."""
        begin, end = day_begin(day), day_begin(day + 1)
        matching = msgspec.structs.replace(
            self.matching,
            placed_from=max(begin, self.matching.placed_from or begin),
            placed_before=min(end, self.matching.placed_before or end),
        )
        limit = self.span.limit - len(self.found)
        return _walk(self.tx, matching, msgspec.structs.replace(self.span, limit=limit), None)


class _Ends(msgspec.Struct, frozen=True):
    first: datetime
    last: datetime


_ENDS = query(
    _Ends,
    """
    SELECT (SELECT placed_at FROM listings.order_entry ORDER BY placed_at LIMIT 1) AS first,
           (SELECT placed_at FROM listings.order_entry ORDER BY placed_at DESC LIMIT 1) AS last
    WHERE EXISTS (SELECT FROM listings.order_entry)
    """,
)


def _walk(tx: Tx, matching: Matching, span: Span, steps: int | None) -> list[Entry]:
    """Matches among the next entries in list order; steps: how many are looked at, None is all."""
    return WALKS[span.sort, span.rising].all(
        tx,
        **_bounds(matching, span),
        steps=steps,
        limit=span.limit,
        query=matching.check,
        placed_from=matching.placed_from or EARLIEST,
        placed_before=matching.placed_before or LATEST,
        total_min=-TOTAL_MAX if matching.total_min_minor is None else matching.total_min_minor,
        promised_before=matching.promised_before or date.max,
        total_max=TOTAL_MAX if matching.total_max_minor is None else matching.total_max_minor,
    )


def _walk_end(tx: Tx, matching: Matching, span: Span, steps: int) -> tuple[Any, UUID] | None:
    """The last entry that a walk looked at, None when it came to the end of the list."""
    params = _bounds(matching, span)
    if span.sort == "placed_at":
        params["placed_from"] = matching.placed_from or EARLIEST
        params["placed_before"] = matching.placed_before or LATEST
    row = WALK_ENDS[span.sort, span.rising].first(tx, **params, steps=steps - 1)
    return None if row is None else row.key(span.sort)


def _bounds(matching: Matching, span: Span) -> dict[str, Any]:
    value, order_id = span.start or (
        FIRST_VALUES[span.sort] if span.rising else LAST_VALUES[span.sort]
    )
    bounds = {"value": value, "order_id": order_id}
    return bounds | {"currency": matching.currency} if span.sort == "total" else bounds
