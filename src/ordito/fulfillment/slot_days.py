"""What is taken of slots, day by day: counters under a lock, which the database keeps in bounds.

Their locks come after those of orders and fulfillment orders, and before those of stock cells.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from ordito.fulfillment.stop_types import SlotDay, SlotKey
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query


def send_booked(tx: Tx, location_ids: Iterable[UUID], first: date, last: date) -> Any:
    """Ask what is taken at locations on these days; rows are SlotDays, days without any absent."""
    return _BOOKED.send(tx, location_ids=uuids(location_ids), first=first, last=last)


_BOOKED = query(
    SlotDay,
    """
    SELECT location_id, slot, on_day, booked, places
    FROM fulfillment.slot_day
    WHERE location_id = ANY(%(location_ids)s::uuid[])
      AND on_day BETWEEN %(first)s AND %(last)s AND booked > 0
    ORDER BY location_id, on_day, slot
    """,
)


def send_make(tx: Tx, keys: Sequence[SlotKey]) -> None:
    """Rows for slots and days that have none yet, in the order in which they are locked."""
    _MAKE.send(tx, sorted(keys))


_MAKE = bulk("""
    INSERT INTO fulfillment.slot_day (location_id, slot, on_day, booked, places)
    SELECT location_id, slot, on_day, 0, 0
    FROM unnest(%s::uuid[], %s::text[], %s::date[]) AS d (location_id, slot, on_day)
    ON CONFLICT DO NOTHING
""")


def send_lock(tx: Tx, keys: Sequence[SlotKey]) -> Any:
    """Lock slots' days, those that have a row; rows are SlotDays."""
    return _LOCK.send_rows(tx, sorted(keys))


_LOCK = bulk_query(
    SlotDay,
    """
    SELECT s.location_id, s.slot, s.on_day, s.booked, s.places
    FROM fulfillment.slot_day AS s
    JOIN unnest(%s::uuid[], %s::text[], %s::date[]) AS d (location_id, slot, on_day)
      USING (location_id, slot, on_day)
    ORDER BY s.location_id, s.slot, s.on_day
    FOR NO KEY UPDATE OF s
    """,
)

BookRow = tuple[UUID, str, date, int, int]
"""location id, slot, day, places taken (or given back, negative), places that there are"""


def send_take(tx: Tx, rows: Sequence[BookRow]) -> None:
    """Take places; the database refuses more than there are. The caller holds the locks.

    What was taken stays so when a slot has fewer places since.
    """
    _TAKE.send(tx, sorted(rows))


_TAKE = bulk("""
    UPDATE fulfillment.slot_day AS s
    SET booked = s.booked + d.n, places = greatest(d.places, s.booked)
    FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::int4[], %s::int4[])
        AS d (location_id, slot, on_day, n, places)
    WHERE s.location_id = d.location_id AND s.slot = d.slot AND s.on_day = d.on_day
""")


def give_back(tx: Tx, keys: Sequence[SlotKey]) -> None:
    """Give one place back per key; a key may be there several times. Locks them in their order."""
    counts: dict[SlotKey, int] = {}
    for key in sorted(keys):
        counts[key] = counts.get(key, 0) + 1
    if not counts:
        return
    send_lock(tx, list(counts))
    touched = _GIVE_BACK.run(tx, [(*key, n) for key, n in counts.items()])
    assert touched == len(counts), "what is given back was taken"


_GIVE_BACK = bulk("""
    UPDATE fulfillment.slot_day AS s
    SET booked = s.booked - d.n
    FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::int4[]) AS d (location_id, slot, on_day, n)
    WHERE s.location_id = d.location_id AND s.slot = d.slot AND s.on_day = d.on_day
""")
