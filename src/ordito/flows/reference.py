"""What changes rarely and is needed by every order: channels, locations, policies, rates."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.channels.channels import read_channels, read_markets, read_rates
from ordito.channels.types import Channel, ExchangeRate
from ordito.inventory.bin_stock import read_binned
from ordito.inventory.kept import read_keeping_channels
from ordito.locations.locations import read_locations
from ordito.locations.types import Location
from ordito.platform.database import Tx, beyond_scope
from ordito.platform.revisions import remembered
from ordito.sourcing.plans import compile_policy
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.stored_policies import StoredPolicy, read_current
from ordito.sourcing.stored_tariffs import LocationService, read_services, read_tariffs
from ordito.sourcing.tariffs import Tariff
from ordito.sourcing.types import Place, Service


class Reference(msgspec.Struct, frozen=True):
    """Everything by its code or id; kept in memory until the revision moves."""

    channels: dict[str, Channel]
    channels_by_id: dict[UUID, Channel]
    locations: dict[str, Location]
    locations_by_id: dict[UUID, Location]
    locations_by_no: dict[int, Location]
    no_by_id: dict[str, int]
    id_by_no: dict[int, str]
    """Location ids as text, both ways."""
    places: list[Place]
    """The locations as the planner sees them."""
    tariffs: dict[str, Tariff]
    policies: dict[UUID, StoredPolicy]
    networks: dict[UUID, CompiledPolicy]
    market_of: dict[str, str]
    rates: dict[tuple[str, str], list[ExchangeRate]]
    places_allowed: dict[UUID, frozenset[int] | None]
    limited: list[Location]
    """Locations with a daily capacity."""
    keeping: frozenset[UUID]
    """Channels for which stock is kept; placing looks for it only for these."""
    binned: frozenset[UUID]
    """Locations that keep bin stock."""

    def rate(self, base: str, currency: str, on: date) -> ExchangeRate | None:
        """The rate in force on a day: the newest that is not younger; None when none is known."""
        known = self.rates.get((base, currency), [])
        return next((rate for rate in reversed(known) if rate.valid_on <= on), None)

    def capacity_days(self, now: datetime) -> dict[UUID, date]:
        """Today's date at each location whose work per day is limited."""
        return {
            location.id: now.astimezone(ZoneInfo(location.time_zone)).date()
            for location in self.limited
        }


def reference(tx: Tx) -> Reference:
    """The reference data as this transaction sees it."""
    return remembered(tx, "reference", read_reference)


def read_reference(tx: Tx) -> Reference:
    channels = read_channels(tx)
    locations = read_locations(tx)
    policies = {policy.id: policy for policy in read_current(tx)}
    tariffs = {tariff.code: tariff.body for tariff in read_tariffs(tx)}
    places = places_of(locations, read_services(tx))
    rates: dict[tuple[str, str], list[ExchangeRate]] = {}
    for rate in read_rates(tx):
        rates.setdefault((rate.base_currency, rate.currency), []).append(rate)
    # Kept in memory for all readers: none of them may see less of it than there is.
    with beyond_scope(tx):
        keeping = frozenset(read_keeping_channels(tx))
        binned = frozenset(read_binned(tx))
    no_by_id = {str(location.id): location.no for location in locations}
    return Reference(
        channels={channel.code: channel for channel in channels},
        channels_by_id={channel.id: channel for channel in channels},
        locations={location.code: location for location in locations},
        locations_by_id={location.id: location for location in locations},
        locations_by_no={location.no: location for location in locations},
        no_by_id=no_by_id,
        id_by_no={no: id_ for id_, no in no_by_id.items()},
        places=places,
        tariffs=tariffs,
        policies=policies,
        networks={
            id_: compile_policy(p.body, places, p.version, tariffs) for id_, p in policies.items()
        },
        market_of={c: market.code for market in read_markets(tx) for c in market.countries},
        rates=rates,
        places_allowed={
            channel.id: None
            if channel.location_ids is None
            else frozenset(no_by_id[str(id_)] for id_ in channel.location_ids)
            for channel in channels
        },
        limited=[location for location in locations if location.capacity_daily is not None],
        keeping=keeping,
        binned=binned,
    )


def places_of(locations: Iterable[Location], services: Iterable[LocationService]) -> list[Place]:
    """Locations with their carriers as the planner sees them."""
    offered: dict[UUID, list[Service]] = {}
    for service in services:
        pickups = tuple(map(minute_of, service.pickups))
        offered.setdefault(service.location_id, []).append(
            Service(service.tariff, pickups, service.weekdays)
        )
    return [place_of(location, offered.get(location.id, ())) for location in locations]


def minute_of(clock: str) -> int:
    """The minute of the day of a time such as 16:30."""
    hours, _sign, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def place_of(location: Location, services: Sequence[Service] = ()) -> Place:
    """A location as the planner sees it."""
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
        working_days=location.working_days,
        holidays=tuple(day.isoformat() for day in location.holidays),
        capabilities=tuple(location.capabilities),
        calendar=location.calendar,
        time_zone=location.time_zone,
        opens=minute_of(location.opens_at),
        cut_off=None if location.cut_off is None else minute_of(location.cut_off),
        pick_minutes=location.pick_minutes,
        services=tuple(services),
    )
