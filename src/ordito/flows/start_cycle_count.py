"""Start a cycle count: which items are to be counted at a location, in the order of the bins."""

from uuid import UUID

import msgspec

from ordito.flows.cycle_count_states import tell_sheet
from ordito.flows.reference import reference
from ordito.flows.stock_documents import StockNames, raise_faults
from ordito.fulfillment.tasks import read_asked_counts
from ordito.inventory.asks import LINES_MAX
from ordito.inventory.cycle_count_asks import (
    CountLimit,
    CycleCount,
    SetCountLimit,
    StartCycleCount,
)
from ordito.inventory.cycle_count_events import CountLimitSet, CycleCountStarted
from ordito.inventory.cycle_counts import (
    CYCLE_COUNT,
    Sheet,
    SheetLine,
    insert_sheet,
    list_kept,
    read_limit,
    write_limit,
)
from ordito.kernel.ids import new_id
from ordito.listings.bin_contents import list_in_bins, read_walks
from ordito.locations.bins import list_binned, read_bins, read_item_bins
from ordito.locations.locations import LOCATION, lock_location
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, NotFound

_NO_LIMIT = CountLimit(None, None, "")


class _SkuOnly(msgspec.Struct, frozen=True):
    sku: str


class _Named(msgspec.Struct, frozen=True):
    location: str
    lines: tuple[_SkuOnly, ...]


@command(permission="inventory.write")
def start_cycle_count(tx: Tx, ask: StartCycleCount) -> CycleCount:
    """Make the list of what is to be counted; work at the location goes on meanwhile."""
    names = StockNames(tx, [_Named(ask.location, tuple(map(_SkuOnly, ask.skus)))])
    faults: list[Fault] = []
    location = names.find_location(ask.location, faults, open_only=False)
    found = [names.find_item(n, sku, faults) for n, sku in enumerate(ask.skus)]
    faults = [_at_skus(fault) for fault in faults]
    raise_faults(faults)
    assert location is not None, "without a fault it was found"
    item_ids = dict.fromkeys(UUID(item.id) for item in found if item is not None)
    item_ids |= dict.fromkeys(_choose(tx, location, ask))
    if not item_ids:
        faults.append(Fault("/skus", "empty", "There is nothing to count there."))
    if len(item_ids) > LINES_MAX:
        detail = f"More than {LINES_MAX} items; choose bins or items, and make several counts."
        faults.append(Fault("/skus", "too-many", detail))
    raise_faults(faults)
    sheet = Sheet(
        id=new_id(),
        number=0,
        location_id=location.id,
        name=ask.name,
        blind=ask.blind,
        state="open",
        created_at=tx.now,
        created_by=tx.actor.id,
        ended_at=None,
        version=1,
        lines=_lay_out(tx, location, list(item_ids)),
    )
    number = insert_sheet(tx, sheet)
    event = CycleCountStarted(number, location.code, len(sheet.lines), ask.blind)
    tx.emit(CYCLE_COUNT, sheet.id, event)
    return tell_sheet(tx, msgspec.structs.replace(sheet, number=number))


def _at_skus(fault: Fault) -> Fault:
    pointer = fault.pointer.replace("/lines/", "/skus/").removesuffix("/sku")
    return Fault(pointer, fault.code, fault.detail)


def _choose(tx: Tx, location: Location, ask: StartCycleCount) -> list[UUID]:
    """Items beside those named by SKU."""
    chosen: list[UUID] = []
    if ask.bins and location.id in reference(tx).binned:
        chosen += list_in_bins(tx, location.id, ask.bins, limit=LINES_MAX + 1)
    elif ask.bins:
        chosen += list_binned(tx, location.id, ask.bins, limit=LINES_MAX + 1)
    if ask.asked:
        chosen += read_asked_counts(tx, location.id, limit=LINES_MAX + 1)
    if not (ask.skus or ask.bins or ask.asked):
        chosen += list_kept(tx, location.id, limit=LINES_MAX + 1)
    return chosen


def _lay_out(tx: Tx, location: Location, item_ids: list[UUID]) -> list[SheetLine]:
    """A line per item, in the order in which the bins are walked; those without a bin last."""
    bins = _find_bins(tx, location, item_ids)
    # Items came into `bins` in the order of their first bin.
    walk = {item_id: n for n, item_id in enumerate(bins)}
    item_ids = sorted(item_ids, key=lambda id_: (walk.get(id_, len(walk)), id_))
    return [
        SheetLine(n, id_, bins.get(id_, []), "open", 1, None, None, None, None, None)
        for n, id_ in enumerate(item_ids, start=1)
    ]


def _find_bins(tx: Tx, location: Location, item_ids: list[UUID]) -> dict[UUID, list[str]]:
    """The bins of items, in which they lie by the record, or usually; those walked first first."""
    bins: dict[UUID, list[str]] = {}
    for row in read_item_bins(tx, location.id, item_ids):
        bins.setdefault(row.item_id, []).append(row.bin)
    if location.id not in reference(tx).binned:
        return bins
    walks = read_walks(tx, [(str(id_), str(location.id)) for id_ in item_ids])
    held = {UUID(item_id): walk for (item_id, _place), walk in walks.items()}
    walked = {bin_.code: n for n, bin_ in enumerate(read_bins(tx, location.id))}
    first = sorted(held, key=lambda id_: (walked.get(held[id_][0], len(walked)), id_))
    return {id_: held[id_] for id_ in first} | {i: b for i, b in bins.items() if i not in held}


@command(permission="settings.write")
def set_count_limit(tx: Tx, ask: SetCountLimit) -> CountLimit:
    """Say from which difference on counts at a location wait for somebody's approval."""
    location = reference(tx).locations.get(ask.location)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    if (ask.value_minor is None) != (ask.currency is None):
        detail = "A value needs its currency, and a currency its value."
        raise_faults([Fault("/currency", "incomplete", detail)])
    lock_location(tx, location.code)
    limit = CountLimit(ask.units, ask.value_minor, ask.currency or "")
    if limit != (read_limit(tx, location.id) or _NO_LIMIT):
        write_limit(tx, location.id, limit)
        event = CountLimitSet(location.code, limit.units, limit.value_minor, limit.currency)
        tx.emit(LOCATION, location.id, event)
    return limit
