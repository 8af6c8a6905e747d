"""The lots that an act on a fulfillment order names, found."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from ordito.catalog.tracked_items import TrackedItem, read_tracked
from ordito.flows.lot_codes import LotCode, LotCodes
from ordito.flows.opened_work import OpenedWork
from ordito.flows.order_lots import NamedLots
from ordito.fulfillment.line_lots import LotLineKey
from ordito.inventory.lot_book import LotUse
from ordito.inventory.lots import find_lots
from ordito.kernel.asks import LotPieces
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput


def find_named_lots(
    tx: Tx, work: OpenedWork, asked: Sequence[LotPieces], *, as_proposed: bool = False
) -> NamedLots:
    """The lots named of the work's lines; raises InvalidInput with everything that is wrong."""
    if not asked:
        return NamedLots(as_proposed=as_proposed)
    tracked = read_tracked(tx, {part.item_id for of in work.opened.parts.values() for part in of})
    faults: list[Fault] = []
    items = [_find_item(work, tracked, n, piece, faults) for n, piece in enumerate(asked)]
    known = [(n, piece, item) for n, (piece, item) in enumerate(zip(asked, items, strict=True))
             if item is not None]  # fmt: skip
    codes = LotCodes(tx, [piece.lot for _, piece, _ in known])
    named = [
        (n, piece, item, code)
        for n, piece, item in known
        if (code := codes.find(piece.lot, item, f"/lots/{n}/lot", faults))
    ]
    uses = _find_uses(tx, work, named, faults)
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)
    return NamedLots(uses, as_proposed)


def _find_uses(
    tx: Tx,
    work: OpenedWork,
    named: Sequence[tuple[int, LotPieces, TrackedItem, LotCode]],
    faults: list[Fault],
) -> Mapping[LotLineKey, Sequence[LotUse]]:
    lots = find_lots(tx, {(item.id, code.key) for _, _, item, code in named})
    uses: defaultdict[LotLineKey, list[LotUse]] = defaultdict(list)
    for n, piece, item, code in named:
        lot = lots.get((item.id, code.key))
        if lot is None:
            detail = f"“{item.sku}” has no lot “{code.code}”; check what is on the label."
            faults.append(Fault(f"/lots/{n}/lot", "unknown-lot", detail))
            continue
        key = (work.fo.order_id, work.fo.fo_no, piece.line, UUID(item.id))
        uses[key].append((lot.id, piece.quantity))
    return uses


def _find_item(
    work: OpenedWork,
    tracked: Mapping[str, TrackedItem],
    n: int,
    piece: LotPieces,
    faults: list[Fault],
) -> TrackedItem | None:
    """The item of a line that the lot is of."""
    if (work.fo.fo_no, piece.line) not in work.opened.work:
        detail = f"Line {piece.line} is not in this fulfillment order."
        faults.append(Fault(f"/lots/{n}/line", "unknown-line", detail))
        return None
    items = [
        tracked[str(part.item_id)]
        for part in work.opened.parts[piece.line]
        if str(part.item_id) in tracked
    ]
    if piece.sku is not None:
        items = [item for item in items if normal_code(item.sku) == normal_code(piece.sku)]
    if len(items) == 1:
        return items[0]
    if not items:
        detail = f"Nothing of line {piece.line} is kept by lots or serial numbers under this name."
        faults.append(Fault(f"/lots/{n}/line", "not-tracked", detail))
    else:
        skus = ", ".join(item.sku for item in items)
        detail = f"Line {piece.line} has several items with lots: {skus}. Say which by `sku`."
        faults.append(Fault(f"/lots/{n}/sku", "required", detail))
    return None
