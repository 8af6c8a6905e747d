"""Locations as they are kept."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.kernel.addresses import Address

LocationKind = Literal["warehouse", "store", "3pl", "history"]


class Location(msgspec.Struct, frozen=True):
    """A place with stock. `no` is its small number in decisions; `history` holds the past.

    capacity_daily: fulfillment orders a day, None is no limit.
    priority:       1 is taken before 2.
    working_days:   bit 0 is Monday.
    """

    id: UUID
    no: int
    code: str
    name: str
    kind: LocationKind
    address: Address
    country: str
    latitude: float | None
    longitude: float | None
    time_zone: str
    market: str
    owner: str
    can_ship: bool
    can_pickup: bool
    capacity_daily: int | None
    priority: int
    working_days: int
    holidays: list[date]
    active: bool
    version: int
    created_at: datetime


class Bin(msgspec.Struct, frozen=True):
    """A place inside a location."""

    location_id: UUID
    code: str
    walk_order: int


class Point(msgspec.Struct, frozen=True):
    """A postal code's centre, in degrees."""

    country: str
    code: str
    latitude: float
    longitude: float
