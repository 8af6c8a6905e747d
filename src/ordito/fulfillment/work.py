"""The lines of fulfillment orders follow the moves of the order's units."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.kernel.moves import Move
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

COLUMNS = ("qty", "picked", "packed", "shipped")

_STEPS = {"reserved": 1, "released": 1, "picked": 2, "packed": 3, "sent": 4, "shipped": 4}
"""How many of the columns count a unit in that state; other states are nobody's work.
`sent` to the shop has left the location, as what is shipped has."""

_Key = tuple[UUID, int, int, UUID, int]


def steps_of(move: Move) -> tuple[int, ...]:
    """What one unit of a move adds to each of COLUMNS: 1, 0 or -1."""
    before, after = _STEPS.get(move.from_, 0), _STEPS.get(move.to, 0)
    return tuple((step < after) - (step < before) for step in range(len(COLUMNS)))


def apply_moves(tx: Tx, moves: Sequence[Move]) -> None:
    """Change the lines with the moves that name a fulfillment order; new lines are made.

    The CHECKs of the table refuse what goes against the order of the work.
    """
    deltas: defaultdict[_Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for move in moves:
        if move.fo_no is None:
            continue
        steps = steps_of(move)
        for part in move.parts:
            key = (move.order_id, move.fo_no, move.line_no, part.item_id, part.per_unit)
            for column, step in enumerate(steps):
                deltas[key][column] += step * move.qty * part.per_unit
    rows: list[tuple[Any, ...]] = [
        (*key, *delta) for key, delta in sorted(deltas.items()) if any(delta)
    ]
    _ADD.run(tx, [row for row in rows if row[5] > 0])
    changed = [(*row[:4], *row[5:]) for row in rows if row[5] <= 0]
    touched = _CHANGE.run(tx, changed)
    assert touched == len(changed), "caller moves units that the fulfillment order has"


_ADD = bulk("""
    INSERT INTO fulfillment.line AS l
        (order_id, fo_no, line_no, item_id, per_unit, qty, picked, packed, shipped)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::uuid[], %s::int4[], %s::int8[],
                         %s::int8[], %s::int8[], %s::int8[])
    ON CONFLICT (order_id, fo_no, line_no, item_id) DO UPDATE
    SET qty = l.qty + excluded.qty,
        picked = l.picked + excluded.picked,
        packed = l.packed + excluded.packed,
        shipped = l.shipped + excluded.shipped
""")

_CHANGE = bulk("""
    UPDATE fulfillment.line AS l
    SET qty = l.qty + d.qty,
        picked = l.picked + d.picked,
        packed = l.packed + d.packed,
        shipped = l.shipped + d.shipped
    FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::uuid[], %s::int8[], %s::int8[],
                %s::int8[], %s::int8[])
        AS d (order_id, fo_no, line_no, item_id, qty, picked, packed, shipped)
    WHERE l.order_id = d.order_id AND l.fo_no = d.fo_no AND l.line_no = d.line_no
      AND l.item_id = d.item_id
""")


class PartLines(msgspec.Struct, frozen=True):
    """Order lines that a decision gave a location of an order."""

    order_id: UUID
    decision_no: int
    location_id: UUID
    lines: int


def count_lines(tx: Tx, order_ids: Iterable[UUID]) -> list[PartLines]:
    """The lines of every part of the orders, also of those that were given back since."""
    return _LINES.all(tx, order_ids=uuids(order_ids))


_LINES = query(
    PartLines,
    """
    SELECT f.order_id, f.decision_no, f.location_id, count(DISTINCT l.line_no) AS lines
    FROM fulfillment.fulfillment_order AS f
    JOIN fulfillment.line AS l ON l.order_id = f.order_id AND l.fo_no = f.fo_no
    WHERE f.order_id = ANY(%(order_ids)s::uuid[])
    GROUP BY f.order_id, f.decision_no, f.location_id
    """,
)
