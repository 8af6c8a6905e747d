"""Bins, and where items usually lie. Stock is counted per location: bins guide the picker."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from ordito.locations.types import Bin, ItemBin
from ordito.platform.arrays import texts, uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement


def read_bins(tx: Tx, location_id: UUID) -> list[Bin]:
    """All bins of a location in the order in which they are walked."""
    return _BINS.all(tx, location_id=location_id)


_BINS = query(
    Bin,
    """
    SELECT location_id, code, walk_order
    FROM locations.bin
    WHERE location_id = %(location_id)s
    ORDER BY walk_order, code
    """,
)


def read_item_bins(tx: Tx, location_id: UUID, item_ids: Iterable[UUID]) -> list[ItemBin]:
    """Where items lie at a location, in the order in which the bins are walked."""
    return _ITEM_BINS.all(tx, location_id=location_id, item_ids=uuids(item_ids))


_ITEM_BINS = query(
    ItemBin,
    """
    SELECT i.location_id, i.item_id, i.bin, b.walk_order
    FROM locations.bin_item AS i
    JOIN locations.bin AS b ON b.location_id = i.location_id AND b.code = i.bin
    WHERE i.location_id = %(location_id)s AND i.item_id = ANY(%(item_ids)s::uuid[])
    ORDER BY b.walk_order, i.bin, i.item_id
    """,
)


def list_binned(tx: Tx, location_id: UUID, codes: Iterable[str], *, limit: int) -> list[UUID]:
    """Items that lie in any of these bins of a location."""
    return _BINNED.all(tx, location_id=location_id, codes=texts(codes), limit=limit)


_BINNED = query(
    UUID,
    """
    SELECT DISTINCT item_id
    FROM locations.bin_item
    WHERE location_id = %(location_id)s AND bin = ANY(%(codes)s::text[])
    ORDER BY item_id
    LIMIT %(limit)s
    """,
)


def find_filled(tx: Tx, location_id: UUID, codes: Iterable[str]) -> list[str]:
    """Those of the bins in which items lie."""
    return _FILLED.all(tx, location_id=location_id, codes=texts(codes))


_FILLED = query(
    str,
    """
    SELECT DISTINCT bin
    FROM locations.bin_item
    WHERE location_id = %(location_id)s AND bin = ANY(%(codes)s::text[])
    ORDER BY bin
    """,
)


def replace_bins(
    tx: Tx, location_id: UUID, bins: Sequence[tuple[str, int]], *, removed: Iterable[str]
) -> None:
    """Write bins (code, walk order) and take others away; the caller locks the location."""
    _DELETE.run(tx, location_id=location_id, codes=texts(removed))
    _PUT.run(tx, [(location_id, code, walk_order) for code, walk_order in sorted(bins)])


_DELETE = statement("""
    DELETE FROM locations.bin
    WHERE location_id = %(location_id)s AND code = ANY(%(codes)s::text[])
""")

_PUT = bulk("""
    INSERT INTO locations.bin AS b (location_id, code, walk_order)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::int4[])
    ON CONFLICT (location_id, code) DO UPDATE SET walk_order = excluded.walk_order
    WHERE b.walk_order <> excluded.walk_order
""")


def replace_item_bins(
    tx: Tx, location_id: UUID, item_ids: Iterable[UUID], places: Sequence[tuple[UUID, str]]
) -> None:
    """Put items into exactly these bins of a location: (item id, bin) each."""
    _EMPTY.run(tx, location_id=location_id, item_ids=uuids(item_ids))
    _FILL.run(tx, [(location_id, item_id, bin_) for item_id, bin_ in sorted(places)])


_EMPTY = statement("""
    DELETE FROM locations.bin_item
    WHERE location_id = %(location_id)s AND item_id = ANY(%(item_ids)s::uuid[])
""")

_FILL = bulk("""
    INSERT INTO locations.bin_item (location_id, item_id, bin)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[])
""")
