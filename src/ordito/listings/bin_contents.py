"""What lies in the bins of a location, what is to be put away there, and who moved what."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.inventory.types import CellKey
from ordito.listings.places import read_names
from ordito.locations.types import BinPurpose
from ordito.platform.arrays import texts
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query


class BinWalk(msgspec.Struct, frozen=True):
    """A bin with units of an item, where units are taken from one after the other."""

    item_id: UUID
    location_id: UUID
    bin: str


def read_walks(tx: Tx, keys: Iterable[CellKey]) -> dict[CellKey, list[str]]:
    """The bins from which units of cells are taken, first to last: pick bins as they are walked,
    what lies in no bin, what came in, reserve; what is set aside for quality last."""
    walks: dict[CellKey, list[str]] = {}
    for row in _WALKS.all_rows(tx, sorted(set(keys))):
        walks.setdefault((str(row.item_id), str(row.location_id)), []).append(row.bin)
    return walks


_WALKS = bulk_query(
    BinWalk,
    """
    SELECT s.item_id, s.location_id, s.bin
    FROM inventory.bin_stock AS s
    JOIN unnest(%s::uuid[], %s::uuid[]) AS wanted (item_id, location_id)
      ON s.item_id = wanted.item_id AND s.location_id = wanted.location_id
    LEFT JOIN locations.bin AS b ON b.location_id = s.location_id AND b.code = s.bin
    WHERE s.qty > 0
    ORDER BY s.item_id, s.location_id,
             CASE WHEN s.bin = '@unplaced' THEN 1 WHEN s.bin = '@receiving' THEN 2
                  WHEN b.purpose = 'reserve' THEN 3 WHEN b.purpose = 'receiving' THEN 4
                  WHEN b.purpose = 'quality' THEN 5 ELSE 0 END,
             b.walk_order, s.bin
    """,
)


class ContentRow(msgspec.Struct, frozen=True):
    """Units of an item in a bin. purpose, walk_order: none for the built-in places.

    rank: 0 for these, they come first.
    """

    bin: str
    purpose: BinPurpose | None
    walk_order: int
    rank: int
    item_id: UUID
    sku: str
    sku_key: str
    name: str
    qty: int


ContentCursor = tuple[int, int, str, str]
"""rank, walk order, bin and SKU key of the last row of a page."""


def list_contents(
    tx: Tx,
    location_id: UUID,
    *,
    words: str = "",
    bin_: str | None = None,
    after: ContentCursor | None = None,
    limit: int = 50,
) -> list[ContentRow]:
    """What lies in which bin, as the bins are walked. words: a part of a bin, SKU or name."""
    rank, walk_order, code, sku_key = after or (-1, 0, "", "")
    return _CONTENTS.all(
        tx,
        location_id=location_id,
        words=f"%{_escaped(words)}%" if words else None,
        bin=bin_,
        rank=rank,
        walk_order=walk_order,
        code=code,
        sku_key=sku_key,
        limit=limit,
    )


def _escaped(words: str) -> str:
    return words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


_CONTENTS = query(
    ContentRow,
    """
    SELECT c.bin, c.purpose, c.walk_order, c.rank, c.item_id, c.sku, c.sku_key, c.name, c.qty
    FROM (
        SELECT s.bin, b.purpose, coalesce(b.walk_order, 0) AS walk_order,
               (b.code IS NOT NULL)::int4 AS rank, s.item_id, i.sku, i.sku_key, i.name, s.qty
        FROM inventory.bin_stock AS s
        JOIN catalog.item AS i ON i.id = s.item_id
        LEFT JOIN locations.bin AS b ON b.location_id = s.location_id AND b.code = s.bin
        WHERE s.location_id = %(location_id)s AND s.qty > 0
          AND (%(bin)s::text IS NULL OR s.bin = %(bin)s::text)
          AND (%(words)s::text IS NULL OR i.sku ILIKE %(words)s::text
               OR i.name ILIKE %(words)s::text OR s.bin ILIKE %(words)s::text)
    ) AS c
    WHERE (c.rank, c.walk_order, c.bin COLLATE "C", c.sku_key COLLATE "C")
          > (%(rank)s::int4, %(walk_order)s::int4, %(code)s::text, %(sku_key)s::text)
    ORDER BY c.rank, c.walk_order, c.bin COLLATE "C", c.sku_key COLLATE "C"
    LIMIT %(limit)s
    """,
)


def list_in_bins(tx: Tx, location_id: UUID, codes: Iterable[str], *, limit: int) -> list[UUID]:
    """Items of which units lie in any of the bins."""
    return _IN_BINS.all(tx, location_id=location_id, codes=texts(codes), limit=limit)


_IN_BINS = query(
    UUID,
    """
    SELECT DISTINCT item_id
    FROM inventory.bin_stock
    WHERE location_id = %(location_id)s AND bin = ANY(%(codes)s::text[]) AND qty > 0
    ORDER BY item_id
    LIMIT %(limit)s
    """,
)


class ToPutAway(msgspec.Struct, frozen=True):
    """An item of which units are to be put away. receiving: came in; unplaced: lie in no bin;
    released: lie with what is set aside, though they may be sold. since: the last of them came."""

    item_id: UUID
    sku: str
    sku_key: str
    name: str
    receiving: int
    unplaced: int
    released: int
    since: datetime | None


def list_to_put_away(
    tx: Tx, location_id: UUID, *, after: str = "", limit: int = 50
) -> list[ToPutAway]:
    """Items to be put away, by SKU; the next page is `after` the last one's sku_key."""
    return _TO_PUT_AWAY.all(tx, location_id=location_id, item_id=None, after=after, limit=limit)


