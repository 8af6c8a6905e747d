"""Rows that are no goods of an order: each is booked once, however many files hold it."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.intake.types import Kind
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx


class BookedRow(msgspec.Struct, frozen=True):
    """What a row was booked as."""

    row_key: bytes
    kind: Kind


def find_booked(tx: Tx, channel_id: UUID, keys: Sequence[bytes]) -> dict[bytes, Kind]:
    """What these rows of a channel were booked as; those that were not are absent."""
    rows = _FIND.all_rows(tx, [(channel_id, key) for key in keys])
    return {row.row_key: row.kind for row in rows}


_FIND = bulk_query(
    BookedRow,
    """
    SELECT b.row_key, b.kind
    FROM intake.booked_row AS b
    JOIN unnest(%s::uuid[], %s::bytea[]) AS asked (channel_id, row_key)
      USING (channel_id, row_key)
    """,
)


def insert_booked(tx: Tx, rows: Sequence[tuple[UUID, bytes, Kind, UUID]]) -> None:
    """Remember rows as (channel id, key, kind, message id)."""
    _INSERT.run(tx, rows)


_INSERT = bulk("""
    INSERT INTO intake.booked_row (channel_id, row_key, kind, message_id)
    SELECT * FROM unnest(%s::uuid[], %s::bytea[], %s::text[], %s::uuid[])
""")
