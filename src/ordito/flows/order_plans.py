"""The plans of a batch of drafts: each sourced, in order of arrival, on what the earlier ones left.

Nothing is locked or written. With many places just the stock at the nearest ones is read first;
a second read follows for the orders that these can't settle.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Cursor

from ordito.flows.kept_stock import KeptPlans, send_kept_of
from ordito.flows.order_drafts import Draft, item_ids
from ordito.flows.order_rows import PlannedOrder
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference
from ordito.flows.stock_holders import name_holders
from ordito.fulfillment import load
from ordito.inventory.ledger import shortage
from ordito.inventory.problems import OutOfStock
from ordito.inventory.stock import FreeUnits, send_free, send_free_at
from ordito.inventory.types import CellKey
from ordito.orders import orders
from ordito.platform import metrics
from ordito.platform.database import Tx
from ordito.platform.door import Request
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.plans import nearest, plan, plan_near
from ordito.sourcing.types import Plan, Queue, work_of

_FEW_PLACES = 128
"""Up to so many, the stock of all is read at once."""


class OrderPlans:
    """Plans drafts; those that the channel refuses to backorder are answered with a problem."""

    def __init__(
        self, tx: Tx, requests: Sequence[Request], known: Reference, answers: list[Any]
    ) -> None:
        self._tx = tx
        self._requests = requests
        self._known = known
        self._answers = answers
        self._planned: list[PlannedOrder] = []
        self._free: dict[str, dict[int, int]] = {}
        self._kept = KeptPlans(known)
        self._accepted: dict[int, int] = {}
        self._queue: Queue = {}
        self._numbers: dict[int, int] = {}

    def plan(self, drafts: dict[int, Draft]) -> list[PlannedOrder]:
        """Source the drafts, by their index in the requests."""
        if not drafts:
            return []
        few = len(self._known.no_by_id) <= _FEW_PLACES
        self._read(drafts, few=few)
        waiting = {}
        for i, draft in drafts.items():
            network = self._known.networks[draft.channel.policy_id]
            planner = plan if few else plan_near
            self._kept.lend(draft, self._free)
            outcome = planner(draft.sourcing, network, self._free, self._accepted)
            if outcome is None:
                waiting[i] = draft
            else:
                self._settle(i, draft, outcome)
            self._kept.lend(draft, self._free, -1)
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
            network = known.networks[draft.channel.policy_id]
            self._kept.lend(draft, self._free)
            self._settle(i, draft, plan(draft.sourcing, network, self._free, self._accepted))
            self._kept.lend(draft, self._free, -1)

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
            kept = send_kept_of(tx, known, list(drafts.values()))
            queue = send_queue(tx, known)
            pipeline.sync()
            self._free = by_item(free)
            self._kept = KeptPlans(known, kept or ())
            self._numbers = dict(zip(drafts, numbers, strict=True))
            self._accepted = known.count_accepted(accepted)
            self._queue = read_queue(queue, known)

    def _send_near(self, drafts: dict[int, Draft]) -> Cursor[FreeUnits]:
        cells: dict[str, set[int]] = {}
        for draft in drafts.values():
            places = nearest(draft.sourcing, self._known.networks[draft.channel.policy_id])
            for item_id in item_ids([draft]):
                cells.setdefault(item_id, set()).update(places)
        return send_free_at(self._tx, cells, self._known.no_by_id)

    def _settle(self, i: int, draft: Draft, outcome: Plan) -> None:
        if outcome.unserved:
            metrics.oversold_refusals.inc()
        if outcome.unserved and draft.channel.shortage == "refuse":
            as_caller = self._tx.acting_as(self._requests[i].actor)
            self._answers[i] = name_holders(as_caller, refuse(draft, outcome))
            return
        demand = self._take(draft, outcome)
        kept, kept_holds = self._kept.use(draft, demand)
        network = self._known.networks[draft.channel.policy_id]
        promises = promise_parcels(
            draft.sourcing, network, outcome.allocations, self._accepted, self._queue
        )
        for place, work in work_of(outcome.allocations, self._known.unit_of).items():
            self._accepted[place] = self._accepted.get(place, 0) + work
        number = self._numbers[i]
        self._planned.append(
            PlannedOrder(
                i, self._requests[i], draft, outcome, number, demand, promises, kept, kept_holds
            )
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


def by_item(rows: Iterable[FreeUnits]) -> dict[str, dict[int, int]]:
    return {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}


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
