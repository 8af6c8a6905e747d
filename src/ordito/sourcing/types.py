"""What sourcing is asked and what it answers. Places are numbered: a decision lists hundreds."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import msgspec

PlaceKind = Literal["warehouse", "store", "3pl", "history"]
Delivery = Literal["ship", "pickup"]


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
    """Fulfillment orders a day; None is no limit."""
    active: bool
    working_days: int = 0b1111111
    """Bit 0 is Monday."""
    holidays: tuple[str, ...] = ()
    """Dates (ISO) on which the location is closed."""


class Part(msgspec.Struct, frozen=True):
    """What one unit of a line takes from stock: an item and how many of it (kits have several)."""

    item_id: UUID
    per_unit: int


class Want(msgspec.Struct, frozen=True):
    """A line to be sourced. A kit is taken whole: all parts of one unit from one place."""

    line_no: int
    qty: int
    parts: tuple[Part, ...]
    pinned_place: int | None = None


class Destination(msgspec.Struct, frozen=True):
    """Where it goes. Coordinates come from the postal code, else from the country's centre."""

    country: str
    latitude: float | None
    longitude: float | None
    exact: bool
    """False when only the country's centre is known."""


class SourcingRequest(msgspec.Struct, frozen=True):
    channel: str
    market: str
    """The destination's market, "" when none."""
    places_allowed: frozenset[int] | None
    """Places the channel may use; None is all."""
    delivery: Delivery
    pickup_place: int | None
    destination: Destination
    wants: tuple[Want, ...]
    weekday: int
    """0 is Monday, at the order's time in UTC."""
    date: str


FreeStock = Mapping[UUID, Mapping[int, int]]
"""item -> place -> free units. Places without stock are absent; the planner never changes it."""

Load = Mapping[int, int]
"""place -> fulfillment orders already accepted today."""


class Allocation(msgspec.Struct, frozen=True):
    line_no: int
    place: int
    qty: int
    """Units of the line (kits count kits)."""
