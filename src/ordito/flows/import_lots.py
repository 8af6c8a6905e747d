"""Lots that rows of files name: as asks have them, on record, and faults in words of columns."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items_by_sku
from ordito.catalog.tracked_items import TrackedItem, read_tracked
from ordito.flows.import_fields import RowValues
from ordito.flows.import_groups import refuse_by
from ordito.flows.lot_codes import LotCode, LotCodes
from ordito.flows.reference import reference
from ordito.inventory.lot_book import read_lot_cells
from ordito.inventory.lots import Lot, find_lots
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput
from ordito.uploads.types import RowFault, RowResult

LINES_AND_N = 3
"""Parts of a pointer such as /lines/3: "", lines, 3."""


def code_of(row: RowValues) -> str:
    """The lot or serial number of a row, as it is written; "" for none."""
    return str(row.values.get("serial") or row.values.get("lot") or "")


def refuse_two(row: RowValues) -> RowResult | None:
    """A row names a lot or a serial number: an item is kept by one of them."""
    if "serial" not in row.values or "lot" not in row.values:
        return None
    detail = "An item is kept by lots or by serial numbers: leave one of the two cells empty."
    return refuse_by(row.n, "two-lots", detail, "serial")


def lots_of(row: RowValues, units_name: str, units: int) -> list[dict[str, Any]]:
    """The row's lot as an ask has it; none where it names none."""
    if not code_of(row):
        return []
    lot = {"lot": code_of(row), units_name: units}
    return [lot | ({"expires_on": day} if (day := row.values.get("expires_on")) else {})]


class LotsOnRecord:
    """The lots that rows name and what is on hand of each where the row says."""

    def __init__(self, tx: Tx, rows: Sequence[RowValues]) -> None:
        rows = [row for row in rows if code_of(row)]
        items = read_items_by_sku(tx, {normal_code(row.values["sku"]) for row in rows})
        self._item_ids = {key: str(item.id) for key, item in items.items()}
        self._tracked: dict[str, TrackedItem] = read_tracked(tx, self._item_ids.values())
        self._codes = LotCodes(tx, {code_of(row) for row in rows})
        self._places = {code: str(p.id) for code, p in reference(tx).locations.items()}
        keys = {(id_, code.key) for row in rows for id_, code in [self._read(row)] if code}
        self._lots: Mapping[tuple[str, str], Lot] = find_lots(tx, keys) if keys else {}
        cells = {
            (item_id, self._places[row.values["location"]])
            for row in rows
            if (item_id := self._read(row)[0]) and row.values["location"] in self._places
        }
        self._on_hand: dict[tuple[UUID, str], int] = {
            (cell.lot_id, str(cell.location_id)): cell.on_hand
            for cell in (read_lot_cells(tx, cells) if cells else ())
        }

    def find(self, row: RowValues) -> Lot | None:
        """The lot of a row, if it is known."""
        item_id, code = self._read(row)
        return self._lots.get((item_id, code.key)) if code else None

    def on_hand(self, row: RowValues) -> int:
        """All that is on hand of the row's lot at its location."""
        lot = self.find(row)
        place = self._places.get(row.values["location"], "")
        return self._on_hand.get((lot.id, place), 0) if lot else 0

    def is_counted(self, row: RowValues) -> bool:
        """Whether so many are on hand already, of a lot that is known as the row says."""
        lot, on_hand, values = self.find(row), self.on_hand(row), row.values
        if lot is None or values.get("expires_on", lot.expires_on) != lot.expires_on:
            return False
        counted = values["counted"]
        return bool(on_hand == counted == values.get("expected", on_hand))

    def _read(self, row: RowValues) -> tuple[str, LotCode | None]:
        """The id of a row's item, and the lot that it names; none where it has none."""
        item_id = self._item_ids.get(normal_code(row.values["sku"]), "")
        item = self._tracked.get(item_id)
        return item_id, self._codes.find(code_of(row), item, "", []) if item else None


def blame_rows(problem: InvalidInput) -> InvalidInput:
    """The problem of a document whose first line has a lot of each row: each lot's faults are its
    row's, and those of the line are everybody's."""
    errors = []
    for fault in problem.errors:
        steps = fault.pointer.split("/")[LINES_AND_N:]
        if steps[:1] == ["lots"] and len(steps) > 1:
            pointer = "/".join(("", "lines", steps[1], "lots", "0", *steps[2:]))
            errors.append(Fault(pointer, fault.code, fault.detail))
        else:
            errors.append(fault)
    return InvalidInput(problem.detail, errors=errors)


def say_columns(rows: Sequence[RowValues], results: Sequence[RowResult]) -> list[RowResult]:
    """Results whose faults name the columns: lot, serial and expires_on."""
    row_of = {row.n: row for row in rows}
    return [
        msgspec.structs.replace(
            result, faults=[_say_column(row_of[result.n], fault) for fault in result.faults]
        )
        if result.faults
        else result
        for result in results
    ]


def _say_column(row: RowValues, fault: RowFault) -> RowFault:
    if fault.field not in ("lot", "lots"):
        return fault
    serial = "serial" in row.values
    detail = fault.detail
    if fault.field == "lots" and fault.code == "required":
        detail += " Fill the column lot or serial, and expires_on where it has a last day."
    return RowFault("serial" if serial else "lot", fault.code, detail)
