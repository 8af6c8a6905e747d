"""Policies: which places may serve an order, what a plan costs, and how far it may be split.

A policy is data that a business user edits: stored as JSON, one row per version, with every
default written out, so that a later default doesn't change an old version's meaning. Costs are
whole thousandths of the base currency (or of any unit the merchant likes), so that plans are
compared exactly.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ordito.kernel.addresses import CountryCode
from ordito.platform.problems import Fault
from ordito.sourcing.types import Delivery, Place, PlaceKind

Cost = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""Thousandths of the policy's money."""
Code = Annotated[str, Meta(min_length=1, max_length=100)]


class Rule(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="rule",
):
    """A hard rule and whom it is about. Empty lists mean all."""

    channels: tuple[Code, ...] = ()
    """Orders of these channels."""
    destinations: tuple[CountryCode, ...] = ()
    """Orders to these countries."""
    kinds: tuple[PlaceKind, ...] = ()
    """Places of these kinds; others pass."""
    deliveries: tuple[Delivery, ...] = ("ship",)
    """What is picked up is served by the place of the buyer's choice, unless a rule says so."""


class MarketRule(Rule, frozen=True, tag="market"):
    """Only places of the destination's market. Without a market every place passes."""


class OwnerRule(Rule, frozen=True, tag="owner"):
    """Only stock of these owners, or none of theirs (a franchisee's, for web orders)."""

    allowed: tuple[Code, ...] = ()
    excluded: tuple[Code, ...] = ()


class CountryRule(Rule, frozen=True, tag="country"):
    """Only places in these countries, or none there, or only in the destination's country."""

    allowed: tuple[CountryCode, ...] = ()
    excluded: tuple[CountryCode, ...] = ()
    same: bool = False


class KindRule(Rule, frozen=True, tag="kind"):
    """No places of the kinds named in `kinds` (stores don't serve the wholesale channel)."""


class DistanceRule(Rule, frozen=True, tag="distance"):
    """Only places within `max_km` of the destination, great circle."""

    max_km: Annotated[int, Meta(ge=1, le=21_000)]
    when_unknown: Literal["refuse", "allow"] = "refuse"
    """What to do when place or destination has no coordinates."""


class CalendarRule(Rule, frozen=True, tag="calendar"):
    """Only places that are open on the day of the order."""


class CapacityRule(Rule, frozen=True, tag="capacity"):
    """Only places that took fewer than `percent` of their daily capacity so far."""

    percent: Annotated[int, Meta(ge=1, le=1000)] = 100


class ProtectRule(Rule, frozen=True, tag="protect"):
    """Keeps `keep` pieces of every item for people who walk in."""

    keep: Annotated[int, Meta(ge=1, le=1_000_000)]


class MinimumStockRule(Rule, frozen=True, tag="minimum_stock"):
    """No item of which a place has fewer than `units` pieces: its count is likely to be wrong."""

    units: Annotated[int, Meta(ge=1, le=1_000_000)]


EligibilityRule = (
    MarketRule
    | OwnerRule
    | CountryRule
    | KindRule
    | DistanceRule
    | CalendarRule
    | CapacityRule
    | ProtectRule
    | MinimumStockRule
)


