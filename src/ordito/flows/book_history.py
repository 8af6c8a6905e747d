"""Book messages of the past: orders received and shipped long ago, corrections, charges."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.catalog.items import send_find_facts
from ordito.catalog.types import ItemFacts
from ordito.customers import customers
from ordito.flows.discount_rights import as_channel
from ordito.flows.entry_asks import ask_of
from ordito.flows.history_rows import HistoryRows
from ordito.flows.implied_items import create_implied, skus_of
from ordito.flows.import_progress import Booked, open_progress, write_progress
from ordito.flows.intake_log import IntakeLog, Origin, Why, external_keys, why_of
from ordito.flows.manage_locations import ensure_history_location
from ordito.flows.order_drafts import Draft, Known, draft_order
from ordito.flows.reference import reference
from ordito.intake.envelopes import Envelope
from ordito.intake.types import (
    ChargeEntry,
    OrderEntry,
    StockAdjustmentEntry,
)
from ordito.inventory.ledger import lock_cells
from ordito.inventory.types import CellKey
from ordito.kernel.asks import Ask
from ordito.kernel.text import normal_code
from ordito.locations.types import Location
from ordito.orders import orders
from ordito.platform import idempotency
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Problem

CHUNK_MAX = 10_000
"""Envelopes of one transaction."""


class BookHistory(Ask, frozen=True, kw_only=True):
    """The next messages of an import. Those that take goods back come later, by themselves.

    position:     of the import before these; another one means that someone else went on with it.
    create_items: make the items that the messages name and nobody knows.
    """

    run_id: UUID
    position: int
    envelopes: Annotated[tuple[Envelope, ...], Meta(max_length=CHUNK_MAX)]
    create_items: bool = True


@command(permission="intake.write")
def book_history(tx: Tx, ask: BookHistory) -> Booked:
    """Book each message or park it alone; how far the import is then, and what it held so far."""
    run, channel = open_progress(tx, ask.run_id, position=ask.position)
    origin = Origin(channel, run.preset, "history", run.id)
    log = IntakeLog(tx, origin, ask.envelopes)
    book_past(tx, log, ask.envelopes, create_items=ask.create_items)
    log.send()
    return write_progress(tx, run, log, position=ask.position + len(ask.envelopes))


def book_past(tx: Tx, log: IntakeLog, envelopes: Sequence[Envelope], *, create_items: bool) -> None:
    """Book envelopes whose fate the log then knows; all in a handful of statements."""
    items = _find_items(tx, envelopes, create_items=create_items)
    chunk = _Chunk(tx, log, items)
    for envelope in envelopes:
        if log.settled(envelope):
            continue
        if envelope.parked:
            log.park_unreadable(envelope)
            continue
        match envelope.entry:
            case OrderEntry() as entry:
                chunk.draft(envelope, entry)
            case StockAdjustmentEntry() as entry:
                chunk.take_adjustment(envelope, entry)
            case ChargeEntry():
                chunk.take_charge(envelope)
            case _:
                raise AssertionError("what takes goods back is booked by match_cancellations")
    chunk.book()


def _find_items(
    tx: Tx, envelopes: Sequence[Envelope], *, create_items: bool
) -> dict[str, ItemFacts]:
    """The items that the envelopes name, by SKU key. What is off sale was once on sale."""
    keys = {normal_code(sku) for envelope in envelopes for sku in skus_of(envelope.entry)}
    found = {item.sku_key: item for item in send_find_facts(tx, keys)}
    if create_items and len(found) < len(keys):
        entries = [e.entry for e in envelopes if not e.parked]
        if create_implied(tx, entries, known=found.keys()):
            found = {item.sku_key: item for item in send_find_facts(tx, keys)}
    return {
        key: item if item.active else msgspec.structs.replace(item, active=True)
        for key, item in found.items()
    }


class _Chunk:
    """Messages on their way to being booked: judged one by one, written together."""

    def __init__(self, tx: Tx, log: IntakeLog, items: dict[str, ItemFacts]) -> None:
        self.tx = tx
        self.log = log
        self.channel = log.origin.channel
        self.place: Location = ensure_history_location(tx)
        self.known = Known(reference(tx), items, {}, tx.now)
        self.drafts: list[tuple[Envelope, Draft]] = []
        self.corrections: list[tuple[Envelope, StockAdjustmentEntry, str]] = []
        self._seen: dict[str, int] = {}
        self._repeated: list[tuple[Envelope, str]] = []

    def draft(self, envelope: Envelope, entry: OrderEntry) -> None:
        key = normal_code(entry.external_id)
        if key in self._seen:
            self._repeated.append((envelope, key))
            return
        ask = ask_of(entry, self.channel.code, place_known=False, dated=False)
        try:
            draft = draft_order(as_channel(self.tx.actor), ask, self.known)
        except Problem as problem:
            self.log.park(envelope, why_of(problem))
            return
        self._seen[key] = len(self.drafts)
        self.drafts.append((envelope, draft))

    def take_adjustment(self, envelope: Envelope, entry: StockAdjustmentEntry) -> None:
        if envelope.row_keys[0] in self.log.booked:
            self._known_row(envelope)
            return
        item = self.known.items.get(normal_code(entry.sku))
        if item is None or item.kind != "stocked":
            self.log.park(envelope, _no_stock(entry.sku, item))
            return
        # Remembered at once: the same correction may stand in the chunk's next file too.
        self.log.book_row(envelope, 0, "adjustment")
        self.log.finish(envelope, "done", {"item": [item.id]})
        self.corrections.append((envelope, entry, item.id))

    def take_charge(self, envelope: Envelope) -> None:
        if envelope.row_keys[0] in self.log.booked:
            self._known_row(envelope)
        else:
            self.log.add_charge(envelope)

    def _known_row(self, envelope: Envelope) -> None:
        """Another file held this row."""
        self.log.count_row(envelope, 0, self.log.booked[envelope.row_keys[0]])
        self.log.duplicates += 1
        self.log.finish(envelope, "duplicate", {})

    def book(self) -> None:
        """Write everything; orders that the channel has sent before are told from new ones."""
        fresh = self._without_known()
        rows = self._history_rows(fresh)
        if fresh:
            numbers = orders.NUMBERS.all(self.tx, n=len(fresh))
            for (envelope, draft), number in zip(fresh, numbers, strict=True):
                print_ = idempotency.fingerprint("place_orders", draft.ask)
                order_id = rows.add(draft, number, print_)
                self._order_ids[draft.external_key or ""] = order_id
                self.log.add_order(envelope, order_id)
        for envelope, key in self._repeated:
            self.log.add_order(envelope, self._order_ids[key], known=True)
        for envelope, entry, item_id in self.corrections:
            self._correct(rows, envelope, entry, item_id)
        rows.send()
        rows.ledger.send(self.tx)

    def _without_known(self) -> list[tuple[Envelope, Draft]]:
        keys = external_keys([envelope for envelope, _ in self.drafts], self.channel.id)
        sent_before = {
            row.external_key: str(row.order_id)
            for row in (orders.send_find_external(self.tx, keys) if keys else ())
        }
        self._order_ids: dict[str, str] = dict(sent_before)
        fresh = []
        for envelope, draft in self.drafts:
            order_id = sent_before.get(draft.external_key or "")
            if order_id is None:
                fresh.append((envelope, draft))
            else:
                self.log.add_order(envelope, order_id, known=True)
        return fresh

    def _history_rows(self, fresh: Sequence[tuple[Envelope, Draft]]) -> HistoryRows:
        """Lock the cells of everything that moves, and find the customers."""
        place_id = str(self.place.id)
        cells: set[CellKey] = {
            (str(part.item_id), place_id)
            for _, draft in fresh
            for line in draft.lines
            for part in line.parts
        }
        cells |= {(item_id, place_id) for _, _, item_id in self.corrections}
        contacts = {key for _, draft in fresh for key in draft.contacts}
        found = customers.send_find(self.tx, sorted(contacts)) if contacts else ()
        known = {(c.kind, c.value_key): c.customer_id for c in found}
        return HistoryRows(self.tx, self.place, lock_cells(self.tx, cells), known)

    def _correct(
        self, rows: HistoryRows, envelope: Envelope, entry: StockAdjustmentEntry, item_id: str
    ) -> None:
        """Post a correction. What the past never had is received first, so that it can be lost."""
        key = (item_id, rows.place_id)
        source = (str(self.log.message_id(envelope)), entry.source_line)
        ledger, at, qty = rows.ledger, entry.at, abs(entry.quantity)
        if entry.quantity > 0:
            ledger.post(
                key,
                "adjustment",
                "available",
                qty,
                reason=entry.reason,
                source=source,
                occurred_at=at,
            )
        else:
            missing = qty - ledger.free(*key)
            if missing > 0:
                ledger.post(
                    key,
                    "supplier",
                    "available",
                    missing,
                    reason="history_balance",
                    source=source,
                    occurred_at=at,
                )
            ledger.post(
                key,
                "available",
                "adjustment",
                qty,
                reason=entry.reason,
                source=source,
                occurred_at=at,
            )


def _no_stock(sku: str, item: ItemFacts | None) -> Why:
    if item is None:
        return Why("unknown-sku", f"There is no item “{sku[:60]}”; create it, then try again.")
    return Why("no-stock", f"“{item.sku}” is a {item.kind}: no stock is kept of it to correct.")
