"""What kits are made of, directly and resolved, as rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class KitRow(msgspec.Struct, frozen=True):
    kit_id: UUID
    item_id: UUID
    qty: int


def read_related(tx: Tx, item_ids: Iterable[UUID]) -> list[KitRow]:
    """The parts of these items, of all kits above them, and of all kits in any of those."""
    return _RELATED.all(tx, item_ids=uuids(sorted(set(item_ids))))


# UNION, not UNION ALL: it ends even if a cycle had got in.
_RELATED = query(
    KitRow,
    """
    WITH RECURSIVE above (id) AS (
        SELECT unnest(%(item_ids)s::uuid[])
        UNION
        SELECT p.kit_id FROM catalog.kit_part AS p JOIN above ON p.item_id = above.id
    ),
    related (kit_id, item_id, qty) AS (
        SELECT p.kit_id, p.item_id, p.qty
        FROM catalog.kit_part AS p
        JOIN above ON p.kit_id = above.id
        UNION
        SELECT p.kit_id, p.item_id, p.qty
        FROM catalog.kit_part AS p
        JOIN related ON p.kit_id = related.item_id
    )
    SELECT kit_id, item_id, qty
    FROM related
    """,
)


def find_parts(tx: Tx, item_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the items that some kit is made of."""
    return set(_PARTS.all(tx, item_ids=uuids(item_ids)))


_PARTS = query(
    UUID,
    """
    SELECT DISTINCT item_id
    FROM catalog.kit_part
    WHERE item_id = ANY(%(item_ids)s::uuid[])
    """,
)


def replace_parts(tx: Tx, kit_ids: Iterable[UUID], parts: Sequence[tuple[UUID, UUID, int]]) -> None:
    """Make kits of exactly these parts: (kit id, item id, quantity) each."""
    _DELETE.run(tx, [(id_,) for id_ in sorted(set(kit_ids))])
    _INSERT.run(tx, sorted(parts))


_DELETE = bulk("""
    DELETE FROM catalog.kit_part
    WHERE kit_id = ANY(%s::uuid[])
""")

_INSERT = bulk("""
    INSERT INTO catalog.kit_part (kit_id, item_id, qty)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int4[])
""")


def write_resolved(tx: Tx, resolved: Mapping[UUID, Sequence[tuple[Any, int]]]) -> None:
    """Write what each kit takes from stock: (item id, pieces) each."""
    _RESOLVED.run(tx, sorted(resolved.items()))


_RESOLVED = bulk("""
    UPDATE catalog.item AS i
    SET parts = d.parts
    FROM unnest(%s::uuid[], %s::jsonb[]) AS d (id, parts)
    WHERE i.id = d.id AND i.kind = 'kit'
""")
