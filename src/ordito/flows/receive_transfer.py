"""Receive a transfer: what arrived becomes free, what arrived broken or not at all is told."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from ordito.flows.moved_lots import choose_arrived_lots, give_up_lots
from ordito.flows.reference import reference
from ordito.flows.stock_documents import raise_faults
from ordito.flows.transfer_states import open_transfer, tell_transfers
from ordito.flows.transfer_stock import cells_of, lines_by_sku
from ordito.fulfillment.tasks import raise_tasks
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.transfer_asks import (
    ArrivedLine,
    CloseTransfer,
    ReceiveTransfer,
    StockTransfer,
)
from ordito.inventory.transfer_events import TransferClosed, TransferReceived
from ordito.inventory.transfers import (
    TRANSFER,
    Transfer,
    TransferItem,
    derive_state,
    put_lines,
    write_transfer,
)
from ordito.kernel.moves import Bucket
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault


class _Arrival(NamedTuple):
    line: TransferItem
    asked: ArrivedLine


@command(permission="inventory.write")
def receive_transfer(tx: Tx, ask: ReceiveTransfer) -> StockTransfer:
    """Book what arrived; orders that wait for it are served by whoever follows the event."""
    transfer = open_transfer(tx, ask.transfer_id, ask.version, "receive")
    arrivals = _find_arrivals(tx, transfer, ask)
    touched = [arrival.line for arrival in arrivals]
    ledger = lock_cells(tx, cells_of(transfer, touched))
    choose_arrived_lots(
        tx,
        transfer,
        [(a.line, a.asked.quantity, a.asked.damaged, a.asked.surplus) for a in arrivals],
        ledger,
        (
            {a.line.line_no: a.asked.lots for a in arrivals if a.asked.lots},
            {a.line.line_no: a.asked.damaged_lots for a in arrivals if a.asked.damaged_lots},
        ),
    )
    for arrival in arrivals:
        _post_arrival(transfer, arrival, ledger)
    ledger.send(tx)
    _ask_to_count(tx, transfer, [(a.line.item_id, a.asked.surplus) for a in arrivals])
    after = {line.line_no: line for line in map(_add, arrivals)}
    lines = [after.get(line.line_no, line) for line in transfer.lines]
    free = {str(a.line.item_id): a.asked.quantity + a.asked.surplus for a in arrivals}
    done = derive_state(lines) == "received"
    told = [
        (str(a.line.item_id), a.asked.quantity, a.asked.damaged, a.asked.surplus) for a in arrivals
    ]
    code = reference(tx).locations_by_id[transfer.to_location_id].code
    items = {item_id: qty for item_id, qty in free.items() if qty}
    tx.emit(TRANSFER, transfer.id, TransferReceived(code, told, items, done))
    return _write(tx, transfer, lines)


@command(permission="inventory.write")
def close_transfer(tx: Tx, ask: CloseTransfer) -> StockTransfer:
    """Nothing more comes: what is still on its way is written off as missing."""
    transfer = open_transfer(tx, ask.transfer_id, ask.version, "close")
    gone = [line for line in transfer.lines if line.open]
    ledger = lock_cells(tx, cells_of(transfer, gone))
    give_up_lots(tx, transfer, gone, ledger)
    for line in gone:
        cause = (str(transfer.id), line.line_no)
        source, destination = _ends(transfer, line.item_id)
        ledger.post(
            destination, "incoming", "transfer", line.open, reason="transfer_missing", source=cause
        )
        # Lost on the way is lost to who sent it: until it arrives it is the source's stock.
        ledger.post(
            source, "in_transit", "adjustment", line.open, reason="transfer_missing", source=cause
        )
    ledger.send(tx)
    _ask_to_count(tx, transfer, [(line.item_id, line.open) for line in gone])
    lines = [
        msgspec.structs.replace(line, missing=line.missing + line.open) for line in transfer.lines
    ]
    told = [(str(line.item_id), line.open) for line in gone]
    tx.emit(TRANSFER, transfer.id, TransferClosed(told, ask.note))
    return _write(tx, transfer, lines)


def _find_arrivals(tx: Tx, transfer: Transfer, ask: ReceiveTransfer) -> list[_Arrival]:
    """The asked lines with those of the transfer; raises InvalidInput."""
    line_of = lines_by_sku(tx, transfer)
    faults: list[Fault] = []
    found: dict[str, _Arrival] = {}
    for n, asked in enumerate(ask.lines):
        line = line_of.get(normal_code(asked.sku))
        if line is None:
            detail = f"“{asked.sku}” is not in this transfer; book it as found, by an adjustment."
            faults.append(Fault(f"/lines/{n}/sku", "unknown-line", detail))
        elif normal_code(asked.sku) in found:
            faults.append(Fault(f"/lines/{n}/sku", "duplicate", "It is named twice; add it up."))
        elif asked.quantity + asked.damaged > line.open:
            detail = (
                f"{line.open} of “{asked.sku}” are on their way, not"
                f" {asked.quantity + asked.damaged}. If more came, say so as surplus."
            )
            faults.append(Fault(f"/lines/{n}/quantity", "too-many", detail))
        else:
            found[normal_code(asked.sku)] = _Arrival(line, asked)
    arrivals = [a for a in found.values() if a.asked.quantity + a.asked.damaged + a.asked.surplus]
    if not faults and not arrivals:
        faults.append(Fault("/lines", "empty", "Say of at least one item how many arrived."))
    raise_faults(faults)
    return arrivals


def _post_arrival(transfer: Transfer, arrival: _Arrival, ledger: Ledger) -> None:
    line, asked = arrival
    source, destination = _ends(transfer, line.item_id)
    cause = (str(transfer.id), line.line_no)
    arrived: list[tuple[Bucket, Bucket, int, str]] = [
        ("incoming", "available", asked.quantity, "transfer"),
        ("incoming", "damaged", asked.damaged, "transfer_damaged"),
        ("adjustment", "available", asked.surplus, "transfer_surplus"),
    ]
    for from_, to, qty, reason in arrived:
        if qty:
            ledger.post(destination, from_, to, qty, reason=reason, source=cause)
    left = asked.quantity + asked.damaged
    if left:
        ledger.post(source, "in_transit", "transfer", left, reason="transfer", source=cause)


def _ends(transfer: Transfer, item_id: UUID) -> tuple[tuple[str, str], tuple[str, str]]:
    return (
        (str(item_id), str(transfer.from_location_id)),
        (str(item_id), str(transfer.to_location_id)),
    )


def _add(arrival: _Arrival) -> TransferItem:
    line, asked = arrival
    return msgspec.structs.replace(
        line,
        received=line.received + asked.quantity,
        damaged=line.damaged + asked.damaged,
        surplus=line.surplus + asked.surplus,
    )


def _ask_to_count(tx: Tx, transfer: Transfer, differences: Sequence[tuple[UUID, int]]) -> None:
    """What came is not what was sent: the source's record is likely wrong by as much."""
    place = transfer.from_location_id
    raise_tasks(
        tx, [("count", None, None, place, item_id, qty) for item_id, qty in differences if qty]
    )


def _write(tx: Tx, transfer: Transfer, lines: list[TransferItem]) -> StockTransfer:
    """Write the lines and the state that follows from them; one event was told."""
    put_lines(tx, transfer.id, lines)
    state = derive_state(lines)
    changed = msgspec.structs.replace(
        transfer, lines=lines, state=state, ended_at=tx.now if state == "received" else None
    )
    write_transfer(tx, changed)
    told = msgspec.structs.replace(changed, version=transfer.version + 1)
    return tell_transfers(tx, [told])[0]
