"""Item buffers: units of an item that a channel isn't told of, in place of the channel's number."""

from collections.abc import Iterable, Mapping
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask, Code, Sku
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

BUFFERS_MAX = 1000
"""Items of one ask."""


class BufferLine(Ask, frozen=True):
    """units: null makes the channel's own number count again."""

    sku: Sku
    units: Annotated[int, Meta(ge=0, le=1_000_000)] | None


class SetItemBuffers(Ask, frozen=True, kw_only=True):
    """Buffers of some items of a channel; those of other items stay."""

    code: Code
    buffers: Annotated[tuple[BufferLine, ...], Meta(min_length=1, max_length=BUFFERS_MAX)]


class ItemBuffer(msgspec.Struct, frozen=True):
    item_id: UUID
    units: int


class NamedBuffer(msgspec.Struct, frozen=True):
    """The same with the names of the item."""

    item_id: UUID
    sku: str
    name: str
    units: int


class BuffersSet(msgspec.Struct, frozen=True):
    """How many items have another buffer than before."""

    channel: str
    changed: int


def read_buffers(tx: Tx, channel_id: UUID, item_ids: Iterable[UUID | str]) -> dict[str, int]:
    """Buffers of those of the items that have one of their own, by item id as text."""
    rows = _READ.all(tx, channel_id=channel_id, item_ids=uuids(item_ids))
    return {str(row.item_id): row.units for row in rows}


_READ = query(
    ItemBuffer,
    """
    SELECT item_id, units
    FROM channels.item_buffer
    WHERE channel_id = %(channel_id)s AND item_id = ANY(%(item_ids)s::uuid[])
    """,
)


def list_buffers(
    tx: Tx, channel_id: UUID, *, after: UUID | None = None, limit: int = 100
) -> list[ItemBuffer]:
    """All item buffers of a channel by item id; the next page is `after` the last one's."""
    return _LIST.all(tx, channel_id=channel_id, after=after or UUID(int=0), limit=limit)


_LIST = query(
    ItemBuffer,
    """
    SELECT item_id, units
    FROM channels.item_buffer
    WHERE channel_id = %(channel_id)s AND item_id > %(after)s
    ORDER BY item_id
    LIMIT %(limit)s
    """,
)


def put_buffers(tx: Tx, channel_id: UUID, buffers: Mapping[str, int | None]) -> None:
    """Write buffers by item id; None takes one away. The caller holds the channel's lock."""
    channel = str(channel_id)
    _PUT.run(tx, [(channel, id_, units) for id_, units in buffers.items() if units is not None])
    _DROP.run(tx, [(channel, id_) for id_, units in buffers.items() if units is None])


_PUT = bulk("""
    INSERT INTO channels.item_buffer (channel_id, item_id, units)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int8[])
    ON CONFLICT (channel_id, item_id) DO UPDATE SET units = excluded.units
""")

_DROP = bulk("""
    DELETE FROM channels.item_buffer AS b
    USING unnest(%s::uuid[], %s::uuid[]) AS d (channel_id, item_id)
    WHERE b.channel_id = d.channel_id AND b.item_id = d.item_id
""")
