"""Barcodes: each belongs to one item."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from ordito.platform.arrays import texts
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class Owner(msgspec.Struct, frozen=True):
    """Whose a barcode is."""

    code_key: str
    item_id: UUID
    sku: str


def read_owners(tx: Tx, code_keys: Iterable[str]) -> dict[str, Owner]:
    """Owners by barcode key (kernel.text.normal_code); free codes are absent."""
    keys = texts(sorted(set(code_keys)))
    return {row.code_key: row for row in _OWNERS.all(tx, code_keys=keys)}


_OWNERS = query(
    Owner,
    """
    SELECT b.code_key, b.item_id, i.sku
    FROM catalog.barcode AS b
    JOIN catalog.item AS i ON i.id = b.item_id
    WHERE b.code_key = ANY(%(code_keys)s::text[])
    """,
)


def replace_barcodes(
    tx: Tx, item_ids: Iterable[UUID], codes: Sequence[tuple[str, str, UUID]]
) -> None:
    """Give items exactly these barcodes: (key, code, item id) each."""
    _DELETE.run(tx, [(id_,) for id_ in sorted(set(item_ids))])
    _INSERT.run(tx, sorted(codes))


_DELETE = bulk("""
    DELETE FROM catalog.barcode
    WHERE item_id = ANY(%s::uuid[])
""")

_INSERT = bulk("""
    INSERT INTO catalog.barcode (code_key, code, item_id)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[])
""")
