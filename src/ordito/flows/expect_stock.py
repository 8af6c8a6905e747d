"""Expect stock: what a supplier said will come is on its way, until it is received or given up."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from ordito.catalog.items import send_facts
from ordito.flows.expected_arrivals import give_up
from ordito.flows.receive_stock import receive_stock
from ordito.flows.reference import reference
from ordito.flows.stock_documents import StockNames, raise_faults
from ordito.inventory.asks import LotUnits, ReceiveLine, ReceiveStock
from ordito.inventory.expected import (
    EXPECTED,
    ExpectedReceipt,
    insert_expected,
    lock_expected,
    read_expected,
    write_expected,
)
from ordito.inventory.expected_asks import (
    ChangeExpected,
    CloseExpected,
    ExpectedStock,
    ExpectReceipt,
    ReceiveExpected,
)
from ordito.inventory.expected_events import SupplyChanged, SupplyExpected
from ordito.inventory.ledger import lock_cells
from ordito.kernel.ids import new_id
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, NotFound
from ordito.platform.versions import check_version

UNSEEN = "There is no such expected receipt, or its location is none you see."


@command(permission="inventory.write")
def expect_stock(tx: Tx, ask: ExpectReceipt) -> ExpectedStock:
    """Say that units will come: they count as incoming, and orders that wait are promised them."""
    try:
        (row,) = expect_all(tx, [ask])
    except InvalidInput as problem:
        at_root = [Fault(f.pointer.replace("/lines/0", ""), f.code, f.detail)
                   for f in problem.errors]  # fmt: skip
        raise InvalidInput(problem.detail, errors=at_root) from None
    return tell_expected(tx, [row])[0]


def expect_all(tx: Tx, asks: Sequence[ExpectReceipt]) -> list[ExpectedReceipt]:
    """Write expected receipts; raises InvalidInput with everything that is wrong with them, each
    fault below `/lines/` and the ask's place."""
    names = StockNames(tx, [ReceiveStock(location=a.location, lines=(_line(a),)) for a in asks])
    faults: list[Fault] = []
    rows: list[ExpectedReceipt] = []
    codes: list[str] = []
    for n, ask in enumerate(asks):
        placing: list[Fault] = []
        location = names.find_location(ask.location, placing, open_only=True)
        item = names.find_item(n, ask.sku, faults)
        if location is not None and ask.expected_on < _today(tx, location):
            placing.append(_past(_today(tx, location)))
        faults += [Fault(f"/lines/{n}{fault.pointer}", fault.code, fault.detail)
                   for fault in placing]  # fmt: skip
        if location is None or item is None:
            continue
        codes.append(location.code)
        rows.append(
            ExpectedReceipt(
                new_id(), UUID(item.id), location.id, ask.quantity, 0, ask.expected_on,
                ask.reference, "open", tx.now, None, 0,
            )
        )  # fmt: skip
    raise_faults(faults)
    ledger = lock_cells(tx, {(str(row.item_id), str(row.location_id)) for row in rows})
    for row, code in zip(rows, codes, strict=True):
        cell = (str(row.item_id), str(row.location_id))
        source = (str(row.id), None)
        ledger.post(cell, "supplier", "incoming", row.qty, reason="expected", source=source)
        items = {str(row.item_id): row.qty}
        tx.emit(EXPECTED, row.id, SupplyExpected(code, items, row.expected_on, row.reference))
    ledger.send(tx)
    insert_expected(tx, rows)
    return rows


def _line(ask: ExpectReceipt) -> ReceiveLine:
    return ReceiveLine(sku=ask.sku, quantity=ask.quantity)


def _today(tx: Tx, location: Location) -> date:
    return tx.now.astimezone(ZoneInfo(location.time_zone)).date()


def _past(today: date) -> Fault:
    return Fault("/expected_on", "past", f"The day is over already; today is {today.isoformat()}.")


@command(permission="inventory.write")
def change_expected(tx: Tx, ask: ChangeExpected) -> ExpectedStock:
    """Another day, quantity or reference; what is promised of it follows."""
    row, location = _open(tx, ask.expected_id, ask.version)
    qty = row.qty if ask.quantity is UNSET else ask.quantity
    expected_on = row.expected_on if ask.expected_on is UNSET else ask.expected_on
    named = row.reference if ask.reference is UNSET else ask.reference
    today = _today(tx, location)
    faults = [_past(today)] if expected_on != row.expected_on and expected_on < today else []
    if qty <= row.received:
        detail = f"{row.received} have come already; say more than that, or close it."
        faults.append(Fault("/quantity", "too-few", detail))
    raise_faults(faults)
    changed = msgspec.structs.replace(row, qty=qty, expected_on=expected_on, reference=named)
    fields = {
        name: (str(getattr(row, name)), str(getattr(changed, name)))
        for name in ("qty", "expected_on", "reference")
        if getattr(row, name) != getattr(changed, name)
    }
    if fields:
        _book_difference(tx, row, qty - row.qty)
        write_expected(tx, [changed])
        tx.emit(EXPECTED, row.id, SupplyChanged(location.code, fields))
    return tell_expected(tx, [changed])[0]


def _book_difference(tx: Tx, row: ExpectedReceipt, more: int) -> None:
    if not more:
        return
    cell = (str(row.item_id), str(row.location_id))
    ledger = lock_cells(tx, [cell])
    source = (str(row.id), None)
    if more > 0:
        ledger.post(cell, "supplier", "incoming", more, reason="expected", source=source)
    else:
        ledger.post(cell, "incoming", "supplier", -more, reason="not_coming", source=source)
    ledger.send(tx)


