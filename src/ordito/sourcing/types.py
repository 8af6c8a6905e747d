"""What sourcing is asked and what it answers. Places are numbered: a decision lists hundreds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from ordito.sourcing.workloads import CapacityUnit, UnitOf, sum_work

PlaceKind = Literal["warehouse", "store", "3pl", "supplier", "history"]
Delivery = Literal["ship", "pickup", "local"]


class Service(msgspec.Struct, frozen=True):
    """A carrier's service that a place offers: prices and days of a tariff, and its pick-ups.

    pickups: minutes of the local day at which the carrier collects, rising.
    """

    tariff: str
    pickups: tuple[int, ...]
    weekdays: int = 0b0011111
    """Days on which it collects; bit 0 is Monday."""


class Place(msgspec.Struct, frozen=True):
    """A location as the planner sees it."""

    no: int
    code: str
    name: str
    kind: PlaceKind
    country: str
    market: str
    owner: str
    latitude: float | None
    longitude: float | None
    can_ship: bool
    can_pickup: bool
    priority: int
    """1 is taken before 2."""
    capacity_daily: int | None
    """What it takes in a day, counted in `capacity_unit`; None is no limit."""
    active: bool
    working_days: int = 0b1111111
    """Bit 0 is Monday."""
    holidays: tuple[str, ...] = ()
    """Dates (ISO) on which the location is closed."""
    capabilities: tuple[str, ...] = ()
    """What it can handle that others can't, such as hazardous or bulky goods."""
    calendar: str = ""
    """Public holidays on which it is closed: a country, or country and region (DE-BY)."""
    time_zone: str = "UTC"
    opens: int = 0
    """Minute of the local day at which work begins."""
    cut_off: int | None = None
    """Minute of the local day; what comes later is work of the next open day."""
    pick_minutes: int = 0
    """From the beginning of the work on an order until it can be picked up."""
    services: tuple[Service, ...] = ()
    capacity_unit: CapacityUnit = "orders"
    closes: int | None = None
    """Minute of the local day at which work ends; None is midnight. Only the queue looks at it."""
    units_hourly: int | None = None
    """Pieces that it packs in an hour, as set or learned; None: what waits there moves nothing."""
    lead_days: tuple[tuple[str, int], ...] = ()
    """Items (id as text) of which the work on an order begins only so many days later."""


ItemKey: TypeAlias = UUID | str
"""An item's id, or the id as text: the planner only compares it. One form within a request."""


class Part(msgspec.Struct, frozen=True):
    """What one unit of a line takes from stock: an item and how many of it (kits have several)."""

    item_id: ItemKey
    per_unit: int


class Want(msgspec.Struct, frozen=True):
    """A line to be sourced. A kit is taken whole: all parts of one unit from one place."""

    line_no: int
    qty: int
    parts: tuple[Part, ...]
    """At least one; each item once."""
    pinned_place: int | None = None
    """Only this place may serve the line; it must be eligible all the same."""
    tags: tuple[str, ...] = ()
    """Of the item; a kit has those of its parts too."""
    weight_g: int | None = None
    """Of one unit; None when it isn't known."""
    value: int | None = None
    """Of one unit, in thousandths of the channel's base currency; None when it isn't known."""


class Destination(msgspec.Struct, frozen=True):
    """Where it goes. Coordinates come from the postal code, else from the country's centre."""

    country: str
    latitude: float | None
    longitude: float | None
    exact: bool
    """False when only the country's centre is known."""
    postal_code: str = ""


class SourcingRequest(msgspec.Struct, frozen=True):
    """One order, or what is left of it, to be sourced."""

    channel: str
    market: str
    """The destination's market, "" when none."""
    places_allowed: frozenset[int] | None
    """Places the channel may use; None is all."""
    delivery: Delivery
    pickup_place: int | None
    """The one place that can serve it: where it is picked up, or what brings it in a slot."""
    destination: Destination
    wants: tuple[Want, ...]
    weekday: int
    """0 is Monday, at the order's time in UTC."""
    date: str
    places_passed: frozenset[int] = frozenset()
    """Places that gave back what is sought, or came up short of it."""
    at: datetime | None = None
    """When it is sourced, in UTC, for days of delivery; None leaves them out."""
    ship_complete: bool = False
    """The order is to be sent complete, whatever the policy says."""
    level: int | None = None
    """Percent of promises to be kept, by what was learned; None promises by calendars alone."""
    zones: frozenset[int] | None = None
    """Of local delivery: places whose zones hold the address; None where that was not looked at."""
    full: frozenset[int] = frozenset()
    """Those of them without a free slot."""
    bring_days: int | None = None
    """What the shop of a pick-up lacks may be brought to it from other places: within so many days
    where no carrier's are known. None: only what it has itself."""


