"""Zones and slots of locations as rows: few, read whole."""

from collections.abc import Iterable
from uuid import UUID

from psycopg.types.json import Jsonb

from ordito.locations.local_types import Slot, Zone
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement


def read_zones(tx: Tx) -> list[Zone]:
    """By location and name."""
    return _ZONES.all(tx)


_ZONES = query(
    Zone,
    """
    SELECT location_id, name, country, postal_codes, radius_km, active
    FROM locations.zone
    ORDER BY location_id, name
    """,
)


def read_slots(tx: Tx) -> list[Slot]:
    """By location, in the order of the day."""
    return _SLOTS.all(tx)


_SLOTS = query(
    Slot,
    """
    SELECT location_id, code, weekdays, starts, ends, places, cut_off_minutes, active
    FROM locations.slot
    ORDER BY location_id, starts, ends, code
    """,
)


def replace_zones(tx: Tx, location_id: UUID, zones: Iterable[Zone]) -> None:
    """A location has exactly these zones now; the caller holds its lock."""
    _DROP_ZONES.run(tx, location_id=location_id)
    rows = [{"name": z.name, "country": z.country, "codes": z.postal_codes,
             "radius_km": z.radius_km, "active": z.active} for z in zones]  # fmt: skip
    _INSERT_ZONES.run(tx, location_id=location_id, zones=Jsonb(rows))


_DROP_ZONES = statement("DELETE FROM locations.zone WHERE location_id = %(location_id)s")

_INSERT_ZONES = statement("""
    INSERT INTO locations.zone (location_id, name, country, postal_codes, radius_km, active)
    SELECT %(location_id)s, d.name, d.country,
           ARRAY(SELECT jsonb_array_elements_text(d.codes)), d.radius_km, d.active
    FROM jsonb_to_recordset(%(zones)s::jsonb)
        AS d (name text, country text, codes jsonb, radius_km int4, active bool)
""")


def replace_slots(tx: Tx, location_id: UUID, slots: Iterable[Slot]) -> None:
    """A location has exactly these slots now; the caller holds its lock."""
    _DROP_SLOTS.run(tx, location_id=location_id)
    _INSERT_SLOTS.run(
        tx,
        [
            (location_id, s.code, s.weekdays, s.starts, s.ends, s.places, s.cut_off_minutes,
             s.active)
            for s in slots
        ],
    )  # fmt: skip


_DROP_SLOTS = statement("DELETE FROM locations.slot WHERE location_id = %(location_id)s")

_INSERT_SLOTS = bulk("""
    INSERT INTO locations.slot
        (location_id, code, weekdays, starts, ends, places, cut_off_minutes, active)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::int4[], %s::text[], %s::text[], %s::int4[],
                         %s::int4[], %s::bool[])
""")
