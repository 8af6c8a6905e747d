"""How much work a location has accepted today; counted only where its capacity is limited."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.arrays import dates, uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class Accepted(msgspec.Struct, frozen=True):
    location_id: UUID
    accepted: int


def send_read(tx: Tx, days: Mapping[UUID, date]) -> Any:
    """Ask for the fulfillment orders accepted at each location on its day; rows are Accepted."""
    if not days:
        return None
    return _READ.send(tx, location_ids=uuids(days.keys()), days=dates(days.values()))


_READ = query(
    Accepted,
    """
    SELECT location_id, accepted
    FROM fulfillment.daily_load
    JOIN unnest(%(location_ids)s::uuid[], %(days)s::date[]) AS asked (location_id, day)
      USING (location_id, day)
    """,
)


def send_raise(tx: Tx, accepted: Mapping[UUID, int], days: Mapping[UUID, date]) -> None:
    """Count accepted fulfillment orders, location by location in the order of their ids."""
    _RAISE.send(
        tx, [(id_, days[id_], n) for id_, n in sorted(accepted.items(), key=lambda kv: kv[0])]
    )


_RAISE = bulk("""
    INSERT INTO fulfillment.daily_load AS l (location_id, day, accepted)
    SELECT * FROM unnest(%s::uuid[], %s::date[], %s::int4[])
    ON CONFLICT (location_id, day) DO UPDATE SET accepted = l.accepted + excluded.accepted
""")
