"""Let a part of the system that gave up on something try it again."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask
from ordito.platform import parking
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import NotFound


class RetryParked(Ask, frozen=True, kw_only=True):
    """follower: the part of the system; stream_id: the order, item or channel it is about."""

    follower: Annotated[str, Meta(min_length=1, max_length=100)]
    stream_id: UUID


class RetriedParked(msgspec.Struct, frozen=True):
    """How many streams are tried again."""

    streams: int


@command(permission="settings.write")
def retry_parked(tx: Tx, ask: RetryParked) -> RetriedParked:
    """Try again at once, with all pauses before giving up anew. Raises NotFound.

    For actors without scopes: what waits may belong to any channel.
    """
    if tx.actor.channel_ids is not None or tx.actor.location_ids is not None:
        raise NotFound("There is no such thing, or it is none of those you see.")
    return RetriedParked(parking.retry_parked(tx, ask.follower, ask.stream_id))
