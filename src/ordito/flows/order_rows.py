"""The rows of placed orders: collected for a whole batch, then written slice by slice."""

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

import msgspec

from ordito.customers import customers
from ordito.flows.date_rows import INSERTS, add_dates, date_events, mark_lines
from ordito.flows.order_dates import NO_DATES
from ordito.flows.order_drafts import Draft
from ordito.flows.planned_orders import PlannedOrder
from ordito.flows.promise_rows import forecast_row, promise_row
from ordito.flows.reference import Reference
from ordito.flows.slot_bookings import slot_event, stop_row
from ordito.fulfillment import fulfillment_orders, load, part_promises, schedules, stops
from ordito.fulfillment.types import fo_id
from ordito.inventory import reservations
from ordito.inventory.ledger import Ledger
from ordito.kernel.ids import new_id
from ordito.orders import orders
from ordito.orders.events import OrderHeld, OrderPlaced, OrderSourced
from ordito.orders.statuses import Sums, derive
from ordito.orders.types import MoneyState, PlacedLine, PlacedOrder, PlacedPart
from ordito.payments import expectations
from ordito.platform import idempotency
from ordito.platform.database import Tx
from ordito.platform.events import Event, event_row, send_events
from ordito.sourcing import stored_decisions, stored_rollouts
from ordito.sourcing.timings import Dates

PartKey = tuple[int, Dates | None]
"""A part of an order: what one place sends of lines with the same dates."""

_encode = msgspec.json.Encoder().encode


