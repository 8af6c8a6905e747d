"""Match cancelling invoices to what was sold: units never shipped are cancelled, others return."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.catalog.items import send_find_facts
from ordito.catalog.types import ItemFacts
from ordito.customers import customers
from ordito.flows.cancel_order import cancel_order
from ordito.flows.implied_items import skus_of
from ordito.flows.import_progress import Booked, open_progress, write_progress
from ordito.flows.intake_log import IntakeLog, Origin, Why, why_of
from ordito.flows.manage_locations import ensure_history_location
from ordito.flows.return_units import return_units
from ordito.intake.envelopes import Envelope
from ordito.intake.types import CancellationEntry, CancellationLine
from ordito.inventory.ledger import lock_cells
from ordito.kernel.asks import Ask
from ordito.kernel.moves import Part
from ordito.kernel.text import normal_code
from ordito.orders import orders, quantities, statuses
from ordito.orders.asks import CancelOrder, ReturnUnits
from ordito.orders.earlier_lines import EarlierLine, Taken, find_earlier, take_back
from ordito.orders.events import UnitsReturned
from ordito.orders.orders import ORDER
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Problem

REASON = "channel_cancellation"
CHUNK_MAX = 10_000

_Pair = tuple[UUID, str]
"""Customer id and item id."""


class MatchCancellations(Ask, frozen=True, kw_only=True):
    """The next cancelling invoices of an import, in order of their time.

    position_back: of the import before these.
    """

    run_id: UUID
    position_back: int
    envelopes: Annotated[tuple[Envelope, ...], Meta(max_length=CHUNK_MAX)]


@command(permission="intake.write")
def match_cancellations(tx: Tx, ask: MatchCancellations) -> Booked:
    """Take each row from the customer's latest earlier lines of that item, or park the row."""
    run, channel = open_progress(tx, ask.run_id, position_back=ask.position_back)
    origin = Origin(channel, run.preset, run.mode, run.id)
    log = IntakeLog(tx, origin, ask.envelopes)
    book_cancellations(tx, log, ask.envelopes)
    log.send()
    after = ask.position_back + len(ask.envelopes)
    return write_progress(tx, run, log, position_back=after)


def book_cancellations(tx: Tx, log: IntakeLog, envelopes: Sequence[Envelope]) -> None:
    """Book cancelling invoices, whose fate the log then knows; each row counts as one kind."""
    matching = _Matching(tx, log, envelopes)
    for envelope in envelopes:
        if not log.settled(envelope):
            matching.take(envelope)
    matching.write()


class _Returned(msgspec.Struct):
    """Units of one past order that one invoice brought back: line → units."""

    invoice: CancellationEntry
    lines: dict[int, int]


