"""From when on items are sold: what is ordered before is a pre-order, up to so many pieces."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.kernel.asks import Ask, Code, Version
from ordito.kernel.quantities import QUANTITY_MAX
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Query, Tx, query, statement


class Release(msgspec.Struct, frozen=True):
    """An item's day of release; `channels` are those with another one.

    preorder_max: pieces that may be ordered before, over all channels; None is any number.
    """

    item_id: UUID
    released_on: date
    preorder_max: int | None
    channels: dict[UUID, date]

    def day(self, channel_id: UUID) -> date:
        """The day of release on a channel."""
        return self.channels.get(channel_id, self.released_on)


class SetRelease(Ask, frozen=True, kw_only=True):
    """Say from when on an item is sold; null: from now, and for all channels alike.

    What isn't named stays. channels: channel code → its own day; they are all of them then, but
    for channels that the asker doesn't see.
    """

    item_id: UUID
    version: Version | None = None
    released_on: date | UnsetType | None = UNSET
    preorder_max: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)] | UnsetType | None = UNSET
    channels: Annotated[dict[Code, date], Meta(max_length=200)] | UnsetType = UNSET


class ItemRelease(msgspec.Struct, frozen=True):
    """An item's release as it is. preordered: pieces ordered before it, less what was cancelled.

    version: of the item.
    """

    item_id: UUID
    sku: str
    released_on: date | None
    preorder_max: int | None
    channels: dict[str, date]
    preordered: int
    version: int


_COLUMNS = """r.item_id, r.released_on, r.preorder_max,
           coalesce((SELECT jsonb_object_agg(c.channel_id, c.released_on)
                     FROM catalog.release_channel AS c
                     WHERE c.item_id = r.item_id), '{}') AS channels"""


def read_coming_releases(tx: Tx) -> list[Release]:
    """Those that lie ahead on any channel, or were in the last days: zones differ."""
    return _COMING.all(tx)


_COMING = query(
    Release,
    f"""
    SELECT {_COLUMNS}
    FROM catalog.release AS r
    WHERE r.released_on >= current_date - 2
       OR EXISTS (SELECT FROM catalog.release_channel AS c
                  WHERE c.item_id = r.item_id AND c.released_on >= current_date - 2)
    ORDER BY r.item_id
    LIMIT 100000
    """,  # noqa: S608 (a constant of this module)
)


def read_release(tx: Tx, item_id: UUID) -> Release | None:
    return _READ.first(tx, item_id=item_id)


_READ = query(
    Release,
    f"""
    SELECT {_COLUMNS}
    FROM catalog.release AS r
    WHERE r.item_id = %(item_id)s
    """,  # noqa: S608 (a constant of this module)
)


LOCK: Query[UUID] = query(
    UUID,
    """
    SELECT item_id
    FROM catalog.release
    WHERE item_id = ANY(%(item_ids)s::uuid[])
    ORDER BY item_id
    FOR NO KEY UPDATE
    """,
)
"""Lock releases by item: whoever counts what was ordered before them does so alone."""


def send_lock(tx: Tx, item_ids: Iterable[UUID]) -> None:
    """Lock releases inside a pipeline; the locks come before those of cells."""
    LOCK.send(tx, item_ids=uuids(sorted(item_ids)))


def write_release(tx: Tx, release: Release | None, item_id: UUID) -> None:
    """Write an item's release anew; None takes it away."""
    _DELETE.run(tx, item_id=item_id)
    if release is None:
        return
    _INSERT.run(
        tx,
        item_id=item_id,
        released_on=release.released_on,
        preorder_max=release.preorder_max,
    )
    _INSERT_CHANNELS.run(tx, [(item_id, id_, day) for id_, day in release.channels.items()])


_DELETE = statement("DELETE FROM catalog.release WHERE item_id = %(item_id)s")
_INSERT = statement("""
    INSERT INTO catalog.release (item_id, released_on, preorder_max)
    VALUES (%(item_id)s, %(released_on)s, %(preorder_max)s)
""")
_INSERT_CHANNELS = bulk("""
    INSERT INTO catalog.release_channel (item_id, channel_id, released_on)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::date[])
""")
