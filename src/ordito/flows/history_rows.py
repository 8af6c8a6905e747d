"""The rows of orders taken over with their past: received, shipped and delivered long ago."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from ordito.customers import customers
from ordito.flows.entry_asks import SOMEWHERE
from ordito.flows.order_drafts import Draft, DraftLine
from ordito.fulfillment import fulfillment_orders
from ordito.inventory.ledger import Ledger
from ordito.kernel.ids import new_id
from ordito.kernel.moves import Move
from ordito.locations.types import Location
from ordito.orders import orders, quantities
from ordito.orders.events import OrderPlaced, UnitsDelivered, UnitsShipped
from ordito.orders.statuses import Sums, derive
from ordito.platform.database import Tx
from ordito.platform.events import Event, event_row, send_events

FO_NO = 1
NO_DECISION = 0
"""Nothing was sourced: there is no decision to point to."""


class HistoryRows:
    """Everything that a chunk of orders with a past writes."""

    def __init__(
        self,
        tx: Tx,
        place: Location,
        ledger: Ledger,
        known_customers: dict[customers.ContactKey, UUID],
    ) -> None:
        self.tx = tx
        self.place = place
        self.place_id = str(place.id)
        self.ledger = ledger
        self.customer_of = {key: str(id_) for key, id_ in known_customers.items()}
        self.rows: defaultdict[Any, list[tuple[Any, ...]]] = defaultdict(list)
        self.people: list[customers.PersonRow] = []
        self.contacts: list[tuple[str, str, str]] = []
        self.rendered: list[Move] = []
        self.events: list[Any] = []

    def add(self, draft: Draft, number: int, fingerprint: bytes) -> str:
        """Collect the rows of one order and post its goods in and out; returns its id."""
        id_ = str(new_id())
        self._add_lines(id_, draft)
        self._add_adjustments(id_, draft)
        customer_id = self._add_people(id_, draft)
        shipped = {line.no: line.ask.quantity for line in draft.lines if line.parts}
        if shipped:
            self._add_work(id_, draft)
        version = self._add_events(id_, draft, number, shipped)
        self._add_order(id_, draft, number, customer_id, version)
        key = (draft.channel.id, draft.external_key, id_, fingerprint)
        self.rows[orders.INSERT_EXTERNAL].append(key)
        return id_

    def _add_lines(self, id_: str, draft: Draft) -> None:
        rows = self.rows[orders.INSERT_LINES]
        for line, priced in zip(draft.lines, draft.totals.lines, strict=True):
            ordered = line.ask.quantity
            shipped = ordered if line.parts else 0
            # Services are rendered below: a line is written open or shipped, never completed.
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
                    None,
                    ordered,
                    ordered - shipped,
                    0,
                    0,
                    shipped,
                    shipped,
                )
            )
            if line.item.kind == "kit":
                self.rows[orders.INSERT_COMPONENTS] += [
                    (id_, line.no, part.item_id, part.per_unit) for part in line.parts
                ]
            if not shipped:
                move = Move(UUID(id_), line.no, self.place.id, "open", "completed", ordered, ())
                self.rendered.append(move)

    def _add_work(self, id_: str, draft: Draft) -> None:
        """One fulfillment order, delivered; its goods came in and went out on the order's day."""
        at = draft.placed_at
        self.rows[fulfillment_orders.INSERT].append(
            (
                id_,
                FO_NO,
                self.place_id,
                draft.ask.delivery,
                "delivered",
                NO_DECISION,
                None,
                at,
                at,
                self.tx.now,
            )
        )
        rows = self.rows[fulfillment_orders.INSERT_LINES]
        for line in draft.lines:
            self._post(id_, line, draft)
            for part in line.parts:
                qty = line.ask.quantity * part.per_unit
                rows.append((id_, FO_NO, line.no, part.item_id, qty, part.per_unit, qty, qty, qty))

    def _post(self, id_: str, line: DraftLine, draft: Draft) -> None:
        for part in line.parts:
            key, source = (str(part.item_id), self.place_id), (id_, line.no)
            qty, at = line.ask.quantity * part.per_unit, draft.placed_at
            self.ledger.post(
                key, "supplier", "available", qty, reason="history", source=source, occurred_at=at
            )
            self.ledger.post(
                key, "available", "customer", qty, reason="history", source=source, occurred_at=at
            )

    def _add_adjustments(self, id_: str, draft: Draft) -> None:
        self.rows[orders.INSERT_ADJUSTMENTS] += [
            (
                id_,
                n,
                adjustment.kind,
                adjustment.title,
                adjustment.amount_minor,
                adjustment.tax_minor,
                adjustment.taxes or None,
            )
            for n, adjustment in enumerate(draft.totals.adjustments, start=1)
        ]

    def _add_people(self, id_: str, draft: Draft) -> str | None:
        """Addresses of the order, and its customer: found, found earlier in the chunk, or made."""
        ask = draft.ask
        email = ask.customer.email if ask.customer else ""
        for role, address in (("ship_to", ask.ship_to), ("bill_to", ask.bill_to)):
            if address is not None and address != SOMEWHERE:
                self.rows[orders.INSERT_PARTIES].append((id_, role, email, address))
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

    def _add_events(self, id_: str, draft: Draft, number: int, shipped: dict[int, int]) -> int:
        events: list[Event] = [
            OrderPlaced(
                number=number,
                channel=draft.channel.code,
                currency=draft.terms.currency,
                total_minor=draft.totals.total_minor,
                lines=len(draft.lines),
                units=sum(line.ask.quantity for line in draft.lines),
                external_id=draft.external_id,
                mode="history",
            )
        ]
        if shipped:
            events.append(UnitsShipped(FO_NO, self.place.code, shipped, parcel_no=0))
            events.append(UnitsDelivered(FO_NO, shipped, parcel_no=0))
        self.events += [
            event_row(self.tx, "order", id_, seq, event) for seq, event in enumerate(events, 1)
        ]
        return len(events)

    def _add_order(
        self, id_: str, draft: Draft, number: int, customer_id: str | None, version: int
    ) -> None:
        totals, ask = draft.totals, draft.ask
        shipped = sum(line.ask.quantity for line in draft.lines if line.parts)
        rendered = sum(line.ask.quantity for line in draft.lines if not line.parts)
        axes = derive(
            Sums(
                order_id=UUID(id_),
                life="open",
                ordered=shipped + rendered,
                shipped=shipped,
                delivered=shipped,
                completed=rendered,
            )
        )
        self.rows[orders.INSERT_ORDERS].append(
            (
                id_,
                number,
                draft.channel.id,
                draft.external_id,
                customer_id,
                "history",
                ask.kind,
                ask.code,
                ask.delivery,
                None,
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
                # What is past is settled: nobody is asked for money again.
                "paid",
                axes.return_state,
                axes.backordered,
                # Without a promise it is never late.
                None,
                draft.placed_at,
                self.tx.now,
                version,
            )
        )

    def send(self) -> None:
        """Write all rows but the ledger's, which the caller may still post to."""
        tx = self.tx
        customers.send_insert(tx, self.people, self.contacts)
        for insert in _ORDER_OF_WRITING:
            insert.send(tx, self.rows[insert])
        if self.rendered:
            quantities.apply_moves(tx, self.rendered)
        if self.events:
            send_events(tx, self.events)


_ORDER_OF_WRITING = (
    orders.INSERT_EXTERNAL,
    orders.INSERT_ORDERS,
    orders.INSERT_LINES,
    orders.INSERT_COMPONENTS,
    orders.INSERT_ADJUSTMENTS,
    orders.INSERT_PARTIES,
    fulfillment_orders.INSERT,
    fulfillment_orders.INSERT_LINES,
)