class _Matching:
    """Rows on their way to the lines they mean; what is left of these is counted down."""

    def __init__(self, tx: Tx, log: IntakeLog, envelopes: Sequence[Envelope]) -> None:
        self.tx = tx
        self.log = log
        self.place = ensure_history_location(tx)
        keys = {normal_code(sku) for envelope in envelopes for sku in skus_of(envelope.entry)}
        self.items = {item.sku_key: item for item in send_find_facts(tx, keys)}
        self.customer_of = self._find_customers(envelopes)
        self.earlier = self._lock_earlier(envelopes)
        self.returned: dict[tuple[UUID, str], _Returned] = {}
        self.items_of: dict[tuple[UUID, int], ItemFacts] = {}

    def _find_customers(self, envelopes: Sequence[Envelope]) -> dict[str, UUID]:
        """Customer of each invoice, where it names one whom we know."""
        contacts = {e.content_hash: self._contacts(_entry(e)) for e in envelopes}
        wanted = sorted({key for keys in contacts.values() for key in keys})
        found = {
            (c.kind, c.value_key): c.customer_id
            for c in (customers.send_find(self.tx, wanted) if wanted else ())
        }
        known: dict[str, UUID] = {}
        for hash_, keys in contacts.items():
            ids = [found[key] for key in keys if key in found]
            if ids:
                known[hash_.hex()] = ids[0]
        return known

    def _contacts(self, entry: CancellationEntry) -> list[customers.ContactKey]:
        who = entry.customer
        return customers.contact_keys(who.email, who.phone, who.number, self.log.origin.channel.id)

    def _lock_earlier(self, envelopes: Sequence[Envelope]) -> dict[_Pair, list[EarlierLine]]:
        """Lines that may be meant, their orders locked: what is left can't change meanwhile."""
        pairs = {
            pair
            for envelope in envelopes
            for line in _entry(envelope).lines
            if (pair := self._pair(envelope, line)) is not None
        }
        if not pairs:
            return {}
        wanted = sorted(pairs)
        channel_id = self.log.origin.channel.id
        candidates = [row for row in find_earlier(self.tx, wanted) if row.channel_id == channel_id]
        orders.lock_orders(self.tx, {row.order_id for row in candidates})
        # Read again under the locks.
        found: defaultdict[_Pair, list[EarlierLine]] = defaultdict(list)
        locked = {row.order_id for row in candidates}
        for row in find_earlier(self.tx, wanted):
            if row.order_id in locked:
                found[(row.customer_id, str(row.item_id))].append(row)
        return found

    def _pair(self, envelope: Envelope, line: CancellationLine) -> _Pair | None:
        customer_id = self.customer_of.get(envelope.content_hash.hex())
        item = self.items.get(normal_code(line.sku))
        return (customer_id, item.id) if customer_id and item else None

    def take(self, envelope: Envelope) -> None:
        """Book the rows of one invoice that can be; the message is parked while any can't."""
        entry = _entry(envelope)
        told: list[Why] = []
        order_ids: dict[str, None] = {}
        for n, line in enumerate(entry.lines):
            before = self.log.booked.get(envelope.row_keys[n])
            if before is not None:
                self.log.count_row(envelope, n, before)
                continue
            taken = self._take_line(envelope, line)
            if isinstance(taken, Why):
                told.append(Why(taken.reason, f"Row {line.source_line}: {taken.words}"))
                self.log.count_row(envelope, n, "parked")
                continue
            shipped = any(part.shipped for part in taken)
            self.log.book_row(envelope, n, "return" if shipped else "cancellation")
            order_ids |= {str(part.line.order_id): None for part in taken}
        why = Why(told[0].reason, " ".join(w.words for w in told[:10])) if told else None
        results = {"order": list(order_ids)} if order_ids else {}
        self.log.finish(envelope, "parked" if why else "done", results, why)

    def _take_line(self, envelope: Envelope, line: CancellationLine) -> list[Taken] | Why:
        entry = _entry(envelope)
        if not self._contacts(entry):
            return Why(
                "no-customer",
                f"It takes back {line.quantity} of {line.sku} without saying who had bought them.",
            )
        pair = self._pair(envelope, line)
        found = self.earlier.get(pair, []) if pair else []
        taken = take_back(found, line.quantity, entry.at)
        if taken is None:
            left = sum(row.unshipped + row.shipped for row in found if row.placed_at <= entry.at)
            return Why(
                "no-earlier-order",
                f"It takes back {line.quantity} of {line.sku}; of what this customer bought before,"
                f" {left} are left to take back.",
            )
        item = self.items[normal_code(line.sku)]
        problem = self._book(entry, item, taken)
        if problem is None:
            return taken
        for part in taken:
            part.line.unshipped += part.unshipped
            part.line.shipped += part.shipped
        return why_of(problem)

    def _book(
        self, entry: CancellationEntry, item: ItemFacts, taken: Sequence[Taken]
    ) -> Problem | None:
        """Returns of the past are written together at the end; live orders know their own ways."""
        live = [part for part in taken if part.line.mode == "live" or part.unshipped]
        if live:
            events_before = len(self.tx.events)
            try:
                with self.tx.conn.transaction():
                    for part in live:
                        self._change_live(entry, part)
            except Problem as problem:
                del self.tx.events[events_before:]
                return problem
        for part in taken:
            if part not in live:
                key = (part.line.order_id, entry.invoice)
                back = self.returned.setdefault(key, _Returned(entry, {}))
                no = part.line.line_no
                back.lines[no] = back.lines.get(no, 0) + part.shipped
                self.items_of[(part.line.order_id, no)] = item
        return None

    def _change_live(self, entry: CancellationEntry, part: Taken) -> None:
        order_id, no = part.line.order_id, part.line.line_no
        if part.unshipped:
            ask = CancelOrder(
                order_id=order_id,
                reason=REASON,
                note=entry.invoice,
                lines={str(no): part.unshipped},
            )
            cancel_order(self.tx, ask)
        if part.shipped:
            back = ReturnUnits(
                order_id=order_id,
                lines={str(no): part.shipped},
                reason=REASON,
                returned_at=entry.at,
                external_id=entry.invoice,
            )
            return_units(self.tx, back)

    def write(self) -> None:
        """Write what came back to past orders: lines, stock at the place of the past, statuses."""
        if not self.returned:
            return
        tx, place_id = self.tx, str(self.place.id)
        units: defaultdict[tuple[UUID, int], int] = defaultdict(int)
        for (order_id, _), back in self.returned.items():
            for no, qty in back.lines.items():
                units[(order_id, no)] += qty
            places = {self.place.code: sum(back.lines.values())}
            event = UnitsReturned(back.lines, REASON, back.invoice.invoice, places=places)
            tx.emit(ORDER, order_id, event)
        quantities.add_returned(
            tx, [(id_, no, qty, qty, 0) for (id_, no), qty in sorted(units.items())]
        )
        parts = self._parts()
        ledger = lock_cells(
            tx, {(str(part.item_id), place_id) for of_line in parts.values() for part in of_line}
        )
        for (order_id, _), back in self.returned.items():
            for no, qty in back.lines.items():
                for part in parts.get((order_id, no), []):
                    ledger.post(
                        (str(part.item_id), place_id),
                        "customer",
                        "available",
                        qty * part.per_unit,
                        reason="return",
                        source=(str(order_id), no),
                        occurred_at=back.invoice.at,
                    )
        ledger.send(tx)
        statuses.refresh(tx, {order_id for order_id, _ in self.returned})

    def _parts(self) -> dict[tuple[UUID, int], list[Part]]:
        """What one unit of each returned line is made of, as it was when it was sold."""
        kits = [key for key, item in self.items_of.items() if item.kind == "kit"]
        parts: dict[tuple[UUID, int], list[Part]] = {
            key: [Part(UUID(item.id), 1)]
            for key, item in self.items_of.items()
            if item.kind == "stocked"
        }
        for component in orders.read_components(self.tx, {id_ for id_, _ in kits}):
            place = (component.order_id, component.line_no)
            parts.setdefault(place, []).append(Part(component.item_id, component.per_kit))
        return parts


def _entry(envelope: Envelope) -> CancellationEntry:
    entry = envelope.entry
    assert isinstance(entry, CancellationEntry), "caller sends cancelling invoices only"
    return entry
