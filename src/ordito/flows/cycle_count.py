"""Cycle count: items of a location are counted one by one while work goes on; small differences
are booked at once, larger ones by somebody else."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from ordito.catalog.items import send_facts
from ordito.catalog.tracked_items import lock_tracking
from ordito.catalog.types import ItemFacts
from ordito.flows.count_readings import Count, Reading
from ordito.flows.count_stock import book_count
from ordito.flows.cycle_count_states import open_sheet, read_cycle_count
from ordito.flows.reference import reference
from ordito.flows.shelf_counts import CountedItem, ShelfCount, TooDifferent, add_differences
from ordito.inventory.cycle_count_asks import (
    ApproveDifference,
    AskRecount,
    CountLimit,
    CycleCount,
    EndCycleCount,
    EnterCycleCount,
)
from ordito.inventory.cycle_count_events import (
    CycleCountEnded,
    CycleDifferenceApproved,
    CycleItemCounted,
    CycleRecountAsked,
)
from ordito.inventory.cycle_counts import (
    CYCLE_COUNT,
    Sheet,
    SheetLine,
    finish_sheet,
    read_limit,
    shelf_of,
    skip_open,
    write_line,
)
from ordito.inventory.problems import CountTooLow
from ordito.inventory.types import Cell
from ordito.kernel.ids import new_id
from ordito.kernel.money import to_minor
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput


class _Found(NamedTuple):
    line: SheetLine
    item: ItemFacts


@command(permission="inventory.write")
def enter_cycle_count(tx: Tx, ask: EnterCycleCount) -> CycleCount:
    """Take what was counted of an item: compared with the shelf as the record has it in this
    moment, so that picking, receiving and shipping may go on."""
    sheet = open_sheet(tx, ask.count_id, "enter")
    line, item = _find_line(tx, sheet, ask.sku, "open")
    limit = read_limit(tx, sheet.location_id)
    # As it is until the end: lots can't begin or end between the comparison and the booking.
    tracked = lock_tracking(tx, [item.id]).get(item.id)
    price = _price_of(item, limit)
    found = CountedItem(item, sheet.location_id, tracked, limit, price, sheet.blind)
    compared = ShelfCount(tx, found, ask)
    count = _count(tx, sheet, compared.reading())
    document_id: UUID | None = count.id
    try:
        book_count(tx, count)
        outcome = "booked" if compared.difference or compared.by_lot else "matched"
    except TooDifferent:
        document_id, outcome = None, "waiting"
    changed = msgspec.structs.replace(
        line,
        state="done" if document_id else "waiting",
        counted=compared.counted,
        difference=compared.difference,
        bin_differences=dict(compared.by_bin) if ask.bins else None,
        lot_differences=compared.lot_differences(),
        counted_at=tx.now,
        counted_by=tx.actor.id,
        document_id=document_id,
    )
    event = CycleItemCounted(item.id, line.round, compared.counted, outcome)
    tx.emit(CYCLE_COUNT, sheet.id, event)
    return _write(tx, sheet, changed)


@command(permission="inventory.approve")
def approve_difference(tx: Tx, ask: ApproveDifference) -> CycleCount:
    """Book a difference that waits. What moved since it was counted is in the record: the
    difference still is one."""
    sheet = open_sheet(tx, ask.count_id, "approve")
    line, item = _find_line(tx, sheet, ask.sku, "waiting")
    if line.counted_by == tx.actor.id:
        raise ActionNotAllowed(
            "Somebody else than who counted has to approve it. You can have it counted again.",
            extra={"allowed_actions": ["recount"]},
        )
    difference = line.difference or 0

    def add(cell: Cell) -> int:
        if shelf_of(cell) + difference < 0:
            raise CountTooLow(
                f"{item.sku}: {-difference} are missing by the count, and {shelf_of(cell)} are"
                " left on the shelf by now. Have it counted again.",
                extra={"sku": item.sku, "shelf": shelf_of(cell), "difference": difference},
            )
        return cell.on_hand + difference

    lots = {UUID(id_): pieces for id_, pieces in (line.lot_differences or {}).items()}
    # Of an item that isn't kept by lots any more, the number alone counts.
    by_lots = lots and lock_tracking(tx, [item.id])
    by_bin, bins = line.bin_differences is not None, line.bin_differences or {}
    find_lots = add_differences(tx, item, lots, by_bin=by_bin) if by_lots else None
    count = _count(tx, sheet, Reading(item, add, find_lots=find_lots, bins=bins))
    book_count(tx, count)
    tx.emit(CYCLE_COUNT, sheet.id, CycleDifferenceApproved(item.id, difference))
    return _write(tx, sheet, msgspec.structs.replace(line, state="done", document_id=count.id))


@command(permission="inventory.approve")
def ask_recount(tx: Tx, ask: AskRecount) -> CycleCount:
    """Have an item counted again; nothing of its difference is booked."""
    sheet = open_sheet(tx, ask.count_id, "recount")
    line, item = _find_line(tx, sheet, ask.sku, "waiting")
    event = CycleRecountAsked(item.id, line.counted or 0, line.difference or 0, ask.note)
    tx.emit(CYCLE_COUNT, sheet.id, event)
    again = msgspec.structs.replace(
        line,
        state="open",
        round=line.round + 1,
        counted=None,
        difference=None,
        bin_differences=None,
        lot_differences=None,
        counted_at=None,
        counted_by=None,
    )
    return _write(tx, sheet, again)


@command(permission="inventory.write")
def end_cycle_count(tx: Tx, ask: EndCycleCount) -> CycleCount:
    """Leave out what has not been counted; differences that wait go on waiting."""
    sheet = open_sheet(tx, ask.count_id, "end", ask.version)
    skipped = skip_open(tx, sheet.id)
    tx.emit(CYCLE_COUNT, sheet.id, CycleCountEnded(skipped))
    if not any(line.state == "waiting" for line in sheet.lines):
        finish_sheet(tx, sheet.id, tx.now)
    return _tell(tx, sheet)


def _count(tx: Tx, sheet: Sheet, reading: Reading) -> Count:
    location = reference(tx).locations_by_id[sheet.location_id]
    return Count(new_id(), location, (reading,), f"#{sheet.number}")


def _find_line(tx: Tx, sheet: Sheet, sku: str, state: str) -> _Found:
    """The line of an item, at a state; raises InvalidInput, ActionNotAllowed."""
    key = normal_code(sku)
    facts = {item.sku_key: item for item in send_facts(tx, _ids(sheet.lines))}
    if key not in facts:
        fault = Fault("/sku", "unknown-line", f"“{sku}” is not in this count.")
        raise InvalidInput("Nothing was changed.", errors=[fault])
    item = facts[key]
    line = next(line for line in sheet.lines if str(line.item_id) == item.id)
    if line.state != state:
        words = {
            "done": "It was counted already.",
            "waiting": "It was counted, and its difference waits for approval.",
            "open": "It has not been counted yet.",
            "skipped": "It was left out when the count was ended.",
        }
        raise ActionNotAllowed(f"{item.sku}: {words[line.state]}", extra={"state": line.state})
    return _Found(line, item)


def _ids(lines: Iterable[SheetLine]) -> list[UUID]:
    return [line.item_id for line in lines]


def _price_of(item: ItemFacts, limit: CountLimit | None) -> int | None:
    """The price of a unit in minor units of the limit's currency, if it has one."""
    if limit is None or limit.currency not in item.prices:
        return None
    return to_minor(Decimal(item.prices[limit.currency]), limit.currency)


def _write(tx: Tx, sheet: Sheet, line: SheetLine) -> CycleCount:
    """Write a line; the last one ends the count."""
    write_line(tx, sheet.id, line)
    others = [each.state for each in sheet.lines if each.line_no != line.line_no]
    if not {"open", "waiting"} & {line.state, *others}:
        finish_sheet(tx, sheet.id, tx.now)
    return _tell(tx, sheet)


def _tell(tx: Tx, sheet: Sheet) -> CycleCount:
    """The count after one event was told of it."""
    return msgspec.structs.replace(read_cycle_count(tx, sheet.id), version=sheet.version + 1)