def find_to_put_away(tx: Tx, location_id: UUID, item_id: UUID) -> ToPutAway | None:
    """What is to be put away of an item."""
    return _TO_PUT_AWAY.first(tx, location_id=location_id, item_id=item_id, after="", limit=1)


# What is set aside is what the cell says; more than that in its bins was released since.
_TO_PUT_AWAY = query(
    ToPutAway,
    """
    SELECT i.id AS item_id, i.sku, i.sku_key, i.name, w.receiving, w.unplaced, w.released,
           (SELECT max(m.at)
            FROM inventory.bin_move AS m
            WHERE m.item_id = i.id AND m.location_id = %(location_id)s
              AND m.to_bin IN ('@receiving', '@unplaced')) AS since
    FROM (
        SELECT s.item_id,
               coalesce(sum(s.qty) FILTER (WHERE s.bin = '@receiving'
                                           OR b.purpose = 'receiving'), 0)::int8 AS receiving,
               coalesce(sum(s.qty) FILTER (WHERE s.bin = '@unplaced'), 0)::int8 AS unplaced,
               greatest(0, coalesce(sum(s.qty) FILTER (WHERE b.purpose = 'quality'), 0)
                           - max(t.quality_control + t.damaged))::int8 AS released
        FROM inventory.bin_stock AS s
        JOIN inventory.stock AS t ON t.item_id = s.item_id AND t.location_id = s.location_id
        LEFT JOIN locations.bin AS b ON b.location_id = s.location_id AND b.code = s.bin
        WHERE s.location_id = %(location_id)s AND s.qty > 0
          AND (s.bin IN ('@receiving', '@unplaced') OR b.purpose IN ('receiving', 'quality'))
          AND (%(item_id)s::uuid IS NULL OR s.item_id = %(item_id)s::uuid)
        GROUP BY s.item_id
    ) AS w
    JOIN catalog.item AS i ON i.id = w.item_id
    WHERE w.receiving + w.unplaced + w.released > 0
      AND i.sku_key COLLATE "C" > %(after)s::text
    ORDER BY i.sku_key COLLATE "C"
    LIMIT %(limit)s
    """,
)


class MoveRow(msgspec.Struct, frozen=True):
    """A move as it is shown. actor: the name of who did it, "" where nobody has it any more.

    undone: it was taken back since.
    """

    id: int
    item_id: UUID
    sku: str
    name: str
    from_bin: str | None
    to_bin: str | None
    qty: int
    reason: str
    at: datetime
    actor: str
    undone: bool


def list_moves(
    tx: Tx,
    location_id: UUID,
    *,
    item_id: UUID | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[MoveRow]:
    """Moves at a location, the newest first; the next page is `before` the last one's id."""
    return _MOVES.all(
        tx, location_id=location_id, item_id=item_id, before=before or 2**62, limit=limit
    )


_MOVES = query(
    MoveRow,
    """
    SELECT m.id, m.item_id, i.sku, i.name, m.from_bin, m.to_bin, m.qty, m.reason, m.at,
           coalesce(u.name, k.name, '') AS actor,
           EXISTS (SELECT FROM inventory.bin_move AS b WHERE b.undoes = m.id) AS undone
    FROM inventory.bin_move AS m
    JOIN catalog.item AS i ON i.id = m.item_id
    LEFT JOIN platform.app_user AS u ON u.id = m.actor_id
    LEFT JOIN platform.api_key AS k ON k.id = m.actor_id
    WHERE m.location_id = %(location_id)s AND m.id < %(before)s::int8
      AND (%(item_id)s::uuid IS NULL OR m.item_id = %(item_id)s::uuid)
    ORDER BY m.id DESC
    LIMIT %(limit)s
    """,
)


def keeps_bin_stock(tx: Tx, location_id: UUID) -> bool:
    """Whether a location keeps a record of what lies in which bin."""
    return _KEEPS.one(tx, location_id=location_id)


_KEEPS = query(
    bool,
    "SELECT EXISTS (SELECT FROM inventory.binned WHERE location_id = %(location_id)s) AS keeps",
)


def list_binned(tx: Tx) -> list[UUID]:
    """Locations that keep bin stock and that the reader sees, by code."""
    places = read_names(tx).locations
    return sorted(
        (id_ for id_ in _BINNED.all(tx) if id_ in places and tx.actor.sees_location(id_)),
        key=lambda id_: places[id_].code,
    )


_BINNED = query(UUID, "SELECT location_id FROM inventory.binned ORDER BY location_id")
