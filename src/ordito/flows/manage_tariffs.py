"""Create and change carrier tariffs, and say which locations offer them and when they collect."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from ordito.kernel.ids import new_id
from ordito.locations.events import ServicesChanged
from ordito.locations.locations import LOCATION, lock_location
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import AlreadyExists, Fault, InvalidInput, NotFound
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version
from ordito.sourcing.events import TariffChanged, TariffCreated
from ordito.sourcing.stored_tariffs import (
    TARIFF,
    CreateTariff,
    LocationService,
    ServicesSet,
    SetServices,
    StoredTariff,
    UpdateTariff,
    insert_tariff,
    insert_tariff_version,
    lock_tariff,
    name_services,
    read_services,
    read_tariffs,
    rename_tariff,
    replace_services,
)
from ordito.sourcing.tariffs import Tariff, find_tariff_faults, name_days
from ordito.sourcing.weekdays import bits_of


@command(permission="settings.write")
def create_tariff(tx: Tx, ask: CreateTariff) -> StoredTariff:
    """Add a carrier tariff; locations and policies name it by its code."""
    _check(ask.tariff)
    tariff = StoredTariff(new_id(), ask.code, ask.name, 1, name_days(ask.tariff))
    if not insert_tariff(tx, tariff):
        raise AlreadyExists(
            f"There is a tariff “{ask.code}” already. Change that one, or take another code.",
            extra={"existing": {"code": ask.code}},
        )
    insert_tariff_version(tx, tariff)
    tx.emit(TARIFF, tariff.id, TariffCreated(tariff.code))
    raise_revision(tx, "reference")
    return tariff


@command(permission="settings.write")
def update_tariff(tx: Tx, ask: UpdateTariff) -> StoredTariff:
    """Make a new version of a tariff, in force for what is sourced from now on."""
    before = lock_tariff(tx, ask.code)
    if before is None:
        raise NotFound(f"There is no carrier tariff “{ask.code[:60]}”.")
    check_version("tariff", before.version, ask.version)
    body = name_days(before.body if ask.tariff is UNSET else ask.tariff)
    name = before.name if ask.name is UNSET else ask.name
    if body == name_days(before.body) and name == before.name:
        return before
    _check(body)
    after = msgspec.structs.replace(before, name=name, body=body, version=before.version + 1)
    rename_tariff(tx, after.id, name)
    insert_tariff_version(tx, after)
    tx.emit(TARIFF, after.id, TariffChanged(after.code, name != before.name))
    raise_revision(tx, "reference")
    return after


def _check(tariff: Tariff) -> None:
    faults = [
        Fault(f"/tariff{fault.pointer}", fault.code, fault.detail)
        for fault in find_tariff_faults(tariff)
    ]
    if faults:
        raise _invalid(faults)


@command(permission="settings.write")
def set_services(tx: Tx, ask: SetServices) -> ServicesSet:
    """Say which carrier services a location offers, and when they collect there."""
    location = lock_location(tx, ask.location)
    if location is None or not tx.actor.sees_location(location.id) or location.kind == "history":
        raise NotFound(f"There is no location “{ask.location[:60]}”, or you don't see it.")
    check_version("location", location.version, ask.version)
    known = {tariff.code for tariff in read_tariffs(tx)}
    faults = []
    seen: set[str] = set()
    for number, service in enumerate(ask.services):
        if service.tariff not in known:
            detail = f"There is no carrier tariff “{service.tariff}”; make it first."
            faults.append(Fault(f"/services/{number}/tariff", "unknown-tariff", detail))
        elif service.tariff in seen:
            detail = "The service is listed twice; name all its pick-ups once."
            faults.append(Fault(f"/services/{number}/tariff", "duplicate", detail))
        seen.add(service.tariff)
    if faults:
        raise _invalid(faults)
    wanted = sorted(
        (
            LocationService(location.id, s.tariff, bits_of(s.weekdays), sorted(set(s.pickups)))
            for s in ask.services
        ),
        key=lambda service: service.tariff,
    )
    if wanted == [row for row in read_services(tx) if row.location_id == location.id]:
        return ServicesSet(location.code, location.version, name_services(wanted))
    replace_services(tx, location.id, wanted)
    told = {service.tariff: (service.weekdays, service.pickups) for service in wanted}
    tx.emit(LOCATION, location.id, ServicesChanged(location.code, told))
    raise_revision(tx, "reference")
    return ServicesSet(location.code, location.version + 1, name_services(wanted))


def _invalid(faults: Sequence[Fault]) -> InvalidInput:
    return InvalidInput(f"{len(faults)} thing(s) to correct; nothing was written.", errors=faults)