class Objective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan costs: per parcel the fixed parts, and per unit the handling."""

    parcel: Cost = 5_000
    per_100_km: Cost = 200
    """Of each parcel."""
    unknown_km: Annotated[int, Meta(ge=0, le=21_000)] = 2_000
    """Taken for the distance where place or destination has no coordinates."""
    priority_step: Cost = 0
    """Each step after priority 1. Equal costs are decided by priority anyway."""
    load: Cost = 1_000
    """At a place whose daily capacity is used up; in proportion below that."""
    out_of_market: Cost = 0
    handling: Cost = 0
    """Per unit, where no other figure is given."""
    handling_by_kind: dict[PlaceKind, Cost] = msgspec.field(default_factory=dict)
    handling_by_place: dict[Code, Cost] = msgspec.field(default_factory=dict)
    """By place code; goes before the kind's."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far an order may be taken apart."""

    max_parcels: Annotated[int, Meta(ge=1, le=1000)] | None = None
    line_split: bool = True
    """False: each line comes from one place, as much of it as that place has."""
    ship_complete: bool = False
    """True: all of the order or nothing."""


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules, objective and limits.

    Rules are tried in order; the first that refuses a place is the reason given. These walls stand
    before all rules, whatever the policy says, in this order: `inactive`, `history` (the place of
    orders taken over from elsewhere), `channel` (not allowed for it), `no_shipping` or
    `no_pickup`, `not_pickup_place`. Rules that depend on the destination's distance or on the
    day's load are tried after the others; stock rules take units, not places, out of the running.
    """

    rules: Annotated[tuple[EligibilityRule, ...], Meta(max_length=100)] = ()
    objective: Objective = msgspec.field(default_factory=Objective)
    limits: Limits = msgspec.field(default_factory=Limits)


DEFAULT_POLICY = Policy(rules=(CapacityRule(),), objective=Objective(out_of_market=3_000))
"""Fewest parcels, then nearest: a parcel more costs as much as 2,500 km."""


def find_faults(policy: Policy, places: Iterable[Place] = ()) -> list[Fault]:
    """Everything wrong with a policy that its types can't say, with JSON pointers into it.

    places: all places of the merchant; names that none of them has are faults. Without places
            names aren't checked.
    """
    known = list(places)
    faults: list[Fault] = []
    for number, rule in enumerate(policy.rules):
        pointer = f"/rules/{number}"
        faults += _find_rule_faults(rule, pointer)
        if known and isinstance(rule, OwnerRule):
            faults += _unknown_owners(rule, pointer, {place.owner for place in known})
    if known:
        codes = {place.code for place in known}
        for code in policy.objective.handling_by_place:
            if code not in codes:
                where = f"/objective/handling_by_place/{_escape(code)}"
                faults.append(Fault(where, "unknown-place", f"No location has the code {code!r}."))
    return faults


def _find_rule_faults(rule: EligibilityRule, pointer: str) -> Iterator[Fault]:
    if not rule.deliveries:
        detail = "Name at least one of ship and pickup, or the rule never applies."
        yield Fault(f"{pointer}/deliveries", "required", detail)
    if "history" in rule.kinds:
        detail = "Places of kind history never serve orders; take the word out."
        yield Fault(f"{pointer}/kinds", "not-a-choice", detail)
    if isinstance(rule, KindRule) and not rule.kinds:
        detail = "Say which kinds of places don't serve these orders."
        yield Fault(f"{pointer}/kinds", "required", detail)
    if isinstance(rule, OwnerRule | CountryRule):
        yield from _find_list_faults(rule, pointer)


def _find_list_faults(rule: OwnerRule | CountryRule, pointer: str) -> Iterator[Fault]:
    same = isinstance(rule, CountryRule) and rule.same
    if not rule.allowed and not rule.excluded and not same:
        detail = "Say what is allowed or what is excluded; as it is the rule refuses nothing."
        yield Fault(f"{pointer}/allowed", "required", detail)
    both = sorted(set(rule.allowed) & set(rule.excluded))
    if both:
        detail = f"Allowed and excluded at once: {', '.join(both[:5])}."
        yield Fault(f"{pointer}/excluded", "contradiction", detail)


def _unknown_owners(rule: OwnerRule, pointer: str, owners: set[str]) -> Iterator[Fault]:
    for field, names in (("allowed", rule.allowed), ("excluded", rule.excluded)):
        for number, name in enumerate(names):
            if name not in owners:
                detail = f"No location has the owner {name!r}."
                yield Fault(f"{pointer}/{field}/{number}", "unknown-owner", detail)


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
