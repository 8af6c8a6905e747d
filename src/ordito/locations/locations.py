"""Locations: few rows, read whole."""

from ordito.locations.types import Location
from ordito.platform.database import Tx, query


def read_locations(tx: Tx) -> list[Location]:
    return _LOCATIONS.all(tx)


_LOCATIONS = query(
    Location,
    """
    SELECT id, no, code, name, kind, address, country, latitude, longitude, time_zone, market,
           owner, can_ship, can_pickup, capacity_daily, priority, working_days, holidays, active,
           version, created_at
    FROM locations.location
    ORDER BY no
    """,
)
