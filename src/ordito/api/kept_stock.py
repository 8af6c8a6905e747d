"""Stock kept for channels and groups of customers over HTTP."""

from collections.abc import Iterable
from uuid import UUID

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.keep_for_channel import keep_for_channel, tell_kept
from ordito.flows.reference import reference
from ordito.inventory.kept import KeptStock
from ordito.kernel.asks import Code
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Kept stock"


class KeptParams(PageParams, frozen=True, kw_only=True):
    """channel, location: only what is kept for it, and there."""

    channel: Code | None = None
    location: Code | None = None


def list_kept_stock(tx: Tx, params: KeptParams) -> Page[KeptStock]:
    """What is kept for channels and groups of customers, newest first; release it by its hold.

    What is kept for a group on any channel is for who sees all channels.
    """
    rows = tell_kept(
        tx,
        channel_ids=_channels(tx, params.channel),
        location_ids=_places(tx, params.location),
        before=read_cursor(params.cursor, tuple[UUID, UUID]),
        limit=params.limit + 1,
    )
    known = reference(tx).locations
    return page(rows, params, lambda row: (row.hold_id, known[row.location].id))


def _channels(tx: Tx, code: str | None) -> Iterable[UUID] | None:
    if code is None:
        return tx.actor.channel_ids
    channel = reference(tx).channels.get(code)
    if channel is None or not tx.actor.sees_channel(channel.id):
        raise NotFound("There is no such channel, or you don't see it.")
    return [channel.id]


def _places(tx: Tx, code: str | None) -> Iterable[UUID] | None:
    if code is None:
        return tx.actor.location_ids
    location = reference(tx).locations.get(code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    return [location.id]


ENDPOINTS = [
    writing("POST", "/stock/kept", TAG, "Keep stock for a channel or a group", keep_for_channel,
            status=201, problems=("out-of-stock",),
            example={"channel": "web", "sku": "TEA-100", "quantity": 24, "reason": "Campaign",
                     "until": "2099-12-01T00:00:00Z"}),
    reading("/stock/kept", TAG, "List what is kept for channels and groups", list_kept_stock,
            "inventory.read"),
]  # fmt: skip
