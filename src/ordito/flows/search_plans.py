"""Searches planned one after the other, on free stock and what is kept for their buyers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import psycopg

from ordito.flows.buyers import buyers_of_orders
from ordito.flows.kept_stock import (
    Free,
    KeptPlans,
    KeptWrites,
    Parts,
    Taker,
    lock_kept,
    send_kept_of,
)
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference
from ordito.flows.stock_searches import Search, make_requests, parts_of
from ordito.fulfillment import load
from ordito.inventory.kept import Buyer, KeptUnits
from ordito.inventory.ledger import Ledger
from ordito.inventory.stock import send_free
from ordito.inventory.types import CellKey
from ordito.platform.database import Tx
from ordito.platform.events import EventRow, send_events
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.plans import plan
from ordito.sourcing.promises import Promise
from ordito.sourcing.types import Plan, SourcingRequest, work_of

ROUNDS = 4
"""Times a plan may lose its stock to others; the last one makes do with what it could lock."""


def preview_searches(
    tx: Tx,
    searches: Sequence[Search],
    known: Reference,
    given_back: Mapping[CellKey, int],
) -> list[int]:
    """How many units each search would find now, each for itself; nothing is locked or written.

    given_back: pieces by cell that would be free again first.
    """
    requests = make_requests(tx, searches, known)
    free = _read_free(tx, requests, known)
    for (item_id, location_id), pieces in given_back.items():
        of_item = free.setdefault(item_id, {})
        place = known.no_by_id[location_id]
        of_item[place] = of_item.get(place, 0) + pieces
    return _Planner(tx, searches, requests, known).count_each(free)


def promise_plans(
    tx: Tx,
    searches: Sequence[Search],
    requests: Sequence[SourcingRequest | None],
    plans: Sequence[Plan | None],
    known: Reference,
) -> list[Mapping[int, Promise]]:
    """What the parcels of each plan promise, by place, where anything is known of it."""
    guides = known.guides.of_orders(tx, [search.opened.order for search in searches])
    if known.delays is None and not any(guide.network.timed for guide in guides.values()):
        return [{} for _ in searches]
    busy = Counter(_read_load(tx, known))
    queue = read_queue(send_queue(tx, known), known)
    promises: list[Mapping[int, Promise]] = []
    for search, request, found in zip(searches, requests, plans, strict=True):
        if request is None or found is None:
            promises.append({})
            continue
        network = guides[search.opened.order.id].network
        promises.append(promise_parcels(request, network, found.allocations, busy, queue))
        busy.update(work_of(found.allocations, known.unit_of))
    return promises


def plan_on_locked(
    tx: Tx,
    cells: set[CellKey],
    searches: Sequence[Search],
    requests: Sequence[SourcingRequest | None],
    known: Reference,
) -> tuple[Ledger, list[Plan | None]]:
    """Plans that fit the stock, with their cells and `cells` locked.

    Others may take stock between reading and locking. Then the cells are let go (more can't be
    locked on top, out of order) and the plans are made anew; the last round plans once more on
    what it has locked. What is kept for the orders' channels and groups is used first, and freed
    for them in the ledger.
    """
    planner = _Planner(tx, searches, requests, known)
    for attempt in range(1, ROUNDS + 1):
        plans = planner.plan(_read_free(tx, requests, known), planner.read_kept())
        with tx.conn.transaction() as savepoint:
            demand = planner.total_demand()
            writes, ledger = lock_kept(tx, planner.buyers, planner.holds, cells | set(demand))
            if attempt == ROUNDS:
                kept = [row for row in writes.rows if (row.item_id, row.location_id) in demand]
                free = _locked_free(ledger, demand, known)
                plans = planner.plan(free, KeptPlans(known, kept))
                demand = planner.total_demand()
            parts = planner.take_kept(writes, ledger)
            if _fits(ledger, demand):
                planner.tell_kept(writes, ledger, parts)
                return ledger, plans
            assert attempt < ROUNDS, "what was planned on locked stock fits it"
            raise psycopg.Rollback(savepoint)
    raise AssertionError("the last round returns")


class _Planner:
    """Plans searches one after the other, by the policies and for the buyers of their orders."""

    def __init__(
        self,
        tx: Tx,
        searches: Sequence[Search],
        requests: Sequence[SourcingRequest | None],
        known: Reference,
    ) -> None:
        orders = [search.opened.order for search in searches]
        self._tx = tx
        self._searches = searches
        self._requests = requests
        self._known = known
        self._accepted = _read_load(tx, known)
        self._guides = known.guides.of_orders(tx, orders)
        self._buyers = buyers_of_orders(tx, known.keeping, orders)
        self._demands: list[Counter[CellKey]] = []
        self.holds: set[UUID] = set()
        """Of which the plans use something."""

    @property
    def buyers(self) -> set[Buyer]:
        return set(self._buyers.values())

    def read_kept(self) -> KeptPlans:
        """What is kept for the buyers; no statement where nothing is."""
        return KeptPlans(self._known, self._read_kept())

    def _read_kept(self) -> list[KeptUnits]:
        found = send_kept_of(self._tx, self._known, self.buyers, _items_of(self._requests))
        return found.fetchall() if found else []

    def count_each(self, free: Free) -> list[int]:
        """Units that each search would find, as if it were the only one."""
        kept, counts = self._read_kept(), []
        for search, request in zip(self._searches, self._requests, strict=True):
            if request is None:
                counts.append(0)
                continue
            copy = {item_id: dict(of_place) for item_id, of_place in free.items()}
            stock, own = (copy, Counter(self._accepted)), KeptPlans(self._known, kept)
            found = self._plan_one(search, request, stock, own)
            counts.append(sum(allocation.qty for allocation in found.allocations))
        return counts

    def plan(self, free: Free, kept: KeptPlans) -> list[Plan | None]:
        """Plan in order, each search on what the earlier ones left."""
        busy = Counter(self._accepted)
        plans: list[Plan | None] = []
        self._demands, self.holds = [], set()
        for search, request in zip(self._searches, self._requests, strict=True):
            found = None
            if request is not None:
                found = self._plan_one(search, request, (free, busy), kept)
                busy.update(work_of(found.allocations, self._known.unit_of))
            plans.append(found)
            self._demands.append(_demand_of(search, found, self._known))
        return plans

    def _plan_one(
        self,
        search: Search,
        request: SourcingRequest,
        stock: tuple[Free, Counter[int]],
        kept: KeptPlans,
    ) -> Plan:
        free, busy = stock
        order_id = search.opened.order.id
        network = self._guides[order_id].network
        buyer = self._buyers.get(order_id)
        if buyer is None:
            found = plan(request, network, free, busy)
            self._take(free, _demand_of(search, found, self._known))
            return found
        kept.lend(buyer, free)
        found = plan(request, network, free, busy)
        demand = _demand_of(search, found, self._known)
        self._take(free, demand)
        _taken, holds = kept.use(buyer, demand)
        kept.lend(buyer, free, -1)
        self.holds |= holds
        return found

    def _take(self, free: Free, demand: Mapping[CellKey, int]) -> None:
        for (item_id, location_id), pieces in demand.items():
            free[item_id][self._known.no_by_id[location_id]] -= pieces

    def total_demand(self) -> Counter[CellKey]:
        """Pieces of each cell that the plans take, all together."""
        total: Counter[CellKey] = Counter()
        for demand in self._demands:
            total.update(demand)
        return total

    def take_kept(self, writes: KeptWrites, ledger: Ledger) -> list[Parts]:
        """Free in the ledger what is kept for each search's buyer, as far as it is needed."""
        taken: list[Parts] = []
        for search, demand in zip(self._searches, self._demands, strict=True):
            buyer = self._buyers.get(search.opened.order.id)
            taken.append(writes.take(buyer, demand, ledger) if buyer else ())
        return taken

    def tell_kept(self, writes: KeptWrites, ledger: Ledger, taken: Sequence[Parts]) -> None:
        """Write what became of the holds, and tell it on their timelines."""
        events: list[EventRow] = []
        for search, parts in zip(self._searches, taken, strict=True):
            order = search.opened.order
            events += writes.tell(Taker(order.id, order.number), parts)
        writes.send(ledger)
        if events:
            send_events(self._tx, events)