class OrderRows:
    """Everything that a batch of orders writes."""

    def __init__(
        self,
        tx: Tx,
        known: Reference,
        ledger: Ledger,
        known_customers: dict[customers.ContactKey, UUID],
    ) -> None:
        self.tx = tx
        self.known = known
        self.ledger = ledger
        self.customer_of = {key: str(id_) for key, id_ in known_customers.items()}
        self.rows: defaultdict[Any, list[tuple[Any, ...]]] = defaultdict(list)
        self.people: list[customers.PersonRow] = []
        self.contacts: list[tuple[str, str, str]] = []
        self.reservations: list[reservations.ReservationRow] = []
        self.decisions: list[stored_decisions.DecisionRow] = []
        self.drawn: list[stored_rollouts.RolloutOrderRow] = []
        self.expectations: list[expectations.ExpectationRow] = []
        self.events: list[Any] = []
        self.answers: list[idempotency.AnswerRow] = []
        self.accepted = load.Tally()

    def add(self, order: PlannedOrder) -> PlacedOrder:
        """Take the stock of one order and collect its rows; returns the answer."""
        id_ = str(new_id())
        served = self._add_fulfillment(id_, order)
        lines = self._add_lines(id_, order.draft, served)
        if order.draft.dates is not NO_DATES:
            add_dates(self.rows, id_, order.draft.dates, order.timing.late)
            lines = mark_lines(lines, order.draft.dates, order.timing.late)
        self._add_adjustments(id_, order.draft)
        if order.draft.slot is not None:
            self.rows[stops.INSERT].append(stop_row(id_, order.draft.slot, self.tx.now))
        customer_id = self._add_people(id_, order.draft)
        self._add_extras(id_, order)
        version = self._add_events(id_, order, lines)
        answer = self._add_order(id_, order, customer_id, lines, version)
        self._remember(id_, order, answer)
        return answer

    def _add_fulfillment(self, id_: str, order: PlannedOrder) -> Counter[int]:
        """Reserve the plan's stock, one fulfillment order per place; units served per line."""
        served: Counter[int] = Counter()
        fo_no_of: dict[PartKey, int] = {}
        dates = order.draft.dates.lines
        now, actor_id = self.tx.now, order.request.actor.id
        shop = order.draft.pickup
        for allocation in order.plan.allocations:
            location_id = self.known.id_by_no[allocation.place]
            line_no, qty = allocation.line_no, allocation.qty
            part_key = (allocation.place, dates.get(line_no))
            fo_no = fo_no_of.setdefault(part_key, len(fo_no_of) + 1)
            served[line_no] += qty
            for part in order.draft.lines[line_no - 1].parts:
                item_id, pieces = str(part.item_id), qty * part.per_unit
                self.ledger.post(
                    (item_id, location_id),
                    "available",
                    "reserved",
                    pieces,
                    reason="order",
                    source=(id_, line_no),
                    actor_id=actor_id,
                )
                self.reservations.append((id_, line_no, item_id, location_id, pieces, None))
                self.rows[fulfillment_orders.INSERT_LINES].append(
                    (id_, fo_no, line_no, item_id, pieces, part.per_unit, 0, 0, 0)
                )
        for (place, wanted), fo_no in fo_no_of.items():
            location = self.known.locations_by_no[place]
            timed = None if wanted is None else order.timing.parts[place, wanted]
            scheduled = timed is not None and timed.opens_at is not None
            row = (
                id_,
                fo_no,
                str(location.id),
                order.draft.ask.delivery,
                "scheduled" if scheduled else "open",
                1,
                order.part_promised_on(place, timed),
                now,
                None,
                now,
            )
            if shop is None or place == shop.no:
                self.rows[fulfillment_orders.INSERT].append(row)
            else:
                bound = (*row[:3], "ship", *row[4:], str(shop.id))
                self.rows[fulfillment_orders.INSERT_BOUND].append(bound)
            promise = order.promises.get(place) if timed is None else timed.promise
            if promise is not None:
                self.rows[part_promises.INSERT].append(promise_row(id_, fo_no, promise))
                if promise.basis is not None:
                    forecast = forecast_row(id_, fo_no, promise.basis)
                    self.rows[part_promises.INSERT_FORECAST].append(forecast)
            if timed is not None and scheduled:
                self.rows[schedules.INSERT].append((id_, fo_no, timed.opens_at))
            if location.capacity_daily is not None:
                here = [one.qty for one in order.plan.allocations if one.place == place]
                self.accepted.add(location.id, len(here), sum(here))
        if order.draft.sourcing.wants:
            guide = self.known.guides.in_force(order.draft.channel.id)
            if order.arm is not None and order.figures is not None:
                guide = order.arm.guide
                self.drawn.append(order.arm.row(id_, now, order.figures))
            body = msgspec.Raw(_encode(order.plan.decision))
            policy = (str(guide.policy_id), guide.network.version)
            self.decisions.append((id_, 1, now, *policy, "placed", body))
        return served

    def _add_lines(self, id_: str, draft: Draft, served: Counter[int]) -> tuple[PlacedLine, ...]:
        """What is not reserved of a stocked line is backordered; services stay open."""
        placed = []
        rows = self.rows[orders.INSERT_LINES]
        for line, priced in zip(draft.lines, draft.totals.lines, strict=True):
            ordered, reserved = line.ask.quantity, served.get(line.no, 0)
            backordered = ordered - reserved if line.parts else 0
            open_ = 0 if line.parts else ordered
            rows.append(
                (
                    id_,
                    line.no,
                    line.item.id,
                    line.item.sku,
                    line.ask.title or line.item.name,
                    line.item.kind,
                    priced.unit_price,
                    priced.gross_minor,
                    priced.discount_minor,
                    priced.net_minor,
                    priced.tax_minor,
                    priced.taxes or None,
                    line.pinned.id if line.pinned else None,
                    ordered,
                    open_,
                    backordered,
                    reserved,
                    0,
                    0,
                )
            )
            if line.item.kind == "kit":
                self.rows[orders.INSERT_COMPONENTS] += [
                    (id_, line.no, part.item_id, part.per_unit) for part in line.parts
                ]
            placed.append(PlacedLine(line.no, line.item.sku, ordered, reserved, backordered, open_))
        return tuple(placed)

    def _add_adjustments(self, id_: str, draft: Draft) -> None:
        for n, adjustment in enumerate(draft.totals.adjustments, start=1):
            self.rows[orders.INSERT_ADJUSTMENTS].append(
                (
                    id_,
                    n,
                    adjustment.kind,
                    adjustment.title,
                    adjustment.amount_minor,
                    adjustment.tax_minor,
                    adjustment.taxes or None,
                )
            )

    def _add_people(self, id_: str, draft: Draft) -> str | None:
        """Addresses of the order, and its customer: found, found earlier in the batch, or made."""
        ask = draft.ask
        email = ask.customer.email if ask.customer else ""
        parties = self.rows[orders.INSERT_PARTIES]
        if ask.ship_to is not None:
            parties.append((id_, "ship_to", email, ask.ship_to))
        if ask.bill_to is not None:
            parties.append((id_, "bill_to", email, ask.bill_to))
        if not draft.contacts or ask.customer is None:
            return None
        known = [self.customer_of[key] for key in draft.contacts if key in self.customer_of]
        customer_id = known[0] if known else str(new_id())
        if not known:
            name = ask.customer.name or (ask.ship_to.name if ask.ship_to else "")
            self.people.append((customer_id, name, ask.customer.email, ask.customer.phone))
        for key in draft.contacts:
            if key not in self.customer_of:
                self.customer_of[key] = customer_id
                self.contacts.append((*key, customer_id))
        return customer_id

    def _add_extras(self, id_: str, order: PlannedOrder) -> None:
        """Holds, tags, the note and the payment that is expected."""
        ask, actor, now = order.draft.ask, order.request.actor, self.tx.now
        self.rows[orders.INSERT_HOLDS] += [
            (id_, n, hold.reason, hold.note, None, hold.release_at, now)
            for n, hold in enumerate(ask.holds, start=1)
        ]
        self.rows[orders.INSERT_TAGS] += [(id_, tag) for tag in sorted(set(ask.tags))]
        if ask.note:
            self.rows[orders.INSERT_NOTES].append((id_, 1, actor.id, actor.name, now, ask.note))
        if ask.payment:
            self.expectations.append(
                (
                    id_,
                    ask.payment.method,
                    order.draft.terms.currency,
                    order.draft.totals.total_minor,
                    ask.payment.due_on,
                )
            )

    def _add_events(self, id_: str, order: PlannedOrder, lines: tuple[PlacedLine, ...]) -> int:
        """The first events of the order's timeline; returns their number, which is its version."""
        draft = order.draft
        events: list[Event] = [
            OrderPlaced(
                number=order.number,
                channel=draft.channel.code,
                currency=draft.terms.currency,
                total_minor=draft.totals.total_minor,
                lines=len(lines),
                units=sum(line.ordered for line in lines),
                external_id=draft.external_id,
            )
        ]
        if draft.sourcing.wants:
            reserved: Counter[str] = Counter()
            for allocation in order.plan.allocations:
                reserved[self.known.locations_by_no[allocation.place].code] += allocation.qty
            backordered = sum(line.backordered for line in lines)
            events.append(OrderSourced(1, "placed", dict(reserved), backordered))
        if draft.dates is not NO_DATES:
            events += date_events(draft.dates, order.timing.late)
        if draft.slot is not None:
            events.append(slot_event(draft.slot))
        events += [
            OrderHeld(n, hold.reason, hold.release_at)
            for n, hold in enumerate(draft.ask.holds, start=1)
        ]
        tx, request = self.tx, order.request
        self.events += [
            event_row(
                tx, "order", id_, seq, event, actor=request.actor, request_id=request.request_id
            )
            for seq, event in enumerate(events, start=1)
        ]
        return len(events)

    def _add_order(
        self,
        id_: str,
        order: PlannedOrder,
        customer_id: str | None,
        lines: tuple[PlacedLine, ...],
        version: int,
    ) -> PlacedOrder:
        draft, ask, totals = order.draft, order.draft.ask, order.draft.totals
        axes = derive(_sums(id_, lines, held=bool(ask.holds)))
        money: MoneyState = "pending" if totals.total_minor else "paid"
        self.rows[orders.INSERT_ORDERS].append(
            (
                id_,
                order.number,
                draft.channel.id,
                draft.external_id,
                customer_id,
                "live",
                ask.kind,
                ask.code,
                ask.delivery,
                draft.pickup.id if draft.pickup else None,
                draft.country,
                draft.terms.currency,
                draft.terms.tax_included,
                draft.terms.rounding,
                totals.items_minor,
                totals.discount_minor,
                totals.shipping_minor,
                totals.fees_minor,
                totals.tax_minor,
                totals.rounding_minor,
                totals.total_minor,
                draft.channel.base_currency,
                draft.rate,
                draft.rate_on,
                draft.base_total_minor,
                axes.life,
                axes.fulfilment,
                money,
                axes.return_state,
                axes.backordered,
                order.promised_on,
                draft.placed_at,
                self.tx.now,
                version,
            )
        )
        dates = draft.dates.lines
        places = dict.fromkeys(
            (allocation.place, dates.get(allocation.line_no))
            for allocation in order.plan.allocations
        )
        return PlacedOrder(
            id=UUID(id_),
            number=order.number,
            version=version,
            channel=draft.channel.code,
            external_id=draft.external_id,
            currency=draft.terms.currency,
            total_minor=totals.total_minor,
            life=axes.life,
            fulfilment=axes.fulfilment,
            money=money,
            backordered=axes.backordered,
            lines=lines,
            fulfillment_orders=tuple(
                PlacedPart(fo_id(id_, n), self.known.locations_by_no[place].code)
                for n, (place, _dates) in enumerate(places, start=1)
            ),
        )

    def _remember(self, id_: str, order: PlannedOrder, answer: PlacedOrder) -> None:
        """What makes the same ask have one effect: the channel's own id, and the client's key."""
        request, draft = order.request, order.draft
        if draft.external_key is not None:
            self.rows[orders.INSERT_EXTERNAL].append(
                (draft.channel.id, draft.external_key, id_, request.fingerprint)
            )
        self.answers.append(
            (
                request.actor.id,
                request.key,
                request.fingerprint,
                201,
                _encode(answer).decode(),
            )
        )

    def send(self) -> None:
        """Write all rows. Stock first, whose locks are held; counters others wait for, last."""
        tx = self.tx
        customers.send_insert(tx, self.people, self.contacts)
        for insert in _ORDER_OF_WRITING:
            insert.send(tx, self.rows[insert])
        expectations.send_insert(tx, self.expectations)
        stored_decisions.send_insert(tx, self.decisions)
        stored_rollouts.send_orders(tx, self.drawn)
        reservations.send_insert(tx, self.reservations)
        self.ledger.send(tx)
        if self.events:
            send_events(tx, self.events)
        load.send_raise(tx, self.accepted, self.known.capacity_days(tx.now))
        idempotency.send_store(tx, self.answers)


_ORDER_OF_WRITING = (
    orders.INSERT_EXTERNAL,
    orders.INSERT_ORDERS,
    orders.INSERT_LINES,
    orders.INSERT_COMPONENTS,
    orders.INSERT_ADJUSTMENTS,
    orders.INSERT_PARTIES,
    orders.INSERT_HOLDS,
    orders.INSERT_TAGS,
    orders.INSERT_NOTES,
    fulfillment_orders.INSERT,
    fulfillment_orders.INSERT_BOUND,
    fulfillment_orders.INSERT_LINES,
    part_promises.INSERT,
    part_promises.INSERT_FORECAST,
    stops.INSERT,
    *INSERTS,
)


def _sums(id_: str, lines: tuple[PlacedLine, ...], *, held: bool) -> Sums:
    return Sums(
        order_id=UUID(id_),
        life="open",
        ordered=sum(line.ordered for line in lines),
        open=sum(line.open for line in lines),
        backordered=sum(line.backordered for line in lines),
        reserved=sum(line.reserved for line in lines),
        held=held,
    )
