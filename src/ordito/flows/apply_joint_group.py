"""Carry out one group of a joint plan: all of its orders exchange their stock, or none does."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.flows.buyers import buyers_of_orders
from ordito.flows.joint_days import JointDays, PartKey, may_move
from ordito.flows.joint_snapshots import joint_order, movable_fos, read_load, search_movable
from ordito.flows.kept_stock import KeptPlans, KeptWrites, Parts, Taker, lock_kept, send_kept_of
from ordito.flows.opened_orders import OpenedOrder, open_orders
from ordito.flows.order_changes import OrderChanges
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference, reference
from ordito.flows.stock_searches import make_requests
from ordito.fulfillment.types import FulfillmentOrder
from ordito.inventory.ledger import Ledger
from ordito.inventory.stock import send_free
from ordito.inventory.types import CellKey
from ordito.kernel.asks import Ask
from ordito.kernel.moves import LineState
from ordito.orders.events import OrderReplanned
from ordito.orders.orders import ORDER
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.events import EventRow, send_events
from ordito.platform.problems import NotFound
from ordito.sourcing.joint.exchanges import OrderShift, Shift
from ordito.sourcing.joint.records import record_decision
from ordito.sourcing.joint.stored_plans import (
    GroupState,
    PlannedShift,
    lock_group,
    write_group_state,
)
from ordito.sourcing.joint.types import JointOrder, Units
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.rankings import CompiledPolicy, Ranking
from ordito.sourcing.stored_decisions import next_decision_no
from ordito.sourcing.stored_decisions import send_insert as send_decisions
from ordito.sourcing.timings import TimedPart
from ordito.sourcing.types import Allocation, Queue, SourcingRequest
from ordito.sourcing.workloads import sum_work


class ApplyJointGroup(Ask, frozen=True):
    plan_no: int
    group_no: int


class GroupOutcome(msgspec.Struct, frozen=True):
    """refusal: why nothing was done, as a code; "" when it was."""

    state: GroupState
    refusal: str


@command(permission="orders.write")
def apply_joint_group(tx: Tx, ask: ApplyJointGroup) -> GroupOutcome:
    """Move a group's units if everything still is as it was planned on, else refuse it whole."""
    group = lock_group(tx, ask.plan_no, ask.group_no)
    if group is None:
        raise NotFound("There is no such group of a joint plan.")
    if group.state != "waiting":
        return GroupOutcome(group.state, group.refusal)
    opened = open_orders(tx, [UUID(planned.shift.order_id) for planned in group.body])
    refusal = _Exchange(tx, ask.plan_no, group.body, opened).carry_out()
    state: GroupState = "refused" if refusal else "applied"
    write_group_state(tx, ask.plan_no, ask.group_no, state, refusal)
    return GroupOutcome(state, refusal)


