"""The event feed over HTTP."""

from typing import Annotated

import msgspec
from msgspec import Meta

from ordito.api.endpoints import reading
from ordito.kernel.asks import Ask
from ordito.platform.database import Tx
from ordito.platform.feed import FeedEntry, newest_position, read_feed
from ordito.platform.problems import NotPermitted

TAG = "Events"


class FeedParams(Ask, frozen=True, kw_only=True):
    """after: the position that was read last, 0 for the beginning. kind: only these kinds."""

    after: Annotated[int, Meta(ge=0)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200
    kind: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...], Meta(max_length=50)
    ] = ()


class FeedPage(msgspec.Struct, frozen=True):
    """Entries, oldest first. `next` is what to send as `after`; `newest` how far the feed is."""

    items: list[FeedEntry]
    next: int
    newest: int


def list_events(tx: Tx, params: FeedParams) -> FeedPage:
    """Every event once, in an order that never changes. For callers who see everything."""
    actor = tx.actor
    if actor.channel_ids is not None or actor.location_ids is not None:
        raise NotPermitted(
            "The feed tells of all channels and locations; it needs a caller who sees all of them."
        )
    newest = newest_position(tx)
    entries = read_feed(tx, params.after, params.limit, kinds=params.kind or None)
    seen = entries[-1].position if entries else params.after
    if len(entries) < params.limit:
        # Nothing of these kinds is left: the next call needn't pass over the others again.
        seen = max(params.after, newest)
    return FeedPage(entries, seen, newest)


ENDPOINTS = [reading("/events", TAG, "Read the event feed", list_events, "events.read")]
