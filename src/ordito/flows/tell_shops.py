"""Tell shops what happened here: what left, what was cancelled, how much there is.

Shipments and cancellations are intents first, then calls, then outcomes; each order's in their
order. Stock is compared with what the shop has and set where it differs, so it mends itself.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
import structlog

from ordito.channels import connections, order_links, variant_links, write_backs
from ordito.channels.connections import Connection
from ordito.channels.shops import (
    Access,
    Fulfilment,
    Shop,
    ShopRefused,
    Shops,
    ShopUnreachable,
    StockLevel,
)
from ordito.channels.variant_links import VariantLink
from ordito.channels.write_backs import WriteBack
from ordito.flows.publish_availability import read_availability
from ordito.flows.reference import reference
from ordito.flows.shop_changes import BY_CHANNEL
from ordito.kernel.asks import Ask
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.orders.events import ChannelNotTold, ChannelTold
from ordito.orders.orders import ORDER, lock_orders, read_orders
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import Follower
from ordito.platform.problems import ActionNotAllowed, NotFound
from ordito.platform.retries import RETRY_AFTER_S

log = structlog.get_logger(__name__)

AT_ONCE = 50
LEVELS_AT_ONCE = 100
STALE_ROUNDS_MAX = 3


def note_intents(tx: Tx, entries: Sequence[FeedEntry]) -> None:
    """Write down what shops are to be told of their orders."""
    ids = list({entry.stream_id for entry in entries})
    links = order_links.find_links_of(tx, ids)
    orders = read_orders(tx, links) if links else {}
    rows = []
    for entry in entries:
        link = links.get(entry.stream_id)
        if link is None:
            continue
        body = entry.body
        if entry.kind != "order.units_cancelled":
            told = {
                "lines": body["lines"],
                "carrier": body.get("carrier", ""),
                "tracking_number": body.get("tracking_number", ""),
            }
            kind = "fulfilment"
        elif orders[entry.stream_id].life == "cancelled" and body["reason"] not in BY_CHANNEL:
            told, kind = {}, "cancellation"
        else:
            continue
        rows.append((new_id(), link.channel_id, entry.stream_id, entry.seq, kind, told))
    write_backs.insert_write_backs(tx, rows)


FOLLOWER = Follower(
    name="shop-intents",
    kinds=frozenset(("order.units_shipped", "order.units_handed_over", "order.units_cancelled")),
    handle=note_intents,
    starts="next",
)


class SettleWriteBack(Ask, frozen=True, kw_only=True):
    """How a call ended: with the shop's id, or with an error that ends all tries."""

    write_back_id: UUID
    remote_id: str = ""
    error: str = ""


class WriteBackKey(Ask, frozen=True, kw_only=True):
    write_back_id: UUID


def tell_shops(shops: Shops, db: Database) -> int:
    """Tell what is due; returns how many calls were made. A shop that is away is left alone for
    the rest of the round."""
    with db.reading(SYSTEM) as tx:
        due = write_backs.read_due(tx, limit=AT_ONCE)
    away: set[UUID] = set()
    made = 0
    for one in due:
        if one.channel_id not in away:
            made += 1
            if not _tell(shops, db, one):
                away.add(one.channel_id)
    return made


def _tell(shops: Shops, db: Database, one: WriteBack) -> bool:
    """Intent, call, outcome. False when the shop can't be reached."""
    tries = len(RETRY_AFTER_S)
    with db.transaction(SYSTEM) as tx:
        pause = RETRY_AFTER_S[min(one.attempts, tries - 1)]
        write_backs.begin_call(tx, one.id, tx.now + timedelta(seconds=pause))
        connection = connections.read_connection(tx, one.channel_id)
        link = order_links.find_links_of(tx, [one.order_id]).get(one.order_id)
        assert connection is not None, "read_due gives those of connected channels"
        assert link is not None, "intents are written for linked orders"
        access = connections.read_access(tx, connection)
        ours = tuple(write_backs.read_remote_ids(tx, one.order_id))
    ask = SettleWriteBack(write_back_id=one.id)
    reached = True
    try:
        remote_id = _call(shops[connection.kind], access, one, (link, ours))
        ask = msgspec.structs.replace(ask, remote_id=remote_id)
    except ShopRefused as fault:
        ask = msgspec.structs.replace(ask, error=str(fault)[:500] or "The shop refused it.")
    except ShopUnreachable as fault:
        reached = False
        if one.attempts + 1 <= tries:
            with db.transaction(SYSTEM) as tx:
                write_backs.note_failure(tx, one.id, str(fault)[:500])
            return False
        ask = msgspec.structs.replace(ask, error=f"Given up: {fault}"[:500])
    run(db, SYSTEM, settle_write_back, ask)
    return reached


