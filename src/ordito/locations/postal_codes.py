"""Where postal codes lie: centres from GeoNames, looked up from most to least exact."""

from collections.abc import Iterable, Sequence
from typing import Any

from ordito.locations.types import Point
from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query


def send_find(tx: Tx, keys: Sequence[tuple[str, str]]) -> Any:
    """Ask for the centres of (country, code) keys; rows are Points."""
    return _FIND.send(
        tx, countries=texts(key[0] for key in keys), codes=texts(key[1] for key in keys)
    )


_FIND = query(
    Point,
    """
    SELECT country, code, latitude, longitude
    FROM locations.postal_code
    JOIN unnest(%(countries)s::text[], %(codes)s::text[]) AS asked (country, code)
      USING (country, code)
    """,
)


def load(tx: Tx, rows: Iterable[tuple[str, str, float, float]]) -> int:
    """Bring in centres (country, code, latitude, longitude); known codes stay as they are."""
    with tx.conn.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE incoming (LIKE locations.postal_code) ON COMMIT DROP")
        with cursor.copy("COPY incoming (country, code, latitude, longitude) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO locations.postal_code (country, code, latitude, longitude)"
            " SELECT country, code, latitude, longitude FROM incoming ON CONFLICT DO NOTHING"
        )
        return cursor.rowcount


_COUNT = query(int, "SELECT count(*)::int4 FROM locations.postal_code")


def count(tx: Tx) -> int:
    return _COUNT.one(tx)
