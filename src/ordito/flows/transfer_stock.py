"""Transfer stock: units are asked for, leave one location, and are on their way to another."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import UNSET

from ordito.catalog.types import ItemFacts
from ordito.flows.bin_walks import lead
from ordito.flows.moved_lots import choose_sent_lots
from ordito.flows.reference import reference
from ordito.flows.stock_documents import Shortage, StockNames, raise_faults, tell_shortages
from ordito.flows.transfer_states import open_transfer, tell_transfers
from ordito.inventory.asks import LotUnits
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.transfer_asks import (
    ChangeTransfer,
    DraftTransfer,
    ShipTransfer,
    StockTransfer,
    TransferAsk,
    TransferLineAsk,
)
from ordito.inventory.transfer_events import (
    TransferCancelled,
    TransferChanged,
    TransferDrafted,
    TransferRequested,
    TransferShipped,
)
from ordito.inventory.transfers import (
    TRANSFER,
    Transfer,
    TransferItem,
    insert_transfer,
    put_lines,
    replace_lines,
    write_transfer,
)
from ordito.inventory.types import CellKey
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault


class LinesNamed(msgspec.Struct, frozen=True):
    """Lines as the reader of names takes them: items only, the locations are looked up apart."""

    location: str
    lines: Sequence[TransferLineAsk]


@command(permission="inventory.write")
def draft_transfer(tx: Tx, ask: DraftTransfer) -> StockTransfer:
    """Write down what is to go from one location to another; no stock moves yet."""
    names = StockNames(tx, [LinesNamed(ask.from_location, ask.lines)])
    faults: list[Fault] = []
    source = _find_place(names, ask.from_location, "/from_location", faults, open_only=False)
    destination = _find_place(names, ask.to_location, "/to_location", faults, open_only=True)
    if source is not None and source == destination:
        detail = "The goods are there already; name two different locations."
        faults.append(Fault("/to_location", "same-location", detail))
    lines = _find_lines(names, ask.lines, faults)
    raise_faults(faults)
    assert source is not None, "without a fault it was found"
    assert destination is not None, "without a fault it was found"
    transfer = Transfer(
        id=new_id(),
        number=0,
        from_location_id=source.id,
        to_location_id=destination.id,
        state="draft",
        reference=ask.reference,
        note=ask.note,
        expected_on=ask.expected_on,
        created_at=tx.now,
        created_by=tx.actor.id,
        shipped_at=None,
        ended_at=None,
        version=1,
        lines=lines,
    )
    number = insert_transfer(tx, transfer)
    event = TransferDrafted(number, source.code, destination.code, _units(lines))
    tx.emit(TRANSFER, transfer.id, event)
    return tell_transfers(tx, [msgspec.structs.replace(transfer, number=number)])[0]


@command(permission="inventory.write")
def change_transfer(tx: Tx, ask: ChangeTransfer) -> StockTransfer:
    """Change a transfer that hasn't left: its lines, its reference, note and day."""
    transfer = open_transfer(tx, ask.transfer_id, ask.version, "change")
    lines = transfer.lines
    if ask.lines is not UNSET:
        names, faults = StockNames(tx, [LinesNamed("", ask.lines)]), list[Fault]()
        lines = _find_lines(names, ask.lines, faults)
        raise_faults(faults)
    named = ("reference", "note", "expected_on")
    given = {name: value for name in named if (value := getattr(ask, name)) is not UNSET}
    fields = [name for name, value in given.items() if value != getattr(transfer, name)]
    changed = msgspec.structs.replace(transfer, lines=lines, **given)
    if not fields and lines == transfer.lines:
        return tell_transfers(tx, [transfer])[0]
    if lines != transfer.lines:
        replace_lines(tx, transfer.id, lines)
    tx.emit(TRANSFER, transfer.id, TransferChanged(_units(lines), fields))
    return _write(tx, changed)


@command(permission="inventory.write")
def request_transfer(tx: Tx, ask: TransferAsk) -> StockTransfer:
    """Ask the source to send it; stock moves when it is sent."""
    transfer = open_transfer(tx, ask.transfer_id, ask.version, "request")
    source = reference(tx).locations_by_id[transfer.from_location_id].code
    tx.emit(TRANSFER, transfer.id, TransferRequested(source))
    return _write(tx, msgspec.structs.replace(transfer, state="requested"))


@command(permission="inventory.write")
def cancel_transfer(tx: Tx, ask: TransferAsk) -> StockTransfer:
    """Give up a transfer of which nothing has left."""
    transfer = open_transfer(tx, ask.transfer_id, ask.version, "cancel")
    tx.emit(TRANSFER, transfer.id, TransferCancelled())
    return _write(tx, msgspec.structs.replace(transfer, state="cancelled", ended_at=tx.now))


