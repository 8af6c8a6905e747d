"""Lots that lie where they may not: what a sweep puts right."""

from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query


class MisplacedLot(msgspec.Struct, frozen=True):
    """A lot at a location, on the shelf though it may not be sold, or the other way round."""

    lot_id: UUID
    location_id: UUID


def find_misplaced_lots(tx: Tx, *, limit: int) -> list[MisplacedLot]:
    """Lots on the shelf that are blocked or too old there by now, or set aside and fit again."""
    return _MISPLACED.all(tx, now=tx.now, limit=limit)


_MISPLACED = query(
    MisplacedLot,
    """
    SELECT s.lot_id, s.location_id
    FROM inventory.lot_stock AS s
    JOIN inventory.lot AS l ON l.id = s.lot_id
    JOIN catalog.item AS i ON i.id = s.item_id
    JOIN locations.location AS p ON p.id = s.location_id
    CROSS JOIN LATERAL (
        SELECT l.state = 'blocked'
               OR coalesce(l.expires_on < (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date
                                          + i.sell_days, false) AS unfit
    ) AS n
    WHERE i.tracking <> 'none'
      AND ((s.shelf > 0 AND n.unfit) OR (s.held_back > 0 AND NOT n.unfit))
    ORDER BY l.expires_on, s.lot_id, s.location_id
    LIMIT %(limit)s
    """,
)


def list_places_of(tx: Tx, lot_id: UUID) -> list[UUID]:
    """Ids of the locations that have any of a lot."""
    return _PLACES.all(tx, lot_id=lot_id)


_PLACES = query(
    UUID,
    """
    SELECT location_id
    FROM inventory.lot_stock
    WHERE lot_id = %(lot_id)s AND held > 0
    ORDER BY location_id
    """,
)
