"""What changes rarely and is needed by every order: channels, locations, policies, rates."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.catalog.releases import Release, read_coming_releases
from ordito.channels.channels import read_channels, read_markets, read_rates
from ordito.channels.types import Channel, ExchangeRate
from ordito.flows.local_slots import LocalArea, areas_of
from ordito.flows.policy_arms import Guides, read_guides
from ordito.fulfillment.load import Accepted
from ordito.fulfillment.queues import read_paces
from ordito.inventory.bin_stock import read_binned
from ordito.inventory.endless import EndlessItem, read_lead_days
from ordito.inventory.kept import Keeping, read_keeping
from ordito.locations.local_areas import read_slots, read_zones
from ordito.locations.locations import read_locations
from ordito.locations.types import Location
from ordito.platform.database import Tx, beyond_scope
from ordito.platform.revisions import remembered
from ordito.sourcing.delays import Delays
from ordito.sourcing.plans import compile_policy
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.stored_delays import read_delays
from ordito.sourcing.stored_policies import StoredPolicy, read_current
from ordito.sourcing.stored_tariffs import LocationService, read_services, read_tariffs
from ordito.sourcing.tariffs import Tariff
from ordito.sourcing.types import Place, Service
from ordito.sourcing.workloads import CapacityUnit


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
    guides: Guides
    """By which of them orders are sourced, channel by channel."""
    market_of: dict[str, str]
    rates: dict[tuple[str, str], list[ExchangeRate]]
    places_allowed: dict[UUID, frozenset[int] | None]
    limited: list[Location]
    """Locations with a daily capacity."""
    keeping: Keeping
    """For whom stock is kept; placing looks for it only for these."""
    releases: dict[str, Release]
    """Items by id that are not, or have just been, released."""
    unit_of: dict[int, CapacityUnit]
    """What the capacity of places counts, where that isn't orders."""
    paced: list[UUID]
    """Locations whose pace is known, so that what waits there moves promises."""
    delays: Delays | None
    """What was learned of delays; None as long as there is too little history."""
    binned: frozenset[UUID]
    """Locations that keep bin stock."""
    local: dict[UUID, LocalArea]
    """Locations that bring orders to addresses nearby themselves."""

    def rate(self, base: str, currency: str, on: date) -> ExchangeRate | None:
        """The rate in force on a day: the newest that is not younger; None when none is known."""
        known = self.rates.get((base, currency), [])
        return next((rate for rate in reversed(known) if rate.valid_on <= on), None)

    def bring_days(self, channel: Channel, shop: Location | None) -> int | None:
        """Days in which what a pick-up's shop lacks is brought to it; None where nothing is."""
        if shop is None or not channel.bring_to_shop:
            return None
        allowed = self.places_allowed[channel.id]
        takes = shop.takes_brought and shop.active and shop.can_pickup
        return channel.bring_days if takes and (allowed is None or shop.no in allowed) else None

    def count_accepted(self, rows: Iterable[Accepted] | None) -> dict[int, int]:
        """Work accepted today by place, each in what its capacity is counted in."""
        counts = {}
        for row in rows or ():
            no = self.no_by_id[str(row.location_id)]
            unit = self.unit_of.get(no)
            counts[no] = row.accepted if unit is None else getattr(row, unit)
        return counts

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
    rates: dict[tuple[str, str], list[ExchangeRate]] = {}
    for rate in read_rates(tx):
        rates.setdefault((rate.base_currency, rate.currency), []).append(rate)
    # Kept in memory for all readers: none of them may see less of it than there is.
    with beyond_scope(tx):
        keeping = read_keeping(tx)
        paces = read_paces(tx)
        delays = read_delays(tx, {location.id: location.no for location in locations})
        leads = _leads_of(locations, read_lead_days(tx) if _has_supplier(locations) else ())
        places = places_of(locations, read_services(tx), paces, leads)
        networks = {
            id_: compile_policy(p.body, places, p.version, tariffs, delays)
            for id_, p in policies.items()
        }
        guides = read_guides(tx, channels, networks, places, tariffs, delays)
        releases = {str(release.item_id): release for release in read_coming_releases(tx)}
        binned = frozenset(read_binned(tx))
        local = areas_of(locations, places, read_zones(tx), read_slots(tx))
    no_by_id = {str(location.id): location.no for location in locations}
    id_by_no = {location.no: location.id for location in locations}
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
        networks=networks,
        guides=guides,
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
        releases=releases,
        unit_of={
            location.no: location.capacity_unit
            for location in locations
            if location.capacity_unit != "orders"
        },
        paced=[id_by_no[place.no] for place in places if place.units_hourly is not None],
        delays=delays,
        binned=binned,
        local=local,
    )


def _has_supplier(locations: Iterable[Location]) -> bool:
    return any(location.kind == "supplier" for location in locations)


Leads = Mapping[UUID, Sequence[tuple[str, int]]]
"""Location → items (id as text) and the days before their work begins."""


def _leads_of(locations: Iterable[Location], rows: Iterable[EndlessItem]) -> Leads:
    """Lead days of the items of suppliers; what was said of a place before it was another kind
    of place counts for nothing."""
    suppliers = {location.id for location in locations if location.kind == "supplier"}
    leads: dict[UUID, list[tuple[str, int]]] = {}
    for row in rows:
        if row.location_id in suppliers:
            leads.setdefault(row.location_id, []).append((str(row.item_id), row.lead_days))
    return leads


def places_of(
    locations: Iterable[Location],
    services: Iterable[LocationService],
    paces: Mapping[UUID, int] | None = None,
    leads: Leads | None = None,
) -> list[Place]:
    """Locations with their carriers as the planner sees them.

    paces: pieces an hour, as learned. leads: days before the work on items begins.
    """
    offered: dict[UUID, list[Service]] = {}
    for service in services:
        pickups = tuple(map(minute_of, service.pickups))
        offered.setdefault(service.location_id, []).append(
            Service(service.tariff, pickups, service.weekdays)
        )
    learned, later = paces or {}, leads or {}
    return [
        msgspec.structs.replace(
            place_of(location, offered.get(location.id, ()), learned.get(location.id)),
            lead_days=tuple(later.get(location.id, ())),
        )
        for location in locations
    ]


def minute_of(clock: str) -> int:
    """The minute of the day of a time such as 16:30."""
    hours, _sign, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def place_of(
    location: Location, services: Sequence[Service] = (), pace: int | None = None
) -> Place:
    """A location as the planner sees it. pace: pieces an hour, as learned."""
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
        capacity_unit=location.capacity_unit,
        closes=None if location.closes_at is None else minute_of(location.closes_at),
        units_hourly=location.units_hourly or pace,
    )
