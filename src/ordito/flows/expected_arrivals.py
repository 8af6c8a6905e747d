"""What arrives of expected receipts: posted from `incoming`, and what is more from the supplier."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.inventory.asks import ReceiveLine
from ordito.inventory.expected import EXPECTED, ExpectedReceipt, lock_expected, write_expected
from ordito.inventory.expected_events import SupplyClosed, SupplyReceived
from ordito.inventory.ledger import Ledger
from ordito.inventory.types import CellKey
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import Fault


class Arrivals:
    """The expected receipts that lines of receipts name, locked, while these are booked.

    Without any such line nothing is read or written.
    """

    def __init__(self, tx: Tx, lines: Iterable[ReceiveLine]) -> None:
        self._tx = tx
        ids = {line.expected for line in lines if line.expected is not None}
        self._rows = lock_expected(tx, ids) if ids else {}
        self._before = dict(self._rows)
        self._ended: set[UUID] = set()

    def check(
        self, n: int, line: ReceiveLine, at: tuple[str, Location | None], faults: list[Fault]
    ) -> None:
        """Add a fault when line `n` can't be of what it names. at: its item's id, its location."""
        if line.expected is None:
            return
        item_id, location = at
        row = self._rows.get(line.expected)
        pointer = f"/lines/{n}/expected"
        if row is None or not self._tx.actor.sees_location(row.location_id):
            faults.append(Fault(pointer, "unknown-expected", "There is no such expected receipt."))
        elif row.state != "open":
            detail = "Nothing more was expected of it. Book it without naming it."
            faults.append(Fault(pointer, "ended", detail))
        elif str(row.item_id) != item_id or location is None or row.location_id != location.id:
            detail = "It was announced for another item or location."
            faults.append(Fault(pointer, "other-item", detail))

    def post(
        self,
        ledger: Ledger,
        cell: CellKey,
        line: ReceiveLine,
        source: tuple[str, int],
        at: datetime,
    ) -> None:
        """Book a line: first what was announced, then what came beyond it."""
        row = None if line.expected is None else self._rows[line.expected]
        announced = min(row.open, line.quantity) if row else 0
        if announced:
            ledger.post(cell, "incoming", line.bucket, announced, reason="receipt", source=source,
                        occurred_at=at)  # fmt: skip
        if line.quantity > announced:
            ledger.post(cell, "supplier", line.bucket, line.quantity - announced, reason="receipt",
                        source=source, occurred_at=at)  # fmt: skip
        if row is not None:
            received = row.received + line.quantity
            done = row.state == "open" and received >= row.qty
            self._rows[row.id] = msgspec.structs.replace(
                row,
                received=received,
                state="received" if done else row.state,
                ended_at=self._tx.now if done else row.ended_at,
            )
            if line.last:
                self._ended.add(row.id)

    def write(self, ledger: Ledger, code_of: dict[UUID, str]) -> None:
        """Give up what doesn't come any more, and write what became of them.

        code_of: the codes of locations by id. The ledger's postings are sent by the caller.
        """
        for id_, row in self._rows.items():
            before = self._before[id_]
            pieces = row.received - before.received
            if not pieces:
                continue
            self._tx.emit(
                EXPECTED,
                id_,
                SupplyReceived(
                    code_of[row.location_id], pieces, row.open, max(0, row.received - row.qty)
                ),
            )
        for id_ in sorted(self._ended):
            if self._rows[id_].state == "open":
                self._rows[id_] = give_up(self._tx, self._rows[id_], ledger, code_of, "")
        write_expected(self._tx, [r for id_, r in self._rows.items() if r != self._before[id_]])


def give_up(
    tx: Tx, row: ExpectedReceipt, ledger: Ledger, code_of: dict[UUID, str], note: str
) -> ExpectedReceipt:
    """What is left of it isn't expected any more; the caller writes row and ledger."""
    cell = (str(row.item_id), str(row.location_id))
    ledger.post(
        cell, "incoming", "supplier", row.open, reason="not_coming", source=(str(row.id), None)
    )
    tx.emit(EXPECTED, row.id, SupplyClosed(code_of[row.location_id], row.open, note))
    return msgspec.structs.replace(row, state="closed", ended_at=tx.now)