def _read_load(tx: Tx, known: Reference) -> dict[int, int]:
    return known.count_accepted(load.send_read(tx, known.capacity_days(tx.now)))


def _items_of(requests: Iterable[SourcingRequest | None]) -> set[str]:
    return {
        str(part.item_id)
        for request in requests
        if request is not None
        for want in request.wants
        for part in want.parts
    }


def _read_free(tx: Tx, requests: Iterable[SourcingRequest | None], known: Reference) -> Free:
    rows = send_free(tx, _items_of(requests), known.no_by_id)
    return {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}


def _locked_free(ledger: Ledger, demand: Iterable[CellKey], known: Reference) -> Free:
    free: Free = defaultdict(dict)
    for item_id, location_id in demand:
        free[item_id][known.no_by_id[location_id]] = ledger.free(item_id, location_id)
    return free


def _demand_of(search: Search, found: Plan | None, known: Reference) -> Counter[CellKey]:
    demand: Counter[CellKey] = Counter()
    for allocation in found.allocations if found else ():
        location_id = known.id_by_no[allocation.place]
        for part in parts_of(search.opened, allocation.line_no):
            demand[str(part.item_id), location_id] += allocation.qty * part.per_unit
    return demand


def _fits(ledger: Ledger, demand: Mapping[CellKey, int]) -> bool:
    return all(ledger.free(*cell) >= qty for cell, qty in demand.items())
