"""Cycle count: items of a location are counted one by one while work goes on; small differences
are booked at once, larger ones by somebody else."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from ordito.catalog.items import send_facts
from ordito.catalog.types import ItemFacts
from ordito.flows.binned_places import find_bin_faults
from ordito.flows.count_readings import Count, Reading
from ordito.flows.count_stock import book_count
from ordito.flows.cycle_count_states import open_sheet, read_cycle_count
from ordito.flows.reference import reference
from ordito.inventory.bin_stock import read_contents
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
    exceeds,
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


class _TooDifferent(Exception):
    """A difference above the location's limit: nothing is booked before somebody approves."""

    def __init__(self, difference: int) -> None:
        super().__init__(difference)
        self.difference = difference


@command(permission="inventory.write")
def enter_cycle_count(tx: Tx, ask: EnterCycleCount) -> CycleCount:
    """Take what was counted of an item: compared with the shelf as the record has it in this
    moment, so that picking, receiving and shipping may go on."""
    sheet = open_sheet(tx, ask.count_id, "enter")
    line, item = _find_line(tx, sheet, ask.sku, "open")
    limit = read_limit(tx, sheet.location_id)
    price = _price_of(item, limit)
    difference = 0
    by_bin: dict[str, int] = {}
    counted = _require_counted(tx, sheet, ask)

    def compare(cell: Cell) -> int:
        nonlocal difference
        # A count that waits for an order's lock looks again.
        by_bin.clear()
        by_bin.update(_compare_bins(tx, cell, ask.bins))
        difference = sum(by_bin.values()) if ask.bins else counted - shelf_of(cell)
        if exceeds(limit, difference, price):
            raise _TooDifferent(difference)
        return cell.on_hand + difference

    count = _count(tx, sheet, Reading(item, compare, bins=by_bin))
    document_id: UUID | None = count.id
    try:
        book_count(tx, count)
        outcome = "booked" if difference else "matched"
    except _TooDifferent as found:
        difference, document_id, outcome = found.difference, None, "waiting"
    changed = msgspec.structs.replace(
        line,
        state="done" if document_id else "waiting",
        counted=counted,
        difference=difference,
        bin_differences=dict(by_bin) if ask.bins else None,
        counted_at=tx.now,
        counted_by=tx.actor.id,
        document_id=document_id,
    )
    tx.emit(CYCLE_COUNT, sheet.id, CycleItemCounted(item.id, line.round, counted, outcome))
    return _write(tx, sheet, changed)


def _require_counted(tx: Tx, sheet: Sheet, ask: EnterCycleCount) -> int:
    """Units that were counted in all; raises InvalidInput when that isn't said, and for bins that
    there are not, or where no bin stock is kept."""
    faults = []
    if (ask.counted is None) == (not ask.bins):
        detail = "Say how many were counted in all, or in which bins; not both."
        faults.append(Fault("/counted", "required", detail))
    if ask.bins and sheet.location_id not in reference(tx).binned:
        detail = "The location keeps no bin stock; say how many were counted in all."
        faults.append(Fault("/bins", "no-bin-stock", detail))
    named = {f"/bins/{code}": code for code in ask.bins}
    faults += find_bin_faults(tx, sheet.location_id, named)
    if faults:
        raise InvalidInput("Nothing was counted.", errors=faults)
    return ask.counted if ask.counted is not None else sum(ask.bins.values())


def _compare_bins(tx: Tx, cell: Cell, counted: Mapping[str, int]) -> dict[str, int]:
    """What bins of a locked cell have more or less than their record."""
    if not counted:
        return {}
    contents = read_contents(tx, [(str(cell.item_id), str(cell.location_id))])
    recorded = {row.bin: row.qty for row in contents}
    differences = {code: there - recorded.get(code, 0) for code, there in counted.items()}
    return {code: difference for code, difference in differences.items() if difference}


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

    count = _count(tx, sheet, Reading(item, add, bins=line.bin_differences or {}))
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
