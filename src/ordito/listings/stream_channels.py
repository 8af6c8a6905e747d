"""Which channel an event belongs to, by its stream."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query


class StreamChannel(msgspec.Struct, frozen=True):
    stream_id: UUID
    channel_id: UUID


def read_stream_channels(tx: Tx, stream_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Stream → channel, of orders and of channels themselves; other streams belong to none."""
    rows = _READ.all(tx, ids=list(stream_ids))
    return {row.stream_id: row.channel_id for row in rows}


_READ = query(
    StreamChannel,
    """
    SELECT id AS stream_id, channel_id
    FROM orders.sales_order
    WHERE id = ANY (%(ids)s::uuid[])
    UNION ALL
    SELECT id, id
    FROM channels.channel
    WHERE id = ANY (%(ids)s::uuid[])
    """,
)
