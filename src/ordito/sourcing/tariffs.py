"""Carrier tariffs: what a parcel costs and how long it takes, by zone and weight."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from ordito.kernel.addresses import CountryCode
from ordito.kernel.asks import Code, Name
from ordito.platform.problems import Fault
from ordito.sourcing.policies import Cost
from ordito.sourcing.weekdays import Weekdays, names_of

Grams = Annotated[int, Meta(ge=1, le=100_000_000)]
Prefix = Annotated[str, Meta(pattern="^[0-9A-Z]{1,10}$")]
PREFIX_MOST = 10


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The price of a package up to a weight."""

    up_to_g: Grams
    price: Cost
    per_kg: Cost = 0
    """For each started kilogram above the bracket before."""


class Zone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Destinations of one price. A destination belongs to the first zone that fits it."""

    code: Code
    countries: Annotated[tuple[CountryCode, ...], Meta(max_length=300)] = ()
    """Empty: every country."""
    postal_prefixes: Annotated[tuple[Prefix, ...], Meta(max_length=5000)] = ()
    """How postal codes begin, without blanks and signs; empty: every postal code."""
    max_km: Annotated[int, Meta(ge=1, le=21_000)] | None = None
    """From the place; a destination whose distance isn't known doesn't fit."""
    transit_days: Annotated[int, Meta(ge=0, le=100)] = 1
    """The carrier's working days from pick-up to delivery."""
    delivery_days: Weekdays = "mon-fri"
    """Days on which the carrier works there, by name: `mon-fri`, `mon,wed,fri`. Public holidays are
    left out. Bits are taken too: 31 is Monday to Friday."""
    rates: Annotated[tuple[Rate, ...], Meta(min_length=1, max_length=500)]
    """Lightest first. What is heavier than the last one goes in several packages."""


class Tariff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices of one service of a carrier. Money is the policies' money, in thousandths."""

    carrier: Name
    service: Annotated[str, Meta(max_length=100)] = ""
    zones: Annotated[tuple[Zone, ...], Meta(min_length=1, max_length=1000)]


def name_days(tariff: Tariff) -> Tariff:
    """The tariff with weekdays by name, as they are kept and told."""
    zones = tuple(
        msgspec.structs.replace(zone, delivery_days=names_of(zone.delivery_days))
        for zone in tariff.zones
    )
    return msgspec.structs.replace(tariff, zones=zones)


def find_tariff_faults(tariff: Tariff) -> list[Fault]:
    """Everything wrong with a tariff that its types can't say, with JSON pointers into it."""
    faults = []
    seen: set[str] = set()
    for number, zone in enumerate(tariff.zones):
        if zone.code in seen:
            detail = f"There is a zone {zone.code!r} already."
            faults.append(Fault(f"/zones/{number}/code", "duplicate", detail))
        seen.add(zone.code)
        for n, (before, rate) in enumerate(zip(zone.rates, zone.rates[1:], strict=False), start=1):
            if rate.up_to_g <= before.up_to_g:
                detail = "Weights rise from one rate to the next."
                faults.append(Fault(f"/zones/{number}/rates/{n}/up_to_g", "order", detail))
    return faults


def plain_postal_code(text: str) -> str:
    """A postal code as prefixes are compared with it: capital letters and digits only."""
    return "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())


def find_zone(tariff: Tariff, country: str, postal_code: str, km: int | None) -> Zone | None:
    """The zone of a destination; None when the service doesn't go there.

    postal_code: plain (`plain_postal_code`).
    """
    for zone in tariff.zones:
        if zone.countries and country not in zone.countries:
            continue
        if zone.postal_prefixes and not postal_code.startswith(zone.postal_prefixes):
            continue
        if zone.max_km is not None and (km is None or km > zone.max_km):
            continue
        return zone
    return None


def price_weight(zone: Zone, weight_g: int) -> int:
    """Price of sending so much, in as many packages as the heaviest rate needs."""
    heaviest = zone.rates[-1].up_to_g
    full, rest = divmod(weight_g, heaviest)
    if full and not rest:
        full, rest = full - 1, heaviest
    price = full * _price_package(zone.rates, heaviest) if full else 0
    return price + _price_package(zone.rates, rest)


def _price_package(rates: Sequence[Rate], weight_g: int) -> int:
    below = 0
    for rate in rates:
        if weight_g <= rate.up_to_g:
            return rate.price + rate.per_kg * -(-(max(0, weight_g - below)) // 1000)
        below = rate.up_to_g
    raise AssertionError("the caller divides what is heavier than the last rate")


def least_price(zone: Zone) -> int:
    """No parcel to the zone costs less."""
    return min(rate.price for rate in zone.rates)


class Lane(NamedTuple):
    """A service that a place offers to a destination. service: its number among the place's."""

    service: int
    zone: Zone


def price_parcel(lanes: Sequence[Lane], weight_g: int) -> int:
    """The cheapest price at which a place sends so much; at least one lane."""
    return min([price_weight(lane.zone, weight_g) for lane in lanes])