@command(permission="inventory.write")
def ship_transfer(tx: Tx, ask: ShipTransfer) -> StockTransfer:
    """Units leave the source: never more than is free there. The destination sees them coming."""
    transfer = open_transfer(tx, ask.transfer_id, ask.version, "ship")
    lines = _choose(tx, transfer, ask)
    ledger = lock_cells(tx, cells_of(transfer, lines))
    lead(tx, ledger)
    _require_free(tx, transfer, lines, ledger)
    choose_sent_lots(tx, transfer, lines, ledger, _named_lots(tx, transfer, ask))
    for line in lines:
        source = str(line.item_id), str(transfer.from_location_id)
        destination = str(line.item_id), str(transfer.to_location_id)
        cause = (str(transfer.id), line.line_no)
        if line.shipped:
            ledger.post(
                source, "available", "in_transit", line.shipped, reason="transfer", source=cause
            )
            ledger.post(
                destination, "transfer", "incoming", line.shipped, reason="transfer", source=cause
            )
    ledger.send(tx)
    put_lines(tx, transfer.id, lines)
    places = reference(tx).locations_by_id
    event = TransferShipped(
        places[transfer.from_location_id].code,
        places[transfer.to_location_id].code,
        [(str(line.item_id), line.shipped) for line in lines if line.shipped],
        sum(line.requested - line.shipped for line in lines),
    )
    tx.emit(TRANSFER, transfer.id, event)
    return _write(
        tx, msgspec.structs.replace(transfer, state="shipped", lines=lines, shipped_at=tx.now)
    )


def _named_lots(tx: Tx, transfer: Transfer, ask: ShipTransfer) -> dict[int, Sequence[LotUnits]]:
    """The lots that were named, by line."""
    if not any(line.lots for line in ask.lines or ()):
        return {}
    line_of = lines_by_sku(tx, transfer)
    return {
        line_of[normal_code(line.sku)].line_no: line.lots for line in ask.lines or () if line.lots
    }


def cells_of(transfer: Transfer, lines: Sequence[TransferItem]) -> set[CellKey]:
    """The cells at both ends."""
    return {
        (str(line.item_id), str(place))
        for line in lines
        for place in (transfer.from_location_id, transfer.to_location_id)
    }


def _write(tx: Tx, transfer: Transfer) -> StockTransfer:
    """Write the head of a transfer of which one event was told; as it is then."""
    write_transfer(tx, transfer)
    told = msgspec.structs.replace(transfer, version=transfer.version + 1)
    return tell_transfers(tx, [told])[0]


def _choose(tx: Tx, transfer: Transfer, ask: ShipTransfer) -> list[TransferItem]:
    """The lines with what is shipped of each."""
    if ask.lines is None:
        return [msgspec.structs.replace(line, shipped=line.requested) for line in transfer.lines]
    asked: dict[str, int] = {}
    faults: list[Fault] = []
    line_of = lines_by_sku(tx, transfer)
    for n, line in enumerate(ask.lines):
        key = normal_code(line.sku)
        if key not in line_of:
            detail = f"“{line.sku}” is not in this transfer."
            faults.append(Fault(f"/lines/{n}/sku", "unknown-line", detail))
        elif key in asked:
            faults.append(Fault(f"/lines/{n}/sku", "duplicate", "It is named twice; add it up."))
        elif line.quantity > line_of[key].requested:
            detail = f"{line_of[key].requested} were asked for; send no more than that."
            faults.append(Fault(f"/lines/{n}/quantity", "too-many", detail))
        else:
            asked[key] = line.quantity
    if not faults and not any(asked.values()):
        faults.append(Fault("/lines", "empty", "Send at least one unit, or cancel the transfer."))
    raise_faults(faults)
    return [
        msgspec.structs.replace(line, shipped=asked.get(key, 0)) for key, line in line_of.items()
    ]


def lines_by_sku(tx: Tx, transfer: Transfer) -> dict[str, TransferItem]:
    """The lines of a transfer by SKU key, in their order."""
    told = tell_transfers(tx, [transfer])[0]
    return {
        normal_code(line.sku): kept for line, kept in zip(told.lines, transfer.lines, strict=True)
    }


def _require_free(
    tx: Tx, transfer: Transfer, lines: Sequence[TransferItem], ledger: Ledger
) -> None:
    """Raises OutOfStock when the source has less free than is to leave."""
    place = reference(tx).locations_by_id[transfer.from_location_id]
    short = [
        (line, ledger.cells[str(line.item_id), str(place.id)])
        for line in lines
        if ledger.free(str(line.item_id), str(place.id)) < line.shipped
    ]
    if short:
        sku_of = {line.item_id: line.sku for line in tell_transfers(tx, [transfer])[0].lines}
        raise tell_shortages(
            tx,
            [
                Shortage(sku_of[line.item_id], place, cell, "available", line.shipped)
                for line, cell in short
            ],
        )


def _find_place(
    names: StockNames, code: str, pointer: str, faults: list[Fault], *, open_only: bool
) -> Location | None:
    found: list[Fault] = []
    place = names.find_location(code, found, open_only=open_only)
    if place is not None and place.kind == "history":
        detail = "This is the place of orders taken over from elsewhere; it keeps no stock."
        found.append(Fault("/location", "no-stock", detail))
    faults += [Fault(pointer, fault.code, fault.detail) for fault in found]
    return None if found else place


def _find_lines(
    names: StockNames, asked: Sequence[TransferLineAsk], faults: list[Fault]
) -> list[TransferItem]:
    """The asked lines with their items; each item once."""
    items: list[ItemFacts] = []
    lines = []
    for n, line in enumerate(asked):
        item = names.find_item(n, line.sku, faults)
        if item is None:
            continue
        if item in items:
            detail = f"“{item.sku}” is named twice; add the quantities up."
            faults.append(Fault(f"/lines/{n}/sku", "duplicate", detail))
        items.append(item)
        lines.append(TransferItem(n + 1, UUID(item.id), line.quantity))
    return lines


def _units(lines: Sequence[TransferItem]) -> dict[str, int]:
    return {str(line.item_id): line.requested for line in lines}
