"""What a story does to orders: collected first, then written slice by slice."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.flows.bin_walks import lead
from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.order_lots import NamedLots, follow_with_lots, list_lot_moves
from ordito.flows.promise_rows import forecast_row, promise_row
from ordito.flows.side_postings import Carried, Loss, write_carried, write_losses
from ordito.flows.slot_returns import give_slots_back
from ordito.fulfillment import (
    fulfillment_orders,
    load,
    part_promises,
    requests,
    schedules,
    tasks,
    work,
)
from ordito.fulfillment.parcels import insert_parcel_lots
from ordito.fulfillment.states import WorkSums, derive_request, derive_state
from ordito.fulfillment.types import FulfillmentOrder, RequestState, State
from ordito.inventory import movements
from ordito.inventory.ledger import Ledger, lock_cells
from ordito.inventory.types import CellKey
from ordito.kernel.moves import HELD, STOCK_OF, Bucket, LineState, Move
from ordito.orders import quantities, statuses
from ordito.platform.database import Tx
from ordito.sourcing.promises import Promise

NOWHERE = UUID(int=0)
"""The location of moves that touch neither stock nor a location's work."""

_WAITING = frozenset(("open", "backordered"))


class OrderChanges:
    """Changes of opened orders, in memory until `write`.

    Lines, stock and the work at locations all follow one list of moves, so that they can't
    disagree; states and statuses follow from what the lines are then.
    """

    def __init__(self, tx: Tx, opened: Mapping[UUID, OpenedOrder]) -> None:
        self.tx = tx
        self.opened = opened
        self.moves: list[Move] = []
        self.losses: list[Loss] = []
        self.carried: list[Carried] = []
        self.tasks: list[tasks.TaskRow] = []
        self.bin = ""
        """The bin from which units are taken first, or onto which they go, where one was named."""
        self._stock_moves: list[Move] = []
        self._fos: dict[UUID, dict[int, FulfillmentOrder]] = {}
        self._new: list[FulfillmentOrder] = []
        self._schedules: list[tuple[UUID, int, datetime]] = []
        self._promises: list[part_promises.PromiseRow] = []
        self._forecasts: list[part_promises.ForecastRow] = []
        self._done: dict[tuple[UUID, int], State] = {}
        self._requests: dict[tuple[UUID, int], RequestState] = {}
        self._codes: dict[tuple[UUID, int], str] = {}
        self._collect_by: dict[tuple[UUID, int], date] = {}
        self._arrived: Counter[tuple[UUID, int, int]] = Counter()
        self._accepting: dict[tuple[UUID, int], UUID] = {}
        """New parts at locations whose work per day is counted, and which location."""
        self._touched: set[UUID] = set()
        self._received: set[tuple[UUID, int]] = set()
        """New parts at shops that have what was brought to them."""
        self._parcels: dict[tuple[UUID, int], int] = {}
        """The parcels to shops in which units leave, by fulfillment order."""
        self.lots: NamedLots | None = None
        """The lots that somebody was asked to name for these changes."""

    def move(
        self,
        opened: OpenedOrder,
        line_no: int,
        qty: int,
        way: tuple[LineState, LineState],
        fo: FulfillmentOrder | None = None,
        *,
        lost: Mapping[UUID, Bucket] | None = None,
    ) -> None:
        """Move units of a line from one state to another, at the location of `fo` if there is one.

        lost: parts (item → bucket) that leave the shelf's count on the way, instead of going back
              to what is free.
        """
        from_, to = way
        order_id, parts = opened.order.id, opened.parts[line_no]
        move = Move(
            order_id=order_id,
            line_no=line_no,
            location_id=fo.location_id if fo else NOWHERE,
            from_=from_,
            to=to,
            qty=qty,
            parts=parts,
            fo_no=fo.fo_no if fo else None,
        )
        self.moves.append(move)
        self._touched.add(order_id)
        if fo is not None:
            self._done.setdefault((order_id, fo.fo_no), fo.state)
            self._move_stock(move, fo.location_id, lost or {})

    def _move_stock(self, move: Move, location_id: UUID, lost: Mapping[UUID, Bucket]) -> None:
        present = tuple(part for part in move.parts if part.item_id not in lost)
        moves_stock = STOCK_OF[move.from_] != STOCK_OF[move.to]
        if present and (moves_stock or (move.from_ in HELD) != (move.to in HELD)):
            self._stock_moves.append(msgspec.structs.replace(move, parts=present))
        for part in move.parts:
            if part.item_id in lost:
                self.losses.append(
                    Loss(
                        move.order_id,
                        move.fo_no or 0,
                        move.line_no,
                        part.item_id,
                        location_id,
                        move.qty * part.per_unit,
                        lost[part.item_id],
                    )
                )

    def move_past(
        self,
        opened: OpenedOrder,
        line_no: int,
        qty: int,
        way: tuple[LineState, LineState],
        fo: FulfillmentOrder | None,
    ) -> None:
        """Move units of a line and of the work on it, whose stock lies elsewhere or was posted."""
        from_, to = way
        parts = opened.parts[line_no]
        place = fo.location_id if fo else NOWHERE
        fo_no = fo.fo_no if fo else None
        order_id = opened.order.id
        self.moves.append(Move(order_id, line_no, place, from_, to, qty, parts, fo_no))
        self._touched.add(order_id)
        if fo is not None:
            self._done.setdefault((order_id, fo.fo_no), fo.state)

    def touch(self, order_id: UUID) -> None:
        """The order's statuses are to be derived anew, though no unit moves."""
        self._touched.add(order_id)

    def mark(self, fo: FulfillmentOrder, done: State) -> None:
        """Say what was done to a fulfillment order; its state is derived from it and its lines."""
        self._touched.add(fo.order_id)
        self._done[fo.order_id, fo.fo_no] = done

    def mark_request(self, fo: FulfillmentOrder, request: RequestState) -> None:
        """Say where the hand-shake with the partner of a fulfillment order is now."""
        self._touched.add(fo.order_id)
        self._done.setdefault((fo.order_id, fo.fo_no), fo.state)
        self._requests[fo.order_id, fo.fo_no] = request

    def mark_ready(self, fo: FulfillmentOrder, code: str, collect_by: date | None) -> None:
        """A box waits for its customer, who is asked for the code, until the end of that day."""
        self.mark(fo, "ready")
        self._codes[fo.order_id, fo.fo_no] = code
        if collect_by is not None:
            self._collect_by[fo.order_id, fo.fo_no] = collect_by

    def deliver(self, fo: FulfillmentOrder, units: Mapping[int, int]) -> None:
        """Shipped units (line no → units) of a fulfillment order have arrived."""
        self._touched.add(fo.order_id)
        self._done.setdefault((fo.order_id, fo.fo_no), fo.state)
        for line_no, qty in units.items():
            self._arrived[fo.order_id, fo.fo_no, line_no] += qty

    def add_fulfillment_order(
        self,
        opened: OpenedOrder,
        location_id: UUID,
        decision_no: int,
        *,
        limited: bool,
        opens_at: datetime | None = None,
        leaves_on: date | None = None,
    ) -> FulfillmentOrder:
        """A new part of the order for a location. limited: its work per day is counted.

        opens_at:  when its work is to begin; None for at once.
        leaves_on: the day on which it leaves, of what is brought to the shop of a pick-up.
        """
        order, now = opened.order, self.tx.now
        known = self._fos.setdefault(order.id, dict(opened.fos))
        brought = order.pickup_location_id not in (None, location_id)
        fo = FulfillmentOrder(
            order_id=order.id,
            fo_no=max(known, default=0) + 1,
            location_id=location_id,
            delivery="ship" if brought else order.delivery,
            destination_id=order.pickup_location_id if brought else None,
            state="scheduled" if opens_at else "open",
            decision_no=decision_no,
            promised_on=leaves_on if brought and leaves_on else order.promised_on,
            pickup_code=None,
            created_at=now,
            released_at=None,
            updated_at=now,
            version=1,
        )
        known[fo.fo_no] = fo
        self._new.append(fo)
        if opens_at is not None:
            self._schedules.append((order.id, fo.fo_no, opens_at))
        if limited:
            self._accepting[fo.order_id, fo.fo_no] = location_id
        return fo

    def receive_at(self, opened: OpenedOrder, sent: FulfillmentOrder) -> FulfillmentOrder:
        """A new part of the order at the shop that something was sent to: what was brought there.

        It has units once they are moved to it; its state follows from them.
        """
        assert sent.destination_id is not None, "caller receives what was sent to a shop"
        fo = self.add_fulfillment_order(
            opened, sent.destination_id, sent.decision_no, limited=False
        )
        self._received.add((fo.order_id, fo.fo_no))
        return fo

    def send_in(self, fo: FulfillmentOrder, parcel_no: int) -> None:
        """Units that leave for a shop are in this parcel."""
        self._parcels[fo.order_id, fo.fo_no] = parcel_no

    def promise(self, fo: FulfillmentOrder, promise: Promise) -> None:
        """Keep what a new part promises; its order's promise stays."""
        order_id = str(fo.order_id)
        self._promises.append(promise_row(order_id, fo.fo_no, promise))
        if promise.basis is not None:
            self._forecasts.append(forecast_row(order_id, fo.fo_no, promise.basis))

    def cells(self) -> set[CellKey]:
        """The cells that the changes so far touch."""
        lost = {loss.cell for loss in self.losses} | {one.cell for one in self.carried}
        return movements.cells_of(self._stock_moves) | lost

    def write(
        self,
        reason: str,
        *,
        ledger: Ledger | None = None,
        occurred_at: datetime | None = None,
        capacity_days: Mapping[UUID, date] | None = None,
    ) -> None:
        """Write everything.

        reason:        of the postings.
        ledger:        all cells, where the caller had to lock them before deciding.
        capacity_days: today at each location whose work per day is limited.
        """
        tx = self.tx
        give_slots_back(tx, self._find_unwanted())
        quantities.apply_moves(tx, self.moves)
        self._write_delivered()
        bound = [fo for fo in self._new if fo.destination_id is not None]
        fulfillment_orders.INSERT.run(
            tx, [_row(fo) for fo in self._new if fo.destination_id is None]
        )
        fulfillment_orders.INSERT_BOUND.run(tx, [(*_row(fo), fo.destination_id) for fo in bound])
        part_promises.INSERT.run(tx, self._promises)
        schedules.INSERT.run(tx, self._schedules)
        part_promises.INSERT_FORECAST.run(tx, self._forecasts)
        work.apply_moves(tx, self.moves)
        self._write_states()
        tasks.raise_tasks(tx, self.tasks)
        tasks.close_shortages(tx, self._served_lines())
        cells = self.cells()
        if cells:
            ledger = ledger or lock_cells(tx, cells)
            sent = follow_with_lots(
                tx, ledger, list_lot_moves(self.losses, self._stock_moves), self.lots
            )
            if sent:
                rows = [(*k[:2], self._parcels[k[:2]], *k[2:], *use) for k, use in sent]
                insert_parcel_lots(tx, rows)
            write_carried(tx, self.carried, ledger)
            if ledger.binned:
                lead(tx, ledger)
                ledger.bin = self.bin
            write_losses(tx, self.losses, ledger, reason)
            movements.apply_moves(
                tx, self._stock_moves, reason=reason, ledger=ledger, occurred_at=occurred_at
            )
        if self._accepting and capacity_days:
            load.send_raise(tx, self._count_accepted(), capacity_days)
        statuses.refresh(tx, self._touched)

    def _find_unwanted(self) -> list[OpenedOrder]:
        """Orders to be brought in a slot of which nothing is left to bring."""
        found = []
        for order_id in self._touched:
            opened = self.opened[order_id]
            if opened.order.delivery == "local":
                left = sum(
                    line.ordered - line.cancelled
                    for no, line in opened.lines.items()
                    if opened.parts[no]
                )
                left -= sum(
                    move.qty
                    for move in self.moves
                    if move.order_id == order_id and move.to == "cancelled" and move.parts
                )
                if not left:
                    found.append(opened)
        return found

    def _count_accepted(self) -> load.Tally:
        """The new parts, with the lines and units that they were given."""
        lines: defaultdict[tuple[UUID, int], set[int]] = defaultdict(set)
        units: Counter[tuple[UUID, int]] = Counter()
        for move in self.moves:
            if move.fo_no is not None and move.to == "reserved":
                lines[move.order_id, move.fo_no].add(move.line_no)
                units[move.order_id, move.fo_no] += move.qty
        tally = load.Tally()
        for part, location_id in self._accepting.items():
            tally.add(location_id, len(lines[part]), units[part])
        return tally

    def _write_delivered(self) -> None:
        per_line: Counter[tuple[UUID, int]] = Counter()
        for (order_id, _fo_no, line_no), units in self._arrived.items():
            per_line[order_id, line_no] += units
        rows = [(*line, units) for line, units in sorted(per_line.items())]
        quantities.add_delivered(self.tx, rows)

    def _write_states(self) -> None:
        """The states of all fulfillment orders that anything was done to."""
        new = {(fo.order_id, fo.fo_no) for fo in self._new}
        rows: list[fulfillment_orders.StateRow] = []
        settled: list[tuple[UUID, int]] = []
        for key, done in sorted(self._done.items()):
            if key in new and key not in self._received:
                continue
            order_id, fo_no = key
            opened = self.opened[order_id]
            fo = self._fos.get(order_id, opened.fos)[fo_no]
            state = derive_state(done, fo.delivery, self._sums_after(opened, fo_no))
            before = fo.request
            request = derive_request(self._requests.get(key, before), state)
            if request != before and request in requests.SETTLED:
                settled.append(key)
            rows.append(
                (order_id, fo_no, state, self._codes.get(key), self._collect_by.get(key), request)
            )
        fulfillment_orders.write_states(self.tx, rows)
        requests.settle(self.tx, settled)

    def _sums_after(self, opened: OpenedOrder, fo_no: int) -> WorkSums:
        order_id = opened.order.id
        before = opened.sums_of(fo_no)
        qty, picked, packed, shipped = before.qty, before.picked, before.packed, before.shipped
        for move in self.moves:
            if move.order_id == order_id and move.fo_no == fo_no:
                steps = work.steps_of(move)
                qty += steps[0] * move.qty
                picked += steps[1] * move.qty
                packed += steps[2] * move.qty
                shipped += steps[3] * move.qty
        arrived = sum(units for key, units in self._arrived.items() if key[:2] == (order_id, fo_no))
        return WorkSums(
            qty=qty,
            picked=picked,
            packed=packed,
            shipped=shipped,
            under_way=before.under_way + shipped - before.shipped - arrived,
        )

    def _served_lines(self) -> list[tuple[UUID, int]]:
        """Lines that waited for stock before and don't any more."""
        deltas: defaultdict[tuple[UUID, int], int] = defaultdict(int)
        for move in self.moves:
            deltas[move.order_id, move.line_no] += move.qty * (
                (move.to in _WAITING) - (move.from_ in _WAITING)
            )
        served = []
        for (order_id, line_no), delta in deltas.items():
            line = self.opened[order_id].lines[line_no]
            if delta < 0 and line.open + line.backordered + delta == 0:
                served.append((order_id, line_no))
        return served


def _row(fo: FulfillmentOrder) -> tuple[object, ...]:
    return (
        fo.order_id,
        fo.fo_no,
        fo.location_id,
        fo.delivery,
        fo.state,
        fo.decision_no,
        fo.promised_on,
        fo.created_at,
        fo.released_at,
        fo.updated_at,
    )
