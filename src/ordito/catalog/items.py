"""Items: found by SKU, barcode or id; written."""

import re
from collections.abc import Iterable
from uuid import UUID

from psycopg import Cursor

from ordito.catalog.types import Item, ItemFacts
from ordito.kernel.text import normal_code
from ordito.platform.arrays import texts, uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query
from ordito.platform.events import RaisedVersion, Stream

# The subqueries run for kits only.
_FACT_COLUMNS = """
           i.id::text AS id, i.sku, i.sku_key, i.name, i.kind, i.prices, i.parts, i.active,
           CASE WHEN i.kind <> 'kit' OR i.weight_g IS NOT NULL THEN i.weight_g ELSE (
               SELECT CASE WHEN bool_and(part.weight_g IS NOT NULL)
                           THEN sum(part.weight_g * (p.pair ->> 1)::int8)::int8 END
               FROM jsonb_array_elements(i.parts) AS p (pair)
               JOIN catalog.item AS part ON part.id = (p.pair ->> 0)::uuid
           ) END AS weight_g,
           CASE WHEN i.kind <> 'kit' THEN i.tags ELSE i.tags || ARRAY(
               SELECT DISTINCT tag
               FROM jsonb_array_elements(i.parts) AS p (pair)
               JOIN catalog.item AS part ON part.id = (p.pair ->> 0)::uuid
               CROSS JOIN unnest(part.tags) AS tag
           ) END AS tags"""


def send_find_facts(tx: Tx, sku_keys: Iterable[str]) -> Cursor[ItemFacts]:
    """Ask for the facts of items by SKU key (kernel.text.normal_code); unknown ones are absent."""
    return _FACTS.send(tx, sku_keys=texts(sku_keys))


_FACTS = query(
    ItemFacts,
    f"""
    SELECT {_FACT_COLUMNS}
    FROM catalog.item AS i
    WHERE i.sku_key = ANY(%(sku_keys)s::text[])
    """,  # noqa: S608 (a constant of this module)
)


def send_facts(tx: Tx, ids: Iterable[UUID]) -> Cursor[ItemFacts]:
    """Ask for the facts of items by id; unknown ones are absent."""
    return _FACTS_BY_ID.send(tx, ids=uuids(ids))


_FACTS_BY_ID = query(
    ItemFacts,
    f"""
    SELECT {_FACT_COLUMNS}
    FROM catalog.item AS i
    WHERE i.id = ANY(%(ids)s::uuid[])
    """,  # noqa: S608 (a constant of this module)
)

_COLUMNS = """
           i.id, i.sku, i.name, i.kind, i.weight_g, i.length_mm, i.width_mm, i.height_mm, i.prices,
           i.active, i.version, i.created_at, i.tags,
           ARRAY(
               SELECT b.code FROM catalog.barcode AS b WHERE b.item_id = i.id ORDER BY b.code_key
           ) AS barcodes,
           CASE WHEN i.kind = 'kit' THEN (
               SELECT coalesce(jsonb_agg(jsonb_build_object(
                          'item_id', p.item_id, 'sku', part.sku, 'quantity', p.qty
                      ) ORDER BY part.sku_key), '[]')
               FROM catalog.kit_part AS p
               JOIN catalog.item AS part ON part.id = p.item_id
               WHERE p.kit_id = i.id
           ) ELSE '[]' END AS parts, i.tracking, i.expires, i.sell_days"""


def read_items(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Item]:
    """Items by id; unknown ids are absent."""
    return {row.id: row for row in _BY_ID.all(tx, ids=uuids(ids))}


_BY_ID = query(
    Item,
    f"""
    SELECT {_COLUMNS}
    FROM catalog.item AS i
    WHERE i.id = ANY(%(ids)s::uuid[])
    """,  # noqa: S608 (a constant of this module)
)


def read_items_by_sku(tx: Tx, sku_keys: Iterable[str]) -> dict[str, Item]:
    """Items by SKU key (kernel.text.normal_code); unknown ones are absent."""
    keys = texts(sorted(set(sku_keys)))
    return {normal_code(row.sku): row for row in _BY_SKU.all(tx, sku_keys=keys)}


_BY_SKU = query(
    Item,
    f"""
    SELECT {_COLUMNS}
    FROM catalog.item AS i
    WHERE i.sku_key = ANY(%(sku_keys)s::text[])
    """,  # noqa: S608 (a constant of this module)
)


