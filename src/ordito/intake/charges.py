"""Charges: amounts that stood among an order file's lines and are no goods, kept as they are."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class StoredCharge(msgspec.Struct, frozen=True):
    """An amount with its sign. reference: the invoice or order number it stood under."""

    id: UUID
    channel_id: UUID
    order_id: UUID | None
    message_id: UUID
    kind: str
    code: str
    title: str
    amount: Decimal
    currency: str
    reference: str
    occurred_at: datetime


def insert_charges(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write charges, each a tuple of StoredCharge's fields in their order."""
    _INSERT.run(tx, rows)


_INSERT = bulk("""
    INSERT INTO intake.charge
        (id, channel_id, order_id, message_id, kind, code, title, amount, currency, reference,
         occurred_at)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[],
                         %s::text[], %s::numeric[], %s::text[], %s::text[], %s::timestamptz[])
""")


def list_charges(
    tx: Tx, *, kind: str | None = None, before: UUID | None = None, limit: int = 50
) -> list[StoredCharge]:
    """Charges, last written first; the next page is `before` the last one's id."""
    scope = tx.actor.channel_ids
    channels = None if scope is None else uuids(sorted(scope))
    return _LIST.all(tx, kind=kind, before=before, channels=channels, limit=limit)


_LIST = query(
    StoredCharge,
    """
    SELECT id, channel_id, order_id, message_id, kind, code, title, amount, currency, reference,
           occurred_at
    FROM intake.charge
    WHERE (%(kind)s::text IS NULL OR kind = %(kind)s::text)
      AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
      AND (%(channels)s::uuid[] IS NULL OR channel_id = ANY(%(channels)s::uuid[]))
    ORDER BY id DESC
    LIMIT %(limit)s
    """,
)
