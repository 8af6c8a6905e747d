"""Which places may serve an order: the walls that always stand, then the policy's rules."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ordito.sourcing.calendars import is_open
from ordito.sourcing.policies import (
    PRICED_PER_ORDER,
    CalendarRule,
    CapacityRule,
    CountryRule,
    DaysRule,
    DistanceRule,
    EligibilityRule,
    ItemRule,
    KindRule,
    MarketRule,
    MinimumStockRule,
    OwnerRule,
    ProtectRule,
)
from ordito.sourcing.types import Delivery, Place, SourcingRequest


class Circumstances(NamedTuple):
    """What of an order decides eligibility, the destination's distance and stock apart."""

    channel: str
    delivery: Delivery
    market: str
    country: str
    places_allowed: frozenset[int] | None
    pickup_place: int | None
    weekday: int
    date: str
    """ISO date, "" where no rule looks at the calendar."""
    places_passed: frozenset[int] = frozenset()
    zones: frozenset[int] | None = None
    full: frozenset[int] = frozenset()
    """Of local delivery: places whose zones hold the address, and those without a free slot."""


def circumstances_of(request: SourcingRequest, *, dated: bool) -> Circumstances:
    """`dated`: some rule looks at the calendar. If none does, all days are alike."""
    return Circumstances(
        request.channel,
        request.delivery,
        request.market,
        request.destination.country,
        request.places_allowed,
        request.pickup_place,
        request.weekday if dated else 0,
        request.date if dated else "",
        request.places_passed,
        request.zones,
        request.full,
    )


class Terms(NamedTuple):
    """What the rules say about one eligible place beyond letting it pass."""

    max_km: int | None
    unknown_km_passes: bool
    orders_max: int | None
    """Work of a day at which it takes no more."""
    keep: int
    least: int
    days_max: int | None
    """Days to delivery beyond which it isn't taken."""
    unknown_days_passes: bool


def select_rules(
    rules: Iterable[EligibilityRule], circumstances: Circumstances
) -> list[EligibilityRule]:
    """The rules that are about such orders, in their order."""
    return [
        rule
        for rule in rules
        if (not rule.channels or circumstances.channel in rule.channels)
        and (not rule.destinations or circumstances.country in rule.destinations)
        and circumstances.delivery in rule.deliveries
    ]


def find_refusal(
    place: Place, rules: Sequence[EligibilityRule], circumstances: Circumstances
) -> str | None:
    """Code of the wall or first rule that refuses the place; None when it is eligible so far."""
    wall = _find_wall(place, circumstances)
    if wall is not None:
        return wall
    for rule in rules:
        if rule.soft is None and is_about(rule, place):
            code = _find_broken(rule, place, circumstances)
            if code is not None:
                return code
    return None


def is_about(rule: EligibilityRule, place: Place) -> bool:
    """Whether the rule says anything of the place; others pass it."""
    return (not rule.kinds or place.kind in rule.kinds) and (
        not rule.places or place.code in rule.places
    )


def find_priced(
    place: Place, rules: Sequence[EligibilityRule], circumstances: Circumstances
) -> dict[EligibilityRule, str]:
    """Soft rules that every parcel from an eligible place breaks, and their codes.

    Distance rules are left out: they depend on the destination.
    """
    broken: dict[EligibilityRule, str] = {}
    for rule in rules:
        if rule.soft is None or isinstance(rule, PRICED_PER_ORDER) or not is_about(rule, place):
            continue
        code = _find_broken(rule, place, circumstances)
        if code is not None:
            broken[rule] = code
    return broken


def _find_wall(place: Place, circumstances: Circumstances) -> str | None:
    if not place.active or place.kind == "history":
        return "history" if place.active else "inactive"
    allowed = circumstances.places_allowed
    if allowed is not None and place.no not in allowed:
        return "channel"
    if place.no in circumstances.places_passed:
        return "passed"
    if circumstances.delivery == "ship":
        return None if place.can_ship else "no_shipping"
    return _find_bound_wall(place, circumstances)


