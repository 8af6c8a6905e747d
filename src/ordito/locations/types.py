"""Locations as they are kept."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.kernel.addresses import Address
from ordito.kernel.asks import Ask, Clock, Code, Name, Sku, Version

LocationKind = Literal["warehouse", "store", "3pl", "supplier", "history"]
OwnKind = Literal["warehouse", "store", "3pl", "supplier"]
CapacityUnit = Literal["orders", "lines", "units"]

PARTNERS: frozenset[LocationKind] = frozenset(("3pl", "supplier"))
"""Kinds of places whose work others can be asked to do."""

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Label = Annotated[str, Meta(max_length=60)]
BinCode = Annotated[str, Meta(min_length=1, max_length=40)]
WalkOrder = Annotated[int, Meta(ge=0, le=1_000_000)]
Hours = Annotated[int, Meta(ge=1, le=720)]
_EMAIL = r"^([^@\s]+@[^@\s]+)?$"
BinPurpose = Literal["pick", "reserve", "receiving", "quality"]
"""pick: orders are picked from it. reserve: it fills pick bins. receiving: goods lie there until
they are put away. quality: what is set aside, to be checked or damaged."""
CapacityMl = Annotated[int, Meta(ge=1, le=10**12, description="Millilitres")]
CapacityUnits = Annotated[int, Meta(ge=1, le=10**9)]


class Location(msgspec.Struct, frozen=True):
    """A place with stock. `no` is its small number in decisions; `history` holds the past.

    capacity_daily: what it takes in a day, None is no limit; in fulfillment orders, their lines, or
                    units of those (kits count as one): capacity_unit.
    priority:       1 is taken before 2.
    working_days:   bit 0 is Monday.
    capabilities:   what it can handle that others can't, such as hazardous goods.
    calendar:       public holidays on which it is closed: a country, or country and region.
    opens_at:       local time at which work begins; cut_off: what comes later is work of the next
                    open day. pick_minutes: from the beginning of the work until it can be sent.
    closes_at:      local time at which work ends, None is midnight; only the queue looks at it.
    units_hourly:   pieces that it packs in an hour; None is as learned, if anything is.
    answer_hours:   within them a partner answers a request, then it is chased; None: nobody is
                    asked, the work is done as anywhere else.
    withdraw_hours: more hours, after which an unanswered request is sourced elsewhere.
    ship_hours:     from a partner's yes until it should have left.
    partner_email:  who is reminded of what is unanswered.
    takes_brought:  whether a shop takes in what other locations send for its pick-ups, where the
                    channel wants that.
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
    capabilities: list[str] = []
    calendar: str = ""
    opens_at: str = "00:00"
    cut_off: str | None = None
    pick_minutes: int = 0
    capacity_unit: CapacityUnit = "orders"
    closes_at: str | None = None
    units_hourly: int | None = None
    answer_hours: int | None = None
    withdraw_hours: int = 24
    ship_hours: int = 48
    partner_email: str = ""
    takes_brought: bool = True

    @property
    def is_asked(self) -> bool:
        """Whether its work is a request that a partner answers."""
        return self.answer_hours is not None


class Bin(msgspec.Struct, frozen=True):
    """A place inside a location. capacity_ml, capacity_units: what fits in; None is no limit."""

    location_id: UUID
    code: str
    walk_order: int
    purpose: BinPurpose = "pick"
    capacity_ml: int | None = None
    capacity_units: int | None = None


class Point(msgspec.Struct, frozen=True):
    """A postal code's centre, in degrees."""

    country: str
    code: str
    latitude: float
    longitude: float


class ItemBin(msgspec.Struct, frozen=True):
    """Where an item usually lies at a location."""

    location_id: UUID
    item_id: UUID
    bin: str
    walk_order: int


