"""Bins, what they are for, and where items usually lie.

What lies in them is known where a location keeps bin stock (inventory.bin_stock)."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

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
    SELECT location_id, code, walk_order, purpose, capacity_ml, capacity_units
    FROM locations.bin
    WHERE location_id = %(location_id)s
    ORDER BY walk_order, code
    """,
)


def find_bins(tx: Tx, location_id: UUID, codes: Iterable[str]) -> dict[str, Bin]:
    """Those of the bins that a location has, by code."""
    rows = _SOME_BINS.all(tx, location_id=location_id, codes=texts(codes))
    return {row.code: row for row in rows}


_SOME_BINS = query(
    Bin,
    """
    SELECT location_id, code, walk_order, purpose, capacity_ml, capacity_units
    FROM locations.bin
    WHERE location_id = %(location_id)s AND code = ANY(%(codes)s::text[])
    ORDER BY code
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


class Home(msgspec.Struct, frozen=True):
    """The bin in which an item usually lies; of several the first for picking."""

    item_id: UUID
    bin: str


def read_homes(tx: Tx, location_id: UUID) -> list[Home]:
    """Where the items of a location are at home."""
    return _HOMES.all(tx, location_id=location_id)


_HOMES = query(
    Home,
    """
    SELECT DISTINCT ON (i.item_id) i.item_id, i.bin
    FROM locations.bin_item AS i
    JOIN locations.bin AS b ON b.location_id = i.location_id AND b.code = i.bin
    WHERE i.location_id = %(location_id)s AND b.purpose IN ('pick', 'reserve')
    ORDER BY i.item_id, b.purpose, b.walk_order, i.bin
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


def replace_bins(tx: Tx, location_id: UUID, bins: Iterable[Bin], *, removed: Iterable[str]) -> None:
    """Write bins and take others away; the caller locks the location."""
    _DELETE.run(tx, location_id=location_id, codes=texts(removed))
    rows = [
        (location_id, one.code, one.walk_order, one.purpose, one.capacity_ml, one.capacity_units)
        for one in sorted(bins, key=lambda one: one.code)
    ]
    _PUT.run(tx, rows)


_DELETE = statement("""
    DELETE FROM locations.bin
    WHERE location_id = %(location_id)s AND code = ANY(%(codes)s::text[])
""")

_PUT = bulk("""
    INSERT INTO locations.bin AS b
        (location_id, code, walk_order, purpose, capacity_ml, capacity_units)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::int4[], %s::text[], %s::int8[], %s::int8[])
    ON CONFLICT (location_id, code) DO UPDATE
        SET walk_order = excluded.walk_order, purpose = excluded.purpose,
            capacity_ml = excluded.capacity_ml, capacity_units = excluded.capacity_units
    WHERE (b.walk_order, b.purpose, b.capacity_ml, b.capacity_units) IS DISTINCT FROM
          (excluded.walk_order, excluded.purpose, excluded.capacity_ml, excluded.capacity_units)
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
