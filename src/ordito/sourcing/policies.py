"""Policies: which places may serve an order, what a plan costs, and how far it may be split.

A policy is data that a business user edits: stored as JSON, one row per version, with every
default written out, so that a later default doesn't change an old version's meaning. Costs are
whole thousandths of the base currency (or of any unit the merchant likes), so that plans are
compared exactly.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ordito.kernel.addresses import CountryCode
from ordito.sourcing.types import Delivery, PlaceKind

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
    """A rule and whom it is about. Empty lists mean all.

    A hard rule is never broken. A soft one may be, at a price: rules about places cost it for each
    parcel from such a place, the others (`PRICED_PER_ORDER`) once for the order.
    """

    channels: tuple[Code, ...] = ()
    """Orders of these channels."""
    destinations: tuple[CountryCode, ...] = ()
    """Orders to these countries."""
    kinds: tuple[PlaceKind, ...] = ()
    """Places of these kinds; others pass."""
    deliveries: tuple[Delivery, ...] = ("ship",)
    """What is picked up is served by the place of the buyer's choice, unless a rule says so."""
    places: tuple[Code, ...] = ()
    """Places with these codes; others pass."""
    soft: Cost | None = None
    """Price of breaking the rule; None makes it hard."""


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
    """Keeps `keep` pieces of every item, or of those with a tag, for people who walk in."""

    keep: Annotated[int, Meta(ge=1, le=1_000_000)]
    tags: tuple[Code, ...] = ()
    """Items with one of these; a kit has the tags of its parts too."""


class MinimumStockRule(Rule, frozen=True, tag="minimum_stock"):
    """No item of which a place has fewer than `units` pieces: its count is likely to be wrong."""

    units: Annotated[int, Meta(ge=1, le=1_000_000)]


class ItemRule(Rule, frozen=True, tag="item"):
    """Items with one of the tags, or heavier than that, only from places with all capabilities.

    Without capabilities: not from the places that the rule is about. A line comes from elsewhere
    then; the place may serve the other lines.
    """

    tags: tuple[Code, ...] = ()
    heavier_g: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    """Grams of one unit; items of unknown weight pass."""
    needs: tuple[Code, ...] = ()


class DaysRule(Rule, frozen=True, tag="days"):
    """Only places whose parcel arrives within so many days of the order."""

    max_days: Annotated[int, Meta(ge=0, le=365)]
    when_unknown: Literal["refuse", "allow"] = "refuse"
    """What to do with places that have no carrier's pick-ups."""


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
    | ItemRule
    | DaysRule
)

PRICED_PER_ORDER = (CapacityRule, ProtectRule, MinimumStockRule, ItemRule, DaysRule)
"""Soft rules of these kinds are dropped for a whole order: what they say depends on the order."""


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
    order_by_kind: dict[PlaceKind, Cost] = msgspec.field(default_factory=dict)
    """Of each parcel packed at a place of the kind, beside `parcel`."""
    by_market: dict[Code, Cost] = msgspec.field(default_factory=dict)
    """Of each parcel from a place of the market; markets with a low cost go first."""
    line: Cost = 0
    """Per line picked at a place: a line divided between two places is picked twice."""
    per_day: Cost = 0
    """Of each parcel, per day from order to delivery. Places without pick-ups cost none."""
    tariffs: Annotated[tuple[Code, ...], Meta(max_length=50)] = ()
    """Carrier tariffs that parcels are priced by: the cheapest that the place offers. With any,
    a place that offers none of them to the destination is not eligible."""
    unknown_weight_g: Annotated[int, Meta(ge=0, le=1_000_000)] = 1_000
    """Taken for a unit whose weight is not known."""
    scarce: Cost = 0
    """Per piece taken where fewer than `ample` pieces are free: overstock goes first."""
    ample: Annotated[int, Meta(ge=1, le=1_000_000)] = 10


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far an order may be taken apart."""

    max_parcels: Annotated[int, Meta(ge=1, le=1000)] | None = None
    line_split: bool = True
    """False: each line comes from one place, as much of it as that place has."""
    ship_complete: bool = False
    """True: all of the order or nothing."""
    complete_channels: tuple[Code, ...] = ()
    """The same for orders of these channels."""
    min_parcel_value: Cost | None = None
    """An order is not split into parcels worth less, in thousandths of the channel's base
    currency. Lines of unknown value are worth enough."""


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules, objective and limits.

    Rules are tried in order; the first that refuses a place is the reason given. These walls stand
    before all rules, whatever the policy says, in this order: `inactive`, `history` (the place of
    orders taken over from elsewhere), `channel` (not allowed for it), `no_shipping` or
    `no_pickup`, `not_pickup_place`; of local delivery `outside_zones`, `slots_full` or
    `other_slot`. Rules that depend on the destination's distance or on the
    day's load are tried after the others; stock rules take units, not places, out of the running.
    """

    rules: Annotated[tuple[EligibilityRule, ...], Meta(max_length=100)] = ()
    objective: Objective = msgspec.field(default_factory=Objective)
    limits: Limits = msgspec.field(default_factory=Limits)


DEFAULT_POLICY = Policy(rules=(CapacityRule(),), objective=Objective(out_of_market=3_000))
"""Fewest parcels, then nearest: a parcel more costs as much as 2,500 km."""
