"""The event feed over HTTP."""

from typing import Annotated

import msgspec
from msgspec import Meta

from ordito.api.endpoints import reading
from ordito.kernel.asks import Ask
from ordito.listings.places import read_names
from ordito.listings.seen_bodies import hidden_codes, seen_body
from ordito.platform.database import Tx
from ordito.platform.feed import FeedEntry, newest_position, read_feed, read_seen_feed
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
    """Entries, oldest first. `next` is what to send as `after`; `newest` how far the feed is.

    For callers who see some channels or locations only, `newest` says no more than `next` when
    there is nothing left to read, and one more when there is; a page may then be empty.
    """

    items: list[FeedEntry]
    next: int
    newest: int


def list_events(tx: Tx, params: FeedParams) -> FeedPage:
    """Every event once, in an order that never changes; without what the caller doesn't see."""
    actor = tx.actor
    if actor.channel_ids is not None or actor.location_ids is not None:
        return _list_seen(tx, params)
    newest = newest_position(tx)
    entries = read_feed(tx, params.after, params.limit, kinds=params.kind or None)
    seen = entries[-1].position if entries else params.after
    if len(entries) < params.limit:
        # Nothing of these kinds is left: the next call needn't pass over the others again.
        seen = max(params.after, newest)
    return FeedPage(entries, seen, newest)


def _list_seen(tx: Tx, params: FeedParams) -> FeedPage:
    if not tx.came_from:
        raise NotPermitted(
            "Here the feed needs a caller who sees all channels and locations: the database can't"
            " keep back the others' events. `ordito doctor` says what is missing."
        )
    found, upto = read_seen_feed(tx, params.after, params.limit, kinds=params.kind or None)
    hidden = hidden_codes(read_names(tx), tx.actor)
    bodies = [(entry, seen_body(entry.kind, entry.body, hidden)) for entry in found]
    seen = [msgspec.structs.replace(entry, body=b) for entry, b in bodies if b is not None]
    return FeedPage(seen, upto, upto + (newest_position(tx) > upto))


ENDPOINTS = [reading("/events", TAG, "Read the event feed", list_events, "events.read")]