class _Exchange:
    """One group's orders, locked, with what is to become of them."""

    def __init__(
        self,
        tx: Tx,
        plan_no: int,
        group: Sequence[PlannedShift],
        opened: Mapping[UUID, OpenedOrder],
    ) -> None:
        self._tx = tx
        self._plan_no = plan_no
        self._group = group
        self._opened = opened
        self._known: Reference = reference(tx)
        self._guides = self._known.guides.of_orders(tx, [one.order for one in opened.values()])
        orders = [one.order for one in opened.values()]
        self._buyers = buyers_of_orders(tx, self._known.keeping, orders)
        self._changes = OrderChanges(tx, opened)
        self._days = JointDays(tx, opened)
        self._orders: dict[str, JointOrder] = {}
        self._requests: dict[str, SourcingRequest] = {}
        self._load: dict[int, int] = {}
        self._queue: Queue = {}

    def carry_out(self) -> str:
        """Write everything; or nothing, and why not, as a code."""
        refusal = self._find_change() or self._find_broken_rule()
        if refusal:
            return refusal
        decision_nos = {
            one.shift.order_id: next_decision_no(self._tx, UUID(one.shift.order_id))
            for one in self._group
        }
        # All that is given back first: others of the group take it.
        for planned in self._group:
            self._give(self._order(planned), planned.shift)
        for planned in self._group:
            self._take(self._order(planned), planned.shift, decision_nos[planned.shift.order_id])
        writes, ledger = lock_kept(
            self._tx, set(self._buyers.values()), self._find_holds(), self._changes.cells()
        )
        taken = self._take_kept(writes, ledger)
        if not self._has_stock(ledger):
            return "stock"
        self._record(decision_nos)
        self._tell_kept(writes, ledger, taken)
        self._changes.write(
            "joint_plan", ledger=ledger, capacity_days=self._known.capacity_days(self._tx.now)
        )
        return ""

    def _find_holds(self) -> frozenset[UUID]:
        """Of what is kept for the group's orders, what they need."""
        if not self._buyers:
            return frozenset()
        demands = [self._kept_demand(planned) for planned in self._group]
        items = {item_id for demand in demands for item_id, _ in demand}
        found = send_kept_of(self._tx, self._known, set(self._buyers.values()), items)
        kept = KeptPlans(self._known, found.fetchall() if found else ())
        holds: set[UUID] = set()
        for planned, demand in zip(self._group, demands, strict=True):
            buyer = self._buyers.get(UUID(planned.shift.order_id))
            if buyer is not None:
                holds |= kept.use(buyer, demand)[1]
        return frozenset(holds)

    def _kept_demand(self, planned: PlannedShift) -> Counter[CellKey]:
        pieces = self._pieces(self._order(planned), planned.shift.takes)
        return Counter(
            {(item_id, self._known.id_by_no[place]): n for (item_id, place), n in pieces.items()}
        )

    def _take_kept(self, writes: KeptWrites, ledger: Ledger) -> list[Parts]:
        taken: list[Parts] = []
        for planned in self._group:
            buyer = self._buyers.get(UUID(planned.shift.order_id))
            demand = self._kept_demand(planned)
            taken.append(writes.take(buyer, demand, ledger) if buyer else ())
        return taken

    def _tell_kept(self, writes: KeptWrites, ledger: Ledger, taken: Sequence[Parts]) -> None:
        events: list[EventRow] = []
        for planned, parts in zip(self._group, taken, strict=True):
            order = self._order(planned).order
            events += writes.tell(Taker(order.id, order.number), parts)
        writes.send(ledger)
        if events:
            send_events(self._tx, events)

    def _order(self, planned: PlannedShift) -> OpenedOrder:
        return self._opened[UUID(planned.shift.order_id)]

    def _network(self, opened: OpenedOrder) -> CompiledPolicy:
        return self._guides[opened.order.id].network

    def _find_change(self) -> str:
        """Whether an order, its work or its policy is not what was planned on any more."""
        for planned in self._group:
            opened = self._opened.get(UUID(planned.shift.order_id))
            if opened is None or opened.order.version != planned.version:
                return "changed"
            if [(fo.fo_no, fo.version) for fo in movable_fos(opened)] != list(planned.fos):
                return "changed"
            if self._network(opened).version != planned.policy_version:
                return "policy"
        return ""

    def _find_broken_rule(self) -> str:
        """Whether a place may not serve an order any more, or has no room left today."""
        searches = [search_movable(self._order(one), self._known) for one in self._group]
        requests = make_requests(self._tx, searches, self._known)
        self._load = read_load(self._tx, self._known)
        self._queue = read_queue(send_queue(self._tx, self._known), self._known)
        new: Counter[int] = Counter()
        for planned, request in zip(self._group, requests, strict=True):
            if request is None:
                return "changed"
            self._requests[planned.shift.order_id] = request
            opened = self._order(planned)
            network, dates = self._network(opened), self._days.of(opened.order.id)
            order = joint_order(opened, request, self._known, network, dates)
            self._orders[planned.shift.order_id] = order
            ranking = network.rank(request)
            taken = {place for _, place, _ in planned.shift.takes}
            if not taken <= set(ranking.nos):
                return "rules"
            held = self._places_of(opened)
            takes = [one for one in planned.shift.takes if one[1] not in held]
            new.update(sum_work(takes, self._known.unit_of))
            if any(self._is_full(ranking, place, new[place]) for place in taken):
                return "capacity"
            if dates and not (
                may_move(opened, order, self._known)
                and self._days.are_kept(order, planned.shift.takes, self._load)
            ):
                return "days"
        return ""

    def _is_full(self, ranking: Ranking, place: int, new: int) -> bool:
        index = ranking.admission.nos.index(place)
        return self._load.get(place, 0) + new > ranking.admission.orders_max[index]

    def _places_of(self, opened: OpenedOrder) -> set[int]:
        return {self._known.no_by_id[str(fo.location_id)] for fo in movable_fos(opened)}

    def _give(self, opened: OpenedOrder, shift: OrderShift) -> None:
        """Units go back on sale at the places that the plan takes them from."""
        for line_no, place, qty in shift.gives:
            left = qty
            for fo in movable_fos(opened):
                work = opened.work.get((fo.fo_no, line_no))
                if self._known.no_by_id[str(fo.location_id)] == place and work and left:
                    units = min(left, work.qty)
                    self._changes.move(opened, line_no, units, ("reserved", "open"), fo)
                    left -= units
            assert left == 0, "the versions say that the order has what it gives"

    def _take(self, opened: OpenedOrder, shift: OrderShift, decision_no: int) -> None:
        """Units are reserved where the plan wants them; first those that were just given back."""
        given: Counter[int] = Counter()
        for line_no, _, qty in shift.gives:
            given[line_no] += qty
        fos: dict[PartKey, FulfillmentOrder] = {}
        dates = self._days.of(opened.order.id)
        timed = self._days.time(self._orders[shift.order_id], shift.takes, self._load)
        waiting: dict[int, dict[LineState, int]] = {
            no: {"open": line.open + given[no], "backordered": line.backordered}
            for no, line in opened.lines.items()
        }
        for line_no, place, qty in shift.takes:
            key = (place, dates.get(line_no))
            if key not in fos:
                fos[key] = self._fo_at(opened, key, decision_no, timed.get(key))
            left = qty
            for state, units in waiting[line_no].items():
                part = min(units, left)
                if part:
                    waiting[line_no][state] -= part
                    left -= part
                    self._changes.move(opened, line_no, part, (state, "reserved"), fos[key])
            assert left == 0, "a plan serves what was wanted at most"
        self._promise(opened, shift, {k: fo for k, fo in fos.items() if k not in timed})
        for key, one in timed.items():
            if one.promise is not None and fos[key].fo_no not in opened.fos:
                self._changes.promise(fos[key], one.promise)

    def _promise(
        self, opened: OpenedOrder, shift: OrderShift, fos: Mapping[PartKey, FulfillmentOrder]
    ) -> None:
        """Keep what the new parts without days promise; parts that were there keep theirs."""
        new = {place: fo for (place, _), fo in fos.items() if fo.fo_no not in opened.fos}
        dates = self._days.of(opened.order.id)
        takes = [
            Allocation(*take) for take in shift.takes if take[1] in new and take[0] not in dates
        ]
        request = self._requests[shift.order_id]
        promises = promise_parcels(request, self._network(opened), takes, self._load, self._queue)
        for place, promise in promises.items():
            self._changes.promise(new[place], promise)

    def _fo_at(
        self, opened: OpenedOrder, key: PartKey, decision_no: int, timed: TimedPart | None
    ) -> FulfillmentOrder:
        """The part that the order has at the place for these dates already, else a new one."""
        place, dates = key
        location = self._known.locations_by_no[place]
        for fo in movable_fos(opened):
            if fo.location_id == location.id and self._days.is_part(opened, fo, dates):
                return fo
        return self._changes.add_fulfillment_order(
            opened,
            location.id,
            decision_no,
            limited=location.capacity_daily is not None,
            opens_at=timed.opens_at if timed else None,
        )

    def _has_stock(self, ledger: Ledger) -> bool:
        """Whether the locked cells have what is taken, and keep what a rule says they keep."""
        delta: Counter[tuple[str, int]] = Counter()
        keep: dict[tuple[str, int], int] = {}
        for planned in self._group:
            order_id, opened = planned.shift.order_id, self._order(planned)
            kept = self._network(opened).rank(self._requests[order_id]).admission.keep
            for cell, pieces in self._pieces(opened, planned.shift.gives).items():
                delta[cell] += pieces
            for cell, pieces in self._pieces(opened, planned.shift.takes).items():
                delta[cell] -= pieces
                keep[cell] = max(keep.get(cell, 0), kept.get(cell[1], 0))
        for cell, least in keep.items():
            before = ledger.free(cell[0], self._known.id_by_no[cell[1]])
            after = before + delta[cell]
            if after < 0 or after < min(least, before):
                return False
        return True

    def _pieces(self, opened: OpenedOrder, shifts: Sequence[Shift]) -> Counter[tuple[str, int]]:
        pieces: Counter[tuple[str, int]] = Counter()
        for line_no, place, qty in shifts:
            for part in opened.parts[line_no]:
                pieces[str(part.item_id), place] += part.per_unit * qty
        return pieces

    def _record(self, decision_nos: Mapping[str, int]) -> None:
        """A decision and an event for every order of the group."""
        free = self._free_afterwards()
        rows = []
        for planned in self._group:
            opened, shift = self._order(planned), planned.shift
            units = self._units_after(opened, shift)
            own = self._pieces(opened, [(*key, qty) for key, qty in units.items()])
            seen = {item: dict(places) for item, places in free.items()}
            for (item, place), pieces in own.items():
                seen.setdefault(item, {})[place] = seen.get(item, {}).get(place, 0) + pieces
            network = self._network(opened)
            request = self._requests[shift.order_id]
            body = record_decision(request, network, units, seen, self._load)
            no = decision_nos[shift.order_id]
            encoded = msgspec.Raw(msgspec.json.encode(body))
            rows.append(
                (
                    shift.order_id,
                    no,
                    self._tx.now,
                    str(self._guides[opened.order.id].policy_id),
                    network.version,
                    "joint_plan",
                    encoded,
                )
            )
            self._tx.emit(ORDER, opened.order.id, self._event(shift, no))
        send_decisions(self._tx, rows)

    def _event(self, shift: OrderShift, decision_no: int) -> OrderReplanned:
        return OrderReplanned(
            self._plan_no,
            decision_no,
            self._by_code(shift.gives),
            self._by_code(shift.takes),
            shift.saving,
            shift.gained,
        )

    def _by_code(self, shifts: Sequence[Shift]) -> dict[str, int]:
        units: Counter[str] = Counter()
        for _, place, qty in shifts:
            units[self._known.locations_by_no[place].code] += qty
        return dict(units)

    def _units_after(self, opened: OpenedOrder, shift: OrderShift) -> Units:
        units: Units = defaultdict(int)
        for fo in movable_fos(opened):
            for work in opened.work_of(fo.fo_no):
                units[work.line_no, self._known.no_by_id[str(fo.location_id)]] += work.qty
        for line_no, place, qty in shift.gives:
            units[line_no, place] -= qty
        for line_no, place, qty in shift.takes:
            units[line_no, place] += qty
        return {key: qty for key, qty in units.items() if qty}

    def _free_afterwards(self) -> dict[str, dict[int, int]]:
        """Free pieces of the group's items once the group is carried out."""
        items = {
            str(part.item_id)
            for one in self._group
            for parts in self._order(one).parts.values()
            for part in parts
        }
        rows = send_free(self._tx, items, self._known.no_by_id)
        free = {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}
        for planned in self._group:
            opened = self._order(planned)
            for sign, shifts in ((1, planned.shift.gives), (-1, planned.shift.takes)):
                for (item, place), pieces in self._pieces(opened, shifts).items():
                    places = free.setdefault(item, {})
                    places[place] = places.get(place, 0) + sign * pieces
        return free
