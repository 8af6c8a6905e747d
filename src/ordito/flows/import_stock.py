"""Rows of counts and receipts into the stock ledger, and back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items_by_sku
from ordito.flows.adjust_stock import adjust_stock
from ordito.flows.count_stock import count_stock
from ordito.flows.import_fields import RowValues
from ordito.flows.import_groups import carry_out_group, refuse_by
from ordito.flows.import_lots import (
    LotsOnRecord,
    blame_rows,
    code_of,
    lots_of,
    refuse_two,
    say_columns,
)
from ordito.flows.receive_stock import receive_stock
from ordito.flows.reference import reference
from ordito.inventory.asks import AdjustLine, AdjustStock, CountLine, CountStock, ReceiveStock
from ordito.inventory.events import StockCounted
from ordito.inventory.levels import read_levels
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput
from ordito.uploads.types import DataImport, RowFault, RowResult, UploadRow


class _Levels:
    """Items of rows by SKU, and what is on hand of them now."""

    def __init__(self, tx: Tx, rows: Sequence[RowValues]) -> None:
        known = read_items_by_sku(tx, {normal_code(row.values["sku"]) for row in rows})
        self._items = {key: item.id for key, item in known.items()}
        self._stocked = {item.id for item in known.values() if item.kind == "stocked"}
        self._places = {
            code: place.id
            for code, place in reference(tx).locations.items()
            if tx.actor.sees_location(place.id)
        }
        levels = read_levels(tx, self._items.values())
        self._on_hand = {(one.item_id, one.location_id): one.on_hand for one in levels}

    def item(self, row: RowValues) -> UUID | None:
        return self._items.get(normal_code(row.values["sku"]))

    def is_counted(self, row: RowValues) -> bool:
        """Whether that many are on hand already, and as many as the row expects."""
        place, item = self._places.get(row.values["location"]), self.item(row)
        if place is None or item not in self._stocked:
            return False
        on_hand = self._on_hand.get((item, place), 0)
        counted = row.values["counted"]
        return bool(on_hand == counted == row.values.get("expected", on_hand))


def bring_counts(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Make the record what the rows say; where `expected` is said, only if that is on hand."""
    levels, lots = _Levels(tx, rows), LotsOnRecord(tx, rows)
    results: list[RowResult] = []
    by_place: dict[str, list[RowValues]] = {}
    by_item: dict[tuple[str, str], list[RowValues]] = {}
    for row in rows:
        values, two = row.values, refuse_two(row)
        if two is not None:
            results.append(two)
        elif values["counted"] < 0 or values.get("expected", 0) < 0:
            results.append(refuse_by(row.n, "negative", "A count is 0 or more.", "counted"))
        elif (lots if code_of(row) else levels).is_counted(row):
            results.append(RowResult(row.n, "same", thing_id=levels.item(row)))
        elif code_of(row):
            key = values["location"], normal_code(values["sku"])
            by_item.setdefault(key, []).append(row)
        else:
            by_place.setdefault(values["location"], []).append(row)
    for place, group in sorted(by_place.items()):
        results += carry_out_group(tx, group, lambda g, p=place: _count(tx, job, p, g, levels))  # type: ignore[misc]
    for _key, group in sorted(by_item.items()):
        results += carry_out_group(tx, group, lambda g: _count_lots(tx, job, g, levels, lots))
    return say_columns(rows, results)


def _count_lots(
    tx: Tx,
    job: DataImport,
    rows: Sequence[RowValues],
    levels: _Levels,
    on_record: LotsOnRecord,
) -> list[RowResult]:
    """Lots of one item at one place; those that no row names stay as they are."""
    lots = [_counted_lot(row, row.values["counted"], row.values.get("expected")) for row in rows]
    _book_lots(tx, rows[0], lots, note_of(job))
    return [
        _changed(row, levels.item(row), on_record.on_hand(row), row.values["counted"])
        for row in rows
    ]


def _counted_lot(row: RowValues, counted: int, expected: int | None) -> dict[str, Any]:
    (lot,) = lots_of(row, "counted", counted)
    return lot | {"expected": expected}


def _book_lots(tx: Tx, row: RowValues, lots: Sequence[dict[str, Any]], note: str) -> None:
    """Count lots of a row's item at its place; what is wrong with one is its own row's fault."""
    line = {
        "sku": row.values["sku"],
        "counted": sum(lot["counted"] for lot in lots),
        "expected": None,
        "lots": lots,
        "other_lots_stay": True,
    }
    body = {"location": row.values["location"], "lines": [line], "note": note}
    try:
        count_stock(tx, msgspec.convert(body, CountStock))
    except InvalidInput as problem:
        raise blame_rows(problem) from None


def _count(
    tx: Tx, job: DataImport, place: str, rows: Sequence[RowValues], levels: _Levels
) -> list[RowResult]:
    lines = tuple(
        CountLine(
            sku=row.values["sku"],
            counted=row.values["counted"],
            expected=row.values.get("expected"),
        )
        for row in rows
    )
    count_stock(tx, CountStock(location=place, lines=lines, note=note_of(job)))
    told = next(e for _, _, e in reversed(tx.events) if isinstance(e, StockCounted))
    return [
        _changed(row, levels.item(row), before, after)
        for row, (_item, before, after) in zip(rows, told.lines, strict=True)
    ]


