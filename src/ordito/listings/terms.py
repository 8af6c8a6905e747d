"""Lexemes: what an order is filed under, and the queries that find it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from ordito.listings.words import PREFIX_MIN, TAIL_MIN, search_words

DAY_SHIFTS = (8, 4, 0)
"""Days are filed singly, by 16 and by 256, widest first: bits of the day number left out."""
AMOUNT_SHIFTS = (4, 0)
"""The same for the sizes of amounts, of which there are some two hundred."""

_EPOCH = date(1970, 1, 1).toordinal()


def day_number(at: datetime) -> int:
    """Days since 1970, in UTC."""
    return at.astimezone(UTC).date().toordinal() - _EPOCH


def day_begin(day: int) -> datetime:
    """The first instant of a day."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)


def day_terms(prefix: str, day: int) -> list[str]:
    """What a day is filed under."""
    return [f"{prefix}{shift}:{day >> shift}" for shift in DAY_SHIFTS]


def amount_terms(prefix: str, total_minor: int) -> list[str]:
    """What an amount is filed under."""
    bucket = total_bucket(total_minor)
    return [f"{prefix}{shift}:{bucket >> shift}" for shift in AMOUNT_SHIFTS]


class Stretch(tuple[int, int]):
    """Days with one lexeme: (bits left out, day number without them)."""

    __slots__ = ()

    @property
    def first(self) -> int:
        return self[1] << self[0]

    @property
    def last(self) -> int:
        return self.first + (1 << self[0]) - 1

    def term(self, prefix: str) -> str:
        return f"{prefix}{self[0]}:{self[1]}"


def cover_days(first: int, last: int) -> list[Stretch]:
    """The fewest stretches that make up the days from first to last, oldest first."""
    return _cover(first, last, DAY_SHIFTS)


def cover_amounts(least: int, most: int) -> list[Stretch]:
    """The fewest stretches of sizes in which the amounts from least to most are; also others."""
    return _cover(total_bucket(least), total_bucket(most), AMOUNT_SHIFTS)


def _cover(first: int, last: int, shifts: Sequence[int]) -> list[Stretch]:
    found: list[Stretch] = []
    at = first
    while at <= last:
        shift = next(s for s in shifts if at % (1 << s) == 0 and at + (1 << s) - 1 <= last)
        found.append(Stretch((shift, at >> shift)))
        at += 1 << shift
    return found


def total_bucket(total_minor: int) -> int:
    """A coarse size of an amount: four steps each time it doubles. Rises with the amount."""
    if total_minor <= 0:
        return 0
    bits = total_minor.bit_length()
    # The two bits below the highest one.
    quarter = ((total_minor << 2) >> (bits - 1)) & 3
    return bits * 4 + quarter


def item_term(item_id: UUID) -> str:
    return f"i:{item_id.hex}"


def quote(term: str, *, prefix: bool = False) -> str:
    """A lexeme as a tsquery has it."""
    escaped = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}':*" if prefix else f"'{escaped}'"


def any_of(terms: Iterable[str]) -> str:
    """A query for entries with at least one of the lexemes."""
    quoted = [quote(term) for term in terms]
    assert quoted, "caller names at least one"
    return quoted[0] if len(quoted) == 1 else f"({' | '.join(quoted)})"


def all_of(queries: Sequence[str]) -> str:
    """A query that all the queries agree to."""
    return " & ".join(queries)


def text_queries(text: str) -> list[str]:
    """Queries for each word of a search; none for a text without letters and digits.

    The last word may be the beginning of one: it is perhaps still being typed.
    """
    *whole, last = search_words(text) or [""]
    return [quote(f"w:{word}") for word in whole] + ([_begins_with(last)] if last else [])


def _begins_with(word: str) -> str:
    query = quote(f"w:{word}", prefix=len(word) >= PREFIX_MIN)
    if word.isdigit() and len(word) >= TAIL_MIN:
        return f"({query} | {quote(f'v:{word[::-1]}', prefix=True)})"
    return query