def _find_bound_wall(place: Place, circumstances: Circumstances) -> str | None:
    """Why a place doesn't serve an order that one place alone can: the shop where it is picked up,
    or the location whose slot was taken."""
    here = place.no == circumstances.pickup_place
    if circumstances.delivery == "pickup":
        if not place.can_pickup:
            return "no_pickup"
        return None if here else "not_pickup_place"
    if here:
        return None
    if circumstances.zones is not None and place.no not in circumstances.zones:
        return "outside_zones"
    return "slots_full" if place.no in circumstances.full else "other_slot"


def _find_broken(rule: EligibilityRule, place: Place, circumstances: Circumstances) -> str | None:
    code, broken = "", False
    match rule:
        case MarketRule():
            code, broken = "market", circumstances.market not in ("", place.market)
        case OwnerRule():
            code, broken = "owner", _is_barred(place.owner, rule)
        case CountryRule():
            foreign = rule.same and place.country != circumstances.country
            code, broken = "country", foreign or _is_barred(place.country, rule)
        case KindRule():
            # Without kinds it is a fault of the policy; it then refuses nothing.
            code, broken = "kind", bool(rule.kinds)
        case CalendarRule():
            open_today = is_open(place, circumstances.weekday, circumstances.date)
            code, broken = "closed", not open_today
        case CapacityRule():
            code, broken = "capacity", place.capacity_daily == 0
        case _:
            pass
    return code if broken else None


def _is_barred(name: str, rule: OwnerRule | CountryRule) -> bool:
    return name in rule.excluded or (bool(rule.allowed) and name not in rule.allowed)


def find_terms(place: Place, rules: Sequence[EligibilityRule]) -> Terms:
    """The strictest of what the rules say about an eligible place."""
    reaches: list[int] = []
    unknown_km_passes = unknown_days_passes = True
    days_max: int | None = None
    orders_max: int | None = None
    keep = least = 0
    for rule in rules:
        if not is_about(rule, place):
            continue
        match rule:
            case DistanceRule() if rule.soft is None:
                reaches.append(rule.max_km)
                unknown_km_passes &= rule.when_unknown == "allow"
            case CapacityRule() if place.capacity_daily is not None:
                # Rounded up: one order a day at 50 % is still one order.
                limit = -(-place.capacity_daily * rule.percent // 100)
                orders_max = limit if orders_max is None else min(orders_max, limit)
            case ProtectRule() if not rule.tags:
                keep = max(keep, rule.keep)
            case MinimumStockRule():
                least = max(least, rule.units)
            case DaysRule():
                days_max = rule.max_days if days_max is None else min(days_max, rule.max_days)
                unknown_days_passes &= rule.when_unknown == "allow"
            case _:
                pass
    return Terms(
        min(reaches, default=None),
        unknown_km_passes,
        orders_max,
        keep,
        least,
        days_max,
        unknown_days_passes,
    )


class Bar(NamedTuple):
    """Items that some places don't send."""

    tags: frozenset[str]
    heavier_g: int | None
    places: frozenset[int]

    def is_about(self, tags: Iterable[str], weight_g: int | None) -> bool:
        if not self.tags.isdisjoint(tags):
            return True
        return self.heavier_g is not None and (weight_g or 0) > self.heavier_g


def find_bars(places: Sequence[Place], rules: Sequence[EligibilityRule]) -> tuple[Bar, ...]:
    """What the rules about items keep places from sending; rules that bar no place are left out."""
    bars = []
    for rule in rules:
        if isinstance(rule, ItemRule):
            needs = frozenset(rule.needs)
            barred = frozenset(
                place.no
                for place in places
                if is_about(rule, place) and (not needs or not needs <= set(place.capabilities))
            )
            if barred:
                bars.append(Bar(frozenset(rule.tags), rule.heavier_g, barred))
    return tuple(bars)


class TaggedKeep(NamedTuple):
    """Pieces of items with a tag that places keep: by place number."""

    tags: frozenset[str]
    keep: dict[int, int]


def find_tagged_keeps(
    places: Sequence[Place], rules: Sequence[EligibilityRule]
) -> tuple[TaggedKeep, ...]:
    """Stock protection that is about some items only."""
    found = []
    for rule in rules:
        if isinstance(rule, ProtectRule) and rule.tags:
            keep = {place.no: rule.keep for place in places if is_about(rule, place)}
            if keep:
                found.append(TaggedKeep(frozenset(rule.tags), keep))
    return tuple(found)