def _call(
    shop: Shop,
    access: Access,
    one: WriteBack,
    known: tuple[order_links.OrderLink, tuple[str, ...]],
) -> str:
    link, ours = known
    if one.kind == "cancellation":
        return shop.cancel(access, link.shop_order)
    shop_line = {no: line for line, no in link.lines.items()}
    what = Fulfilment(
        shop_order=link.shop_order,
        lines={
            shop_line[int(no)]: units
            for no, units in one.body["lines"].items()
            if int(no) in shop_line
        },
        carrier=one.body["carrier"],
        tracking_number=one.body["tracking_number"],
        ours=ours,
    )
    if not what.lines:
        raise ShopRefused("The shop has none of the lines that were shipped.")
    if one.state == "calling":
        # An earlier call was begun and nobody knows how it ended: look before telling it twice.
        found = shop.find_fulfilment(access, what)
        if found:
            return found
    return shop.fulfil(access, what)


@command(permission="orders.write")
def settle_write_back(tx: Tx, ask: SettleWriteBack) -> WriteBack:
    """Write how it ended, on the order's timeline too."""
    one = write_backs.read_write_back(tx, ask.write_back_id)
    assert one is not None, "caller has read it"
    lock_orders(tx, [one.order_id])
    write_backs.settle(tx, one.id, remote_id=ask.remote_id, error=ask.error)
    channel = reference(tx).channels_by_id[one.channel_id].code
    units = sum(one.body.get("lines", {}).values())
    if ask.error:
        tx.emit(ORDER, one.order_id, ChannelNotTold(one.kind, channel, units))
    else:
        tx.emit(ORDER, one.order_id, ChannelTold(one.kind, channel, units, ask.remote_id))
    found = write_backs.read_write_back(tx, one.id)
    assert found is not None, "it is there"
    return found


@command(permission="orders.write")
def retry_write_back(tx: Tx, ask: WriteBackKey) -> WriteBack:
    """Try to tell again what failed."""
    one = write_backs.read_write_back(tx, ask.write_back_id)
    if one is None or not tx.actor.sees_channel(one.channel_id):
        raise NotFound("There is no such thing to tell, or it belongs to a channel you don't see.")
    again = write_backs.retry(tx, one.id)
    if again is None:
        raise ActionNotAllowed(
            f"It is {one.state}; only what failed is tried again.", extra={"allowed_actions": []}
        )
    return again


def tell_stock(shops: Shops, db: Database) -> int:
    """Set the stock of all connected shops where it differs; returns how many levels were set."""
    with db.reading(SYSTEM) as tx:
        found = [
            one for one in connections.read_connections(tx) if one.active and one.stock_location
        ]
    return sum(_tell_stock_of(shops[one.kind], db, one) for one in found)


def _tell_stock_of(shop: Shop, db: Database, connection: Connection) -> int:
    told, after, error = 0, "", ""
    try:
        while True:
            with db.reading(SYSTEM) as tx:
                links = variant_links.list_variants(
                    tx, connection.channel_id, after=after, limit=LEVELS_AT_ONCE
                )
            if not links:
                break
            told += _tell_levels(shop, db, connection, links)
            after = links[-1].variant
    except (ShopRefused, ShopUnreachable) as fault:
        error = str(fault)[:500]
        log.warning("stock_not_told", domain=connection.domain, error=error)
    with db.transaction(SYSTEM) as tx:
        connections.note_stock(tx, connection.channel_id, error)
    return told


def _tell_levels(
    shop: Shop, db: Database, connection: Connection, links: Sequence[VariantLink]
) -> int:
    """Set some levels. Where the shop has other numbers than we believed, look and set again."""
    linked = [link for link in links if link.sku and link.stock_item]
    with db.reading(SYSTEM) as tx:
        access = connections.read_access(tx, connection)
        channel = reference(tx).channels_by_id[connection.channel_id]
        wanted = _published(tx, channel.code, linked)
    told = {link.stock_item: link.told for link in linked if link.told is not None}
    unknown = [link.stock_item for link in linked if link.told is None]
    for _round in range(STALE_ROUNDS_MAX):
        if unknown:
            told |= shop.read_stock(access, connection.stock_location, unknown)
        levels = [
            StockLevel(item, units, told[item])
            for item, units in wanted.items()
            if item in told and told[item] != units
        ]
        done = not levels or shop.set_stock(
            access, connection.stock_location, levels, str(new_id())
        )
        if done:
            _remember(db, connection, told | {one.stock_item: one.units for one in levels})
            return len(levels)
        unknown = [level.stock_item for level in levels]
    raise ShopUnreachable("The shop's stock changed all the time; it is tried again soon.")


def _published(tx: Tx, channel: str, links: Sequence[VariantLink]) -> dict[str, int]:
    """Stock item → units to show. Items without limits, and SKUs we don't know, are left out."""
    found = read_availability(tx, channel, skus=[link.sku for link in links])
    units = {normal_code(item.sku): item.published for item in found.items if not item.unlimited}
    return {
        link.stock_item: units[normal_code(link.sku)]
        for link in links
        if normal_code(link.sku) in units
    }


def _remember(db: Database, connection: Connection, told: dict[str, int]) -> None:
    with db.transaction(SYSTEM) as tx:
        variant_links.write_told(tx, connection.channel_id, list(told.items()))
