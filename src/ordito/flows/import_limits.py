"""Rows of stock limits: from when on an item is low, or too much of it lies somewhere."""

from collections.abc import Sequence
from uuid import UUID

from ordito.catalog.items import read_items_by_sku
from ordito.flows.import_fields import RowValues
from ordito.flows.import_groups import carry_out_group, plain, refuse_by
from ordito.flows.limit_stock import set_stock_limits
from ordito.flows.reference import reference
from ordito.inventory.limits import LimitLine, SetStockLimits, StockLimit, read_limits
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.uploads.types import DataImport, RowResult

_MOST = {"low_units": 1_000_000, "low_days": 1_000_000, "over_days": 3650}
"""The largest number of each column."""


def bring_limits(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Set limits of items, at a location or at each; what a row doesn't say stays."""
    results: list[RowResult] = []
    sound: list[RowValues] = []
    for row in rows:
        if "low_units" in row.values and "low_days" in row.values:
            detail = "It is low by units or by days: leave one of the two empty."
            results.append(refuse_by(row.n, "two-limits", detail, "low_days"))
        elif beyond := [n for n, most in _MOST.items() if not 0 <= row.values.get(n, 0) <= most]:
            detail = f"It is a number from 0 to {_MOST[beyond[0]]:,}."
            results.append(refuse_by(row.n, "out-of-range", detail, beyond[0]))
        else:
            sound.append(row)
    return results + carry_out_group(tx, sound, lambda group: _set(tx, group))


def _set(tx: Tx, rows: Sequence[RowValues]) -> list[RowResult]:
    before = _read_before(tx, rows)
    lines = [_line(row, before.get(row.n)) for row in rows]
    set_stock_limits(tx, SetStockLimits(limits=tuple(lines)))
    return [_tell(row.n, before.get(row.n), line) for row, line in zip(rows, lines, strict=True)]


def _read_before(tx: Tx, rows: Sequence[RowValues]) -> dict[int, StockLimit]:
    """The limits that there are already, by the rows' numbers."""
    items = read_items_by_sku(tx, {normal_code(row.values["sku"]) for row in rows})
    places = reference(tx).locations
    keys: dict[int, tuple[UUID | None, UUID | None, bool]] = {}
    for row in rows:
        item = items.get(normal_code(row.values["sku"]))
        code = row.values.get("location")
        place = places.get(code) if code else None
        if item is not None and (place is not None or not code):
            keys[row.n] = (item.id, place.id if place else None, False)
    found = {limit.key: limit for limit in read_limits(tx, list(set(keys.values())))}
    return {n: found[key] for n, key in keys.items() if key in found}


def _line(row: RowValues, before: StockLimit | None) -> LimitLine:
    values = row.values
    low_by, low_at = (before.low_by, before.low_at) if before else (None, None)
    if "low_units" in values:
        low_by, low_at = "units", values["low_units"]
    elif "low_days" in values:
        low_by, low_at = "days", values["low_days"]
    # Nothing is too much after no days at all: a nought takes the limit away.
    over = values.get("over_days", before.over_days if before else None) or None
    return LimitLine(
        sku=values["sku"],
        location=values.get("location") or None,
        low_by=low_by,
        low_at=low_at,
        over_days=over,
    )


def _tell(n: int, before: StockLimit | None, line: LimitLine) -> RowResult:
    names = ("low_by", "low_at", "over_days")
    changes = {
        name: (plain(getattr(before, name, None)), plain(getattr(line, name)))
        for name in names
        if getattr(before, name, None) != getattr(line, name)
    }
    if not changes:
        return RowResult(n, "same")
    return RowResult(n, "changed" if before else "new", changes)
