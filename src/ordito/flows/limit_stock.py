"""Limit stock: say from when on it is low, or lies for too long; everywhere or just somewhere."""

from collections.abc import Mapping
from uuid import UUID

from ordito.catalog.items import send_find_facts
from ordito.catalog.types import ItemFacts
from ordito.flows.reference import Reference, reference
from ordito.inventory.events import StockLimitsSet
from ordito.inventory.limits import (
    LIMITS_ID,
    STOCK_LIMITS,
    LimitLine,
    LimitsSet,
    SetStockLimits,
    StockLimit,
    put_limits,
    read_limits,
)
from ordito.kernel.text import normal_code
from ordito.platform.advisory_locks import wait_lock
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotPermitted


@command(permission="inventory.write")
def set_stock_limits(tx: Tx, ask: SetStockLimits) -> LimitsSet:
    """Set limits of items at locations; raises NotPermitted for limits of more than one sees."""
    wait_lock(tx, "stock-limits", "")
    known = reference(tx)
    skus = {normal_code(line.sku) for line in ask.limits if line.sku}
    items = {item.sku_key: item for item in send_find_facts(tx, skus)}
    wanted: dict[tuple[UUID | None, UUID | None, bool], StockLimit] = {}
    faults: list[Fault] = []
    for n, line in enumerate(ask.limits):
        found = _find(tx, n, line, known, items, faults)
        if found is not None and found.key in wanted:
            detail = "It is named twice; leave one of the two out."
            faults.append(Fault(f"/limits/{n}", "duplicate", detail))
        elif found is not None:
            wanted[found.key] = found
    if faults:
        raise InvalidInput(f"{len(faults)} thing(s) to correct; nothing is set.", errors=faults)
    for line in ask.limits:
        _require(tx, line)
    before = {limit.key: limit for limit in read_limits(tx, list(wanted))}
    nothing = {key: StockLimit(*key, None, None, None) for key in wanted}
    changed = [limit for key, limit in wanted.items() if limit != (nothing | before)[key]]
    if changed:
        put_limits(tx, changed)
        tx.emit(STOCK_LIMITS, LIMITS_ID, StockLimitsSet([_tell(one, known) for one in changed]))
    return LimitsSet(len(changed))


def _require(tx: Tx, line: LimitLine) -> None:
    """Who is bound to locations sets limits there; what holds for all items is a setting."""
    if line.location is None and tx.actor.location_ids is not None:
        raise NotPermitted("This limit is for all locations. Name one of yours.")
    if line.sku is None:
        tx.actor.require("settings.write")


def _find(
    tx: Tx,
    n: int,
    line: LimitLine,
    known: Reference,
    items: Mapping[str, ItemFacts],
    faults: list[Fault],
) -> StockLimit | None:
    """The limit that a line asks for; None, with faults, where it can't be one."""
    before = len(faults)
    item = items.get(normal_code(line.sku)) if line.sku else None
    if line.sku and (item is None or item.kind != "stocked"):
        detail = f"There is no stocked item “{line.sku[:60]}”; correct the SKU."
        faults.append(Fault(f"/limits/{n}/sku", "unknown-sku", detail))
    place = known.locations.get(line.location) if line.location else None
    if line.location and (place is None or not tx.actor.sees_location(place.id)):
        detail = f"There is no location “{line.location[:60]}”, or you don't see it."
        faults.append(Fault(f"/limits/{n}/location", "unknown-location", detail))
    faults += _sides(n, line)
    if len(faults) > before:
        return None
    return StockLimit(
        UUID(item.id) if item else None,
        place.id if place else None,
        line.together,
        line.low_by,
        line.low_at,
        line.over_days,
    )


def _sides(n: int, line: LimitLine) -> list[Fault]:
    """What doesn't fit together in a line."""
    faults = []
    if line.together and line.location is not None:
        detail = "Name a location, or mean all of them together: not both."
        faults.append(Fault(f"/limits/{n}/together", "location-named", detail))
    if line.together and line.over_days is not None:
        detail = "Too much lies at a location; leave the days out, or name locations."
        faults.append(Fault(f"/limits/{n}/over_days", "together", detail))
    if line.low_by in ("units", "days") and line.low_at is None:
        detail = "Say from how many on it is low."
        faults.append(Fault(f"/limits/{n}/low_at", "required", detail))
    if line.low_by not in ("units", "days") and line.low_at is not None:
        detail = "Say whether these are units or days."
        faults.append(Fault(f"/limits/{n}/low_by", "required", detail))
    return faults


def _tell(
    limit: StockLimit, known: Reference
) -> tuple[str | None, str | None, bool, str | None, int | None, int | None]:
    codes = {place.id: place.code for place in known.locations.values()}
    return (
        str(limit.item_id) if limit.item_id else None,
        codes[limit.location_id] if limit.location_id else None,
        limit.together,
        limit.low_by,
        limit.low_at,
        limit.over_days,
    )
