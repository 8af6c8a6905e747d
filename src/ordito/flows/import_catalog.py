"""Rows of items, prices and kits into the catalogue, and back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.catalog import items
from ordito.catalog.events import ItemChanged, ItemCreated
from ordito.catalog.types import Item, UpsertedItem, UpsertItem, UpsertItems
from ordito.flows.import_fields import RowValues, prices_of
from ordito.flows.import_groups import plain, refuse, refuse_by
from ordito.flows.manage_items import upsert_items
from ordito.inventory.levels import find_kept
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.uploads.types import DataImport, RowFault, RowResult, UploadRow

_NONE = UUID(int=0)
_PLAIN = ("sku", "name", "kind", "weight_g", "length_mm", "width_mm", "height_mm", "active")


def bring_items(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Create or change items by SKU; what a row doesn't say stays."""
    return _upsert(tx, rows, [_item(row.values, job.options.currency) for row in rows])


def _item(values: dict[str, Any], currency: str) -> dict[str, Any]:
    fields = {name: values[name] for name in _PLAIN if name in values}
    if "barcode" in values:
        fields["barcodes"] = list(dict.fromkeys(values["barcode"]))
    prices = prices_of(values, currency)
    return fields | ({"prices": prices} if prices else {})


def bring_prices(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Set prices of items that exist."""
    keys = [normal_code(row.values["sku"]) for row in rows]
    known = items.read_items_by_sku(tx, keys)
    results: list[RowResult] = []
    kept: list[RowValues] = []
    for row, key in zip(rows, keys, strict=True):
        if key in known:
            kept.append(row)
        else:
            detail = f"There is no item “{row.values['sku']}”; create it first, or correct the SKU."
            results.append(refuse_by(row.n, "unknown-sku", detail, "sku"))
    fields = [
        {"sku": row.values["sku"], "prices": prices_of(row.values, job.options.currency)}
        for row in kept
    ]
    return results + _upsert(tx, kept, fields)


def _upsert(tx: Tx, rows: Sequence[RowValues], fields: Sequence[dict[str, Any]]) -> list[RowResult]:
    results: list[RowResult] = []
    asks: list[tuple[RowValues, UpsertItem]] = []
    for row, said in zip(rows, fields, strict=True):
        try:
            asks.append((row, msgspec.convert(said, UpsertItem)))
        except msgspec.ValidationError as fault:
            results.append(refuse_by(row.n, "invalid", f"{fault}."))
    if not asks:
        return results
    mark = len(tx.events)
    done = upsert_items(tx, UpsertItems(items=tuple(ask for _, ask in asks))).results
    told = {id_: event for _, id_, event in tx.events[mark:]}
    return results + [
        _result(row.n, one, told.get(one.id or _NONE), said=plain(ask))
        for (row, ask), one in zip(asks, done, strict=True)
    ]


def _result(n: int, done: UpsertedItem, event: Any, *, said: dict[str, Any]) -> RowResult:
    if done.problem is not None:
        return refuse(n, done.problem)
    changes: dict[str, tuple[Any, Any]] = {}
    if isinstance(event, ItemChanged):
        changes = {name: (plain(old), plain(new)) for name, (old, new) in event.changes.items()}
    elif isinstance(event, ItemCreated):
        changes = {name: (None, value) for name, value in said.items()}
    outcome = {"created": "new", "changed": "changed", "unchanged": "same"}[done.outcome]
    return RowResult(n, outcome, changes or None, thing_id=done.id)  # type: ignore[arg-type]


def bring_kits(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Make kits of the parts that their rows name: a row per part, a kit's rows all together."""
    of_kit: dict[str, list[RowValues]] = {}
    for row in rows:
        of_kit.setdefault(normal_code(row.values["kit"]), []).append(row)
    heads = [group[0] for group in of_kit.values()]
    results = {r.n: r for r in _upsert(tx, heads, [_kit(group) for group in of_kit.values()])}
    told: list[RowResult] = []
    for group in of_kit.values():
        result = results[group[0].n]
        told += [_of_part(result, row, at) for at, row in enumerate(group)]
    return told


def _kit(group: Sequence[RowValues]) -> dict[str, Any]:
    name = next((row.values["name"] for row in group if "name" in row.values), None)
    parts = [{"sku": r.values["part"], "quantity": r.values["quantity"]} for r in group]
    fields = {"sku": group[0].values["kit"], "kind": "kit", "parts": parts}
    return fields | ({"name": name} if name else {})


def _of_part(result: RowResult, row: RowValues, at: int) -> RowResult:
    """What became of a part's row: a kit is taken whole, its changes are told once."""
    if at == 0:
        return msgspec.structs.replace(result, n=row.n)
    return RowResult(row.n, result.outcome, faults=result.faults, thing_id=result.thing_id)


def undo_items(tx: Tx, job: DataImport, rows: Sequence[UploadRow]) -> list[RowResult]:
    """Give items back what they were, where nobody changed them since; new ones go off sale."""
    items.lock_catalog(tx)
    ids = [row.thing_id for row in rows if row.thing_id is not None]
    known = items.read_items(tx, ids)
    kept = find_kept(tx, ids)
    results: list[RowResult] = []
    asks: list[tuple[UploadRow, UpsertItem]] = []
    for row in rows:
        item = known.get(row.thing_id) if row.thing_id else None
        if not row.changes or item is None:
            results.append(_left(row, "undone"))
        elif why := _find_hindrance(row, item, kept):
            results.append(_left(row, "kept", why))
        else:
            asks.append((row, _reversal(row, item)))
    if asks:
        done = upsert_items(tx, UpsertItems(items=tuple(ask for _, ask in asks))).results
        for (row, _ask), one in zip(asks, done, strict=True):
            refused = refuse(row.n, one.problem) if one.problem else None
            results.append(
                msgspec.structs.replace(_left(row, "kept"), faults=refused.faults)
                if refused
                else _left(row, "undone")
            )
    return results


def _left(row: UploadRow, outcome: Any, why: str = "") -> RowResult:
    faults = [RowFault("", "not-undone", why)] if why else None
    return RowResult(row.n, outcome, row.changes, faults, row.thing_id)


def _was_new(changes: dict[str, tuple[Any, Any]]) -> bool:
    return "sku" in changes and changes["sku"][0] is None


def _find_hindrance(row: UploadRow, item: Item, kept: set[UUID]) -> str:
    """Why an item can't go back to what it was; "" when it can."""
    assert row.changes is not None, "caller leaves rows without changes out"
    if _was_new(row.changes):
        if item.id in kept:
            return f"Stock has been kept of {item.sku} since; take it off sale by hand."
        changed = item.version != 1
        return f"{item.sku} was changed since; look at it by hand." if changed else ""
    now = plain(item)
    others = [name for name, (_, after) in row.changes.items() if now.get(name) != after]
    if others:
        return f"{item.sku}: {', '.join(others)} changed again since; put it right by hand."
    return ""


def _reversal(row: UploadRow, item: Item) -> UpsertItem:
    """The ask that gives an item back what it was."""
    assert row.changes is not None, "caller leaves rows without changes out"
    if _was_new(row.changes):
        return UpsertItem(sku=item.sku, active=False)
    fields: dict[str, Any] = {"sku": item.sku}
    for name, (before, after) in row.changes.items():
        if name == "prices":
            fields[name] = dict.fromkeys(set(after) - set(before)) | before
        elif name == "parts":
            if before:
                fields[name] = [{"sku": p["sku"], "quantity": p["quantity"]} for p in before]
        else:
            fields[name] = before
    return msgspec.convert(fields, UpsertItem, strict=False)
