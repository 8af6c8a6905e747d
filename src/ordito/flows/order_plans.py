"""The plans of a batch of drafts: each sourced, in order of arrival, on what the earlier ones left.

Nothing is locked or written. With many places just the stock at the nearest ones is read first;
a second read follows for the orders that these can't settle.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import Cursor

from ordito.flows.buyers import ContactGroups, buyer_of
from ordito.flows.kept_stock import KeptPlans, send_kept_of
from ordito.flows.order_drafts import Draft, item_ids
from ordito.flows.order_timing import NO_TIMING, refuse_dates, time_order
from ordito.flows.planned_orders import PlannedOrder
from ordito.flows.policy_arms import Arm, Guide
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference
from ordito.flows.slot_bookings import promise_slot
from ordito.flows.stock_holders import name_holders
from ordito.fulfillment import load
from ordito.inventory.kept import Buyer
from ordito.inventory.ledger import shortage
from ordito.inventory.problems import OutOfStock
from ordito.inventory.stock import FreeUnits, send_free, send_free_at
from ordito.inventory.types import CellKey
from ordito.orders import orders
from ordito.platform import metrics
from ordito.platform.database import Tx
from ordito.platform.door import Request
from ordito.sourcing.comparisons import Figures, measure_plan
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.plans import nearest, plan, plan_near
from ordito.sourcing.stored_rollouts import RefusalRow
from ordito.sourcing.types import Plan, Queue, work_of

_FEW_PLACES = 128
"""Up to so many, the stock of all is read at once."""


class OrderPlans:
    """Plans drafts; those that the channel refuses to backorder are answered with a problem."""

    def __init__(
        self,
        tx: Tx,
        requests: Sequence[Request],
        known: Reference,
        answers: list[Any],
        groups: ContactGroups,
    ) -> None:
        self._tx = tx
        self._requests = requests
        self._known = known
        self._answers = answers
        self._groups = groups
        self._planned: list[PlannedOrder] = []
        self._free: dict[str, dict[int, int]] = {}
        self._kept = KeptPlans(known)
        self._accepted: dict[int, int] = {}
        self._queue: Queue = {}
        self._numbers: dict[int, int] = {}
        self._arms: dict[int, Arm] = {}
        self.refusals: list[RefusalRow] = []
        """Refused orders that a roll-out counts."""

    def plan(self, drafts: dict[int, Draft]) -> list[PlannedOrder]:
        """Source the drafts, by their index in the requests."""
        if not drafts:
            return []
        few = len(self._known.no_by_id) <= _FEW_PLACES
        self._read(drafts, few=few)
        if self._known.guides.rollouts:
            self._draw(drafts)
        waiting = {}
        for i, draft in drafts.items():
            network = self._guide(i, draft).network
            planner = plan if few else plan_near
            buyer = self._buyer(draft)
            self._kept.lend(buyer, self._free)
            outcome = planner(draft.sourcing, network, self._free, self._accepted)
            if outcome is None:
                waiting[i] = draft
            else:
                self._settle(i, draft, outcome)
            self._kept.lend(buyer, self._free, -1)
        if waiting:
            self._plan_widely(waiting)
        return self._planned

    def _plan_widely(self, drafts: dict[int, Draft]) -> None:
        known = self._known
        self._free = by_item(send_free(self._tx, item_ids(drafts.values()), known.no_by_id))
        for order in self._planned:
            for (item_id, location_id), pieces in order.demand.items():
                units, place = self._free.get(item_id, {}), known.no_by_id[location_id]
                kept = order.kept.get((item_id, location_id), 0)
                units[place] = units.get(place, 0) - pieces + kept
        for i, draft in drafts.items():
            network = self._guide(i, draft).network
            buyer = self._buyer(draft)
            self._kept.lend(buyer, self._free)
            self._settle(i, draft, plan(draft.sourcing, network, self._free, self._accepted))
            self._kept.lend(buyer, self._free, -1)

    def _buyer(self, draft: Draft) -> Buyer:
        return buyer_of(draft.channel.id, draft.contacts, self._groups)

    def _draw(self, drafts: dict[int, Draft]) -> None:
        """Which side of their channels' roll-outs the drafts are on."""
        for i, draft in drafts.items():
            number = self._numbers[i]
            arm = self._known.guides.draw(draft.channel, draft.external_key, number)
            if arm is not None:
                self._arms[i] = arm

    def _guide(self, i: int, draft: Draft) -> Guide:
        arm = self._arms.get(i)
        return arm.guide if arm else self._known.guides.in_force(draft.channel.id)

    def _read(self, drafts: dict[int, Draft], *, few: bool) -> None:
        """One round trip: free units, order numbers, and what locations accepted today."""
        tx, known = self._tx, self._known
        with tx.conn.pipeline() as pipeline:
            if few:
                free = send_free(tx, item_ids(drafts.values()), known.no_by_id)
            else:
                free = self._send_near(drafts)
            numbers = orders.NUMBERS.send(tx, n=len(drafts))
            accepted = load.send_read(tx, known.capacity_days(tx.now))
            kept = self._send_kept(drafts)
            queue = send_queue(tx, known)
            pipeline.sync()
            self._free = by_item(free)
            self._kept = KeptPlans(known, kept or ())
            self._numbers = dict(zip(drafts, numbers, strict=True))
            self._accepted = known.count_accepted(accepted)
            self._queue = read_queue(queue, known)

    def _send_kept(self, drafts: dict[int, Draft]) -> Any:
        if not self._known.keeping.channels and not self._groups:
            return None
        buyers = {self._buyer(draft) for draft in drafts.values()}
        return send_kept_of(self._tx, self._known, buyers, item_ids(drafts.values()))

    def _send_near(self, drafts: dict[int, Draft]) -> Cursor[FreeUnits]:
        cells: dict[str, set[int]] = {}
        for draft in drafts.values():
            for network in self._known.guides.networks(draft.channel.id):
                places = nearest(draft.sourcing, network)
                for item_id in item_ids([draft]):
                    cells.setdefault(item_id, set()).update(places)
        return send_free_at(self._tx, cells, self._known.no_by_id)

    def _settle(self, i: int, draft: Draft, outcome: Plan) -> None:
        if outcome.unserved:
            metrics.oversold_refusals.inc()
        if draft.channel.shortage == "refuse" and _is_short(draft, outcome):
            as_caller = self._tx.acting_as(self._requests[i].actor)
            self._answers[i] = name_holders(as_caller, refuse(draft, outcome))
            if i in self._arms:
                self._count_refusal(self._arms[i])
            return
        timing = NO_TIMING
        if draft.dates.lines:
            timing = time_order(self._tx, draft, outcome, self._known, self._accepted)
            if timing.late and draft.channel.unkept_dates == "refuse":
                self._answers[i] = refuse_dates(draft, timing)
                return
        demand = self._take(draft, outcome)
        buyer = self._buyer(draft)
        kept, kept_holds = self._kept.use(buyer, demand)
        network = self._guide(i, draft).network
        promises = promise_parcels(
            draft.sourcing, network, outcome.allocations, self._accepted, self._queue
        )
        if draft.slot is not None:
            promises = {one.place: promise_slot(draft.slot) for one in outcome.allocations}
        arm = self._arms.get(i)
        figures = measure(arm, draft, outcome, self._accepted) if arm else None
        for place, work in work_of(outcome.allocations, self._known.unit_of).items():
            self._accepted[place] = self._accepted.get(place, 0) + work
        number = self._numbers[i]
        self._planned.append(
            PlannedOrder(
                i, self._requests[i], draft, outcome, number, demand, promises, buyer, kept,
                kept_holds, arm, figures, timing,
            )
        )  # fmt: skip

    def _count_refusal(self, arm: Arm) -> None:
        rollout = arm.running.rollout
        self.refusals.append(
            (rollout.id, rollout.channel_id, arm.drawn_by, arm.candidate, self._tx.now)
        )

    def _take(self, draft: Draft, outcome: Plan) -> dict[CellKey, int]:
        """What the plan takes per cell; the next order of the batch finds that much less."""
        demand: dict[CellKey, int] = {}
        for allocation in outcome.allocations:
            location_id = self._known.id_by_no[allocation.place]
            for part in draft.lines[allocation.line_no - 1].parts:
                item_id = str(part.item_id)
                pieces = allocation.qty * part.per_unit
                self._free[item_id][allocation.place] -= pieces
                cell = (item_id, location_id)
                demand[cell] = demand.get(cell, 0) + pieces
        return demand


def measure(arm: Arm, draft: Draft, outcome: Plan, accepted: Mapping[int, int]) -> Figures:
    """What an order that a roll-out counts comes to, in the money of the policy in force."""
    promised = draft.promised_on.isoformat()
    yardstick, network = arm.running.yardstick, arm.guide.network
    return measure_plan(draft.sourcing, yardstick, network, outcome.allocations, accepted, promised)


def by_item(rows: Iterable[FreeUnits]) -> dict[str, dict[int, int]]:
    return {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}


def _is_short(draft: Draft, outcome: Plan) -> bool:
    """Whether units have no stock that should; what isn't released yet needs none."""
    if not outcome.unserved:
        return False
    later = draft.dates.preordered_lines
    return any(unserved.line_no not in later for unserved in outcome.unserved)


def refuse(draft: Draft, outcome: Plan) -> OutOfStock:
    """The problem that tells what an order is short of."""
    lines = {unserved.line_no: unserved.qty for unserved in outcome.unserved}
    return shortage(
        [
            (line.item.sku, line.ask.quantity, line.ask.quantity - lines[line.no])
            for line in draft.lines
            if line.no in lines
        ]
    )
