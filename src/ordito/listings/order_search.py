"""Finding the entries of a page: bounded work for any filter, at any depth of the list.

Three ways, tried in turn. Walk: look at the next few hundred entries in the order of the list; a
filter that is common there fills the page. Rare: where the index has some thousand matches in
all, the next ones of all of them. Stretches: where matches are many, but not here, ask the index
for stretches of days, each so short that its matches are few, going on from where the walk ended.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import astuple

from ordito.listings.entry_statistics import estimate_matches, most_unlisted, settle_words
from ordito.listings.order_filter import Matching
from ordito.listings.order_walks import (
    EARLIEST,
    FIRST_VALUES,
    LAST_VALUES,
    LATE_MATCHES,
    LATE_WALKS,
    LATEST,
    MATCHES,
    NO_ID,
    TOTAL_MAX,
    WALK_ENDS,
    WALKS,
    Entry,
    Found,
    Sort,
)
from ordito.listings.term_reach import narrow
from ordito.listings.terms import DAY_SHIFTS, any_of, cover_days, day_begin, day_number
from ordito.platform.arrays import texts
from ordito.platform.database import Query, Tx, query


class Reach(msgspec.Struct, frozen=True):
    """How much is looked at before the next way is tried.

    walk:  entries in list order.
    fetch: matches that a stretch of days may have; with more it is made shorter.
    rare:  matches expected in all, up to which all are looked at, and twice as many at most.
    probe: matches that the index may be asked to find at a time, as far as can be foreseen.
    """

    walk: int = 300
    fetch: int = 500
    rare: int = 8_000
    probe: int = 4_000

    @property
    def most(self) -> int:
        """Matches that are looked at when few are expected."""
        return max(1, 2 * self.rare)


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


def find_entries(tx: Tx, matching: Matching, span: Span, reach: Reach = REACH) -> list[Entry]:
    """The next entries of the list, at most span.limit, in its direction."""
    reached = narrow(tx, matching)
    if reached is None:
        return []
    span = _within(reached, span)
    if reached.is_just_late and (span.sort, span.rising) in LATE_WALKS:
        return _walk_late(tx, reached, span)
    matching = msgspec.structs.replace(reached, parts=settle_words(tx, reached.parts))
    found = _walk(tx, matching, span, reach.walk)
    if len(found) >= span.limit:
        return found
    end = _walk_end(tx, matching, span, reach.walk)
    if end is None or not (matching.parts or matching.coarse):
        return found
    rest = msgspec.structs.replace(span, start=end, limit=span.limit - len(found))
    return found + _find_beyond(tx, matching, rest, reach)


def _within(matching: Matching, span: Span) -> Span:
    """The span, begun at the nearest moment that is asked for.

    Of two bounds at one end the index may take the wider one to begin at.
    """
    if span.sort != "placed_at":
        return span
    begin = matching.placed_from if span.rising else matching.placed_before
    if begin is None:
        return span
    first = (begin, NO_ID)
    if span.start is not None and (span.start > first if span.rising else span.start < first):
        return span
    return msgspec.structs.replace(span, start=first)


def count_entries(tx: Tx, matching: Matching, most: int) -> int:
    """How many entries match, counted up to `most`."""
    parts = settle_words(tx, matching.parts)
    if matching.promised_before is not None:
        return _COUNT_LATE.one(
            tx, promised_before=matching.promised_before, query=matching.check, most=most
        )
    common = estimate_matches(tx, parts) > _COMMON * most
    if common or not parts or not matching.is_by_words:
        # Met soon on a walk, where the index would gather all of them first.
        return len(find_entries(tx, matching, Span("placed_at", False, None, most), _COUNTING))
    queries = msgspec.structs.replace(matching, parts=parts).ask_index()
    return _COUNT.one(tx, queries=texts(queries), most=most)


_COMMON = 100
_COUNTING = Reach(walk=4_000, fetch=2_000)

# In no order, which is what makes it cheap: what is old is found as soon as what is new.
_COUNT = query(
    int,
    """
    SELECT count(*)
    FROM listings.match_entries(%(queries)s::text[]::tsquery[], %(most)s::int4)
    """,
)


_COUNT_LATE = query(
    int,
    """
    SELECT count(*)
    FROM (
        SELECT
        FROM listings.order_entry
        WHERE awaited AND promised_on < %(promised_before)s::date
          AND doc @@ (SELECT %(query)s::text::tsquery)
        LIMIT %(most)s::int4
    ) AS counted
    """,
)


def _find_beyond(tx: Tx, matching: Matching, span: Span, reach: Reach) -> list[Entry]:
    if matching.promised_before is not None:
        late = _matches(tx, LATE_MATCHES, matching, span, reach.most)
        if late is not None:
            return late
    expected = estimate_matches(tx, [*matching.parts, *matching.coarse])
    if expected <= reach.rare:
        found = _matches(tx, MATCHES, matching, span, reach.most)
        if found is not None:
            return found
        expected = max(most_unlisted(tx), float(reach.most))
    if span.sort == "placed_at":
        return _Stretches(tx, matching, span, reach, expected).find()
    # Other orders have no stretches. What is not rare is met soon, unless the order keeps it apart.
    return _walk(tx, matching, span, None)


def _matches(
    tx: Tx,
    queries: Mapping[tuple[Sort, bool], Query[Found]],
    matching: Matching,
    span: Span,
    fetch: int,
    *days: str,
) -> list[Entry] | None:
    """The next of all matches in the order of the list; None when they are more than `fetch`."""
    rows = queries[span.sort, span.rising].all(
        tx,
        **_bounds(matching, span),
        **_limits(matching, span),
        queries=texts(matching.ask_index(*days)),
        most=fetch + 1,
    )
    if rows[0].found > fetch:
        return None
    entries = [Entry(*astuple(row)[1:]) for row in rows if row.order_id is not None]
    return span.sorted(entries)


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
            entries = self._matches_of(first, last)
            if entries is None and first < last:
                # More than foreseen lie here: what comes next will be as dense.
                days = max(1, (last - first + 1) // 8)
                days_max = max(1, (last - first + 1) // 2)
                continue
            self.found += self._walk_day(first) if entries is None else entries
            low, high = (last + 1, high) if self.span.rising else (low, first - 1)
            days = min(days * (2 if entries else 4), days_max)
        return self.found

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

    @property
    def _rest(self) -> Span:
        return msgspec.structs.replace(self.span, limit=self.span.limit - len(self.found))

    def _matches_of(self, first: int, last: int) -> list[Entry] | None:
        days = any_of(stretch.term("d") for stretch in cover_days(first, last))
        return _matches(self.tx, MATCHES, self.matching, self._rest, self.reach.fetch, days)

    def _walk_day(self, day: int) -> list[Entry]:
        """A day with more matches than are taken at a time: common enough to be walked."""
        begin, end = day_begin(day), day_begin(day + 1)
        matching = msgspec.structs.replace(
            self.matching,
            placed_from=max(begin, self.matching.placed_from or begin),
            placed_before=min(end, self.matching.placed_before or end),
        )
        return _walk(self.tx, matching, self._rest, None)


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
        **_limits(matching, span),
        steps=steps,
    )


def _walk_late(tx: Tx, matching: Matching, span: Span) -> list[Entry]:
    return LATE_WALKS[span.sort, span.rising].all(
        tx, **_bounds(matching, span), **_limits(matching, span)
    )


def _limits(matching: Matching, span: Span) -> dict[str, Any]:
    return {
        "limit": span.limit,
        "query": matching.check,
        "placed_from": matching.placed_from or EARLIEST,
        "placed_before": matching.placed_before or LATEST,
        "promised_before": matching.promised_before or date.max,
        "total_min": -TOTAL_MAX if matching.total_min_minor is None else matching.total_min_minor,
        "total_max": TOTAL_MAX if matching.total_max_minor is None else matching.total_max_minor,
    }


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
