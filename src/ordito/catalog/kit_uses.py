"""Kits that an item is in."""

from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query


class KitUse(msgspec.Struct, frozen=True):
    """A kit with so many of the item in one unit, before kits of kits are resolved."""

    kit_id: UUID
    sku: str
    name: str
    quantity: int


def list_kit_uses(tx: Tx, item_id: UUID, *, limit: int = 50) -> list[KitUse]:
    """Kits made of the item directly, by SKU."""
    return _USES.all(tx, item_id=item_id, limit=limit)


_USES = query(
    KitUse,
    """
    SELECT p.kit_id, k.sku, k.name, p.qty AS quantity
    FROM catalog.kit_part AS p
    JOIN catalog.item AS k ON k.id = p.kit_id
    WHERE p.item_id = %(item_id)s
    ORDER BY k.sku_key
    LIMIT %(limit)s
    """,
)
