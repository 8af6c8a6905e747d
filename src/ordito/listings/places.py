"""Channels and locations by name, kept in memory until the reference data changes."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.channels.channels import read_channels
from ordito.channels.types import Channel
from ordito.fulfillment.types import WORK, Delivery
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.locations.locations import read_locations
from ordito.locations.types import Location
from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound
from ordito.sourcing.types import Place


class Names(msgspec.Struct, frozen=True):
    """Every channel and location, also those that are not used any more.

    places: the locations as sourcing speaks of them.
    """

    channels: dict[UUID, Channel]
    locations: dict[UUID, Location]
    places: list[Place]

    def channel(self, channel_id: UUID) -> ChannelName:
        channel = self.channels[channel_id]
        return ChannelName(channel.id, channel.code, channel.name)

    def place(self, location_id: UUID) -> PlaceName:
        place = self.locations[location_id]
        return PlaceName(place.id, place.code, place.name, place.kind, place.time_zone)

    def code(self, location_id: UUID) -> str:
        return self.locations[location_id].code


def read_names(tx: Tx) -> Names:
    """The names as this transaction sees them."""
    revision = _REVISION.one(tx)
    known: tuple[int, Names] | None = tx.memory.get("listings.names")
    if known is not None and known[0] == revision:
        return known[1]
    locations = read_locations(tx)
    names = Names(
        {channel.id: channel for channel in read_channels(tx)},
        {location.id: location for location in locations},
        [_place_of(location) for location in locations],
    )
    tx.memory["listings.names"] = (revision, names)
    return names


_REVISION = query(int, "SELECT n FROM platform.revision WHERE kind = 'reference'")


def find_place(tx: Tx, names: Names, code: str) -> PlaceName:
    """A location that the reader sees, by its code; raises NotFound."""
    for location in names.locations.values():
        if location.code == code and tx.actor.sees_location(location.id):
            return names.place(location.id)
    raise NotFound("There is no such location, or it is none of those you see.")


def _place_of(location: Location) -> Place:
    """A location as sourcing speaks of it; what only planning needs is left as it comes."""
    return Place(
        no=location.no,
        code=location.code,
        name=location.name,
        kind=location.kind,
        country=location.country,
        market=location.market,
        owner=location.owner,
        latitude=location.latitude,
        longitude=location.longitude,
        can_ship=location.can_ship,
        can_pickup=location.can_pickup,
        priority=location.priority,
        capacity_daily=location.capacity_daily,
        active=location.active,
    )


def busiest_place(
    tx: Tx, deliveries: Sequence[Delivery] = ("ship", "pickup", "local")
) -> UUID | None:
    """The location with the most fulfillment orders to work on; None when there is no work."""
    return _BUSIEST.first(tx, states=texts(WORK), deliveries=texts(deliveries))


_BUSIEST = query(
    UUID,
    """
    SELECT location_id
    FROM fulfillment.fulfillment_order
    WHERE state = ANY(%(states)s::text[]) AND delivery = ANY(%(deliveries)s::text[])
    GROUP BY location_id
    ORDER BY count(*) DESC, location_id
    LIMIT 1
    """,
)
