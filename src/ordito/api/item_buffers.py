"""Item buffers of channels over HTTP."""

from uuid import UUID

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.channels.item_buffers import NamedBuffer
from ordito.flows.buffer_items import set_item_buffers, tell_buffers
from ordito.flows.reference import reference
from ordito.kernel.asks import Code
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Settings"


class BufferParams(PageParams, frozen=True, kw_only=True):
    code: Code


def list_item_buffers(tx: Tx, params: BufferParams) -> Page[NamedBuffer]:
    """Items of which the channel isn't told another number of units than its own."""
    channel = reference(tx).channels.get(params.code)
    if channel is None or not tx.actor.sees_channel(channel.id):
        raise NotFound("There is no such channel, or you don't see it.")
    after = read_cursor(params.cursor, tuple[UUID])
    rows = tell_buffers(tx, channel.id, after=after[0] if after else None, limit=params.limit + 1)
    return page(rows, params, lambda row: (row.item_id,))


_PATH = "/channels/{code}/item-buffers"

ENDPOINTS = [
    reading(_PATH, TAG, "List a channel's item buffers", list_item_buffers, "settings.read"),
    writing("POST", _PATH, TAG, "Set buffers of items", set_item_buffers,
            example={"buffers": [{"sku": "TEA-100", "units": 5}]}),
]  # fmt: skip
