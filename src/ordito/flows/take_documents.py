"""Take the documents that shops have sent: orders are placed, changes carried out, in any order.

An order is placed by itself first; all else of a document is booked in one transaction with the
document's outcome. So a program that dies between the two finds the order as sent before.
"""

from typing import Any
from uuid import UUID

import msgspec
import structlog

from ordito.catalog.types import UpsertItem, UpsertItems
from ordito.channels import connections, order_links, variant_links
from ordito.channels.connections import Connection
from ordito.channels.order_links import OrderLink
from ordito.channels.shops import (
    DocumentUnreadable,
    ShopOrder,
    ShopProduct,
    ShopRefund,
    Shops,
    ShopStock,
)
from ordito.channels.variant_links import VariantLink
from ordito.flows.discount_rights import as_channel
from ordito.flows.intake_log import Why, why_of
from ordito.flows.manage_items import upsert_items
from ordito.flows.place_entries import outcome_of
from ordito.flows.place_orders import place_orders
from ordito.flows.record_placed import Placed
from ordito.flows.reference import reference
from ordito.flows.shop_asks import CantBeAsked, ask_of_order, goods_of, sku_of
from ordito.flows.shop_changes import Changes, address_key_of, key_of
from ordito.intake import documents, imports
from ordito.intake.documents import Document, Settled
from ordito.kernel.asks import Ask
from ordito.kernel.text import normal_code
from ordito.orders.orders import read_lines
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, prepare, run, run_many
from ordito.platform.problems import Busy, DatabaseUnavailable, Problem
from ordito.platform.retries import is_outage, tell

log = structlog.get_logger(__name__)

AT_ONCE = 100


class BookDocument(Ask, frozen=True, kw_only=True):
    """A document that was read. Personal data: not for logs.

    read:   what it says; None with `why` when it can't be read.
    placed: what became of its order, when that was to be placed.
    """

    message_id: UUID
    read: Any = None
    placed: Placed | None = None
    why: Why | None = None


class Booked(msgspec.Struct, frozen=True):
    """What became of a document; "" when someone else was faster."""

    state: str


def take_waiting(shops: Shops, db: Database) -> int:
    """Take the documents that wait; one that fails keeps none of the others waiting."""
    with db.reading(SYSTEM) as tx:
        waiting = documents.find_waiting(tx, list(shops), limit=AT_ONCE)
    for message_id in waiting:
        try:
            take_document(shops, db, message_id)
        except Exception as fault:
            if is_outage(fault):
                raise
            log.exception("document_failed", message=str(message_id))
            with db.transaction(SYSTEM) as tx:
                documents.note_failure(tx, message_id, tell(fault))
    return len(waiting)


def take_document(
    shops: Shops,
    db: Database,
    message_id: UUID,
    *,
    actor: Actor = SYSTEM,
    create_items: bool = False,
) -> Booked:
    """Take one document that was not taken yet, or is parked."""
    with db.reading(actor) as tx:
        document = documents.read_document(tx, message_id)
        connection = connections.read_connection(tx, document.channel_id) if document else None
    if document is None or document.state not in ("received", "parked"):
        return Booked("")
    ask = BookDocument(message_id=message_id)
    try:
        shop = shops[document.preset]
        ask = msgspec.structs.replace(
            ask, read=shop.read(document.topic, document.text.encode("utf-8", "replace"))
        )
        if isinstance(ask.read, ShopOrder):
            placed = _place(db, actor, document, connection, ask.read, create_items=create_items)
            ask = msgspec.structs.replace(ask, placed=placed)
    except DocumentUnreadable as fault:
        ask = msgspec.structs.replace(ask, why=Why(fault.reason, fault.words))
    except CantBeAsked as fault:
        ask = msgspec.structs.replace(ask, why=fault.why)
    return run(db, actor, book_document, ask)


