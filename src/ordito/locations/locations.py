"""Locations: few rows, read whole."""

from psycopg.types.json import Jsonb

from ordito.locations.types import Location
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

_COLUMNS = """
           id, no, code, name, kind, address, country, latitude, longitude, time_zone, market,
           owner, can_ship, can_pickup, capacity_daily, priority, working_days, holidays, active,
           version, created_at, capabilities, calendar, opens_at, cut_off, pick_minutes,
           capacity_unit, closes_at, units_hourly, answer_hours, withdraw_hours, ship_hours,
           partner_email, takes_brought"""


def read_locations(tx: Tx) -> list[Location]:
    return _LOCATIONS.all(tx)


_LOCATIONS = query(
    Location,
    f"""
    SELECT {_COLUMNS}
    FROM locations.location
    ORDER BY no
    """,  # noqa: S608 (a constant of this module)
)


def lock_location(tx: Tx, code: str) -> Location | None:
    """Lock a location by its code."""
    return _LOCK.first(tx, code=code)


_LOCK = query(
    Location,
    f"""
    SELECT {_COLUMNS}
    FROM locations.location
    WHERE code = %(code)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def find_history(tx: Tx) -> Location | None:
    """The place where orders taken over from elsewhere are booked."""
    return _HISTORY.first(tx)


_HISTORY = query(
    Location,
    f"""
    SELECT {_COLUMNS}
    FROM locations.location
    WHERE kind = 'history'
    ORDER BY no
    LIMIT 1
    """,  # noqa: S608 (a constant of this module)
)


def insert_location(tx: Tx, location: Location) -> Location | None:
    """Write a new location; None when its code is taken. The first event makes its version 1."""
    return _INSERT.first(tx, **_values(location))


_INSERT = query(
    Location,
    f"""
    INSERT INTO locations.location
        (id, code, name, kind, address, country, latitude, longitude, time_zone, market, owner,
         can_ship, can_pickup, capacity_daily, priority, working_days, holidays, active, version,
         created_at, capabilities, calendar, opens_at, cut_off, pick_minutes, capacity_unit,
         closes_at, units_hourly, answer_hours, withdraw_hours, ship_hours, partner_email,
         takes_brought)
    VALUES (%(id)s, %(code)s, %(name)s, %(kind)s, %(address)s::jsonb, %(country)s, %(latitude)s,
            %(longitude)s, %(time_zone)s, %(market)s, %(owner)s, %(can_ship)s, %(can_pickup)s,
            %(capacity_daily)s, %(priority)s, %(working_days)s, %(holidays)s::date[], %(active)s,
            0, %(created_at)s, %(capabilities)s::text[], %(calendar)s, %(opens_at)s, %(cut_off)s,
            %(pick_minutes)s, %(capacity_unit)s, %(closes_at)s, %(units_hourly)s,
            %(answer_hours)s, %(withdraw_hours)s, %(ship_hours)s, %(partner_email)s,
            %(takes_brought)s)
    ON CONFLICT (code) DO NOTHING
    RETURNING {_COLUMNS}
    """,  # noqa: S608 (a constant of this module)
)


def write_location(tx: Tx, location: Location) -> None:
    """Write a changed location; the caller holds its lock."""
    _UPDATE.run(tx, **_values(location))


_UPDATE = statement("""
    UPDATE locations.location
    SET name = %(name)s, kind = %(kind)s, address = %(address)s::jsonb, country = %(country)s,
        latitude = %(latitude)s, longitude = %(longitude)s, time_zone = %(time_zone)s,
        market = %(market)s, owner = %(owner)s, can_ship = %(can_ship)s,
        can_pickup = %(can_pickup)s, capacity_daily = %(capacity_daily)s,
        priority = %(priority)s, working_days = %(working_days)s,
        holidays = %(holidays)s::date[], active = %(active)s,
        capabilities = %(capabilities)s::text[], calendar = %(calendar)s,
        opens_at = %(opens_at)s, cut_off = %(cut_off)s, pick_minutes = %(pick_minutes)s,
        capacity_unit = %(capacity_unit)s, closes_at = %(closes_at)s,
        units_hourly = %(units_hourly)s, answer_hours = %(answer_hours)s,
        withdraw_hours = %(withdraw_hours)s, ship_hours = %(ship_hours)s,
        partner_email = %(partner_email)s, takes_brought = %(takes_brought)s
    WHERE id = %(id)s
""")


def _values(location: Location) -> dict[str, object]:
    values = {name: getattr(location, name) for name in location.__struct_fields__}
    return values | {"address": Jsonb(location.address)}


LOCATION = Stream(
    "location",
    bulk_query(
        RaisedVersion,
        """
        UPDATE locations.location AS l
        SET version = l.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE l.id = d.id
        RETURNING l.id, l.version
        """,
    ),
)
"""The timeline of a location."""
