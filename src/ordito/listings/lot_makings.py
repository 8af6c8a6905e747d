"""What lots were made of, and what was made of them, by assemblies."""

from datetime import date
from uuid import UUID

import msgspec

from ordito.inventory.assembly_asks import AssemblyState
from ordito.listings.order_types import PlaceName
from ordito.listings.places import read_names
from ordito.listings.stock_list import scope_of
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query

MAKINGS_MAX = 200


class KinLot(msgspec.Struct, frozen=True):
    """A lot that another one is made of, or into. quantity: pieces that went into the assembly,
    or units that it made."""

    lot_id: UUID
    item_id: UUID
    sku: str
    lot: str
    expires_on: date | None
    quantity: int


class LotMaking(msgspec.Struct, frozen=True):
    """An assembly that took of a lot, or made it. quantity: pieces of that lot.

    lots: what it made of it, or what it made it of; none where the items have no lots.
    """

    assembly: int
    state: AssemblyState
    location: PlaceName
    item_id: UUID
    sku: str
    quantity: int
    lots: list[KinLot]


class LotMakings(msgspec.Struct, frozen=True):
    """What a lot went into, and what it is made of; the newest assemblies first."""

    went_into: tuple[LotMaking, ...]
    made_of: tuple[LotMaking, ...]


class _Row(msgspec.Struct, frozen=True):
    assembly: int
    state: AssemblyState
    location_id: UUID
    item_id: UUID
    sku: str
    quantity: int
    lots: list[KinLot]


def read_makings(tx: Tx, lot_id: UUID) -> LotMakings:
    """By the newest assemblies, where the reader sees stock; at most MAKINGS_MAX each way."""
    scope, names = scope_of(tx, None), read_names(tx)
    location_ids = None if scope is None else uuids(scope)

    def tell(row: _Row) -> LotMaking:
        place = names.place(row.location_id)
        return LotMaking(
            row.assembly, row.state, place, row.item_id, row.sku, row.quantity, row.lots
        )

    asked = {"lot_id": lot_id, "location_ids": location_ids, "limit": MAKINGS_MAX}
    return LotMakings(
        tuple(tell(row) for row in _WENT_INTO.all(tx, **asked)),
        tuple(tell(row) for row in _MADE_OF.all(tx, **asked)),
    )


_WENT_INTO = query(
    _Row,
    """
    SELECT a.number AS assembly, a.state, a.location_id, a.item_id, i.sku,
           p.taken - p.returned AS quantity,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'lot_id', l.id, 'item_id', l.item_id, 'sku', i.sku, 'lot', l.code,
                       'expires_on', l.expires_on, 'quantity', m.made
                   ) ORDER BY l.expires_on, l.code_key), '[]')
            FROM inventory.assembly_made_lot AS m
            JOIN inventory.lot AS l ON l.id = m.lot_id
            WHERE m.assembly_id = a.id) AS lots
    FROM inventory.assembly_part_lot AS p
    JOIN inventory.assembly AS a ON a.id = p.assembly_id
    JOIN catalog.item AS i ON i.id = a.item_id
    WHERE p.lot_id = %(lot_id)s AND p.taken > p.returned
      AND (%(location_ids)s::uuid[] IS NULL OR a.location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY a.number DESC
    LIMIT %(limit)s
    """,
)

_MADE_OF = query(
    _Row,
    """
    SELECT a.number AS assembly, a.state, a.location_id, a.item_id, i.sku, m.made AS quantity,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'lot_id', l.id, 'item_id', l.item_id, 'sku', t.sku, 'lot', l.code,
                       'expires_on', l.expires_on, 'quantity', p.taken - p.returned
                   ) ORDER BY t.sku, l.expires_on, l.code_key), '[]')
            FROM inventory.assembly_part_lot AS p
            JOIN inventory.lot AS l ON l.id = p.lot_id
            JOIN catalog.item AS t ON t.id = l.item_id
            WHERE p.assembly_id = a.id AND p.taken > p.returned) AS lots
    FROM inventory.assembly_made_lot AS m
    JOIN inventory.assembly AS a ON a.id = m.assembly_id
    JOIN catalog.item AS i ON i.id = a.item_id
    WHERE m.lot_id = %(lot_id)s
      AND (%(location_ids)s::uuid[] IS NULL OR a.location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY a.number DESC
    LIMIT %(limit)s
    """,
)
