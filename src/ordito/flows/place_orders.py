"""Place orders: each is priced, sourced, reserved and promised in one commit, or refused whole.

Takes many at once: whatever the number, a handful of statements and one commit. Everything an
ask can fail of is found before the first write, so each succeeds or fails alone.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.catalog.items import send_find_facts
from ordito.channels.types import Channel
from ordito.customers import customers
from ordito.flows.buyers import groups_of_contacts
from ordito.flows.kept_stock import KeptWrites, Taker
from ordito.flows.order_drafts import (
    Draft,
    Known,
    draft_order,
    external_id_of,
    postal_keys,
)
from ordito.flows.order_plans import OrderPlans
from ordito.flows.order_rows import OrderRows
from ordito.flows.planned_orders import PlannedOrder
from ordito.flows.preorder_caps import PreorderWrites, refuse_full
from ordito.flows.reference import Reference, reference
from ordito.flows.slot_bookings import SlotBookings
from ordito.flows.slot_choices import read_local
from ordito.fulfillment.problems import SlotUnavailable
from ordito.inventory.kept import Buyer
from ordito.inventory.ledger import CLOCK, LOCK, Ledger
from ordito.kernel.text import normal_code
from ordito.locations import postal_codes
from ordito.orders import orders
from ordito.orders.orders import KnownOrder
from ordito.orders.types import PlacedOrder, PlaceOrder
from ordito.platform import idempotency
from ordito.platform.database import Tx
from ordito.platform.door import AGAIN, Request, command, stored_answer
from ordito.platform.problems import AlreadyExists, Problem
from ordito.sourcing.stored_rollouts import insert_refusals


@command(permission="orders.write", takes_many=True, answer=PlacedOrder)
def place_orders(tx: Tx, requests: Sequence[Request]) -> list[Any]:
    """Answer each ask with its PlacedOrder, its Problem, or AGAIN when others were faster."""
    known, facts = read_known(tx, requests)
    answers = answer_known(requests, facts, known.reference)
    drafts: dict[int, Draft] = {}
    for i, request in enumerate(requests):
        if answers[i] is None:
            try:
                drafts[i] = draft_order(request.actor, request.ask, known)
            except SlotUnavailable as problem:
                # Whoever took the last place of this batch may yet be refused for another reason.
                answers[i] = AGAIN if any(draft.slot for draft in drafts.values()) else problem
            except Problem as problem:
                answers[i] = problem
    refuse_full(tx, drafts, answers)
    groups = groups_of_contacts(tx, known.reference.keeping, facts.customers)
    plans = OrderPlans(tx, requests, known.reference, answers, groups)
    planned = plans.plan(drafts)
    if planned:
        _write(tx, planned, facts, known, answers)
    if plans.refusals:
        insert_refusals(tx, plans.refusals)
    return answers


class Facts(msgspec.Struct):
    """What was stored already about the asks of a batch."""

    answers: dict[tuple[UUID, str], idempotency.StoredAnswer]
    orders: dict[tuple[UUID, str], KnownOrder]
    customers: dict[customers.ContactKey, UUID]


def read_known(tx: Tx, requests: Sequence[Request]) -> tuple[Known, Facts]:
    """One round trip for everything but the stock; nothing is locked."""
    known_reference = reference(tx)
    asks: list[PlaceOrder] = [request.ask for request in requests]
    external, contacts = _keys(asks, known_reference)
    skus = {normal_code(line.sku) for ask in asks for line in ask.lines}
    with tx.conn.pipeline() as pipeline:
        answers = idempotency.send_find(tx, [(r.actor.id, r.key) for r in requests])
        found_orders = orders.send_find_external(tx, external) if external else None
        found_customers = customers.send_find(tx, contacts) if contacts else None
        points = postal_codes.send_find(tx, sorted(postal_keys(asks)))
        items = send_find_facts(tx, skus)
        pipeline.sync()
        known = Known(
            reference=known_reference,
            items={item.sku_key: item for item in items},
            centroids={(p.country, p.code): (p.latitude, p.longitude) for p in points},
            now=tx.now,
        )
        facts = Facts(
            {(a.actor_id, a.key): a for a in answers},
            {(o.channel_id, o.external_key): o for o in found_orders or ()},
            {(c.kind, c.value_key): c.customer_id for c in found_customers or ()},
        )
    local = read_local(tx, asks, known_reference, known.items)
    return known if local is None else msgspec.structs.replace(known, local=local), facts


def _keys(
    asks: Sequence[PlaceOrder], known: Reference
) -> tuple[list[tuple[str, str]], list[customers.ContactKey]]:
    external, contacts = [], []
    for ask in asks:
        channel = known.channels.get(ask.channel)
        if channel is None:
            continue
        external_id = external_id_of(ask)
        if external_id:
            external.append((str(channel.id), normal_code(external_id)))
        if ask.customer:
            contacts += customers.contact_keys(
                ask.customer.email, ask.customer.phone, ask.customer.reference, channel.id
            )
    return external, contacts


def answer_known(requests: Sequence[Request], facts: Facts, known: Reference) -> list[Any]:
    """Answers for what was asked before; AGAIN for what another ask of this batch decides."""
    answers: list[Any] = []
    seen: set[Any] = set()
    for request in requests:
        key = (request.actor.id, request.key)
        channel = known.channels.get(request.ask.channel)
        external = _external_key(request, channel)
        if key in facts.answers:
            answers.append(stored_answer(facts.answers[key], request, PlacedOrder))
        elif key in seen or external in seen:
            answers.append(AGAIN)
        elif external is not None and external in facts.orders:
            answers.append(_known_order(request, facts.orders[external], channel))
        else:
            answers.append(None)
            seen |= {key, external} if external else {key}
    return answers


def _external_key(request: Request, channel: Channel | None) -> tuple[UUID, str] | None:
    external_id = external_id_of(request.ask)
    return (channel.id, normal_code(external_id)) if channel and external_id else None


def _known_order(request: Request, order: KnownOrder, channel: Channel | None) -> Problem:
    """The channel has sent this order before: nothing is placed twice."""
    if channel is None or not request.actor.sees_channel(channel.id):
        return AlreadyExists("It was sent before.")
    return AlreadyExists(
        f"The channel has sent this order before: it is #{order.number}. Nothing was placed twice.",
        extra={
            "existing": {"id": str(order.order_id), "number": order.number},
            "same_content": order.fingerprint == request.fingerprint,
        },
    )


def _find_kept(tx: Tx, planned: Sequence[PlannedOrder]) -> KeptWrites:
    """What is kept that the plans take, to be locked with the cells."""
    holds = {id_ for order in planned for id_ in order.kept_holds}
    buyers = {order.buyer for order in planned if order.buyer and order.kept_holds}
    items = {item_id for order in planned for item_id, _ in order.demand} if holds else ()
    return KeptWrites(tx, buyers, holds, items)


def _write(
    tx: Tx, planned: list[PlannedOrder], facts: Facts, known: Known, answers: list[Any]
) -> None:
    """Lock exactly the planned cells, drop those who lost theirs, write all rows, commit."""
    reference_ = known.reference
    cells = sorted({cell for order in planned for cell in order.demand})
    kept = _find_kept(tx, planned)
    preorders = PreorderWrites(tx, planned)
    slots = SlotBookings(tx, planned)
    with tx.conn.pipeline() as pipeline:
        tx.conn.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        kept.send_lock()
        preorders.send_lock()
        slot_days = slots.send_lock()
        locked = LOCK.send_rows(tx, cells)
        clock = CLOCK.send(tx)
        kept_rows = kept.send_read()
        preordered = preorders.send_read()
        pipeline.sync()
        kept.read(kept_rows)
        preorders.read(preordered)
        slots.read(slot_days)
        ledger = Ledger(locked.fetchall(), clock.fetchone() or tx.now, tx.actor.id, tx.now)
        rows = OrderRows(tx, reference_, ledger, facts.customers)
        for order in planned:
            buyer, actor = order.buyer or Buyer(order.draft.channel.id), order.request.actor
            fits = preorders.fits(order) and slots.fits(order)
            if not (fits and kept.has_room(buyer, order.demand, ledger)):
                answers[order.index] = AGAIN
                continue
            slots.take(order)
            parts = kept.take(buyer, order.demand, ledger, actor.id)
            placed = rows.add(order)
            answers[order.index] = placed
            taker = Taker(placed.id, placed.number)
            rows.events += kept.tell(taker, parts, actor, order.request.request_id)
        kept.send(ledger)
        slots.send()
        rows.send()
        tx.conn.execute("COMMIT")
