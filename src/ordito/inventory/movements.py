"""Order moves on the ledger: which stock a unit takes along as its line goes through its states."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ordito.inventory import reservations
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.types import CellKey
from ordito.kernel.moves import HELD, STOCK_OF, Move
from ordito.platform.database import Tx


def cells_of(moves: Sequence[Move]) -> set[CellKey]:
    """The cells that the moves touch."""
    return {(str(part.item_id), str(move.location_id)) for move in moves for part in move.parts}


def apply_moves(
    tx: Tx,
    moves: Sequence[Move],
    *,
    reason: str,
    ledger: Ledger | None = None,
    occurred_at: datetime | None = None,
) -> None:
    """Post the moves and change the reservations with them; raises Short when stock is missing.

    ledger: the cells when the caller has locked them already.
    """
    if not moves:
        return
    ledger = ledger or lock_cells(tx, cells_of(moves))
    held: Counter[tuple[str, int, str, str]] = Counter()
    for move in moves:
        for part in move.parts:
            key = (str(part.item_id), str(move.location_id))
            qty = move.qty * part.per_unit
            from_, to = STOCK_OF[move.from_], STOCK_OF[move.to]
            if from_ and to and from_ != to:
                ledger.post(
                    key,
                    from_,
                    to,
                    qty,
                    reason=reason,
                    source=(str(move.order_id), move.line_no),
                    occurred_at=occurred_at,
                )
            change = (move.to in HELD) - (move.from_ in HELD)
            if change:
                held[(str(move.order_id), move.line_no, *key)] += change * qty
    ledger.send(tx)
    reservations.change(tx, [(*key, qty) for key, qty in sorted(held.items()) if qty])
