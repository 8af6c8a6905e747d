"""Which places may serve an order: the walls that always stand, then the policy's rules."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ordito.sourcing.policies import (
    CalendarRule,
    CapacityRule,
    CountryRule,
    DistanceRule,
    EligibilityRule,
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
    )


class Terms(NamedTuple):
    """What the rules say about one eligible place beyond letting it pass."""

    max_km: int | None
    unknown_km_passes: bool
    orders_max: int | None
    """Fulfillment orders a day at which it takes no more."""
    keep: int
    least: int


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
        if rule.kinds and place.kind not in rule.kinds:
            continue
        code = _find_broken(rule, place, circumstances)
        if code is not None:
            return code
    return None


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
    if not place.can_pickup:
        return "no_pickup"
    return None if place.no == circumstances.pickup_place else "not_pickup_place"


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


def is_open(place: Place, weekday: int, date: str) -> bool:
    """Whether the place works on that day. weekday: 0 is Monday; date: ISO."""
    return bool(place.working_days >> weekday & 1) and date not in place.holidays


def find_terms(place: Place, rules: Sequence[EligibilityRule]) -> Terms:
    """The strictest of what the rules say about an eligible place."""
    reaches: list[int] = []
    unknown_km_passes = True
    orders_max: int | None = None
    keep = least = 0
    for rule in rules:
        if rule.kinds and place.kind not in rule.kinds:
            continue
        match rule:
            case DistanceRule():
                reaches.append(rule.max_km)
                unknown_km_passes &= rule.when_unknown == "allow"
            case CapacityRule() if place.capacity_daily is not None:
                # Rounded up: one order a day at 50 % is still one order.
                limit = -(-place.capacity_daily * rule.percent // 100)
                orders_max = limit if orders_max is None else min(orders_max, limit)
            case ProtectRule():
                keep = max(keep, rule.keep)
            case MinimumStockRule():
                least = max(least, rule.units)
            case _:
                pass
    return Terms(min(reaches, default=None), unknown_km_passes, orders_max, keep, least)
