"""Rows of locations and of bins, one location after the other."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items_by_sku
from ordito.flows.import_fields import RowValues
from ordito.flows.import_groups import carry_out_group, plain, refuse_by
from ordito.flows.manage_locations import (
    create_location,
    set_bins,
    set_item_bins,
    update_location,
)
from ordito.kernel.text import normal_code
from ordito.locations.bins import read_bins, read_item_bins
from ordito.locations.events import LocationChanged
from ordito.locations.locations import read_locations
from ordito.locations.types import (
    BinAsk,
    CreateLocation,
    ItemBinsAsk,
    Location,
    SetBins,
    SetItemBins,
    UpdateLocation,
)
from ordito.platform.database import Tx
from ordito.uploads.types import DataImport, RowResult

_ADDRESS = ("country", "line1", "line2", "city", "region", "postal_code", "company")


def bring_locations(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Create or change locations by their codes; what a row doesn't say stays."""
    known = {place.code: place for place in read_locations(tx)}
    results: list[RowResult] = []
    for row in rows:
        before = known.get(row.values["code"])
        results += carry_out_group(tx, [row], lambda g, b=before: [_bring(tx, g[0], b)])  # type: ignore[misc]
    return results


def _bring(tx: Tx, row: RowValues, before: Location | None) -> RowResult:
    fields = {name: value for name, value in row.values.items() if name not in _ADDRESS}
    address = {name: row.values[name] for name in _ADDRESS if name in row.values}
    kind: Any = CreateLocation
    if before is not None:
        kind = UpdateLocation
        if address:
            fields["address"] = plain(before.address) | address
    else:
        code = row.values["code"]
        fields = {"name": code, "kind": "warehouse", "address": address} | fields
    try:
        ask = msgspec.convert(fields, kind)
    except msgspec.ValidationError as fault:
        return refuse_by(row.n, "invalid", f"{fault}.")
    mark = len(tx.events)
    if before is None:
        made = create_location(tx, ask).location
        told = {name: (None, plain(value)) for name, value in row.values.items()}
        return RowResult(row.n, "new", told, thing_id=made.id)
    after = update_location(tx, ask).location
    changes: dict[str, tuple[Any, Any]] = {}
    for _stream, _id, event in tx.events[mark:]:
        if isinstance(event, LocationChanged):
            changes |= {name: (plain(a), plain(b)) for name, (a, b) in event.changes.items()}
    if before.address != after.address:
        old, new = plain(before.address), plain(after.address)
        changes |= {n: (old.get(n), new.get(n)) for n in _ADDRESS if old.get(n) != new.get(n)}
    return RowResult(row.n, "changed" if changes else "same", changes or None, thing_id=before.id)


def bring_bins(tx: Tx, job: DataImport, rows: Sequence[RowValues]) -> list[RowResult]:
    """Add bins to locations and lay items into them; bins and places that are there stay."""
    places = {p.code: p for p in read_locations(tx) if tx.actor.sees_location(p.id)}
    results: list[RowResult] = []
    by_place: dict[str, list[RowValues]] = {}
    for row in rows:
        code = row.values["location"]
        if code in places:
            by_place.setdefault(code, []).append(row)
        else:
            detail = f"There is no location “{code}”, or you don't see it."
            results.append(refuse_by(row.n, "unknown-location", detail, "location"))
    for code, group in sorted(by_place.items()):
        results += _lay_out(tx, places[code], group)
    return results


def _lay_out(tx: Tx, place: Location, rows: Sequence[RowValues]) -> list[RowResult]:
    skus = {normal_code(row.values["sku"]) for row in rows if "sku" in row.values}
    items = {key: item.id for key, item in read_items_by_sku(tx, skus).items()}
    results = []
    sound = []
    for row in rows:
        sku = row.values.get("sku")
        asked = {"code": row.values["bin"], "walk_order": row.values.get("walk_order", 0)}
        try:
            msgspec.convert(asked, BinAsk)
        except msgspec.ValidationError as fault:
            results.append(refuse_by(row.n, "invalid", f"{fault}.", "bin"))
            continue
        if sku is not None and normal_code(sku) not in items:
            detail = f"There is no item “{sku}”; create it first, or correct the SKU."
            results.append(refuse_by(row.n, "unknown-sku", detail, "sku"))
        else:
            sound.append(row)
    return results + carry_out_group(tx, sound, lambda group: _write(tx, place, group, items))


def _write(
    tx: Tx, place: Location, rows: Sequence[RowValues], items: dict[str, UUID]
) -> list[RowResult]:
    walks = {one.code: one.walk_order for one in read_bins(tx, place.id)}
    lying: dict[UUID, set[str]] = {}
    for held in read_item_bins(tx, place.id, items.values()):
        lying.setdefault(held.item_id, set()).add(held.bin)
    wanted, told = dict(walks), []
    moved: dict[UUID, ItemBinsAsk] = {}
    for row in rows:
        values, changes = row.values, dict[str, tuple[Any, Any]]()
        code, walk = values["bin"], values.get("walk_order", wanted.get(values["bin"], 0))
        if wanted.get(code) != walk:
            changes["walk_order"] = (wanted.get(code), walk)
        wanted[code] = walk
        item = items[normal_code(values["sku"])] if "sku" in values else None
        if item is not None and code not in (own := lying.setdefault(item, set())):
            changes["bins"] = (sorted(own), sorted(own | {code}))
            own.add(code)
            moved[item] = ItemBinsAsk(sku=values["sku"], bins=tuple(sorted(own)))
        outcome = "same" if not changes else "changed" if code in walks else "new"
        told.append(RowResult(row.n, outcome, changes or None, thing_id=place.id))  # type: ignore[arg-type]
    bins = tuple(BinAsk(code=code, walk_order=walk) for code, walk in wanted.items())
    set_bins(tx, SetBins(location=place.code, bins=bins))
    if moved:
        set_item_bins(tx, SetItemBins(location=place.code, items=tuple(moved.values())))
    return told
