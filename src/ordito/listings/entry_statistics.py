"""How many entries a filter is likely to match, from what ANALYZE knows of their lexemes."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from ordito.platform.database import Tx, query

KEPT_FOR = timedelta(minutes=1)

_LEXEME = re.compile(r"'((?:[^'\\]|''|\\.)*)'(:\*)?")


class _Statistics(msgspec.Struct, frozen=True):
    entries: float
    lexemes: list[str]
    shares: list[float]


class _Known(msgspec.Struct, frozen=True):
    """share: of entries that have a lexeme; those that aren't named are rarer than any."""

    read_at: datetime
    entries: float
    share: dict[str, float]


def estimate_matches(tx: Tx, parts: Iterable[str]) -> float:
    """Entries that the rarest of the parts of a query is likely to match; 0 when nobody knows.

    Two parts may exclude each other, so that there are fewer: it is an upper estimate.
    """
    known = _read(tx)
    return known.entries * min((_share(known, part) for part in parts), default=1.0)


def most_unlisted(tx: Tx) -> float:
    """Entries that a lexeme may have of which ANALYZE is silent: as many as the rarest listed."""
    known = _read(tx)
    return known.entries * min(known.share.values(), default=1.0)


def settle_words(tx: Tx, parts: Iterable[str]) -> tuple[str, ...]:
    """The parts of a query, where a word that many entries have is looked for whole.

    The index must gather every entry of each word that begins alike before it can leap.
    """
    known = _read(tx)
    return tuple(_settle(known, part) for part in parts)


def _settle(known: _Known, part: str) -> str:
    begun = _LEXEME.search(part)
    if begun is None or not begun[2]:
        return part
    return f"'{begun[1]}'" if begun[1] in known.share else part


def _share(known: _Known, part: str) -> float:
    if part.startswith("!"):
        return 1.0
    total = 0.0
    for lexeme, prefix in _LEXEME.findall(part):
        text = lexeme.replace("''", "'").replace("\\\\", "\\")
        if prefix:
            total += sum(share for word, share in known.share.items() if word.startswith(text))
        else:
            total += known.share.get(text, 0.0)
    return total


def _read(tx: Tx) -> _Known:
    known: _Known | None = tx.memory.get("listings.statistics")
    if known is not None and tx.now - known.read_at < KEPT_FOR:
        return known
    row = _STATISTICS.first(tx)
    if row is None:
        known = _Known(tx.now, 0.0, {})
    else:
        # Two more figures follow the shares: the least and the greatest of them.
        known = _Known(tx.now, row.entries, dict(zip(row.lexemes, row.shares, strict=False)))
    tx.memory["listings.statistics"] = known
    return known


_STATISTICS = query(
    _Statistics,
    """
    SELECT greatest(c.reltuples, 0)::float8 AS entries,
           s.most_common_elems::text::text[] AS lexemes,
           s.most_common_elem_freqs::float8[] AS shares
    FROM pg_stats AS s
    JOIN pg_class AS c ON c.oid = 'listings.order_entry'::regclass
    WHERE s.schemaname = 'listings' AND s.tablename = 'order_entry' AND s.attname = 'doc'
      AND s.most_common_elems IS NOT NULL
    """,
)
