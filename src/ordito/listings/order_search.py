"""Finding the entries of a page: bounded work for any filter, at any depth of the list.

Three ways, tried in turn. Walk: look at the next thousand entries in the order of the list; a
filter that is common there fills the page. Rare: where the index has few matches in all, take
them all and sort. Stretches: where matches are many, but not here, ask the index for stretches of
days, each so short that its matches are few, going on from where the walk ended.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from ordito.listings.entry_statistics import estimate_matches
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
from ordito.listings.terms import Stretch, all_of, any_of, cover_days, day_number
from ordito.platform.database import Tx, query


class Reach(msgspec.Struct, frozen=True):
    """How much is looked at before the next way is tried.

    walk:  entries in list order.
    fetch: matches taken from the index at a time.
    rare:  matches expected in all, up to which all are asked for at once.
    rare_elsewhere: the same in orders other than by date, which have no stretches.
    """

    walk: int = 1_000
    fetch: int = 2_000
    rare: int = 5_000
    rare_elsewhere: int = 50_000


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
    found = _walk(tx, matching, span, reach.walk)
    if len(found) >= span.limit:
        return found
    end = _walk_end(tx, matching, span, reach.walk)
    if end is None or not (matching.parts or matching.coarse):
        return found
    rest = msgspec.structs.replace(span, start=end, limit=span.limit - len(found))
    return found + _find_beyond(tx, matching, rest, reach)


def _find_beyond(tx: Tx, matching: Matching, span: Span, reach: Reach) -> list[Entry]:
    expected = estimate_matches(tx, [*matching.parts, *matching.coarse])
    by_date = span.sort == "placed_at"
    if expected <= (reach.rare if by_date else reach.rare_elsewhere):
        most = reach.fetch if by_date else reach.rare_elsewhere
        rows = _MATCH.all(tx, query=matching.index_query, n=most + 1)
        if len(rows) <= most:
            return _choose(rows, matching, span)[: span.limit]
    if by_date:
        return _Stretches(tx, matching, span, reach.fetch).find()
    return _walk(tx, matching, span, None)


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
    FROM listings.match_entries(%(query)s::text::tsquery, %(n)s::int4)
    """,
)


class _Stretches:
    """The search by stretches of days, nearest first, as many at a time as stay small."""

    def __init__(self, tx: Tx, matching: Matching, span: Span, fetch: int) -> None:
        self.fetch = fetch
        self.tx = tx
        self.matching = matching
        self.span = span
        self.found: list[Entry] = []

    def find(self) -> list[Entry]:
        left = self._cover()
        size = 1
        while left and len(self.found) < self.span.limit:
            group, rows = left[:size], self._matches(left[:size])
            if len(rows) <= self.fetch:
                self.found += _choose(rows, self.matching, self.span)
                left, size = left[size:], size * 2
            elif len(group) > 1:
                size = len(group) // 2
            elif parts := group[0].parts():
                left = [*self._direct(parts), *left[1:]]
            else:
                self.found += self._walk_day(group[0])
                left = left[1:]
        return self.found[: self.span.limit]

    def _matches(self, group: list[Stretch]) -> list[Entry]:
        days = any_of(stretch.term("d") for stretch in group)
        return _MATCH.all(
            self.tx, query=all_of([self.matching.index_query, days]), n=self.fetch + 1
        )

    def _cover(self) -> list[Stretch]:
        """The days that are left of the list, in its direction."""
        ends = _ENDS.first(self.tx)
        assert self.span.start is not None, "the walk came to an end somewhere"
        if ends is None:
            return []
        low, high = ends.first, ends.last
        at = self.span.start[0]
        low, high = (max(low, at), high) if self.span.rising else (low, min(high, at))
        if self.matching.placed_from is not None:
            low = max(low, self.matching.placed_from)
        if self.matching.placed_before is not None:
            high = min(high, self.matching.placed_before)
        return self._direct(cover_days(day_number(low), day_number(high)))

    def _direct(self, stretches: list[Stretch]) -> list[Stretch]:
        return stretches if self.span.rising else stretches[::-1]

    def _walk_day(self, day: Stretch) -> list[Entry]:
        """A day with more matches than are taken at a time: common enough to be walked."""
        first = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day.first)
        matching = msgspec.structs.replace(
            self.matching,
            placed_from=max(first, self.matching.placed_from or first),
            placed_before=min(
                first + timedelta(days=1),
                self.matching.placed_before or first + timedelta(days=1),
            ),
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