def _changed(row: RowValues, item_id: UUID | None, before: int, after: int) -> RowResult:
    if before == after:
        return RowResult(row.n, "same", thing_id=item_id)
    changes: dict[str, tuple[Any, Any]] = {"on_hand": (before, after)}
    return RowResult(row.n, "changed", changes, thing_id=item_id)


def note_of(job: DataImport) -> str:
    """The note of documents that an import makes: what the stock's history shows as the cause."""
    return f"Import of {job.file_name[:200]}"


def bring_receipts(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Book what came in: a receipt per place, reference and day."""
    levels = _Levels(tx, rows)
    results: list[RowResult] = []
    groups: dict[tuple[str, str, datetime | None], list[RowValues]] = {}
    for row in rows:
        values, two = row.values, refuse_two(row)
        if two is not None:
            results.append(two)
            continue
        if values["quantity"] < 1:
            detail = "One unit at least comes in; what goes out is an adjustment."
            results.append(refuse_by(row.n, "negative", detail, "quantity"))
            continue
        key = values["location"], values.get("reference", ""), values.get("received_at")
        groups.setdefault(key, []).append(row)
    for key, group in groups.items():
        results += carry_out_group(tx, group, lambda g, k=key: _receive(tx, job, k, g, levels))  # type: ignore[misc]
    return say_columns(rows, results)


def _receive(
    tx: Tx,
    job: DataImport,
    key: tuple[str, str, datetime | None],
    rows: Sequence[RowValues],
    levels: _Levels,
) -> list[RowResult]:
    place, reference_, received_at = key
    fields: dict[str, Any] = {
        "location": place,
        "lines": [
            {
                "sku": r.values["sku"],
                "quantity": r.values["quantity"],
                "lots": lots_of(r, "quantity", r.values["quantity"]),
            }
            for r in rows
        ],
        "reference": reference_ or job.file_name[:100],
        "received_at": received_at,
    }
    try:
        ask = msgspec.convert(fields, ReceiveStock)
    except msgspec.ValidationError as fault:
        return [refuse_by(row.n, "invalid", f"{fault}.") for row in rows]
    receive_stock(tx, ask)
    return [
        RowResult(
            row.n, "new", {"received": (0, row.values["quantity"])}, thing_id=levels.item(row)
        )
        for row in rows
    ]


def undo_counts(
    tx: Tx, job: DataImport, rows: Sequence[tuple[UploadRow, RowValues]]
) -> list[RowResult]:
    """Count back to what was on hand, where the count still stands."""

    note = f"Undone: {note_of(job)}"

    def book(group: Sequence[RowValues]) -> list[RowResult]:
        first, before = group[0], [row.values["before"] for row in group]
        if code_of(first):
            lot = _counted_lot(first, before[0], first.values["after"])
            _book_lots(tx, first, [lot], note)
            return [RowResult(first.n, "undone")]
        lines = tuple(
            CountLine(sku=r.values["sku"], counted=n, expected=r.values["after"])
            for r, n in zip(group, before, strict=True)
        )
        count_stock(tx, CountStock(location=first.values["location"], lines=lines, note=note))
        return [RowResult(row.n, "undone") for row in group]

    return _undo(tx, rows, "on_hand", book)


def undo_receipts(
    tx: Tx, job: DataImport, rows: Sequence[tuple[UploadRow, RowValues]]
) -> list[RowResult]:
    """Take away what came in, where it is still free."""

    def book(group: Sequence[RowValues]) -> list[RowResult]:
        lines = tuple(
            msgspec.convert(
                {
                    "sku": r.values["sku"],
                    "quantity": -r.values["after"],
                    "lots": lots_of(r, "quantity", r.values["after"]),
                },
                AdjustLine,
            )
            for r in group
        )
        place = group[0].values["location"]
        note = f"Undone: {note_of(job)}"
        ask = AdjustStock(location=place, reason="correction", lines=lines, note=note)
        adjust_stock(tx, ask)
        return [RowResult(row.n, "undone") for row in group]

    return _undo(tx, rows, "received", book)


def _undo(
    tx: Tx, rows: Sequence[tuple[UploadRow, RowValues]], field: str, book: Any
) -> list[RowResult]:
    # Each lot by itself, since its row alone is to blame for what is wrong with it.
    by_place: dict[tuple[str, int], list[RowValues]] = {}
    results: list[RowResult] = []
    told = {row.n: row for row, _ in rows}
    for row, read in rows:
        if not row.changes:
            results.append(RowResult(row.n, "undone"))
            continue
        before, after = row.changes[field]
        values = read.values | {"before": before, "after": after}
        back = RowValues(row.n, row.line, values)
        alone = row.n if code_of(back) else -1
        by_place.setdefault((values["location"], alone), []).append(back)
    for _place, group in sorted(by_place.items()):
        results += carry_out_group(tx, group, book)
    return [_as_undone(result, told[result.n]) for result in results]


def _as_undone(result: RowResult, row: UploadRow) -> RowResult:
    """A refusal of an undo leaves what the import did."""
    faults = [RowFault("", f.code, f.detail) for f in result.faults or ()] or None
    outcome = "kept" if result.outcome == "faulty" else "undone"
    return RowResult(row.n, outcome, row.changes, faults, row.thing_id)  # type: ignore[arg-type]
