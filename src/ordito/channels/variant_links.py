"""Variants of a shop's products and our SKUs, and the stock the shop was told of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import texts
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class VariantLink(msgspec.Struct, frozen=True):
    """told: the quantity the shop has as far as we know; None when we don't."""

    channel_id: UUID
    variant: str
    sku: str
    stock_item: str
    told: int | None
    told_at: datetime | None


def find_variants(tx: Tx, channel_id: UUID, variants: Sequence[str]) -> dict[str, VariantLink]:
    """Links by the shop's variant id."""
    rows = _FIND.all(tx, channel_id=channel_id, variants=texts(variants))
    return {row.variant: row for row in rows}


_FIND = query(
    VariantLink,
    """
    SELECT channel_id, variant, sku, stock_item, told, told_at
    FROM channels.variant_link
    WHERE channel_id = %(channel_id)s AND variant = ANY(%(variants)s::text[])
    """,
)


def list_variants(
    tx: Tx, channel_id: UUID, *, after: str = "", limit: int = 100
) -> list[VariantLink]:
    """Links in the order of their variant ids; the next page is `after` the last one's."""
    return _LIST.all(tx, channel_id=channel_id, after=after, limit=limit)


_LIST = query(
    VariantLink,
    """
    SELECT channel_id, variant, sku, stock_item, told, told_at
    FROM channels.variant_link
    WHERE channel_id = %(channel_id)s AND variant > %(after)s
    ORDER BY variant
    LIMIT %(limit)s
    """,
)


def put_variants(tx: Tx, channel_id: UUID, rows: Sequence[tuple[str, str, str]]) -> None:
    """Write (variant, SKU, stock item); what is empty leaves what is known."""
    _PUT.run(tx, [(channel_id, *row) for row in rows])


_PUT = bulk("""
    INSERT INTO channels.variant_link AS v (channel_id, variant, sku, stock_item)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[])
    ON CONFLICT (channel_id, variant) DO UPDATE
    SET sku = coalesce(nullif(excluded.sku, ''), v.sku),
        stock_item = coalesce(nullif(excluded.stock_item, ''), v.stock_item)
""")


def write_told(tx: Tx, channel_id: UUID, levels: Sequence[tuple[str, int]]) -> None:
    """The shop has so many units of its stock items now."""
    _TOLD.run(tx, [(channel_id, *level, tx.now) for level in levels])


_TOLD = bulk("""
    UPDATE channels.variant_link AS v
    SET told = d.units, told_at = d.at
    FROM unnest(%s::uuid[], %s::text[], %s::int8[], %s::timestamptz[])
        AS d (channel_id, stock_item, units, at)
    WHERE v.channel_id = d.channel_id AND v.stock_item = d.stock_item
""")