@command(permission="inventory.write")
def close_expected(tx: Tx, ask: CloseExpected) -> ExpectedStock:
    """Nothing more of it comes: it isn't incoming any more, and promises move on."""
    row, location = _open(tx, ask.expected_id, ask.version)
    ledger = lock_cells(tx, [(str(row.item_id), str(row.location_id))])
    closed = give_up(tx, row, ledger, {location.id: location.code}, ask.note)
    ledger.send(tx)
    write_expected(tx, [closed])
    return tell_expected(tx, [closed])[0]


@command(permission="inventory.write")
def receive_expected(tx: Tx, ask: ReceiveExpected) -> ExpectedStock:
    """Book what came of it as a receipt; more than was announced is taken too."""
    row, location = _open(tx, ask.expected_id, ask.version)
    if not ask.quantity and not ask.damaged:
        detail = "Say how many came; if nothing will, close it instead."
        raise InvalidInput("No stock was changed.", errors=[Fault("/quantity", "required", detail)])
    came = _parts(ask)
    sku = tell_expected(tx, [row])[0].sku
    lines = [
        ReceiveLine(sku, part.units, part.bucket, row.id, ask.last, part.lots) for part in came
    ]
    receipt = ReceiveStock(
        location=location.code, lines=tuple(lines), reference=ask.reference or row.reference
    )
    try:
        receive_stock(tx, receipt)
    except InvalidInput as problem:
        errors = [_at_part(fault, came) for fault in problem.errors]
        raise InvalidInput(problem.detail, errors=errors) from None
    return read_expected_state(tx, row.id)


class _Part(NamedTuple):
    """What came of one kind: the ask's names for its units and its lots, and what they say."""

    name: str
    lots_name: str
    bucket: Literal["available", "damaged"]
    units: int
    lots: tuple[LotUnits, ...]


def _parts(ask: ReceiveExpected) -> list[_Part]:
    """What came, without kinds of which nothing did. Lots of nothing are said of something."""
    parts = [
        _Part("quantity", "lots", "available", ask.quantity, ask.lots),
        _Part("damaged", "damaged_lots", "damaged", ask.damaged, ask.damaged_lots),
    ]
    faults = [
        Fault(f"/{part.lots_name}", "wrong-sum", "Lots are named, and no unit of them came.")
        for part in parts
        if part.lots and not part.units
    ]
    if faults:
        raise InvalidInput("No stock was changed.", errors=faults)
    return [part for part in parts if part.units]


def _at_part(fault: Fault, came: Sequence[_Part]) -> Fault:
    """The fault of a receipt's line, where the ask says it."""
    steps = fault.pointer.split("/")[1:]
    if steps[:1] != ["lines"]:
        return fault
    part, rest = came[int(steps[1])], steps[2:]
    pointer = "/".join(("", part.lots_name, *rest[1:])) if "lots" in rest else f"/{part.name}"
    return Fault(pointer, fault.code, fault.detail)


def _open(tx: Tx, expected_id: UUID, version: int | None) -> tuple[ExpectedReceipt, Location]:
    """Lock one that is open; raises NotFound, VersionConflict, ActionNotAllowed."""
    row = lock_expected(tx, [expected_id]).get(expected_id)
    if row is None or not tx.actor.sees_location(row.location_id):
        raise NotFound(UNSEEN)
    check_version("expected receipt", row.version, version)
    if row.state != "open":
        detail = (
            "All of it has come. Book what turns up now as a receipt of its own."
            if row.state == "received"
            else "It was closed: nothing more was to come. Expect it anew."
        )
        raise ActionNotAllowed(detail, extra={"allowed_actions": []})
    return row, reference(tx).locations_by_id[row.location_id]


def read_expected_state(tx: Tx, expected_id: UUID) -> ExpectedStock:
    """One as it is; raises NotFound."""
    row = read_expected(tx, expected_id)
    if row is None or not tx.actor.sees_location(row.location_id):
        raise NotFound(UNSEEN)
    return tell_expected(tx, [row])[0]


def tell_expected(tx: Tx, rows: Sequence[ExpectedReceipt]) -> list[ExpectedStock]:
    """Rows with the codes of their locations and the SKUs of their items."""
    places = reference(tx).locations_by_id
    ids = {row.item_id for row in rows}
    items = {UUID(item.id): item for item in send_facts(tx, ids)} if ids else {}
    coming = Counter(stream_id for _stream, stream_id, _event in tx.events)
    may = "inventory.write" in tx.actor.permissions
    return [
        ExpectedStock(
            id=row.id,
            location=places[row.location_id].code,
            item_id=row.item_id,
            sku=items[row.item_id].sku,
            name=items[row.item_id].name,
            qty=row.qty,
            received=row.received,
            open=row.open,
            over=max(0, row.received - row.qty),
            expected_on=row.expected_on,
            reference=row.reference,
            state=row.state,
            overdue=row.state == "open" and row.expected_on < _today(tx, places[row.location_id]),
            created_at=row.created_at,
            ended_at=row.ended_at,
            version=row.version + coming[row.id],
            allowed_actions=["change", "receive", "close"] if may and row.state == "open" else [],
        )
        for row in rows
    ]
