"""Items: found by SKU, id or barcode."""

from collections.abc import Iterable
from uuid import UUID

from psycopg import Cursor

from ordito.catalog.types import Item, ItemFacts
from ordito.platform.arrays import texts, uuids
from ordito.platform.database import Tx, query


def send_find_facts(tx: Tx, sku_keys: Iterable[str]) -> Cursor[ItemFacts]:
    """Ask for the facts of items by SKU key (kernel.text.normal_code); unknown ones are absent."""
    return _FACTS.send(tx, sku_keys=texts(sku_keys))


_FACTS = query(
    ItemFacts,
    """
    SELECT id, sku, sku_key, name, kind, prices, parts, active
    FROM catalog.item
    WHERE sku_key = ANY(%(sku_keys)s::text[])
    """,
)


def read_items(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Item]:
    """Items by id; unknown ids are absent."""
    return {row.id: row for row in _BY_ID.all(tx, ids=uuids(ids))}


_BY_ID = query(
    Item,
    """
    SELECT id, sku, name, kind, weight_g, length_mm, width_mm, height_mm, prices, active, version,
           created_at
    FROM catalog.item
    WHERE id = ANY(%(ids)s::uuid[])
    """,
)
