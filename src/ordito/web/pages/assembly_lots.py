"""Lots on the forms of an assembly: what it takes, what it makes, what goes back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from ordito.catalog.tracked_items import read_tracked
from ordito.flows.document_lots import fit_day_at
from ordito.flows.reference import reference
from ordito.inventory.assembly_asks import AssemblyPart, StockAssembly
from ordito.inventory.fefo import propose, read_shelf_lots
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput
from ordito.web.lot_lines import read_lot_lines, write_lot_lines
from ordito.web.rendering import gettext as _
from ordito.web.visits import Visit


def propose_lots(tx: Tx, assembly: StockAssembly) -> list[dict[str, Any]]:
    """A row per part that is kept by lots, with what ends first: {name, part, value}."""
    tracked = read_tracked(tx, [part.item_id for part in assembly.parts])
    place = reference(tx).locations[assembly.location]
    shelf = read_shelf_lots(tx, [(id_, str(place.id)) for id_ in tracked])
    rows = []
    for part in assembly.parts:
        if str(part.item_id) not in tracked:
            continue
        there = shelf.get((str(part.item_id), str(place.id)), [])
        code_of = {lot.lot_id: lot.code for lot in there}
        fit_day = fit_day_at(tx, tracked[str(part.item_id)], place)
        uses = propose(there, part.needed, first_fit_day=fit_day)
        value = write_lot_lines([(code_of[id_], n, None) for id_, n in uses])
        rows.append(_row(part) | {"value": value})
    return rows


def list_returnable(assembly: StockAssembly) -> list[dict[str, Any]]:
    """A row per part of which some go back, of several lots: {name, part, taken (in words)}."""
    rows = []
    for part in assembly.parts:
        open_ = [lot for lot in part.lots if lot.taken > lot.returned]
        if part.open and len(open_) > 1:
            said = [_("%(lot)s × %(n)s", lot=lot.lot, n=lot.taken - lot.returned) for lot in open_]
            rows.append(_row(part) | {"taken": ", ".join(said)})
    return rows


def _row(part: AssemblyPart) -> dict[str, Any]:
    return {"name": f"lots-{part.line_no}", "part": part}


def read_part_lots(
    visit: Visit, assembly: StockAssembly, units: Callable[[AssemblyPart], int]
) -> list[dict[str, Any]]:
    """The lots typed of parts, as an ask has them; raises InvalidInput for what can't be read.

    units: of the only lot that is typed of a part, where none are.
    """
    named = []
    for part in assembly.parts:
        typed = visit.sent(f"lots-{part.line_no}")
        lots, faults = read_lot_lines(typed, whole=units(part))
        if faults:
            raise InvalidInput(" ".join(faults))
        if lots:
            named.append({"sku": part.sku, "lots": lots})
    return named


def tell_own_lot(assembly: StockAssembly) -> dict[str, Any]:
    """The lot that is made where none is named: {code, last_day (None of parts without)}."""
    days: list[date] = [
        lot.expires_on
        for part in assembly.parts
        for lot in part.lots
        if lot.expires_on and lot.taken > lot.returned
    ]
    return {"code": f"A-{assembly.number}", "last_day": min(days, default=None)}
