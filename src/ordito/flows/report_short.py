"""Report units short: the shelf's count is put right, and the units are looked for elsewhere."""

from collections.abc import Mapping
from uuid import UUID

from ordito.catalog.items import read_items
from ordito.flows.named_lots import find_named_lots
from ordito.flows.opened_work import OpenedWork, open_work
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.flows.resource_order import source_units
from ordito.flows.stock_searches import Search
from ordito.fulfillment.asks import ReportShort
from ordito.kernel.moves import Bucket
from ordito.kernel.text import normal_code
from ordito.orders.events import UnitsShort
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput

_GOES_TO: dict[str, Bucket] = {
    "missing": "adjustment",
    "wrong_location": "adjustment",
    "damaged": "damaged",
}


@command(permission="fulfillment.write")
def report_short(tx: Tx, ask: ReportShort) -> OrderState:
    """Units were not found: they leave this fulfillment order and are sourced anew at once.

    The place where they were missing doesn't come into question this time, and is asked to count
    the items. What nobody else has is backordered and becomes somebody's task.
    """
    work = open_work(tx, ask, "report_short")
    units = work.choose_units(ask.lines, "unpicked")
    work.changes.lots = find_named_lots(tx, work, ask.lots)
    work.use_bin(ask.bin)
    lost = _find_lost(tx, work, units, ask)
    for line_no, qty in units.items():
        work.changes.move(
            work.opened, line_no, qty, ("released", "open"), work.fo, lost=lost[line_no]
        )
        work.changes.tasks += [
            ("count", ask.order_id, line_no, work.fo.location_id, item_id, pieces)
            for no, item_id, pieces in work.pieces(units)
            if no == line_no and item_id in lost[line_no]
        ]
    work.changes.mark(work.fo, "short")
    tx.emit(ORDER, ask.order_id, UnitsShort(ask.fo_no, work.location, units, ask.reason))
    search = Search(
        work.opened,
        units,
        "short_pick",
        excluded=frozenset((str(work.fo.location_id),)),
        promised=True,
    )
    source_units(work.changes, [search], reason="short_pick")
    return order_state(tx, ask.order_id)


def _find_lost(
    tx: Tx, work: OpenedWork, units: Mapping[int, int], ask: ReportShort
) -> dict[int, dict[UUID, Bucket]]:
    """The parts that were missing, by line; raises InvalidInput when it isn't clear which."""
    bucket = _GOES_TO[ask.reason]
    if reference(tx).locations_by_id[work.fo.location_id].kind == "supplier":
        bucket = "supplier"  # Whatever became of them, they were the supplier's.
    parts = {no: [part.item_id for part in work.opened.parts[no]] for no in units}
    items = read_items(tx, {item_id for ids in parts.values() for item_id in ids})
    lost: dict[int, dict[UUID, Bucket]] = {}
    faults = [
        Fault(f"/parts/{no}", "unknown-line", f"Line {no} is not among those reported short.")
        for no in ask.parts
        if int(no) not in units
    ]
    for line_no, ids in parts.items():
        sku_keys = {normal_code(items[id_].sku): id_ for id_ in ids}
        named = ask.parts.get(str(line_no))
        if named is None and len(ids) > 1:
            skus = ", ".join(items[id_].sku for id_ in ids)
            detail = f"Line {line_no} is a kit of {skus}: say which of them were missing."
            faults.append(Fault(f"/parts/{line_no}", "required", detail))
        for i, sku in enumerate(named or ()):
            if normal_code(sku) not in sku_keys:
                detail = f"“{sku[:60]}” is no part of line {line_no}."
                faults.append(Fault(f"/parts/{line_no}/{i}", "unknown-sku", detail))
        chosen = ids if named is None else [sku_keys.get(normal_code(sku)) for sku in named]
        lost[line_no] = {id_: bucket for id_ in chosen if id_ is not None}
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)
    return lost
