"""What the home page is about: the reader's scopes, narrowed to one channel or location."""

from uuid import UUID

import msgspec

from ordito.listings.places import Names
from ordito.platform.access import Actor
from ordito.platform.problems import NotFound


class HomeScope(msgspec.Struct, frozen=True):
    """Ids; None means all. channel, location: the codes that it was narrowed to, if any."""

    channel_ids: list[UUID] | None
    location_ids: list[UUID] | None
    channel: str | None = None
    location: str | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """For a filter of orders, which knows the reader's own scopes."""
        return (self.channel,) if self.channel else ()

    @property
    def locations(self) -> tuple[str, ...]:
        return (self.location,) if self.location else ()


def home_scope(
    names: Names, actor: Actor, *, channel: str | None = None, location: str | None = None
) -> HomeScope:
    """Raises NotFound for a channel or location that the reader doesn't see."""
    channel_ids = None if actor.channel_ids is None else sorted(actor.channel_ids)
    location_ids = None if actor.location_ids is None else sorted(actor.location_ids)
    if channel is not None:
        channel_ids = [
            c.id for c in names.channels.values() if c.code == channel and actor.sees_channel(c.id)
        ]
    if location is not None:
        location_ids = [
            p.id
            for p in names.locations.values()
            if p.code == location and actor.sees_location(p.id)
        ]
    if (channel is not None and not channel_ids) or (location is not None and not location_ids):
        raise NotFound("There is no such channel or location, or it is none of those you see.")
    return HomeScope(channel_ids, location_ids, channel, location)
