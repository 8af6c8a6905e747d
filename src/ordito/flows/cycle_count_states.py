"""Cycle counts as they are told: who counts blindly isn't told what the record says."""

from collections.abc import Mapping
from uuid import UUID

from ordito.catalog.items import send_facts
from ordito.catalog.tracked_items import read_tracked
from ordito.flows.reference import reference
from ordito.inventory.cycle_count_asks import CycleCount, CycleCountItem
from ordito.inventory.cycle_counts import Sheet, SheetLine, lock_sheet, read_sheet
from ordito.inventory.lots import read_lots
from ordito.platform.access import Actor
from ordito.platform.database import Tx
from ordito.platform.problems import ActionNotAllowed, NotFound, VersionConflict

APPROVE = "inventory.approve"
UNSEEN = "There is no such count, or its location is none of those you see."


def allowed_actions(actor: Actor, sheet: Sheet) -> list[str]:
    """What the actor may do with a count now."""
    states = {line.state for line in sheet.lines}
    found = []
    if "inventory.write" in actor.permissions and "open" in states:
        found += ["enter", "end"]
    if APPROVE in actor.permissions and "waiting" in states:
        found += ["approve", "recount"]
    return found


def open_sheet(tx: Tx, sheet_id: UUID, action: str, version: int | None = None) -> Sheet:
    """Lock a count for an act; raises NotFound, VersionConflict, ActionNotAllowed."""
    sheet = lock_sheet(tx, sheet_id)
    if sheet is None or not tx.actor.sees_location(sheet.location_id):
        raise NotFound(UNSEEN)
    if version is not None and version != sheet.version:
        raise VersionConflict(
            f"It is version {sheet.version} now, you read {version}. Read it again.",
            extra={"version": sheet.version},
        )
    allowed = allowed_actions(tx.actor, sheet)
    if action not in allowed:
        detail = (
            "No difference of this count waits for approval."
            if action in ("approve", "recount")
            else "Nothing of this count is left to be counted."
        )
        raise ActionNotAllowed(detail, extra={"allowed_actions": allowed})
    return sheet


def read_cycle_count(tx: Tx, sheet_id: UUID) -> CycleCount:
    """A count as the actor may see it; raises NotFound."""
    sheet = read_sheet(tx, sheet_id)
    if sheet is None or not tx.actor.sees_location(sheet.location_id):
        raise NotFound(UNSEEN)
    return tell_sheet(tx, sheet)


def tell_sheet(tx: Tx, sheet: Sheet) -> CycleCount:
    """A count with the codes and SKUs of what it names."""
    items = {UUID(item.id): item for item in send_facts(tx, [x.item_id for x in sheet.lines])}
    tracked = read_tracked(tx, items)
    codes = _read_codes(tx, sheet)
    hidden = sheet.blind and APPROVE not in tx.actor.permissions
    return CycleCount(
        id=sheet.id,
        number=sheet.number,
        location=reference(tx).locations_by_id[sheet.location_id].code,
        name=sheet.name,
        blind=sheet.blind,
        state=sheet.state,
        created_at=sheet.created_at,
        ended_at=sheet.ended_at,
        version=sheet.version,
        lines=[
            CycleCountItem(
                line_no=line.line_no,
                item_id=line.item_id,
                sku=items[line.item_id].sku,
                name=items[line.item_id].name,
                bins=line.bins,
                state=line.state,
                round=line.round,
                counted=line.counted,
                difference=None if hidden else line.difference,
                counted_at=line.counted_at,
                counted_by=line.counted_by,
                tracking=one.tracking if (one := tracked.get(str(line.item_id))) else "none",
                expires=one is not None and one.expires,
                lots=None if hidden else _tell_lots(line, codes),
            )
            for line in sheet.lines
        ],
        allowed_actions=allowed_actions(tx.actor, sheet),
    )


def _read_codes(tx: Tx, sheet: Sheet) -> dict[UUID, str]:
    """Lot id → code, of the lots in which lines differ."""
    ids = {UUID(id_) for line in sheet.lines for id_ in line.lot_differences or ()}
    return {id_: lot.code for id_, lot in read_lots(tx, ids).items()} if ids else {}


def _tell_lots(line: SheetLine, codes: Mapping[UUID, str]) -> dict[str, int] | None:
    if line.lot_differences is None:
        return None
    told = {codes[UUID(id_)]: pieces for id_, pieces in line.lot_differences.items()}
    return dict(sorted(told.items()))