class LocationFields(Ask, frozen=True, kw_only=True):
    """What can be said of a location beside what it must have."""

    latitude: Latitude | UnsetType | None = UNSET
    longitude: Longitude | UnsetType | None = UNSET
    """Both, or neither: without them the postal code's centre is taken, if it is known."""
    market: Label | UnsetType = UNSET
    """Code of a market, or empty."""
    owner: Label | UnsetType = UNSET
    """Whose stock it is (a franchisee's), for the policies; empty is the merchant's own."""
    can_ship: bool | UnsetType = UNSET
    can_pickup: bool | UnsetType = UNSET
    takes_brought: bool | UnsetType = UNSET
    """Whether it takes in what other locations send for its pick-ups; the channel decides, too."""
    capacity_daily: Annotated[int, Meta(ge=0, le=1_000_000)] | UnsetType | None = UNSET
    """What it takes in a day, counted in `capacity_unit`; null is no limit."""
    capacity_unit: CapacityUnit | UnsetType = UNSET
    """Fulfillment orders, their lines, or units of those."""
    priority: Annotated[int, Meta(ge=1, le=1000)] | UnsetType = UNSET
    working_days: Annotated[int, Meta(ge=0, le=127)] | UnsetType = UNSET
    """Bit 0 is Monday: 31 is Monday to Friday, 127 every day."""
    holidays: Annotated[tuple[date, ...], Meta(max_length=1000)] | UnsetType = UNSET
    capabilities: Annotated[tuple[Code, ...], Meta(max_length=50)] | UnsetType = UNSET
    """What it can handle that others can't, for the policies: hazardous, cooled."""
    calendar: Annotated[str, Meta(pattern="^([A-Z]{2}(-[A-Z0-9]{1,5})?)?$")] | UnsetType = UNSET
    """Country, or country and region (DE-BY), on whose public holidays it is closed; or empty."""
    opens_at: Clock | UnsetType = UNSET
    """Local time at which work begins."""
    cut_off: Clock | UnsetType | None = UNSET
    """Local time; what comes later is work of the next open day. Null: none."""
    pick_minutes: Annotated[int, Meta(ge=0, le=10_080)] | UnsetType = UNSET
    """From the beginning of the work on an order until it can be sent."""
    closes_at: Clock | UnsetType | None = UNSET
    """Local time at which work ends, after `opens_at`; null is midnight."""
    units_hourly: Annotated[int, Meta(ge=1, le=1_000_000)] | UnsetType | None = UNSET
    """Pieces that it packs in an hour, so that what waits moves promises; null: as learned."""
    answer_hours: Hours | UnsetType | None = UNSET
    """Of 3PLs and suppliers: hours in which a request is answered; then it is chased. Null: nobody
    is asked, the work is done as in a warehouse."""
    withdraw_hours: Hours | UnsetType = UNSET
    """More hours, after which an unanswered request is taken back and sourced elsewhere."""
    ship_hours: Annotated[int, Meta(ge=1, le=2160)] | UnsetType = UNSET
    """Hours from a partner's yes until it should have left."""
    partner_email: Annotated[str, Meta(pattern=_EMAIL, max_length=254)] | UnsetType = UNSET
    """Who is reminded of unanswered requests; or empty."""
    active: bool | UnsetType = UNSET
    """False closes the location: no new work goes there, open work goes on."""


class CreateLocation(LocationFields, frozen=True, kw_only=True):
    """A new place with stock. A store hands out to customers, others don't, unless said. A supplier
    is asked and has a day to answer, unless said."""

    code: Code
    name: Name
    kind: OwnKind
    address: Address
    time_zone: Label


class UpdateLocation(LocationFields, frozen=True, kw_only=True):
    """Changes to a location; its code is for ever."""

    code: Code
    version: Version | None = None
    name: Name | UnsetType = UNSET
    kind: OwnKind | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    time_zone: Label | UnsetType = UNSET


class BinAsk(Ask, frozen=True):
    """A bin. What isn't said of its purpose and capacity stays as it is; a new one is for picking
    and has no limit."""

    code: BinCode
    walk_order: WalkOrder = 0
    purpose: BinPurpose | UnsetType = UNSET
    capacity_ml: CapacityMl | UnsetType | None = UNSET
    capacity_units: CapacityUnits | UnsetType | None = UNSET


class SetBins(Ask, frozen=True, kw_only=True):
    """All bins of a location; one in which items lie can't be left out."""

    location: Code
    version: Version | None = None
    bins: Annotated[tuple[BinAsk, ...], Meta(max_length=20_000)]


class ItemBinsAsk(Ask, frozen=True):
    sku: Sku
    bins: Annotated[tuple[BinCode, ...], Meta(max_length=50)]


class SetItemBins(Ask, frozen=True, kw_only=True):
    """Where items lie at a location: all bins of each item named; others stay."""

    location: Code
    items: Annotated[tuple[ItemBinsAsk, ...], Meta(min_length=1, max_length=10_000)]


class BinsSet(msgspec.Struct, frozen=True):
    location: str
    version: int
    count: int
    """Bins, or items put into bins."""