def _place(
    db: Database,
    actor: Actor,
    document: Document,
    connection: Connection | None,
    order: ShopOrder,
    *,
    create_items: bool,
) -> Placed | None:
    """Place the order unless it is known, or is not to be placed. Raises CantBeAsked."""
    with db.reading(actor) as tx:
        link = order_links.find_link(tx, document.channel_id, order.id)
        variants = _variants(tx, document.channel_id, order)
        known = reference(tx)
    if link is not None and (link.order_id is not None or order.changed_at < link.changed_at):
        return None
    if _not_placed(order, connection, variants):
        return None
    if order.fulfilled:
        raise CantBeAsked(
            "already-fulfilled", "The shop has sent it already. Import it as history."
        )
    channel = known.channels_by_id[document.channel_id]
    ask = ask_of_order(order, channel.code, variants, list(known.locations.values()))
    if create_items:
        items = {line.sku: UpsertItem(sku=line.sku, name=line.title or line.sku)
                 for line in ask.lines}  # fmt: skip
        _create_missing(db, actor, items)
    answer = run_many(db, place_orders, [prepare(as_channel(actor), place_orders, ask)])[0]
    if isinstance(answer, Busy | DatabaseUnavailable):
        raise answer
    return outcome_of(answer)


def _create_missing(db: Database, actor: Actor, items: dict[str, UpsertItem]) -> None:
    from ordito.catalog.items import read_items_by_sku

    with db.reading(actor) as tx:
        known = read_items_by_sku(tx, [normal_code(sku) for sku in items])
    new = tuple(item for sku, item in items.items() if normal_code(sku) not in known)
    if new:
        run(db, actor, upsert_items, UpsertItems(items=new))


def _variants(tx: Tx, channel_id: UUID, order: ShopOrder) -> dict[str, VariantLink]:
    asked = [line.variant for line in order.lines if line.variant and not line.sku]
    return variant_links.find_variants(tx, channel_id, asked)


def _not_placed(
    order: ShopOrder, connection: Connection | None, variants: dict[str, VariantLink]
) -> str:
    """Why an order isn't placed though nothing is wrong with it; "" when it is."""
    if order.cancelled:
        return "The shop had cancelled it before it was placed here. Nothing is to be done."
    if order.test and not (connection and connection.test_orders):
        return "A test order: kept, not placed. The connection's settings may say otherwise."
    if not goods_of(order, variants):
        return "There is nothing to send: gift cards or charges only."
    return ""


@command(permission="intake.write")
def book_document(tx: Tx, ask: BookDocument) -> Booked:
    """Book what a document says, and what became of it, in one."""
    found = documents.read_document(tx, ask.message_id)
    assert found is not None, "messages are never deleted"
    tx.actor.require_channel(found.channel_id)
    imports.lock_channel(tx, found.channel_id)
    document = documents.lock_document(tx, ask.message_id)
    if document is None:
        return Booked("")
    settled = _book(tx, document, ask)
    documents.settle_document(tx, document, settled)
    return Booked(settled.state)


def _book(tx: Tx, document: Document, ask: BookDocument) -> Settled:
    match ask.read:
        case ShopOrder():
            return _book_order(tx, document, ask, ask.read)
        case _ if ask.why is not None:
            return Settled("parked", ask.why.reason, ask.why.words)
        case ShopRefund():
            return _book_refund(tx, document, ask.read)
        case ShopProduct(variants=variants):
            rows = [(v.id, v.sku, v.stock_item) for v in variants]
            variant_links.put_variants(tx, document.channel_id, rows)
            return Settled("done", words=f"{len(rows)} variant(s) are known now.")
        case ShopStock() as stock:
            return _book_stock(tx, document, stock)
        case _:
            return Settled("done", words="Kept; this kind of message changes nothing here.")


def _book_order(tx: Tx, document: Document, ask: BookDocument, order: ShopOrder) -> Settled:
    link = order_links.find_link(tx, document.channel_id, order.id)
    if link is not None and order.changed_at < link.changed_at:
        words = "It is older than what is known of the order; nothing is moved back."
        return Settled("done", words=words)
    order_id = link.order_id if link else None
    new = False
    if order_id is None and ask.placed is not None:
        order_id, new = ask.placed.order_id, True
    if order_id is None:
        return _keep_unplaced(tx, document, ask, order)
    if new or link is None:
        link = _link(tx, document.channel_id, order, order_id)
    return _apply(tx, link, order_id, order)


