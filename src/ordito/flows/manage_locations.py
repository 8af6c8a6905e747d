"""Create, change and close locations, say where their bins are and what lies in them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from ordito.catalog.items import read_items_by_sku
from ordito.channels.channels import read_markets
from ordito.inventory.bin_stock import find_stocked
from ordito.inventory.bin_types import BUILT_IN
from ordito.inventory.levels import OpenWork, read_open_work
from ordito.kernel.addresses import Address
from ordito.kernel.asks import differences, given, is_time_zone
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.locations import bins, postal_codes
from ordito.locations.distances import country_centre, locate, lookup_keys, read_postal_codes
from ordito.locations.events import BinsChanged, ItemsBinned, LocationChanged, LocationCreated
from ordito.locations.locations import (
    LOCATION,
    find_history,
    insert_location,
    lock_location,
    read_locations,
    write_location,
)
from ordito.locations.types import (
    PARTNERS,
    Bin,
    BinAsk,
    BinsSet,
    CreateLocation,
    Location,
    LocationFields,
    SetBins,
    SetItemBins,
    UpdateLocation,
)
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    Fault,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version
from ordito.sourcing.calendars import is_calendar

HISTORY_CODE = "HISTORY"
_NO_WORK = OpenWork(0, 0, 0)
ANSWER_HOURS = 24
"""What a new supplier has, unless said."""


class LocationState(msgspec.Struct, frozen=True):
    """A location, and the work that is open there.

    After closing, others serve what was not released to picking; what was begun stays.
    """

    location: Location
    open_work: OpenWork


@command(permission="settings.write")
def create_location(tx: Tx, ask: CreateLocation) -> LocationState:
    """Add a place with stock; without coordinates they come from the postal code.

    Raises NotPermitted for who is bound to some: it would be none of them.
    """
    if tx.actor.location_ids is not None:
        raise NotPermitted("You see some locations only; a new one needs somebody who sees all.")
    if ask.code == HISTORY_CODE:
        detail = "The code is kept for the place of orders taken over from elsewhere."
        raise _invalid([Fault("/code", "reserved", detail)])
    location = _placed(tx, ask, _draft(tx, ask))
    _check(tx, ask, location)
    made = insert_location(tx, location)
    if made is None:
        raise AlreadyExists(
            f"There is a location “{ask.code}” already. Change that one, or take another code.",
            extra={"existing": {"code": ask.code}},
        )
    tx.emit(LOCATION, made.id, LocationCreated(made.code, made.kind))
    raise_revision(tx, "reference")
    return LocationState(msgspec.structs.replace(made, version=1), _NO_WORK)


@command(permission="settings.write")
def update_location(tx: Tx, ask: UpdateLocation) -> LocationState:
    """Change a location, or close it: no new work goes there, and what is open is told."""
    before = _lock(tx, ask.code, ask.version)
    if before.kind == "history":
        raise ActionNotAllowed(
            "The place of orders taken over from elsewhere has no settings.",
            extra={"allowed_actions": []},
        )
    after = msgspec.structs.replace(before, **_given(ask))
    after = msgspec.structs.replace(after, country=after.address.country)
    if after.address != before.address:
        after = _placed(tx, ask, after)
    _check(tx, ask, after)
    changes = differences(before, after)
    if changes:
        write_location(tx, after)
        tx.emit(LOCATION, after.id, _changed(after.code, changes))
        raise_revision(tx, "reference")
        after = msgspec.structs.replace(after, version=before.version + 1)
    return LocationState(after, read_open_work(tx, after.id))


_UNTOLD = ("address", "partner_email")


def _changed(code: str, changes: dict[str, tuple[Any, Any]]) -> LocationChanged:
    # Whom to write to may be a person: events name none.
    told = {name: pair for name, pair in changes.items() if name not in _UNTOLD}
    return LocationChanged(code, told, "address" in changes)


def _draft(tx: Tx, ask: CreateLocation) -> Location:
    blank = Location(
        id=new_id(),
        no=0,
        code=ask.code,
        name=ask.name,
        kind=ask.kind,
        address=ask.address,
        country=ask.address.country,
        latitude=None,
        longitude=None,
        time_zone=ask.time_zone,
        market="",
        owner="",
        can_ship=True,
        can_pickup=ask.kind == "store",
        capacity_daily=None,
        priority=1,
        working_days=127,
        holidays=[],
        active=True,
        version=0,
        created_at=tx.now,
        answer_hours=ANSWER_HOURS if ask.kind == "supplier" else None,
    )
    return msgspec.structs.replace(blank, **_given(ask))


def _given(ask: LocationFields) -> dict[str, Any]:
    fields = given(ask, without=("code", "version"))
    if "holidays" in fields:
        fields["holidays"] = sorted(set(fields["holidays"]))
    if "capabilities" in fields:
        fields["capabilities"] = sorted(set(fields["capabilities"]))
    return fields


def _placed(tx: Tx, ask: LocationFields, location: Location) -> Location:
    """The location with coordinates: the ones given, else those of its postal code, if known."""
    if ask.latitude is not UNSET or ask.longitude is not UNSET:
        return location
    address = location.address
    keys = [(address.country, key) for key in lookup_keys(address.country, address.postal_code)]
    known = {
        (p.country, p.code): (p.latitude, p.longitude) for p in postal_codes.send_find(tx, keys)
    }
    position = locate(address.country, address.postal_code, known)
    # The middle of a country is no place: an unknown distance is priced as such.
    exact = position is not None and position.exact
    return msgspec.structs.replace(
        location,
        latitude=position.latitude if position and exact else None,
        longitude=position.longitude if position and exact else None,
    )


def _check(tx: Tx, ask: LocationFields, location: Location) -> None:
    """Everything that types can't say; raises InvalidInput with all faults."""
    faults = []
    if not is_time_zone(location.time_zone):
        detail = f"“{location.time_zone}” is no time zone; name one such as Europe/Warsaw."
        faults.append(Fault("/time_zone", "unknown-time-zone", detail))
    if location.calendar and not is_calendar(location.calendar):
        detail = f"Nothing is known of the public holidays of “{location.calendar}”."
        faults.append(Fault("/calendar", "unknown-calendar", detail))
    if country_centre(location.country) is None:
        detail = f"“{location.country}” is no country's ISO 3166 code."
        faults.append(Fault("/address/country", "unknown-country", detail))
    if (location.latitude is None) != (location.longitude is None):
        detail = "Give both coordinates, or none."
        faults.append(Fault("/latitude", "incomplete", detail))
    if location.closes_at is not None and location.closes_at <= location.opens_at:
        detail = f"Work begins at {location.opens_at}; it has to end after that."
        faults.append(Fault("/closes_at", "order", detail))
    if location.answer_hours is not None and location.kind not in PARTNERS:
        detail = "Only 3PLs and suppliers are asked; leave the hours to answer empty."
        faults.append(Fault("/answer_hours", "no-partner", detail))
    market = location.market if ask.market is not UNSET else ""
    if market and market not in {known.code for known in read_markets(tx)}:
        detail = f"There is no market “{market}”; make it first."
        faults.append(Fault("/market", "unknown-market", detail))
    if faults:
        raise _invalid(faults)


