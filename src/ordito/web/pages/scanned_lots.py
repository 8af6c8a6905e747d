"""A scan on the floor that names a lot or a serial number, by itself or in a GS1 code."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.flows.lot_codes import find_gtin_owners, read_code_elements
from ordito.inventory.lots import find_lots
from ordito.kernel.gs1 import NotGs1
from ordito.kernel.text import normal_code
from ordito.listings.line_lots import LineLots
from ordito.listings.pick_list import PickLine
from ordito.web.rendering import gettext as _
from ordito.web.visits import Visit


class ScannedLot(msgspec.Struct, frozen=True):
    """A line that is left to pick, and the lot of it that was scanned; "" for the item alone."""

    line: PickLine
    lot: str


def find_scanned_lot(
    visit: Visit,
    left: Sequence[PickLine],
    tracked: Mapping[tuple[int, UUID], LineLots],
    code: str,
) -> ScannedLot | str | None:
    """The lot that a code names; why it can't be one, as a sentence; None for any other code."""
    with visit.reading() as tx:
        try:
            elements = read_code_elements(code, tx.now.date())
        except NotGs1 as fault:
            return _("The code can’t be read: %(why)s", why=str(fault))
        if elements is None:
            return _find_plain(visit, left, tracked, code)
        owner = find_gtin_owners(tx, {elements.gtin}).get(elements.gtin) if elements.gtin else None
    if elements.gtin and owner is None:
        return _("No item has the code %(code)s.", code=elements.gtin)
    for line in left:
        if owner is not None and str(line.item_id) != owner:
            continue
        lots = tracked.get((line.line_no, line.item_id))
        if lots is None:
            if owner is not None:
                return ScannedLot(line, "")
            continue
        lot = elements.serial if lots.serial else elements.lot
        return ScannedLot(line, lot or "")
    return _("Wrong item: it isn't in this order. Put it back.")


def _find_plain(
    visit: Visit,
    left: Sequence[PickLine],
    tracked: Mapping[tuple[int, UUID], LineLots],
    code: str,
) -> ScannedLot | None:
    """A line of whose item there is a lot with this code."""
    lines = {str(line.item_id): line for line in reversed(left)
             if (line.line_no, line.item_id) in tracked}  # fmt: skip
    if not lines:
        return None
    with visit.reading() as tx:
        known = find_lots(tx, {(item_id, normal_code(code)) for item_id in lines})
    found = next(iter(known.values()), None)
    return ScannedLot(lines[str(found.item_id)], found.code) if found else None
