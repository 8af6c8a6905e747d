"""Complete a cart: its hold ends and its stock is the order's, in one transaction, without a gap.

The order is planned on the stock of the hold alone, so that everything stays where it is kept.
Only where the policy forbids one of those places (the order goes to another country, say) other
stock is looked for too.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from ordito.flows.buyers import buyer_of, groups_of_contacts
from ordito.flows.hold_stock import lock_open_hold
from ordito.flows.kept_stock import KeptPlans, Taker, lock_kept, send_kept_of
from ordito.flows.order_drafts import Draft, draft_order, item_ids
from ordito.flows.order_plans import by_item, measure, refuse
from ordito.flows.order_rows import OrderRows
from ordito.flows.order_timing import NO_TIMING, OrderTiming, refuse_dates, time_order
from ordito.flows.place_orders import answer_known, place_orders, read_known
from ordito.flows.planned_orders import PlannedOrder
from ordito.flows.preorder_caps import require_room
from ordito.flows.promise_rows import read_queue, send_queue
from ordito.flows.reference import Reference, reference
from ordito.fulfillment import load
from ordito.inventory.events import HoldEnded
from ordito.inventory.holds import HOLD, Hold, free_holds, name_order
from ordito.inventory.kept import Buyer
from ordito.inventory.reservations import read_reservations
from ordito.inventory.stock import send_free
from ordito.inventory.types import CellKey, Reservation
from ordito.kernel.text import normal_code
from ordito.orders import orders
from ordito.orders.asks import CompleteCart
from ordito.orders.types import LineAsk, PlacedOrder, PlaceOrder
from ordito.platform.database import Tx
from ordito.platform.door import command, prepare
from ordito.platform.problems import ActionNotAllowed, Busy, Fault, InvalidInput, Problem
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.plans import plan
from ordito.sourcing.promises import Promise
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.types import Plan

FreeUnits = dict[str, dict[int, int]]
"""item id → place number → units"""


@command(permission="orders.write")
def complete_cart(tx: Tx, ask: CompleteCart) -> PlacedOrder:
    """Place the order of a cart on the stock that its hold keeps; raises HoldOver, OutOfStock."""
    hold, _now = lock_open_hold(tx, ask.hold_id)
    channel = _channel_of(tx, hold)
    request = prepare(tx.actor, place_orders, _order_of(hold, ask, channel))
    known, facts = read_known(tx, [request])
    answer = answer_known([request], facts, known.reference)[0]
    if isinstance(answer, Problem):
        raise answer
    draft = draft_order(tx.actor, request.ask, known)
    require_room(tx, draft)
    kept = read_reservations(tx, [hold.id])
    number = orders.NUMBERS.send(tx, n=1).fetchall()[0]
    guides = known.reference.guides
    arm = guides.draw(draft.channel, draft.external_key, number)
    network = (arm.guide if arm else guides.in_force(draft.channel.id)).network
    groups = groups_of_contacts(tx, known.reference.keeping, facts.customers)
    buyer = buyer_of(draft.channel.id, draft.contacts, groups)
    found = _plan(tx, draft, kept, known.reference, network, buyer)
    demand = _demand(draft, found.plan, known.reference)
    planned = PlannedOrder(
        0, request, draft, found.plan, number, dict(demand), found.promises, arm=arm,
        figures=measure(arm, draft, found.plan, found.accepted) if arm else None,
        timing=_time(tx, draft, found.plan, known.reference),
    )  # fmt: skip
    held = _held(kept)
    writes, ledger = lock_kept(tx, [buyer], found.holds, {*held, *demand})
    free_holds(tx, [hold.id], kept, ledger, "hold_completed")
    parts = writes.take(buyer, demand - held, ledger)
    rows = OrderRows(tx, known.reference, ledger, facts.customers)
    if any(ledger.free(*cell) < qty for cell, qty in demand.items()):
        raise Busy("Others were taking the same stock at this moment. Try again.")
    placed = rows.add(planned)
    rows.events += writes.tell(Taker(placed.id, placed.number), parts)
    writes.send(ledger)
    rows.send()
    name_order(tx, hold.id, placed.id)
    left: Counter[str] = Counter()
    for (item_id, _location_id), pieces in (held - demand).items():
        left[item_id] += pieces
    tx.emit(HOLD, hold.id, HoldEnded("completed", dict(left), placed.id))
    return placed


def _channel_of(tx: Tx, hold: Hold) -> str:
    if hold.channel_id is None or hold.kind != "cart":
        raise ActionNotAllowed(
            "It is no cart: it is kept for those who order.", extra={"allowed_actions": ["release"]}
        )
    return reference(tx).channels_by_id[hold.channel_id].code


def _order_of(hold: Hold, ask: CompleteCart, channel: str) -> PlaceOrder:
    """What is to be placed; raises InvalidInput when that isn't what is in the cart."""
    if not hold.lines:
        raise ActionNotAllowed(
            "Nothing is known of what was in it. Release the hold and place an order.",
            extra={"allowed_actions": ["extend", "release"]},
        )
    lines = ask.lines or tuple(LineAsk(line.sku, line.quantity) for line in hold.lines)
    asked: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for line in lines:
        asked[normal_code(line.sku)] += line.quantity
    for kept in hold.lines:
        wanted[normal_code(kept.sku)] += kept.quantity
    if asked != wanted:
        told = ", ".join(f"{line.quantity} × {line.sku}" for line in hold.lines)
        detail = f"In the cart are {told}. Complete that, then edit the order."
        raise InvalidInput(detail, errors=[Fault("/lines", "not-the-cart", detail)])
    fields = {
        name: getattr(ask, name)
        for name in CompleteCart.__struct_fields__
        if name not in ("hold_id", "lines")
    }
    return PlaceOrder(channel=channel, lines=lines, **fields)


