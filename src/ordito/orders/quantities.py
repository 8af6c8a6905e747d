"""The quantity vector of a line: units move between its states, never appear or vanish."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from ordito.kernel.moves import Move
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx

_STATES = (
    "cancelled",
    "open",
    "backordered",
    "reserved",
    "released",
    "picked",
    "packed",
    "shipped",
    "completed",
)


_COUNTED_AS = {"sent": "packed"}
"""What is on its way to the customer's shop is packed, and not yet theirs."""


def apply_moves(tx: Tx, moves: Sequence[Move]) -> None:
    """Move units between states; the CHECKs of the table refuse more than there is."""
    deltas: dict[tuple[UUID, int], Counter[str]] = {}
    for move in moves:
        delta = deltas.setdefault((move.order_id, move.line_no), Counter())
        delta[_COUNTED_AS.get(move.from_, move.from_)] -= move.qty
        delta[_COUNTED_AS.get(move.to, move.to)] += move.qty
    rows = [(*key, *(delta[state] for state in _STATES)) for key, delta in sorted(deltas.items())]
    touched = _ADD.run(tx, rows)
    assert touched == len(rows), "caller moves units of lines that exist"


_ADD = bulk("""
    UPDATE orders.line AS l
    SET cancelled = l.cancelled + d.cancelled,
        open = l.open + d.open,
        backordered = l.backordered + d.backordered,
        reserved = l.reserved + d.reserved,
        released = l.released + d.released,
        picked = l.picked + d.picked,
        packed = l.packed + d.packed,
        shipped = l.shipped + d.shipped,
        completed = l.completed + d.completed
    FROM unnest(%s::uuid[], %s::int4[], %s::int8[], %s::int8[], %s::int8[], %s::int8[],
                %s::int8[], %s::int8[], %s::int8[], %s::int8[], %s::int8[])
        AS d (order_id, line_no, cancelled, open, backordered, reserved, released, picked, packed,
              shipped, completed)
    WHERE l.order_id = d.order_id AND l.line_no = d.line_no
""")


def add_delivered(tx: Tx, rows: Sequence[tuple[UUID, int, int]]) -> None:
    """Count units (order id, line no, units) as delivered; never more than were shipped."""
    _DELIVERED.run(tx, rows)


_DELIVERED = bulk("""
    UPDATE orders.line AS l
    SET delivered = l.delivered + d.qty
    FROM unnest(%s::uuid[], %s::int4[], %s::int8[]) AS d (order_id, line_no, qty)
    WHERE l.order_id = d.order_id AND l.line_no = d.line_no
""")


def add_returned(tx: Tx, rows: Sequence[tuple[UUID, int, int, int, int]]) -> None:
    """Count units (order id, line no, returned, restocked, written off) as come back."""
    _RETURNED.run(tx, rows)


_RETURNED = bulk("""
    UPDATE orders.line AS l
    SET returned = l.returned + d.returned,
        restocked = l.restocked + d.restocked,
        written_off = l.written_off + d.written_off
    FROM unnest(%s::uuid[], %s::int4[], %s::int8[], %s::int8[], %s::int8[])
        AS d (order_id, line_no, returned, restocked, written_off)
    WHERE l.order_id = d.order_id AND l.line_no = d.line_no
""")
