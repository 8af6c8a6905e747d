"""Local delivery of a location: where it brings orders to (zones), and when (slots)."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.addresses import CountryCode
from ordito.kernel.asks import Ask, Clock, Code, Version

ZONES_MAX = 50
SLOTS_MAX = 50
CODES_MAX = 2000

ZoneName = Annotated[str, Meta(min_length=1, max_length=60)]
PostalCodes = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=41,
        description="A code (80331), a beginning (803*) or a range (80331..80339)",
    ),
]
RadiusKm = Annotated[int, Meta(ge=1, le=500)]
Places = Annotated[int, Meta(ge=1, le=200, description="Stops that it takes on a day")]
CutOffMinutes = Annotated[int, Meta(ge=0, le=10_080)]
DayNames = Annotated[
    str, Meta(min_length=3, max_length=60, description="Days by name: `mon-fri`, `mon,wed,fri`")
]


class Zone(msgspec.Struct, frozen=True):
    """Addresses to which a location brings orders: by postal codes, by distance, or both ways."""

    location_id: UUID
    name: str
    country: str
    postal_codes: list[str]
    radius_km: int | None
    active: bool


class Slot(msgspec.Struct, frozen=True):
    """A window of time on some weekdays. weekdays: bit 0 is Monday; starts, ends: local time.

    places:          stops that it takes on a day.
    cut_off_minutes: before it starts; later it can't be chosen for that day.
    """

    location_id: UUID
    code: str
    weekdays: int
    starts: str
    ends: str
    places: int
    cut_off_minutes: int
    active: bool


class ZoneAsk(Ask, frozen=True, kw_only=True):
    """A zone. It holds an address that is in one of the postal codes, or near enough."""

    name: ZoneName
    country: CountryCode
    postal_codes: Annotated[tuple[PostalCodes, ...], Meta(max_length=CODES_MAX)] = ()
    radius_km: RadiusKm | None = None
    """From the location, as the crow flies, to the middle of the address's postal code."""
    active: bool = True


class SlotAsk(Ask, frozen=True, kw_only=True):
    """A slot; its code is how orders name it."""

    code: Code
    weekdays: DayNames = "mon-fri"
    starts: Clock
    ends: Clock
    places: Places
    cut_off_minutes: CutOffMinutes = 60
    """Before it starts, until when it can be chosen: 0 is until it starts."""
    active: bool = True


class SetLocalDelivery(Ask, frozen=True, kw_only=True):
    """All zones and slots of a location; those left out are gone.

    What was promised before stays promised: orders keep the times that they were given.
    """

    location: Code
    version: Version | None = None
    zones: Annotated[tuple[ZoneAsk, ...], Meta(max_length=ZONES_MAX)]
    slots: Annotated[tuple[SlotAsk, ...], Meta(max_length=SLOTS_MAX)]


class LocalDelivery(msgspec.Struct, frozen=True):
    """Where a location brings orders to, and when. version: of the location."""

    location: str
    version: int
    zones: list[ZoneAsk]
    slots: list[SlotAsk]