class _Planned(NamedTuple):
    """Where an order ships from; the work that places accepted today; of which holds that keep
    stock for its buyer it takes something; and what the places promise."""

    plan: Plan
    accepted: dict[int, int]
    holds: frozenset[UUID]
    promises: dict[int, Promise]


def _plan(
    tx: Tx,
    draft: Draft,
    kept: Sequence[Reservation],
    known: Reference,
    network: CompiledPolicy,
    buyer: Buyer,
) -> _Planned:
    """What is held, and only if that may not ship, other stock as well."""
    rows = load.send_read(tx, known.capacity_days(tx.now))
    accepted = known.count_accepted(rows)
    free: FreeUnits = {}
    _add(free, kept, known)
    outcome = plan(draft.sourcing, network, free, accepted)
    holds: frozenset[UUID] = frozenset()
    if outcome.unserved:
        free = by_item(send_free(tx, item_ids([draft]), known.no_by_id))
        _add(free, kept, known)
        rows_kept = send_kept_of(tx, known, [buyer], item_ids([draft]))
        loans = KeptPlans(known, rows_kept.fetchall() if rows_kept else ())
        loans.lend(buyer, free)
        outcome = plan(draft.sourcing, network, free, accepted)
        _taken, holds = loans.use(buyer, _demand(draft, outcome, known) - _held(kept))
    if outcome.unserved and draft.channel.shortage == "refuse":
        raise refuse(draft, outcome)
    queue = read_queue(send_queue(tx, known), known)
    promises = promise_parcels(draft.sourcing, network, outcome.allocations, accepted, queue)
    return _Planned(outcome, accepted, holds, promises)


def _time(tx: Tx, draft: Draft, outcome: Plan, known: Reference) -> OrderTiming:
    """When the parts of a cart with dates or pre-orders begin; raises DateUnkeepable."""
    if not draft.dates.lines:
        return NO_TIMING
    timing = time_order(tx, draft, outcome, known, {})
    if timing.late and draft.channel.unkept_dates == "refuse":
        raise refuse_dates(draft, timing)
    return timing


def _add(free: FreeUnits, kept: Sequence[Reservation], known: Reference) -> None:
    for row in kept:
        units, place = free.setdefault(str(row.item_id), {}), known.no_by_id[str(row.location_id)]
        units[place] = units.get(place, 0) + row.qty


def _demand(draft: Draft, outcome: Plan, known: Reference) -> Counter[CellKey]:
    demand: Counter[CellKey] = Counter()
    for allocation in outcome.allocations:
        location_id = known.id_by_no[allocation.place]
        for part in draft.lines[allocation.line_no - 1].parts:
            demand[str(part.item_id), location_id] += allocation.qty * part.per_unit
    return demand


def _held(kept: Sequence[Reservation]) -> Counter[CellKey]:
    held: Counter[CellKey] = Counter()
    for row in kept:
        held[str(row.item_id), str(row.location_id)] += row.qty
    return held
