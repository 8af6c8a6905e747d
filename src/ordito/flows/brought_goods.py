"""What of a parcel to a shop is for its customer, what becomes stock, what is lost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items
from ordito.flows.opened_work import OpenedWork
from ordito.fulfillment.asks import ReceiveBrought
from ordito.fulfillment.line_lots import LotLineKey
from ordito.fulfillment.parcels import read_parcel_lots, read_pieces
from ordito.fulfillment.types import ParcelLine
from ordito.inventory.lot_book import LotUse, split_uses
from ordito.inventory.problems import LotRequired
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput


class Piece(msgspec.Struct, frozen=True):
    """Pieces of an item of a line in a parcel, and what became of them.

    kept:    put by for the customer. shelved: stock of the shop, since nobody waits for them.
    damaged: came, and can't be sold. missing: did not come.
    lots:    of an item that has any, those of each part.
    """

    line_no: int
    item_id: UUID
    kept: int
    shelved: int
    damaged: int
    missing: int
    lots: Mapping[str, tuple[LotUse, ...]] = {}

    @property
    def came(self) -> int:
        return self.kept + self.shelved + self.damaged

    def lots_of(self, part: str) -> tuple[LotUse, ...]:
        """The lots of a part; `came` has those of all that came."""
        if part == "came":
            return tuple(use for name in _CAME for use in self.lots.get(name, ()))
        return self.lots.get(part, ())


_CAME = ("kept", "shelved", "damaged")


class Arrival(msgspec.Struct, frozen=True):
    """A parcel that arrived. kept: for the customer, lost: to be looked for anew (line no → units);
    both without what was cancelled on the way."""

    parcel_no: int
    pieces: tuple[Piece, ...]
    kept: Mapping[int, int]
    lost: Mapping[int, int]

    @property
    def came(self) -> bool:
        return any(piece.came for piece in self.pieces)


def read_arrival(
    tx: Tx,
    work: OpenedWork,
    ask: ReceiveBrought,
    named: Mapping[LotLineKey, Sequence[LotUse]],
) -> Arrival:
    """What came of a parcel; raises InvalidInput for what wasn't sent, LotRequired."""
    sent = read_pieces(tx, ask.order_id, ask.fo_no, ask.parcel_no)
    good, damaged = _count_arrived(tx, sent, ask)
    kept = _choose_kept(work, sent, good)
    pieces = _deal_out(work, sent, kept, good, damaged)
    lots: dict[tuple[int, UUID], list[LotUse]] = {}
    for row in read_parcel_lots(tx, ask.order_id, ask.fo_no, ask.parcel_no):
        lots.setdefault((row.line_no, row.item_id), []).append((row.lot_id, row.qty))
    told = {key[2:]: uses for key, uses in named.items()}
    with_lots = tuple(
        _with_lots(piece, uses, told.get((piece.line_no, piece.item_id)))
        if (uses := lots.get((piece.line_no, piece.item_id)))
        else piece
        for piece in pieces
    )
    return Arrival(ask.parcel_no, with_lots, kept, _find_lost(work, ask.parcel_no, kept))


def _count_arrived(
    tx: Tx, sent: Sequence[ParcelLine], ask: ReceiveBrought
) -> tuple[Counter[UUID], Counter[UUID]]:
    """Pieces by item that came: those that can be sold, and damaged ones."""
    total: Counter[UUID] = Counter()
    for row in sent:
        total[row.item_id] += row.qty
    if ask.items is None:
        return total, Counter()
    items = {normal_code(item.sku): id_ for id_, item in read_items(tx, set(total)).items()}
    good: Counter[UUID] = Counter()
    damaged: Counter[UUID] = Counter()
    faults: list[Fault] = []
    for n, arrived in enumerate(ask.items):
        item_id = items.get(normal_code(arrived.sku))
        if item_id is None:
            detail = f"“{arrived.sku[:60]}” was not sent in this parcel; book it as found."
            faults.append(Fault(f"/items/{n}/sku", "unknown-sku", detail))
            continue
        good[item_id] += arrived.quantity
        damaged[item_id] += arrived.damaged
        if good[item_id] + damaged[item_id] > total[item_id]:
            detail = f"{total[item_id]} of “{arrived.sku}” were sent in this parcel, not more."
            faults.append(Fault(f"/items/{n}/quantity", "too-many", detail))
    if faults:
        raise InvalidInput("Nothing was received.", errors=faults)
    return good, damaged