def _keep_unplaced(tx: Tx, document: Document, ask: BookDocument, order: ShopOrder) -> Settled:
    """Remember how new the news were, so that older ones don't place the order after all."""
    link = OrderLink(document.channel_id, order.id, None, order.changed_at, {}, {}, [], [], "", "")
    order_links.write_link(tx, link)
    why = ask.why or (ask.placed.why if ask.placed else None)
    if why is not None:
        return Settled("parked", why.reason, why.words)
    connection = connections.read_connection(tx, document.channel_id)
    words = _not_placed(order, connection, _variants(tx, document.channel_id, order))
    if not words:
        # The settings changed between the two looks.
        return Settled("parked", "not-placed", "It was not placed. Try again.")
    return Settled("done", words=words)


def _apply(tx: Tx, link: OrderLink, order_id: UUID, told: ShopOrder | ShopRefund) -> Settled:
    changes = Changes(tx, link, order_id)
    if isinstance(told, ShopOrder):
        changes.apply_order(told)
    else:
        changes.apply_refund(told)
    order_links.write_link(tx, changes.link)
    results = {"order": [str(order_id)]}
    if changes.whys:
        words = " ".join(why.words for why in changes.whys)
        return Settled("parked", changes.whys[0].reason, words, results)
    return Settled("done", results=results)


def _link(tx: Tx, channel_id: UUID, order: ShopOrder, order_id: UUID) -> OrderLink:
    """Which of our lines is which of the shop's: by SKU, first those of the same quantity."""
    variants = _variants(tx, channel_id, order)
    free = read_lines(tx, [order_id]).get(order_id, [])
    lines: dict[str, int] = {}
    for exact in (True, False):
        for line in goods_of(order, variants):
            sku = normal_code(sku_of(line, variants))
            match = next(
                (
                    own
                    for own in free
                    if line.id not in lines
                    and normal_code(own.sku) == sku
                    and (own.ordered == line.quantity or not exact)
                ),
                None,
            )
            if match is not None:
                lines[line.id] = match.line_no
                free = [own for own in free if own is not match]
    return OrderLink(
        channel_id=channel_id,
        shop_order=order.id,
        order_id=order_id,
        changed_at=order.changed_at,
        lines=lines,
        removed={},
        refunds=[],
        tags=list(order.tags),
        address_key=address_key_of(order),
        note_key=key_of(order.note),
    )


def _book_refund(tx: Tx, document: Document, refund: ShopRefund) -> Settled:
    link = order_links.find_link(tx, document.channel_id, refund.order)
    if link is None:
        lines = [row.line for row in refund.lines]
        link = order_links.find_link_by_lines(tx, document.channel_id, lines)
    if link is None or link.order_id is None:
        return Settled(
            "parked",
            "unknown-order",
            f"No order of the shop's number {refund.order[:40]} was placed here. Once it is, this"
            " refund comes with the order itself; then it can be refused.",
        )
    return _apply(tx, link, link.order_id, refund)


def _book_stock(tx: Tx, document: Document, stock: ShopStock) -> Settled:
    connection = connections.read_connection(tx, document.channel_id)
    if connection is None or connection.stock_location != stock.location:
        return Settled("done", words="Stock of a place that isn't told ours.")
    variant_links.write_told(tx, document.channel_id, [(stock.stock_item, stock.available)])
    return Settled("done")


def replay_document(
    shops: Shops, db: Database, actor: Actor, message_id: UUID, *, create_items: bool
) -> Booked:
    """Try a parked document again. Raises NotPermitted, Busy."""
    actor.require("intake.write")
    try:
        return take_document(shops, db, message_id, actor=actor, create_items=create_items)
    except Problem as problem:
        with db.reading(actor) as tx:
            document = documents.read_document(tx, message_id)
        if document is None or document.state != "parked":
            raise
        why = why_of(problem)
        return run(db, actor, book_document, BookDocument(message_id=message_id, why=why))
