"""Carrier tariffs as they are stored, every version, and which location offers which service."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.kernel.asks import Ask, Clock, Code, Name, Version
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream
from ordito.sourcing.tariffs import Tariff
from ordito.sourcing.weekdays import DayNames, Weekdays, names_of


class StoredTariff(msgspec.Struct, frozen=True):
    id: UUID
    code: str
    name: str
    version: int
    body: Tariff


class TariffVersion(msgspec.Struct, frozen=True):
    """A tariff as it was from then on."""

    tariff_id: UUID
    version: int
    body: Tariff
    at: datetime


class LocationService(msgspec.Struct, frozen=True):
    """A carrier's service at a location: its tariff, the days (bit 0 is Monday) and local times of
    its pick-ups."""

    location_id: UUID
    tariff: str
    weekdays: int
    pickups: list[str]


class NamedService(msgspec.Struct, frozen=True):
    """A carrier's service at a location: its tariff, the weekdays (`mon-fri`) and local times of
    its pick-ups."""

    location_id: UUID
    tariff: str
    weekdays: DayNames
    pickups: list[str]


def name_services(services: Iterable[LocationService]) -> list[NamedService]:
    """Services with weekdays by name, as they are told."""
    return [
        NamedService(one.location_id, one.tariff, names_of(one.weekdays), one.pickups)
        for one in services
    ]


class CreateTariff(Ask, frozen=True, kw_only=True):
    """A new carrier tariff."""

    code: Code
    name: Name
    tariff: Tariff


class UpdateTariff(Ask, frozen=True, kw_only=True):
    """A new version of a tariff, for what is sourced from now on."""

    code: Code
    version: Version | None = None
    name: Name | UnsetType = UNSET
    tariff: Tariff | UnsetType = UNSET


class ServiceAsk(Ask, frozen=True, kw_only=True):
    """A service at a location."""

    tariff: Code
    pickups: Annotated[tuple[Clock, ...], Meta(min_length=1, max_length=24)]
    """Local times at which the carrier collects."""
    weekdays: Weekdays = "mon-fri"
    """Days on which it collects, by name: `mon-fri`, `mon,wed,fri`. Bits are taken too: 31 is
    Monday to Friday."""


class SetServices(Ask, frozen=True, kw_only=True):
    """All carrier services of a location; those left out are gone."""

    location: Code
    version: Version | None = None
    services: Annotated[tuple[ServiceAsk, ...], Meta(max_length=50)]


class ServicesSet(msgspec.Struct, frozen=True):
    """version: of the location."""

    location: str
    version: int
    services: list[NamedService]


def read_tariffs(tx: Tx) -> list[StoredTariff]:
    """Every tariff in its current version, by code."""
    return _CURRENT.all(tx)


_CURRENT = query(
    StoredTariff,
    """
    SELECT t.id, t.code, t.name, t.version, v.body
    FROM sourcing.tariff AS t
    JOIN sourcing.tariff_version AS v ON v.tariff_id = t.id AND v.version = t.version
    ORDER BY t.code
    """,
)


def read_tariff_names(tx: Tx) -> dict[str, str]:
    """The names of all tariffs, by code."""
    return {row.code: row.name for row in _NAMES.all(tx)}


class _TariffName(msgspec.Struct, frozen=True):
    code: str
    name: str


_NAMES = query(_TariffName, "SELECT code, name FROM sourcing.tariff ORDER BY code LIMIT 10000")


def read_tariff_versions(tx: Tx, code: str, *, limit: int = 50) -> list[TariffVersion]:
    """The newest versions of a tariff, newest first; none when there is no such tariff."""
    return _VERSIONS.all(tx, code=code, limit=limit)


_VERSIONS = query(
    TariffVersion,
    """
    SELECT v.tariff_id, v.version, v.body, v.at
    FROM sourcing.tariff AS t
    JOIN sourcing.tariff_version AS v ON v.tariff_id = t.id
    WHERE t.code = %(code)s
    ORDER BY v.version DESC
    LIMIT %(limit)s
    """,
)


def lock_tariff(tx: Tx, code: str) -> StoredTariff | None:
    """Lock a tariff by its code."""
    return _LOCK.first(tx, code=code)


_LOCK = query(
    StoredTariff,
    """
    SELECT t.id, t.code, t.name, t.version, v.body
    FROM sourcing.tariff AS t
    JOIN sourcing.tariff_version AS v ON v.tariff_id = t.id AND v.version = t.version
    WHERE t.code = %(code)s
    FOR NO KEY UPDATE OF t
    """,
)


def insert_tariff(tx: Tx, tariff: StoredTariff) -> bool:
    """Write a new tariff; False when its code is taken. Version 1 comes with its first event."""
    made = _INSERT.run(tx, id=tariff.id, code=tariff.code, name=tariff.name, created_at=tx.now)
    return made == 1


_INSERT = statement("""
    INSERT INTO sourcing.tariff (id, code, name, version, created_at)
    VALUES (%(id)s, %(code)s, %(name)s, 0, %(created_at)s)
    ON CONFLICT (code) DO NOTHING
""")


def rename_tariff(tx: Tx, tariff_id: UUID, name: str) -> None:
    """The caller holds the tariff's lock."""
    _RENAME.run(tx, id=tariff_id, name=name)


_RENAME = statement("UPDATE sourcing.tariff SET name = %(name)s WHERE id = %(id)s")


def insert_tariff_version(tx: Tx, tariff: StoredTariff) -> None:
    """Keep `tariff.body` as version `tariff.version`."""
    body = msgspec.json.encode(tariff.body).decode()
    _INSERT_VERSION.run(tx, tariff_id=tariff.id, version=tariff.version, body=body, at=tx.now)


_INSERT_VERSION = statement("""
    INSERT INTO sourcing.tariff_version (tariff_id, version, body, at)
    VALUES (%(tariff_id)s, %(version)s, %(body)s::jsonb, %(at)s)
""")


def read_services(tx: Tx) -> list[LocationService]:
    """The services of all locations."""
    return _SERVICES.all(tx)


_SERVICES = query(
    LocationService,
    """
    SELECT location_id, tariff, weekdays, pickups
    FROM sourcing.location_service
    ORDER BY location_id, tariff
    """,
)


def replace_services(tx: Tx, location_id: UUID, services: Iterable[LocationService]) -> None:
    """Write all services of a location; the caller holds the location's lock."""
    rows: Sequence[LocationService] = list(services)
    _DELETE_SERVICES.run(tx, location_id=location_id)
    _INSERT_SERVICES.run(tx, [(s.location_id, s.tariff, s.weekdays, s.pickups) for s in rows])


_DELETE_SERVICES = statement("""
    DELETE FROM sourcing.location_service
    WHERE location_id = %(location_id)s
""")

_INSERT_SERVICES = bulk("""
    INSERT INTO sourcing.location_service (location_id, tariff, weekdays, pickups)
    SELECT location_id, tariff, weekdays, ARRAY(SELECT jsonb_array_elements_text(pickups))
    FROM unnest(%s::uuid[], %s::text[], %s::int4[], %s::jsonb[])
        AS d (location_id, tariff, weekdays, pickups)
""")

TARIFF = Stream(
    "tariff",
    bulk_query(
        RaisedVersion,
        """
        UPDATE sourcing.tariff AS t
        SET version = t.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE t.id = d.id
        RETURNING t.id, t.version::int8 AS version
        """,
    ),
)
"""The timeline of a tariff: each event is a version."""