def find_items(tx: Tx, code: str) -> list[Item]:
    """Items whose SKU or barcode is `code`, the one with that SKU first: at most two."""
    return _BY_CODE.all(tx, code_key=normal_code(code))


_BY_CODE = query(
    Item,
    f"""
    SELECT {_COLUMNS}
    FROM catalog.item AS i
    WHERE i.sku_key = %(code_key)s
       OR i.id = (SELECT b.item_id FROM catalog.barcode AS b WHERE b.code_key = %(code_key)s)
    ORDER BY i.sku_key <> %(code_key)s
    LIMIT 2
    """,  # noqa: S608 (a constant of this module)
)


def list_items(
    tx: Tx,
    *,
    search: str = "",
    kind: str | None = None,
    active: bool | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Item]:
    """Items in the order of their SKUs; the next page is `after` the last one's SKU.

    search: part of the SKU or the name, or a whole barcode; case doesn't matter.
    active: only those on sale, or only those off sale.
    """
    wanted = normal_code(search)
    return _LIST.all(
        tx,
        search=wanted,
        pattern="%" + _LIKE_SIGNS.sub(r"\\\g<0>", wanted) + "%",
        kind=kind,
        active=active,
        after=normal_code(after),
        limit=limit,
    )


_LIKE_SIGNS = re.compile(r"[\\%_]")

_LIST = query(
    Item,
    f"""
    SELECT {_COLUMNS}
    FROM catalog.item AS i
    WHERE i.sku_key > %(after)s
      AND (%(kind)s::text IS NULL OR i.kind = %(kind)s::text)
      AND (%(active)s::bool IS NULL OR i.active = %(active)s::bool)
      AND (%(search)s = ''
           OR i.sku_key LIKE %(pattern)s
           OR lower(i.name) LIKE %(pattern)s
           OR i.id = (SELECT b.item_id FROM catalog.barcode AS b WHERE b.code_key = %(search)s))
    ORDER BY i.sku_key
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def lock_catalog(tx: Tx) -> None:
    """Let one transaction at a time change items: SKUs, barcodes and kits are checked over all."""
    _LOCK.first(tx)


_LOCK = query(str, "SELECT pg_advisory_xact_lock(hashtext('ordito.catalog'))::text")

INSERT = bulk("""
    INSERT INTO catalog.item
        (id, sku, sku_key, name, kind, weight_g, length_mm, width_mm, height_mm, prices, parts,
         active, created_at, tags, tracking, expires, sell_days, version)
    SELECT id, sku, sku_key, name, kind, weight_g, length_mm, width_mm, height_mm, prices, parts,
           active, created_at, ARRAY(SELECT jsonb_array_elements_text(tags)), tracking, expires,
           sell_days, 0
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int4[], %s::int4[],
                %s::int4[], %s::int4[], %s::jsonb[], %s::jsonb[], %s::bool[], %s::timestamptz[],
                %s::jsonb[], %s::text[], %s::bool[], %s::int4[])
        AS d (id, sku, sku_key, name, kind, weight_g, length_mm, width_mm, height_mm, prices, parts,
              active, created_at, tags, tracking, expires, sell_days)
""")
"""Version 0: the first event of the timeline makes it 1."""

UPDATE = bulk("""
    UPDATE catalog.item AS i
    SET sku = d.sku, sku_key = d.sku_key, name = d.name, kind = d.kind, weight_g = d.weight_g,
        length_mm = d.length_mm, width_mm = d.width_mm, height_mm = d.height_mm,
        prices = d.prices, parts = d.parts, active = d.active,
        tags = ARRAY(SELECT jsonb_array_elements_text(d.tags)), tracking = d.tracking,
        expires = d.expires, sell_days = d.sell_days
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int4[], %s::int4[],
                %s::int4[], %s::int4[], %s::jsonb[], %s::jsonb[], %s::bool[], %s::timestamptz[],
                %s::jsonb[], %s::text[], %s::bool[], %s::int4[])
        AS d (id, sku, sku_key, name, kind, weight_g, length_mm, width_mm, height_mm, prices, parts,
              active, created_at, tags, tracking, expires, sell_days)
    WHERE i.id = d.id
""")

ITEM = Stream(
    "item",
    bulk_query(
        RaisedVersion,
        """
        UPDATE catalog.item AS i
        SET version = i.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE i.id = d.id
        RETURNING i.id, i.version
        """,
    ),
)
"""The timeline of an item."""
