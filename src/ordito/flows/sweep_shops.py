"""Look for orders that no webhook told of: each shop is asked what has changed since."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from ordito.channels import connections, order_links
from ordito.channels.connections import Connection
from ordito.channels.shops import (
    Access,
    ChangedOrder,
    Shop,
    ShopRefused,
    Shops,
    ShopUnreachable,
)
from ordito.flows.connect_shop import KeepDelivery, Kept
from ordito.intake.documents import NewDocument, keep_document
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=5)
"""Each sweep looks so far back before the last one's end: clocks differ, and commits are late."""

PAGES_MAX = 50


def sweep_shops(shops: Shops, db: Database) -> int:
    """Sweep all connected shops; returns how many orders were found that nobody had told of."""
    with db.reading(SYSTEM) as tx:
        found = [one for one in connections.read_connections(tx) if one.active]
    return sum(sweep(shops[one.kind], db, one) for one in found)


def sweep(shop: Shop, db: Database, connection: Connection) -> int:
    """Sweep one shop. How far it came is kept, so that the next sweep goes on from there."""
    with db.reading(SYSTEM) as tx:
        access = connections.read_access(tx, connection)
        started = tx.now
    kept, after, error = 0, "", ""
    upto = None
    since = connection.swept_to - OVERLAP
    try:
        for _page in range(PAGES_MAX):
            page = shop.changed_orders(access, since, after)
            kept += _keep_missing(shop, db, connection, access, page.orders)
            upto = page.orders[-1].changed_at if page.orders else upto
            after = page.after
            if not after:
                upto = started
                break
    except (ShopRefused, ShopUnreachable) as fault:
        error = str(fault)[:500]
        log.warning("sweep_failed", domain=connection.domain, error=error)
    with db.transaction(SYSTEM) as tx:
        connections.note_sweep(tx, connection.channel_id, upto=upto, error=error)
    return kept


def _keep_missing(
    shop: Shop,
    db: Database,
    connection: Connection,
    access: Access,
    orders: Sequence[ChangedOrder],
) -> int:
    """Fetch and keep the orders that are newer than what is known of them."""
    with db.reading(SYSTEM) as tx:
        known = order_links.find_known_changes(
            tx, connection.channel_id, [order.id for order in orders]
        )
    kept = 0
    for order in orders:
        if order.id in known and known[order.id] >= order.changed_at:
            continue
        try:
            topic, document = shop.fetch_order(access, order.id)
        except ShopRefused as fault:
            # One order that the shop won't give, such as a deleted one, stops none of the others.
            log.warning("order_not_given", order=order.id, error=str(fault))
            continue
        new = NewDocument(
            channel_id=connection.channel_id,
            preset=shop.kind,
            topic=topic,
            text=document.decode(),
            kind="order",
            key=order.id,
            identity=f"sweep:{order.id}:{order.changed_at.isoformat()}",
            source="Sweep",
        )
        kept += run(db, SYSTEM, keep_swept, KeepDelivery(
            channel_id=new.channel_id, document=new)).id is not None  # fmt: skip
    return kept


@command(permission="intake.write")
def keep_swept(tx: Tx, ask: KeepDelivery) -> Kept:
    """Keep an order that a sweep found, once."""
    return Kept(keep_document(tx, ask.document))
