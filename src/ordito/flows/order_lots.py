"""The lots of an order's units: which are taken, put back, lost and shipped with their moves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.catalog.tracked_items import TrackedItem, read_tracked
from ordito.flows.reference import reference
from ordito.flows.side_postings import Loss
from ordito.fulfillment.line_lots import (
    LotLineKey,
    change_line_lots,
    read_line_lots,
    sum_in_hand,
)
from ordito.inventory.fefo import ShelfLot, propose, read_shelf_lots
from ordito.inventory.ledger import Ledger
from ordito.inventory.lot_book import LAYER_OF, Layer, LotUse, open_book, split_uses
from ordito.inventory.lots import Lot, lock_lots
from ordito.inventory.problems import LotRequired, LotShort, LotUnfit
from ordito.inventory.types import CellKey
from ordito.kernel.moves import STOCK_OF, Bucket, Move
from ordito.orders.events import LotsMoved
from ordito.orders.orders import ORDER
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput


class LotMove(msgspec.Struct, frozen=True):
    """Pieces of an item that a line moves from one bucket to another, as the ledger posts them."""

    order_id: UUID
    fo_no: int
    line_no: int
    item_id: UUID
    location_id: UUID
    from_: Bucket
    to: Bucket
    qty: int

    @property
    def key(self) -> LotLineKey:
        return self.order_id, self.fo_no, self.line_no, self.item_id

    @property
    def cell(self) -> CellKey:
        return str(self.item_id), str(self.location_id)

    @property
    def layers(self) -> tuple[Layer | None, Layer | None]:
        return LAYER_OF.get(self.from_), LAYER_OF.get(self.to)

    @property
    def crosses(self) -> bool:
        from_, to = self.layers
        return from_ != to


class NamedLots(msgspec.Struct, frozen=True):
    """The lots that somebody named, by line. as_proposed: where none is, what ends first."""

    lots: Mapping[LotLineKey, Sequence[LotUse]] = msgspec.field(default_factory=dict)
    as_proposed: bool = False


def list_lot_moves(losses: Sequence[Loss], moves: Sequence[Move]) -> list[LotMove]:
    """What will be posted, in that order, where units leave the shelf or come back to it."""
    found = [
        LotMove(
            loss.order_id,
            loss.fo_no,
            loss.line_no,
            loss.item_id,
            loss.location_id,
            "reserved",
            loss.to,
            loss.qty,
        )
        for loss in losses
    ]
    found += [
        LotMove(
            move.order_id,
            move.fo_no or 0,
            move.line_no,
            part.item_id,
            move.location_id,
            from_,
            to,
            move.qty * part.per_unit,
        )
        for move in moves
        for from_, to in ((STOCK_OF[move.from_], STOCK_OF[move.to]),)
        if from_ and to and from_ != to
        for part in move.parts
    ]
    return found


_Group = tuple[LotLineKey, Layer | None, Layer | None]

SentLots = tuple[LotLineKey, LotUse]
"""Pieces of a lot that leave for the shop where they are collected."""


def follow_with_lots(
    tx: Tx, ledger: Ledger, moves: Iterable[LotMove], named: NamedLots | None
) -> list[SentLots]:
    """Say for each move of a tracked item which lots it moves, in the order they will be posted.

    named: None where nobody was asked: what goes back on the shelf is then what ends last.
    Returns what leaves for a shop, which will have these lots.
    Raises LotRequired, LotShort, LotUnfit, InvalidInput. The cells are locked.
    """
    crossing = [move for move in moves if move.crosses]
    if not crossing:
        return []
    tracked = read_tracked(tx, {move.item_id for move in crossing})
    ledger.lots = open_book(tx, tracked.keys(), {move.cell for move in crossing})
    concerned = [move for move in crossing if str(move.item_id) in tracked]
    if concerned or (named is not None and named.lots):
        return _Settling(tx, ledger, tracked, concerned, named).settle()
    return []


class _Settling:
    """Moves of tracked items, from what was named to what is written."""

    def __init__(
        self,
        tx: Tx,
        ledger: Ledger,
        tracked: Mapping[str, TrackedItem],
        moves: Sequence[LotMove],
        named: NamedLots | None,
    ) -> None:
        self.tx = tx
        self.ledger = ledger
        self.tracked = tracked
        self.moves = moves
        self.named = named
        self.left = {key: list(uses) for key, uses in named.lots.items()} if named else {}
        self.hand = sum_in_hand(read_line_lots(tx, {move.order_id for move in moves}))
        from_shelf = {move.cell for move in moves if move.layers[0] == "shelf"}
        self.shelf = read_shelf_lots(tx, from_shelf) if from_shelf else {}
        self.lots = self._lock()
        self.changes: defaultdict[tuple[LotLineKey, UUID], list[int]] = defaultdict(
            lambda: [0, 0, 0]
        )
        self.told: defaultdict[tuple[UUID, int, str], Counter[tuple[int, str, str]]] = defaultdict(
            Counter
        )

    def _lock(self) -> dict[UUID, Lot]:
        ids = {lot_id for uses in self.left.values() for lot_id, _ in uses}
        ids |= {lot_id for hand in self.hand.values() for lot_id in hand}
        ids |= {lot.lot_id for lots in self.shelf.values() for lot in lots}
        return lock_lots(self.tx, ids)

    def settle(self) -> list[SentLots]:
        sent: Counter[tuple[LotLineKey, UUID]] = Counter()
        groups: Counter[_Group] = Counter()
        first: dict[_Group, LotMove] = {}
        for move in self.moves:
            group = (move.key, *move.layers)
            groups[group] += move.qty
            first.setdefault(group, move)
        chosen = {group: self._choose(first[group], qty) for group, qty in groups.items()}
        self._refuse_leftovers()
        for move in self.moves:
            uses = split_uses(chosen[move.key, *move.layers], move.qty)
            book = self.ledger.lots
            assert book is not None, "it was opened for these moves"
            book.choose(move.cell, (move.from_, move.to), uses)
            self._note(move, uses)
            if move.to == "in_transit":
                for lot_id, pieces in uses:
                    sent[move.key, lot_id] += pieces
        change_line_lots(
            self.tx,
            {key: (c[0], c[1], c[2]) for key, c in self.changes.items() if any(c)},
        )
        self._tell()
        return [(key, (lot_id, pieces)) for (key, lot_id), pieces in sent.items()]

    def _choose(self, move: LotMove, qty: int) -> list[LotUse]:
        named = self.left.pop(move.key, None)
        uses = self._from_shelf(move, qty, named)
        if move.layers[0] == "picked":
            uses = self._from_hand(move, qty, named)
        if sum(pieces for _, pieces in uses) != qty:
            raise self._refuse_sum(move, qty, uses)
        if move.layers[1] == "picked" or move.to == "customer":
            self._require_fit(move, uses)
        if move.layers[0] == "shelf":
            self._take_off_shelf(move.cell, dict(uses))
        return list(uses)

    def _take_off_shelf(self, cell: CellKey, uses: Mapping[UUID, int]) -> None:
        """The next line is not offered the same pieces."""
        self.shelf[cell] = [
            msgspec.structs.replace(lot, shelf=lot.shelf - uses.get(lot.lot_id, 0))
            for lot in self.shelf.get(cell, ())
        ]

    def _from_shelf(
        self, move: LotMove, qty: int, named: Sequence[LotUse] | None
    ) -> Sequence[LotUse]:
        if move.layers[0] != "shelf":
            return ()
        there = self.shelf.get(move.cell, [])
        if named is not None:
            self._require_there(move, named, {lot.lot_id: lot.shelf for lot in there})
            return named
        fit_day = self._fit_day(move)
        proposed = propose(there, qty, first_fit_day=fit_day)
        if self.named is not None and self.named.as_proposed and sum(n for _, n in proposed) == qty:
            return proposed
        if move.layers[1] is None and len(there) == 1:
            # Lost from the shelf, and only one lot was there to be lost.
            return [(there[0].lot_id, qty)]
        raise self._ask_for_lots(move, qty, [_tell_shelf(lot, fit_day) for lot in there])

    def _from_hand(
        self, move: LotMove, qty: int, named: Sequence[LotUse] | None
    ) -> Sequence[LotUse]:
        hand = self.hand.get(move.key, {})
        if named is not None:
            self._require_there(move, named, hand)
            return named
        if sum(hand.values()) == qty:
            return list(hand.items())
        if len(hand) == 1:
            return [(lot_id, qty) for lot_id in hand]
        if self.named is None and move.layers[1] == "shelf":
            return split_uses([(id_, hand[id_]) for id_ in sorted(hand, key=self._last_first)], qty)
        told = [
            _tell_lot(self.lots[id_].code, self.lots[id_].expires_on, pieces)
            for id_, pieces in hand.items()
        ]
        raise self._ask_for_lots(move, qty, told)

    def _last_first(self, lot_id: UUID) -> tuple[int, str]:
        """The customer keeps what ends first: it was picked for that."""
        lot = self.lots[lot_id]
        return -(lot.expires_on or date.max).toordinal(), lot.code_key

    def _fit_day(self, move: LotMove) -> date:
        place = reference(self.tx).locations_by_id[move.location_id]
        today = self.tx.now.astimezone(ZoneInfo(place.time_zone)).date()
        return self.tracked[str(move.item_id)].first_fit_day(today)

    def _require_there(
        self, move: LotMove, uses: Sequence[LotUse], there: Mapping[UUID, int]
    ) -> None:
        sums: Counter[UUID] = Counter()
        for lot_id, pieces in uses:
            sums[lot_id] += pieces
        sku = self.tracked[str(move.item_id)].sku
        where = "on the shelf" if move.layers[0] == "shelf" else "picked for this line"
        for lot_id, pieces in sums.items():
            if pieces > there.get(lot_id, 0):
                raise LotShort(
                    f"{self.lots[lot_id].code} of {sku}: {there.get(lot_id, 0)} {where}, not"
                    f" {pieces}. Nothing was changed.",
                    extra={"lot": self.lots[lot_id].code, "asked": pieces,
                           "there": there.get(lot_id, 0)},
                )  # fmt: skip

    def _require_fit(self, move: LotMove, uses: Sequence[LotUse]) -> None:
        fit_day = self._fit_day(move)
        unfit = [lot for id_, _ in uses if not (lot := self.lots[id_]).is_fit(fit_day)]
        if unfit:
            raise refuse_unfit(self.tracked[str(move.item_id)], unfit, fit_day)

    def _refuse_sum(self, move: LotMove, qty: int, uses: Sequence[LotUse]) -> InvalidInput:
        named = sum(pieces for _, pieces in uses)
        sku = self.tracked[str(move.item_id)].sku
        detail = f"Line {move.line_no} moves {qty} of {sku}; its lots name {named}."
        return InvalidInput("Nothing was changed.", errors=[Fault("/lots", "wrong-sum", detail)])

    def _refuse_leftovers(self) -> None:
        """Lots were named of what isn't moved at all."""
        if self.left:
            line_no = next(iter(self.left))[2]
            detail = f"Of line {line_no}, nothing is moved that has this lot."
            fault = Fault("/lots", "not-moved", detail)
            raise InvalidInput("Nothing was changed.", errors=[fault])

    def _ask_for_lots(
        self, move: LotMove, qty: int, lots: Sequence[Mapping[str, Any]]
    ) -> LotRequired:
        item = self.tracked[str(move.item_id)]
        what = "serial numbers" if item.serial else "lots"
        names = ", ".join(f"{lot['lot']} ({lot['quantity']})" for lot in lots[:5]) or "none"
        return LotRequired(
            f"Say which {what} the {qty} of {item.sku} are (line {move.line_no})."
            f" There: {names}. Nothing was changed.",
            extra={"line_no": move.line_no, "sku": item.sku, "quantity": qty, "lots": list(lots)},
        )

    def _note(self, move: LotMove, uses: Sequence[LotUse]) -> None:
        from_, to = move.layers
        picked = (to == "picked") - (from_ == "picked" and move.to != "customer")
        if move.to == "customer" and from_ == "shelf":
            picked = 1
        shipped = int(move.to == "customer")
        how = "shipped" if shipped else "picked" if picked > 0 else "put_back"
        if from_ == "shelf" and to != "picked" and not shipped:
            how = "lost"
        if to == "in_transit":
            # The shop has them then: its part of the order counts them from their arrival on.
            how = "sent"
        sku = self.tracked[str(move.item_id)].sku
        for lot_id, pieces in uses:
            change = self.changes[move.key, lot_id]
            change[0] += picked * pieces
            change[1] += shipped * pieces
            told = self.told[move.order_id, move.fo_no, how]
            told[move.line_no, sku, self.lots[lot_id].code] += pieces

    def _tell(self) -> None:
        places = reference(self.tx).locations_by_id
        location_of = {(move.order_id, move.fo_no): move.location_id for move in self.moves}
        for (order_id, fo_no, how), pieces in sorted(self.told.items()):
            lots = [(*key, qty) for key, qty in sorted(pieces.items())]
            code = places[location_of[order_id, fo_no]].code
            self.tx.emit(ORDER, order_id, LotsMoved(fo_no, code, how, lots))


def _tell_shelf(lot: ShelfLot, fit_day: date) -> dict[str, Any]:
    return _tell_lot(lot.code, lot.expires_on, lot.shelf) | {"fit": lot.is_fit(fit_day)}


def _tell_lot(code: str, expires_on: date | None, qty: int) -> dict[str, Any]:
    return {"lot": code, "expires_on": expires_on and expires_on.isoformat(), "quantity": qty}


def refuse_unfit(item: TrackedItem, lots: Sequence[Lot], fit_day: date) -> LotUnfit:
    """The problem that says why lots may not be sold."""
    words = []
    for lot in lots[:5]:
        if lot.state == "blocked":
            words.append(f"{lot.code} is blocked: {lot.reason}")
        else:
            words.append(f"{lot.code} ends on {lot.expires_on}, sold is what lasts until {fit_day}")
    return LotUnfit(
        f"{item.sku}: {'; '.join(words)}. Nothing was changed; take another lot.",
        extra={
            "sku": item.sku,
            "lots": [
                {"lot": lot.code, "state": lot.state, "reason": lot.reason,
                 "expires_on": lot.expires_on and lot.expires_on.isoformat()}
                for lot in lots
            ],
        },
    )  # fmt: skip
