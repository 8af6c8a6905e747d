"""Look for stock anew for units that have none: short, rejected or backordered ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.flows.opened_dates import read_line_dates
from ordito.flows.opened_orders import OpenedOrder, open_order
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.policy_arms import Guide
from ordito.flows.reference import Reference, reference
from ordito.flows.search_plans import plan_on_locked, promise_plans
from ordito.flows.stock_searches import Search, make_requests
from ordito.fulfillment.types import FulfillmentOrder
from ordito.kernel.moves import LineState
from ordito.orders.actions import require_order_action
from ordito.orders.asks import SourceOrder
from ordito.orders.events import OrderSourced
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.sourcing.promises import Promise
from ordito.sourcing.stored_decisions import next_decision_no
from ordito.sourcing.stored_decisions import send_insert as send_decisions
from ordito.sourcing.timings import Dates, TimedPart, time_parts
from ordito.sourcing.types import Plan, SourcingRequest


@command(permission="orders.write")
def source_order(tx: Tx, ask: SourceOrder) -> OrderState:
    """Look for stock once more for everything of an order that has none."""
    opened = open_order(tx, ask.order_id, ask.version)
    require_order_action("source", opened.facts())
    changes = OrderChanges(tx, {ask.order_id: opened})
    source_units(changes, [search_unsourced(opened, "asked")], reason="sourced")
    return order_state(tx, ask.order_id)


def search_unsourced(opened: OpenedOrder, cause: str) -> Search:
    """A search for all units of an order that take stock and have none."""
    waiting = {no: line for no, line in opened.lines.items() if opened.parts[no]}
    return Search(
        opened,
        {
            no: line.open + line.backordered
            for no, line in waiting.items()
            if line.open + line.backordered
        },
        cause,
        {no: line.backordered for no, line in waiting.items() if line.backordered},
    )


class Sourced(msgspec.Struct, frozen=True):
    """What a search came to, in units."""

    reserved: int
    backordered: int


def source_units(
    changes: OrderChanges, searches: Sequence[Search], *, reason: str, keep_failures: bool = True
) -> list[Sourced]:
    """Plan the searches one after the other, lock the cells, and write all changes with the result.

    The orders are locked already; the cells (those of the earlier changes too) are locked here, in
    one go, since more of them later would be out of order. What is not found is backordered.

    keep_failures: False writes nothing about a search that found nothing.
    """
    tx = changes.tx
    known = reference(tx)
    requests = make_requests(tx, searches, known)
    ledger, plans = plan_on_locked(tx, changes.cells(), searches, requests, known)
    promises = promise_plans(tx, searches, requests, plans, known)
    guides = known.guides.of_orders(tx, [search.opened.order for search in searches])
    dates = read_line_dates(tx, {search.opened.order.id for search in searches})
    outcome = [
        _carry_out(
            changes,
            search,
            found,
            known,
            _Timing(request, promised, dates),
            guides[search.opened.order.id],
        )
        if found is not None and request is not None and (keep_failures or found.allocations)
        else Sourced(0, sum(search.units.values()))
        for search, request, found, promised in zip(
            searches, requests, plans, promises, strict=True
        )
    ]
    changes.write(reason, ledger=ledger, capacity_days=known.capacity_days(tx.now))
    return outcome


def _carry_out(
    changes: OrderChanges,
    search: Search,
    found: Plan,
    known: Reference,
    timing: "_Timing",
    guide: Guide,
) -> Sourced:
    """Moves, fulfillment orders, the decision and the event of one search."""
    tx, opened = changes.tx, search.opened
    order = opened.order
    decision_no = next_decision_no(tx, order.id)
    reserved: Counter[str] = Counter()
    fo_of: dict[tuple[int, Dates | None], FulfillmentOrder] = {}
    wanted = timing.dates.get(order.id, {})
    parts = timing.time(search, found, known)
    waiting = _Waiting(search)
    for allocation in found.allocations:
        location = known.locations_by_no[allocation.place]
        # What is wanted at different times is worked on apart.
        key = (allocation.place, wanted.get(allocation.line_no))
        if key not in fo_of:
            part = parts.get(key)
            promise = part.promise if part else timing.promises.get(allocation.place)
            fo_of[key] = changes.add_fulfillment_order(
                opened,
                location.id,
                decision_no,
                limited=location.capacity_daily is not None,
                opens_at=part.opens_at if part else None,
                leaves_on=promise.ships_on if promise else None,
            )
            if promise is not None:
                changes.promise(fo_of[key], promise)
        for state, qty in waiting.take(allocation.line_no, allocation.qty):
            changes.move(opened, allocation.line_no, qty, (state, "reserved"), fo_of[key])
        reserved[location.code] += allocation.qty
    left = _leave_rest(changes, search, waiting)
    body = msgspec.Raw(msgspec.json.encode(found.decision))
    send_decisions(
        tx,
        [
            (
                str(order.id),
                decision_no,
                tx.now,
                str(guide.policy_id),
                guide.network.version,
                search.cause,
                body,
            )
        ],
    )
    tx.emit(ORDER, order.id, OrderSourced(decision_no, search.cause, dict(reserved), left))
    return Sourced(reserved.total(), left)


class _Timing(msgspec.Struct, frozen=True):
    """What is known of time while a search is carried out.

    promises: of parts whose work begins at once, by place. dates: of lines, by order.
    """

    request: SourcingRequest
    promises: Mapping[int, Promise]
    dates: Mapping[UUID, Mapping[int, Dates]]

    def time(
        self, search: Search, found: Plan, known: Reference
    ) -> dict[tuple[int, Dates | None], TimedPart]:
        """When the parts with dates begin; nothing for orders without any."""
        order = search.opened.order
        dates = self.dates.get(order.id)
        if not dates:
            return {}
        network = known.networks[known.channels_by_id[order.channel_id].policy_id]
        timed = time_parts(self.request, network, found.allocations, dates, {})
        return {(place, wanted): part for (place, wanted), part in timed.items()}


class _Waiting:
    """The units of a search that have no stock yet, by line and state."""

    def __init__(self, search: Search) -> None:
        self.left: dict[int, dict[LineState, int]] = {
            line_no: {
                "open": units - search.backordered.get(line_no, 0),
                "backordered": search.backordered.get(line_no, 0),
            }
            for line_no, units in search.units.items()
        }

    def take(self, line_no: int, qty: int) -> list[tuple[LineState, int]]:
        """Take units off, open ones first; (state, units) of what was taken."""
        taken: list[tuple[LineState, int]] = []
        for state, units in self.left[line_no].items():
            part = min(units, qty)
            if part:
                self.left[line_no][state] -= part
                qty -= part
                taken.append((state, part))
        assert qty == 0, "a plan allocates what was wanted at most"
        return taken


def _leave_rest(changes: OrderChanges, search: Search, waiting: _Waiting) -> int:
    """What nobody has is backordered; units that had been promised are somebody's task."""
    total = 0
    for line_no, states in waiting.left.items():
        if states["open"]:
            changes.move(search.opened, line_no, states["open"], ("open", "backordered"))
        short = states["open"] + states["backordered"]
        total += short
        if short and search.promised:
            item_id = search.opened.lines[line_no].item_id
            changes.tasks.append(
                ("shortage", search.opened.order.id, line_no, None, item_id, short)
            )
    return total