def _lock(tx: Tx, code: str, version: int | None) -> Location:
    location = lock_location(tx, code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound(f"There is no location “{code[:60]}”, or you don't see it.")
    check_version("location", location.version, version)
    return location


def _invalid(faults: Sequence[Fault]) -> InvalidInput:
    return InvalidInput(f"{len(faults)} thing(s) to correct; nothing was written.", errors=faults)


@command(permission="settings.write")
def set_bins(tx: Tx, ask: SetBins) -> BinsSet:
    """Say which bins a location has; one in which items lie can't be left out."""
    location = _lock(tx, ask.location, ask.version)
    known = {bin_.code: bin_ for bin_ in bins.read_bins(tx, location.id)}
    wanted = {bin_.code: _bin(location, bin_, known.get(bin_.code)) for bin_ in ask.bins}
    _check_bins(ask)
    if wanted == known:
        return BinsSet(location.code, location.version, len(wanted))
    removed = sorted(known.keys() - wanted.keys())
    _require_empty(tx, location, removed)
    bins.replace_bins(tx, location.id, wanted.values(), removed=removed)
    added = sorted(wanted.keys() - known.keys())
    tx.emit(LOCATION, location.id, BinsChanged(location.code, added, removed, len(wanted)))
    return BinsSet(location.code, location.version + 1, len(wanted))


def _check_bins(ask: SetBins) -> None:
    faults = []
    if len({bin_.code for bin_ in ask.bins}) < len(ask.bins):
        faults.append(Fault("/bins", "duplicate", "A bin is listed twice."))
    for n, bin_ in enumerate(ask.bins):
        if bin_.code in BUILT_IN:
            detail = f"“{bin_.code}” is a place that every location has; take another code."
            faults.append(Fault(f"/bins/{n}/code", "reserved", detail))
    if faults:
        raise _invalid(faults)


def _bin(location: Location, ask: BinAsk, before: Bin | None) -> Bin:
    blank = before or Bin(location.id, ask.code, 0)
    return msgspec.structs.replace(blank, **given(ask))


def _require_empty(tx: Tx, location: Location, removed: Sequence[str]) -> None:
    """Raises ActionNotAllowed when something lies in a bin, or is said to."""
    stocked = find_stocked(tx, location.id, removed) if removed else []
    if stocked:
        raise ActionNotAllowed(
            f"Units lie in {', '.join(stocked[:5])}, or are to be brought there. Move them and"
            " drop the bin's levels, then leave the bins out.",
            extra={"bins": stocked, "allowed_actions": ["move_bin_stock", "set_pick_level"]},
        )
    filled = bins.find_filled(tx, location.id, removed)
    if filled:
        raise ActionNotAllowed(
            f"Items lie in {', '.join(filled[:5])}. Say where they lie now, then leave the bins"
            " out.",
            extra={"bins": filled, "allowed_actions": ["set_item_bins"]},
        )


@command(permission="inventory.write")
def set_item_bins(tx: Tx, ask: SetItemBins) -> BinsSet:
    """Say where items lie at a location, so that pickers are led there."""
    location = _lock(tx, ask.location, None)
    found = read_items_by_sku(tx, [normal_code(item.sku) for item in ask.items])
    known = {bin_.code for bin_ in bins.read_bins(tx, location.id)}
    faults = []
    places: dict[UUID, list[str]] = {}
    for n, asked in enumerate(ask.items):
        item = found.get(normal_code(asked.sku))
        if item is None:
            detail = f"There is no item “{asked.sku[:60]}”."
            faults.append(Fault(f"/items/{n}/sku", "unknown-sku", detail))
        elif item.id in places:
            detail = "The item is listed twice; name all its bins once."
            faults.append(Fault(f"/items/{n}/sku", "duplicate", detail))
        else:
            places[item.id] = sorted(set(asked.bins))
        for m, code in enumerate(asked.bins):
            if code not in known:
                detail = f"The location has no bin “{code}”; set its bins first."
                faults.append(Fault(f"/items/{n}/bins/{m}", "unknown-bin", detail))
    if faults:
        raise _invalid(faults)
    pairs = [(item_id, code) for item_id, codes in places.items() for code in codes]
    bins.replace_item_bins(tx, location.id, places, pairs)
    told = {str(item_id): codes for item_id, codes in sorted(places.items())}
    tx.emit(LOCATION, location.id, ItemsBinned(location.code, told))
    return BinsSet(location.code, location.version + 1, len(places))


def ensure_history_location(tx: Tx) -> Location:
    """The place where orders taken over from elsewhere are booked; made when it isn't there."""
    found = find_history(tx)
    if found is not None:
        return found
    made = insert_location(
        tx,
        Location(
            id=new_id(),
            no=0,
            code=HISTORY_CODE,
            name="Orders taken over",
            kind="history",
            address=Address(country="ZZ"),
            country="ZZ",
            latitude=None,
            longitude=None,
            time_zone="UTC",
            market="",
            owner="",
            can_ship=False,
            can_pickup=False,
            capacity_daily=None,
            priority=1000,
            working_days=127,
            holidays=[],
            active=True,
            version=0,
            created_at=tx.now,
        ),
    )
    if made is None:
        # Someone else made it in this moment; it is committed, or the insert would still wait.
        return next(place for place in read_locations(tx) if place.code == HISTORY_CODE)
    tx.emit(LOCATION, made.id, LocationCreated(made.code, made.kind))
    raise_revision(tx, "reference")
    return msgspec.structs.replace(made, version=1)


def load_postal_codes(tx: Tx) -> int:
    """Bring the packaged centres of postal codes in, once; returns how many were written."""
    if postal_codes.count(tx):
        return 0
    return postal_codes.load(tx, read_postal_codes())
