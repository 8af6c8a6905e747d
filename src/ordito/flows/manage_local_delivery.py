"""Say where a location brings orders to, and when."""

from collections.abc import Sequence
from typing import TypeVar

from ordito.kernel.addresses import normal_postal_code
from ordito.locations.distances import country_centre
from ordito.locations.events import LocalDeliveryChanged
from ordito.locations.local_areas import read_slots, read_zones, replace_slots, replace_zones
from ordito.locations.local_types import (
    LocalDelivery,
    SetLocalDelivery,
    Slot,
    SlotAsk,
    Zone,
    ZoneAsk,
)
from ordito.locations.locations import LOCATION, lock_location, read_locations
from ordito.locations.types import Location
from ordito.locations.zones import find_entry_fault
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotFound
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version
from ordito.sourcing.weekdays import bits_of, names_of, parse_days

_Row = TypeVar("_Row", Zone, Slot)


@command(permission="settings.write")
def set_local_delivery(tx: Tx, ask: SetLocalDelivery) -> LocalDelivery:
    """Say which zones and slots a location has; orders keep the times that they were given."""
    location = lock_location(tx, ask.location)
    if location is None or not tx.actor.sees_location(location.id) or location.kind == "history":
        raise _unknown(ask.location)
    check_version("location", location.version, ask.version)
    faults = _find_faults(ask, location)
    if faults:
        raise InvalidInput(
            f"{len(faults)} thing(s) to correct; nothing was written.", errors=faults
        )
    zones = sorted((_zone(location, one) for one in ask.zones), key=lambda one: one.name)
    slots = sorted(
        (_slot(location, one) for one in ask.slots), key=lambda o: (o.starts, o.ends, o.code)
    )
    now = (_of(location, read_zones(tx)), _of(location, read_slots(tx)))
    if (zones, slots) == now:
        return tell_local_delivery(location.code, location.version, zones, slots)
    replace_zones(tx, location.id, zones)
    replace_slots(tx, location.id, slots)
    tx.emit(LOCATION, location.id, _event(location, zones, slots))
    raise_revision(tx, "reference")
    return tell_local_delivery(location.code, location.version + 1, zones, slots)


def read_local_delivery(tx: Tx, code: str) -> LocalDelivery:
    """Zones and slots of a location that the reader sees; raises NotFound."""
    for location in read_locations(tx):
        if location.code == code and tx.actor.sees_location(location.id):
            return tell_local_delivery(
                code,
                location.version,
                _of(location, read_zones(tx)),
                _of(location, read_slots(tx)),
            )
    raise _unknown(code)


def _unknown(code: str) -> NotFound:
    return NotFound(f"There is no location “{code[:60]}”, or you don't see it.")


def _of(location: Location, rows: Sequence[_Row]) -> list[_Row]:
    return [row for row in rows if row.location_id == location.id]


def _zone(location: Location, ask: ZoneAsk) -> Zone:
    return Zone(
        location.id,
        ask.name.strip(),
        ask.country,
        list(dict.fromkeys(entry.strip().upper() for entry in ask.postal_codes)),
        ask.radius_km,
        ask.active,
    )


def _slot(location: Location, ask: SlotAsk) -> Slot:
    days = parse_days(ask.weekdays)
    assert days is not None, "caller has looked at the days"
    return Slot(
        location.id, ask.code, days, ask.starts, ask.ends, ask.places, ask.cut_off_minutes,
        ask.active,
    )  # fmt: skip


def tell_local_delivery(
    code: str, version: int, zones: Sequence[Zone], slots: Sequence[Slot]
) -> LocalDelivery:
    """Zones and slots as they are asked for."""
    return LocalDelivery(
        code,
        version,
        [
            ZoneAsk(
                name=zone.name,
                country=zone.country,
                postal_codes=tuple(zone.postal_codes),
                radius_km=zone.radius_km,
                active=zone.active,
            )
            for zone in zones
        ],
        [
            SlotAsk(
                code=slot.code,
                weekdays=names_of(bits_of(slot.weekdays)),
                starts=slot.starts,
                ends=slot.ends,
                places=slot.places,
                cut_off_minutes=slot.cut_off_minutes,
                active=slot.active,
            )
            for slot in slots
        ],
    )


def _event(
    location: Location, zones: Sequence[Zone], slots: Sequence[Slot]
) -> LocalDeliveryChanged:
    return LocalDeliveryChanged(
        location.code,
        {z.name: (z.country, len(z.postal_codes), z.radius_km, z.active) for z in zones},
        {
            s.code: (s.weekdays, s.starts, s.ends, s.places, s.cut_off_minutes, s.active)
            for s in slots
        },
    )


def _find_faults(ask: SetLocalDelivery, location: Location) -> list[Fault]:
    faults: list[Fault] = []
    names = [zone.name.strip() for zone in ask.zones]
    for n, zone in enumerate(ask.zones):
        if names.index(zone.name.strip()) < n:
            detail = "There is a zone of that name already."
            faults.append(Fault(f"/zones/{n}/name", "duplicate", detail))
        faults += _find_zone_faults(f"/zones/{n}", zone, location)
    codes = [slot.code for slot in ask.slots]
    for n, slot in enumerate(ask.slots):
        if codes.index(slot.code) < n:
            detail = "There is a slot of that code already."
            faults.append(Fault(f"/slots/{n}/code", "duplicate", detail))
        if slot.ends <= slot.starts:
            detail = f"It starts at {slot.starts}; it has to end after that, on the same day."
            faults.append(Fault(f"/slots/{n}/ends", "order", detail))
        if parse_days(slot.weekdays) is None:
            detail = "Name days: mon-fri, or mon,wed,fri."
            faults.append(Fault(f"/slots/{n}/weekdays", "unknown-days", detail))
    return faults


def _find_zone_faults(pointer: str, zone: ZoneAsk, location: Location) -> list[Fault]:
    faults = []
    if not zone.name.strip():
        faults.append(Fault(f"{pointer}/name", "required", "Name the zone."))
    if country_centre(zone.country) is None:
        detail = f"“{zone.country}” is no country's ISO 3166 code."
        faults.append(Fault(f"{pointer}/country", "unknown-country", detail))
    if not zone.postal_codes and zone.radius_km is None:
        detail = "Give postal codes, a distance, or both."
        faults.append(Fault(f"{pointer}/postal_codes", "required", detail))
    if zone.radius_km is not None and location.latitude is None:
        detail = "It isn't known where the location is: give it coordinates first."
        faults.append(Fault(f"{pointer}/radius_km", "no-position", detail))
    for n, entry in enumerate(zone.postal_codes):
        fault = find_entry_fault(entry)
        if fault is not None or not normal_postal_code(entry):
            detail = fault or "It is empty."
            faults.append(Fault(f"{pointer}/postal_codes/{n}", "no-postal-code", detail))
    return faults
