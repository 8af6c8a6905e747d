"""Where in time the entries with a term lie: a search for what is all old begins there."""

import re
from datetime import datetime

import msgspec

from ordito.listings.order_filter import Matching
from ordito.listings.terms import day_begin
from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query

_FAMILIES = frozenset(("c:", "d:", "k:", "o:", "p:", "t:", "y:"))
"""Channel, delivery, kind, mode, location, tag, country: the trigger keeps the reach of these."""

_TERM = re.compile(r"'((?:[^'\\]|''|\\.)*)'")
_ANY_OF = re.compile(rf"\(?{_TERM.pattern}(?: \| {_TERM.pattern})*\)?")


class _Reach(msgspec.Struct, frozen=True):
    """Days since 1970, both included."""

    term: str
    first_day: int
    last_day: int


def narrow(tx: Tx, matching: Matching) -> Matching | None:
    """The same search between the moments that it can find anything; None where it can't.

    The bounds may be too wide, never too narrow: they are kept with the entries.
    """
    asked = [terms for part in matching.parts if (terms := _terms(part))]
    if not asked:
        return matching
    known = {row.term: row for row in _REACHES.all(tx, terms=texts(set().union(*asked)))}
    reaches = [[known[term] for term in terms if term in known] for terms in asked]
    if not all(reaches):
        return None
    first = day_begin(max(min(r.first_day for r in either) for either in reaches))
    end = day_begin(1 + min(max(r.last_day for r in either) for either in reaches))
    begin = _later(first, matching.placed_from)
    before = _earlier(end, matching.placed_before)
    if begin >= before:
        return None
    return msgspec.structs.replace(matching, placed_from=begin, placed_before=before)


def _terms(part: str) -> set[str]:
    """The terms of which an entry must have one, if all of them have a known reach."""
    if not _ANY_OF.fullmatch(part):
        return set()
    terms = {_plain(quoted) for quoted in _TERM.findall(part)}
    return terms if all(term[:2] in _FAMILIES for term in terms) else set()


def _plain(quoted: str) -> str:
    return quoted.replace("''", "'").replace("\\\\", "\\")


def _later(one: datetime, other: datetime | None) -> datetime:
    return one if other is None else max(one, other)


def _earlier(one: datetime, other: datetime | None) -> datetime:
    return one if other is None else min(one, other)


_REACHES = query(
    _Reach,
    """
    SELECT term, first_day, last_day
    FROM listings.term_reach
    WHERE term = ANY(%(terms)s::text[])
    """,
)
