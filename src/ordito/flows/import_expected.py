"""Rows of what suppliers will bring into expected receipts, and back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items_by_sku
from ordito.flows.expect_stock import change_expected, close_expected, expect_all
from ordito.flows.import_fields import RowValues
from ordito.flows.import_groups import carry_out_group, refuse_by
from ordito.flows.reference import reference
from ordito.inventory.expected import ExpectedReceipt, find_announced
from ordito.inventory.expected_asks import ChangeExpected, CloseExpected, ExpectReceipt
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.uploads.types import DataImport, RowFault, RowResult, UploadRow

_FIELDS = ("quantity", "expected_on")


def bring_expected(tx: Tx, _job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Announce what the rows say; one that is announced already by its location, item and
    reference gets the row's day and quantity."""
    known = _find_known(tx, rows)
    results: list[RowResult] = []
    new: list[RowValues] = []
    for row in rows:
        if row.values["quantity"] < 1:
            detail = "One unit at least is expected; close it where nothing comes any more."
            results.append(refuse_by(row.n, "negative", detail, "quantity"))
        elif row.n in known:
            results += carry_out_group(tx, [row], lambda g: [_change(tx, g[0], known[g[0].n])])
        else:
            new.append(row)
    return results + carry_out_group(tx, new, lambda group: _announce(tx, group))


def _find_known(tx: Tx, rows: Sequence[RowValues]) -> dict[int, ExpectedReceipt]:
    """Row → the open one that it is about."""
    items = read_items_by_sku(tx, {normal_code(row.values["sku"]) for row in rows})
    places = reference(tx).locations
    open_ = {
        (one.item_id, one.location_id, one.reference): one
        for one in find_announced(tx, [item.id for item in items.values()])
        if tx.actor.sees_location(one.location_id)
    }
    found = {}
    for row in rows:
        item = items.get(normal_code(row.values["sku"]))
        place = places.get(row.values["location"])
        if item and place:
            one = open_.get((item.id, place.id, row.values["reference"]))
            if one is not None:
                found[row.n] = one
    return found


def _announce(tx: Tx, rows: Sequence[RowValues]) -> list[RowResult]:
    names = ("location", "sku", "quantity", "expected_on", "reference")
    asks = [
        msgspec.convert({name: row.values[name] for name in names}, ExpectReceipt) for row in rows
    ]
    made = expect_all(tx, asks)
    return [
        RowResult(row.n, "new", {"expected": (0, one.qty)}, thing_id=one.id)
        for row, one in zip(rows, made, strict=True)
    ]


def _change(tx: Tx, row: RowValues, one: ExpectedReceipt) -> RowResult:
    before: dict[str, Any] = {"quantity": one.qty, "expected_on": one.expected_on.isoformat()}
    after = {"quantity": row.values["quantity"],
             "expected_on": row.values["expected_on"].isoformat()}  # fmt: skip
    changes = {n: (before[n], after[n]) for n in _FIELDS if before[n] != after[n]}
    if not changes:
        return RowResult(row.n, "same", thing_id=one.id)
    change_expected(tx, _ask(one.id, after))
    return RowResult(row.n, "changed", changes, thing_id=one.id)


def _ask(expected_id: UUID, fields: dict[str, Any]) -> ChangeExpected:
    return msgspec.convert({"expected_id": str(expected_id)} | fields, ChangeExpected)


def undo_expected(
    tx: Tx, _job: DataImport, rows: Sequence[tuple[UploadRow, RowValues]]
) -> list[RowResult]:
    """Close what the import announced, and give what it changed its day and quantity back."""
    results = []
    for row, read in rows:
        if not row.changes or row.thing_id is None:
            results.append(RowResult(row.n, "undone"))
            continue
        (told,) = carry_out_group(tx, [read], lambda _g, r=row: [_take_back(tx, r)])  # type: ignore[misc]
        if told.outcome == "faulty":
            faults = [RowFault("", f.code, f.detail) for f in told.faults or ()] or None
            told = RowResult(row.n, "kept", row.changes, faults, row.thing_id)
        results.append(told)
    return results


def _take_back(tx: Tx, row: UploadRow) -> RowResult:
    assert row.thing_id is not None, "caller drops rows that changed nothing"
    assert row.changes, "caller drops rows that changed nothing"
    if "expected" in row.changes:
        close_expected(tx, CloseExpected(expected_id=row.thing_id))
    else:
        change_expected(
            tx, _ask(row.thing_id, {name: pair[0] for name, pair in row.changes.items()})
        )
    return RowResult(row.n, "undone", row.changes, thing_id=row.thing_id)