FreeStock = Mapping[Any, Mapping[int, int]]
"""item key -> place -> free units. Places without stock are absent; it is never changed here."""

Load = Mapping[int, int]
"""place -> work already accepted today, in what the place's capacity is counted in."""

Queue = Mapping[int, int]
"""place -> pieces that wait to be packed there; only of places whose pace is known."""


class Allocation(msgspec.Struct, frozen=True):
    """Units of a line that one place is to serve."""

    line_no: int
    place: int
    qty: int
    """Units of the line (kits count kits)."""


def work_of(allocations: Iterable[Allocation], unit_of: UnitOf) -> dict[int, int]:
    """What one order's parts at places where it had none are of the capacity of each place."""
    if not unit_of:
        return dict.fromkeys([allocation.place for allocation in allocations], 1)
    return sum_work([(one.line_no, one.place, one.qty) for one in allocations], unit_of)


class Unserved(msgspec.Struct, frozen=True):
    """Units of a line that no place serves."""

    line_no: int
    qty: int


class Exclusion(msgspec.Struct, frozen=True, omit_defaults=True):
    """Places out of the running for one reason."""

    code: str
    places: Sequence[int] = ()
    """Place numbers; empty where the decision's `others` has this code."""
    limit: int | None = None
    """The rule's number: km of a `distance` rule."""


Outcome = Literal["all", "part", "none"]
Hindrance = Literal["", "ship_complete", "line_split", "max_parcels", "min_parcel_value"]


class Dropped(msgspec.Struct, frozen=True, omit_defaults=True):
    """A soft rule that a plan broke."""

    code: str
    rule: int
    """Its number in the policy, from 0."""
    price: int
    """Thousandths of the policy's money: for each of the places, or for the order without any."""
    places: Sequence[int] = ()


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a plan is as it is, in numbers: inputs and costs, no sentences. Stored with the order.

    Columns over the best places compared (at most 16, cheapest fixed cost first; more only where
    the plan itself has more): `places`, `km`, the cost parts, `units`, `taken`, `kept`, `least`.
    Costs are thousandths of the policy's money. An empty column is all zeros. `servable` has one
    such column per group of lines.
    """

    policy_version: int
    outcome: Outcome
    delivery: Delivery
    lines: Sequence[Sequence[int]]
    """Groups of lines that take the same parts: planned as one."""
    wanted: Sequence[int]
    """Units per group."""
    places: Sequence[int]
    km: Sequence[int | None]
    servable: Sequence[Sequence[int]]
    """Per group: units the place could serve if only this group were asked of it."""
    units: Sequence[int]
    """Units the place could serve alone, all groups together."""
    taken: Sequence[int]
    """Units the plan takes there."""
    cost: int
    newest: int
    """Largest place number at that time: places beyond it did not exist."""
    parcel: Sequence[int] = ()
    distance: Sequence[int] = ()
    priority: Sequence[int] = ()
    market: Sequence[int] = ()
    load: Sequence[int] = ()
    handling: Sequence[int] = ()
    """Of the units that the place could serve."""
    soft: Sequence[int] = ()
    """Prices of soft rules that a parcel from there breaks."""
    tariff: Sequence[int] = ()
    """Carrier's price of all that the place could serve, in one parcel."""
    picking: Sequence[int] = ()
    """Of the lines that the place could serve."""
    scarce: Sequence[int] = ()
    """Of what the place could serve of items that are few there."""
    days: Sequence[int] = ()
    """Cost of the days until delivery."""
    excluded: Sequence[Exclusion] = ()
    others: str = ""
    """Code for every place that is listed nowhere; "" when all are listed."""
    pinned: Sequence[int | None] = ()
    """Per group, the place that it is pinned to; empty when no line is pinned."""
    kept: Sequence[int] = ()
    """Pieces of each item that the place keeps for walk-in customers."""
    least: Sequence[int] = ()
    """Pieces of an item below which the place gives none."""
    exact: bool = True
    """False when distances are from the middle of the destination's country."""
    hindrance: Hindrance = ""
    """Which limit of the policy kept units from being served."""
    barred: Sequence[int] = ()
    """Groups of lines that the place may not send."""
    dropped: Sequence[Dropped] = ()
    """Soft rules that the plan breaks."""
    brought: "Decision | None" = None
    """Of a pick-up: who brings to the shop what it lacks; None when it lacks nothing, or nothing is
    brought to it."""


class Plan(msgspec.Struct, frozen=True):
    """Who serves what. Allocations and unserved units of a line sum to the line's quantity."""

    allocations: Sequence[Allocation]
    """In line order; one per line and place."""
    unserved: Sequence[Unserved]
    cost: int
    """Thousandths of the policy's money; 0 when nothing is allocated."""
    decision: Decision