def _choose_kept(
    work: OpenedWork, sent: Sequence[ParcelLine], good: Mapping[UUID, int]
) -> dict[int, int]:
    """Units of lines that are put by: as many as still are wanted, in whole kits."""
    left = Counter(good)
    in_parcel: dict[int, int] = {}
    for row in sent:
        per = _per_unit(work, row)
        units = row.qty // per
        in_parcel[row.line_no] = min(units, in_parcel.get(row.line_no, units))
    kept: dict[int, int] = {}
    for line_no, units in sorted(in_parcel.items()):
        parts = work.opened.parts[line_no]
        wanted = work.opened.work[work.fo.fo_no, line_no].shipped
        there = min(left[part.item_id] // part.per_unit for part in parts)
        taken = min(units, wanted, there)
        if taken:
            kept[line_no] = taken
            for part in parts:
                left[part.item_id] -= taken * part.per_unit
    return kept


def _per_unit(work: OpenedWork, row: ParcelLine) -> int:
    parts = work.opened.parts[row.line_no]
    return next(part.per_unit for part in parts if part.item_id == row.item_id)


def _deal_out(
    work: OpenedWork,
    sent: Sequence[ParcelLine],
    kept: Mapping[int, int],
    good: Mapping[UUID, int],
    damaged: Mapping[UUID, int],
) -> list[Piece]:
    """The pieces of each line and item of the parcel: kept, for the shelf, damaged, missing."""
    of_kept = {
        (row.line_no, row.item_id): kept.get(row.line_no, 0) * _per_unit(work, row) for row in sent
    }
    free = Counter(good)
    for (_line_no, item_id), qty in of_kept.items():
        free[item_id] -= qty
    broken = Counter(damaged)
    pieces = []
    for row in sent:
        put_by = of_kept[row.line_no, row.item_id]
        rest = row.qty - put_by
        shelved = min(rest, free[row.item_id])
        bad = min(rest - shelved, broken[row.item_id])
        free[row.item_id] -= shelved
        broken[row.item_id] -= bad
        pieces.append(Piece(row.line_no, row.item_id, put_by, shelved, bad, rest - shelved - bad))
    return pieces


def _find_lost(work: OpenedWork, parcel_no: int, kept: Mapping[int, int]) -> dict[int, int]:
    """Units that the order waits for and that no other parcel can bring any more."""
    fo_no, lost = work.fo.fo_no, {}
    for row in work.opened.under_way:
        if (row.fo_no, row.parcel_no) != (fo_no, parcel_no):
            continue
        others = sum(
            other.units
            for other in work.opened.under_way
            if (other.fo_no, other.line_no) == (fo_no, row.line_no) and other.parcel_no != parcel_no
        )
        waits = work.opened.work[fo_no, row.line_no].shipped - kept.get(row.line_no, 0)
        if waits > others:
            lost[row.line_no] = waits - others
    return lost


def _with_lots(piece: Piece, uses: Sequence[LotUse], named: Sequence[LotUse] | None) -> Piece:
    """The piece with its lots: those named are the ones that came; else all or none did."""
    good = piece.kept + piece.shelved
    queue = list(uses)
    if named is not None:
        queue = _named_first(piece, uses, named, good)
    elif good and piece.damaged + piece.missing and len(uses) > 1:
        raise LotRequired(
            f"Say which lots or serial numbers of line {piece.line_no} came: not all of them did."
            " Nothing was changed.",
            extra={"line_no": piece.line_no, "quantity": good},
        )
    parts = ("kept", "shelved", "damaged", "missing")
    lots = {part: tuple(split_uses(queue, getattr(piece, part))) for part in parts}
    return msgspec.structs.replace(piece, lots=lots)


def _named_first(
    piece: Piece, uses: Sequence[LotUse], named: Sequence[LotUse], good: int
) -> list[LotUse]:
    there, came = Counter(dict(uses)), Counter[UUID]()
    for lot_id, pieces in named:
        came[lot_id] += pieces
    if came.total() != good or any(qty > there[lot_id] for lot_id, qty in came.items()):
        detail = f"Of line {piece.line_no}, {good} came of the lots that were sent."
        raise InvalidInput("Nothing was received.", errors=[Fault("/lots", "wrong-sum", detail)])
    there.subtract(came)
    return [*came.items(), *((lot_id, qty) for lot_id, qty in there.items() if qty)]
