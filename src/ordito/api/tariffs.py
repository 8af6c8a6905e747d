"""Carrier tariffs, what locations offer of them, and availability per destination over HTTP."""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from ordito.api.endpoints import reading, writing
from ordito.flows.lint_policies import lint_policy
from ordito.flows.manage_tariffs import create_tariff, set_services, update_tariff
from ordito.flows.tell_availability import get_delivery_availability
from ordito.kernel.asks import Ask
from ordito.locations.locations import read_locations
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.sourcing.stored_tariffs import (
    NamedService,
    StoredTariff,
    TariffVersion,
    name_services,
    read_services,
    read_tariff_versions,
    read_tariffs,
)
from ordito.sourcing.tariffs import name_days

TAG = "Settings"
READ = "settings.read"

AnyCode = Annotated[str, Meta(min_length=1, max_length=100)]


class NoTariffParams(Ask, frozen=True):
    """No parameters."""


class ByTariff(Ask, frozen=True, kw_only=True):
    code: AnyCode


class ByServiceLocation(Ask, frozen=True, kw_only=True):
    location: AnyCode


class Tariffs(msgspec.Struct, frozen=True):
    items: list[StoredTariff]


class TariffVersions(msgspec.Struct, frozen=True):
    """Newest first; at most 50."""

    items: list[TariffVersion]


class LocationServices(msgspec.Struct, frozen=True):
    items: list[NamedService]


def list_tariffs(tx: Tx, params: NoTariffParams) -> Tariffs:
    """Carrier tariffs in their current version."""
    return Tariffs([_named(tariff) for tariff in read_tariffs(tx)])


def get_tariff(tx: Tx, params: ByTariff) -> StoredTariff:
    """One tariff; its ETag is the version for If-Match."""
    for tariff in read_tariffs(tx):
        if tariff.code == params.code:
            return _named(tariff)
    raise NotFound("There is no such carrier tariff.")


Naming = TypeVar("Naming", StoredTariff, TariffVersion)


def _named(told: Naming) -> Naming:
    return msgspec.structs.replace(told, body=name_days(told.body))


def list_tariff_versions(tx: Tx, params: ByTariff) -> TariffVersions:
    """A tariff as it was."""
    versions = read_tariff_versions(tx, params.code)
    if not versions:
        raise NotFound("There is no such carrier tariff.")
    return TariffVersions([_named(version) for version in versions])


def list_services(tx: Tx, params: ByServiceLocation) -> LocationServices:
    """Carrier services of a location, with their pick-ups."""
    for location in read_locations(tx):
        if location.code == params.location and tx.actor.sees_location(location.id):
            rows = [row for row in read_services(tx) if row.location_id == location.id]
            return LocationServices(name_services(rows))
    raise NotFound("There is no such location, or you don't see it.")


_TARIFF = {
    "code": "dpd-classic",
    "name": "DPD Classic",
    "tariff": {
        "carrier": "DPD",
        "service": "Classic",
        "zones": [
            {"code": "pl", "countries": ["PL"], "transit_days": 1,
             "delivery_days": "mon-sat",
             "rates": [{"up_to_g": 1000, "price": 3200},
                       {"up_to_g": 30000, "price": 3900, "per_kg": 150}]},
            {"code": "rest", "transit_days": 3, "rates": [{"up_to_g": 30000, "price": 11900}]},
        ],
    },
}  # fmt: skip

ENDPOINTS = [
    reading("/tariffs", TAG, "List carrier tariffs", list_tariffs, READ),
    reading("/tariffs/{code}", TAG, "Read a carrier tariff", get_tariff, READ),
    reading("/tariffs/{code}/versions", TAG, "List a tariff's versions",
            list_tariff_versions, READ),
    writing("POST", "/tariffs", TAG, "Create a carrier tariff", create_tariff, status=201,
            example=_TARIFF, problems=("already-exists",)),
    writing("PATCH", "/tariffs/{code}", TAG, "Change a carrier tariff", update_tariff,
            example={"name": "DPD Classic 2027"}),
    reading("/locations/{location}/services", TAG, "List a location's carriers",
            list_services, READ),
    writing("PUT", "/locations/{location}/services", TAG, "Set a location's carriers",
            set_services,
            example={"services": [{"tariff": "dpd-classic", "weekdays": "mon-fri",
                                   "pickups": ["11:00", "17:30"]}]}),
    reading("/availability/delivery", "Inventory", "How many and when, for a destination",
            get_delivery_availability, "inventory.read",
            description="Counts only places that may serve the destination by the channel's"
            " policy, and says by which day how many units can be there. Several items:"
            " `?sku=TEA-100&sku=CUP-1`."),
    reading("/policies/{code}/findings", TAG, "Check a sourcing policy", lint_policy, READ),
]  # fmt: skip
