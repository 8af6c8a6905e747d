"""Places, orders and policies for the sourcing tests, with believable defaults."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ordito.sourcing.plans import compile_policy, plan
from ordito.sourcing.policies import EligibilityRule, Limits, Objective, Policy
from ordito.sourcing.tariffs import Rate, Tariff, Zone
from ordito.sourcing.types import (
    Destination,
    FreeStock,
    Load,
    Part,
    Place,
    PlaceKind,
    Plan,
    SourcingRequest,
    Want,
)

X, Y, Z = (UUID(int=number) for number in (1, 2, 3))
WARSAW = Destination("PL", 52.2297, 21.0122, exact=True)
NOWHERE = Destination("ZZ", None, None, exact=False)

CITIES = {
    "warsaw": (52.2297, 21.0122),
    "lodz": (51.7592, 19.4560),
    "berlin": (52.5200, 13.4050),
    "paris": (48.8566, 2.3522),
}


def place(
    no: int,
    code: str = "",
    *,
    kind: PlaceKind = "warehouse",
    city: str | None = "warsaw",
    country: str = "PL",
    market: str = "eu",
    owner: str = "us",
    can_ship: bool = True,
    can_pickup: bool = True,
    priority: int = 1,
    capacity_daily: int | None = None,
    active: bool = True,
    working_days: int = 0b1111111,
    holidays: tuple[str, ...] = (),
    **more: Any,
) -> Place:
    latitude, longitude = CITIES[city] if city else (None, None)
    return Place(
        no=no,
        code=code or f"L{no}",
        name=code or f"Location {no}",
        kind=kind,
        country=country,
        market=market,
        owner=owner,
        latitude=latitude,
        longitude=longitude,
        can_ship=can_ship,
        can_pickup=can_pickup,
        priority=priority,
        capacity_daily=capacity_daily,
        active=active,
        working_days=working_days,
        holidays=holidays,
        **more,
    )


def want(line_no: int, qty: int, *items: UUID, pinned: int | None = None, **more: Any) -> Want:
    return Want(line_no, qty, tuple(Part(item, 1) for item in items), pinned, **more)


def request(
    *wants: Want,
    channel: str = "web",
    market: str = "eu",
    places_allowed: frozenset[int] | None = None,
    pickup_place: int | None = None,
    destination: Destination = WARSAW,
    weekday: int = 2,
    date: str = "2026-11-25",
    **more: Any,
) -> SourcingRequest:
    return SourcingRequest(
        channel=channel,
        market=market,
        places_allowed=places_allowed,
        delivery="ship" if pickup_place is None else "pickup",
        pickup_place=pickup_place,
        destination=destination,
        wants=wants,
        weekday=weekday,
        date=date,
        **more,
    )


def policy(*rules: EligibilityRule, limits: Limits | None = None, **objective: Any) -> Policy:
    return Policy(
        rules=rules,
        objective=Objective(**objective),
        limits=limits or Limits(),
    )


def planned(
    places: list[Place],
    free: FreeStock,
    *wants: Want,
    under: Policy | None = None,
    load: Load | None = None,
    tariffs: Mapping[str, Tariff] | None = None,
    **circumstances: Any,
) -> Plan:
    network = compile_policy(under or policy(), places, tariffs=tariffs)
    asked = request(*wants, **circumstances)
    return plan(asked, network, free, load or {})


def taken(done: Plan) -> list[tuple[int, int, int]]:
    """(line, place, units), in line and place order."""
    return sorted((a.line_no, a.place, a.qty) for a in done.allocations)


def left(done: Plan) -> dict[int, int]:
    """Unserved units per line."""
    return {rest.line_no: rest.qty for rest in done.unserved}


def excluded(done: Plan) -> Mapping[str, list[int]]:
    """Place numbers per reason."""
    return {exclusion.code: sorted(exclusion.places) for exclusion in done.decision.excluded}


def zone(
    code: str = "all",
    price: int = 4_000,
    *,
    countries: tuple[str, ...] = (),
    prefixes: tuple[str, ...] = (),
    max_km: int | None = None,
    days: int = 1,
    rates: tuple[Rate, ...] = (),
    delivery_days: int = 0b0011111,
) -> Zone:
    return Zone(
        code=code,
        countries=countries,
        postal_prefixes=prefixes,
        max_km=max_km,
        transit_days=days,
        delivery_days=delivery_days,
        rates=rates or (Rate(up_to_g=30_000, price=price),),
    )


def tariff(*zones: Zone) -> Tariff:
    return Tariff(carrier="Carrier", zones=zones or (zone(),))
