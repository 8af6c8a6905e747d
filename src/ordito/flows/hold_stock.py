"""Hold stock for a cart: all of it or nothing, for some minutes, and never for ever."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
import psycopg

from ordito.catalog.items import send_find_facts
from ordito.channels.types import Channel
from ordito.customers.customers import contact_keys
from ordito.flows.buyers import buyer_of, find_contact_groups
from ordito.flows.cart_stock import (
    CartWant,
    Units,
    demand_of,
    find_places,
    find_units,
    items_of,
    kept_lines,
    parts_of,
)
from ordito.flows.end_holds import end_holds
from ordito.flows.kept_stock import (
    KeptPlans,
    KeptWrites,
    Parts,
    Taker,
    lock_kept,
    send_kept_of,
)
from ordito.flows.reference import Reference, reference
from ordito.flows.stock_holders import name_holders
from ordito.inventory.asks import (
    CartLine,
    ExpireHolds,
    ExtendHold,
    HeldUnits,
    HoldsExpired,
    HoldState,
    HoldStock,
    ReleaseHold,
)
from ordito.inventory.events import HoldExtended, HoldPlaced
from ordito.inventory.holds import (
    HOLD,
    Hold,
    Shopper,
    count_kept,
    digest_of,
    insert_hold,
    is_any_due,
    lock_due_holds,
    lock_holds,
    read_hold,
    set_expiry,
)
from ordito.inventory.kept import Buyer
from ordito.inventory.ledger import CLOCK, Ledger, shortage
from ordito.inventory.problems import CartFull, HoldOver
from ordito.inventory.reservations import read_reservations
from ordito.inventory.types import Reservation
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.advisory_locks import wait_lock
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.events import read_timeline, send_events
from ordito.platform.problems import ActionNotAllowed, Busy, Fault, InvalidInput, NotFound

ROUNDS = 6
"""Times the stock of a hold may be lost to others between looking and locking."""
BATCH = 100
"""Holds that end in one transaction."""


class _Taken(NamedTuple):
    """What a cart takes, with its cells locked; parts: of what is kept for its channel."""

    units: Units
    ledger: Ledger
    writes: KeptWrites
    parts: Parts


@command(permission="inventory.write")
def hold_stock(tx: Tx, ask: HoldStock) -> HoldState:
    """Keep stock for someone for some minutes; raises OutOfStock when there isn't all of it."""
    known = reference(tx)
    channel, wants = _find_names(tx, ask, known)
    shopper = _find_shopper(tx, ask, channel)
    places = find_places(known, channel)
    buyer = _find_buyer(tx, ask, channel, known)
    for _round in range(ROUNDS):
        kept = send_kept_of(tx, known, [buyer], items_of(wants))
        plans = KeptPlans(known, kept.fetchall() if kept else ())
        units, shorts = find_units(tx, wants, places, buyer, plans)
        if shorts:
            raise name_holders(tx, shortage(shorts), places)
        demand = demand_of(units)
        _taken, holds = plans.use(buyer, demand)
        with tx.conn.transaction() as savepoint:
            writes, ledger = lock_kept(tx, [buyer], holds, demand)
            if writes.has_room(buyer, demand, ledger):
                parts = writes.take(buyer, demand, ledger)
                return _write(tx, ask, channel, shopper, _Taken(units, ledger, writes, parts))
            raise psycopg.Rollback(savepoint)
    raise Busy("Others were taking the same stock all the time. Try again.")


def _find_names(tx: Tx, ask: HoldStock, known: Reference) -> tuple[Channel, list[CartWant]]:
    faults = []
    channel = known.channels.get(ask.channel)
    if channel is None or not channel.active or not tx.actor.sees_channel(channel.id):
        detail = f"There is no open channel “{ask.channel[:60]}”."
        faults.append(Fault("/channel", "unknown-channel", detail))
    items = {i.sku_key: i for i in send_find_facts(tx, {normal_code(x.sku) for x in ask.lines})}
    wants = []
    for n, line in enumerate(ask.lines):
        item = items.get(normal_code(line.sku))
        if item is None or not item.active:
            detail = f"There is no item “{line.sku[:60]}” on sale; correct the SKU."
            faults.append(Fault(f"/lines/{n}/sku", "unknown-sku", detail))
        elif parts := parts_of(item):
            wants.append(CartWant(n + 1, item.sku, line.quantity, parts))
    if not faults and not wants:
        detail = "Services take nothing from stock; there is nothing to hold."
        faults.append(Fault("/lines", "no-stock", detail))
    if faults or channel is None:
        raise InvalidInput(f"{len(faults)} thing(s) to correct; nothing is held.", errors=faults)
    return channel, wants


def _find_shopper(tx: Tx, ask: HoldStock, channel: Channel) -> Shopper:
    """Whose cart it is; raises CartFull when that is more than one shopper may keep.

    Two carts of a shopper made at once are counted one after the other, by the shopper's lock.
    """
    digest = digest_of(channel.id, ask.shopper)
    limit = channel.cart_units_max
    units = sum(line.quantity for line in ask.lines)
    if limit is not None:
        kept = 0
        if digest is not None:
            wait_lock(tx, "shopper", digest.hex())
            kept = count_kept(tx, channel.id, digest)
        if kept + units > limit:
            raise CartFull(
                f"{units} are asked for, {kept} are kept in other carts, and {limit} may be."
                " Nothing is held; take less.",
                extra={"limit": limit, "kept": kept, "asked": units},
            )
    return Shopper(digest, ask.contact.strip(), ask.consent, ask.link)


def _find_buyer(tx: Tx, ask: HoldStock, channel: Channel, known: Reference) -> Buyer:
    """Who fills the cart; their groups are known where they say how to be written to."""
    contact = ask.contact.strip()
    keys = contact_keys(contact if "@" in contact else "", "", "", channel.id)
    return buyer_of(channel.id, keys, find_contact_groups(tx, known.keeping, keys))


def _write(tx: Tx, ask: HoldStock, channel: Channel, shopper: Shopper, taken: _Taken) -> HoldState:
    units, ledger = taken.units, taken.ledger
    hold = Hold(
        id=new_id(),
        channel_id=channel.id,
        reason=ask.reason,
        created_at=ledger.at,
        expires_at=ledger.at + timedelta(minutes=ask.minutes or channel.cart_minutes),
        ended_at=None,
        version=1,
        lines=[CartLine(line.sku, line.quantity) for line in ask.lines],
        units=sum(line.quantity for line in ask.lines),
        ended_why=None,
        order_id=None,
        from_kept=kept_lines(units, taken.parts),
    )
    for (line_no, cell), pieces in sorted(units.items()):
        source = (str(hold.id), line_no)
        ledger.post(cell, "available", "reserved", pieces, reason="hold", source=source)
    ledger.send(tx)
    told_kept = taken.writes.tell(Taker(None, 0, hold.id), taken.parts)
    taken.writes.send(ledger)
    if told_kept:
        send_events(tx, told_kept)
    insert_hold(tx, hold, units, shopper)
    known = reference(tx)
    told: Counter[str] = Counter()
    for (_, (_, location_id)), pieces in units.items():
        told[known.locations_by_no[known.no_by_id[location_id]].code] += pieces
    tx.emit(HOLD, hold.id, HoldPlaced(channel.code, ask.reason, hold.expires_at, dict(told)))
    return tell_hold(tx, hold, read_reservations(tx, [hold.id]), ledger.at)


@command(permission="inventory.write")
def extend_hold(tx: Tx, ask: ExtendHold) -> HoldState:
    """Give a hold more time, once; raises HoldOver when its time is over."""
    hold, now = lock_open_hold(tx, ask.hold_id)
    if hold.kind == "channel":
        raise ActionNotAllowed(
            "It is kept for those who order, not for a cart. Keep more, or release it.",
            extra={"allowed_actions": ["release"]},
        )
    if _was_extended(tx, hold):
        raise ActionNotAllowed(
            "A hold is extended once, so that carts don't keep stock from those who buy.",
            extra={"allowed_actions": ["release"], "expires_at": hold.expires_at.isoformat()},
        )
    assert hold.channel_id is not None, "a cart is of a channel"
    minutes = ask.minutes or reference(tx).channels_by_id[hold.channel_id].cart_minutes
    expires_at = max(hold.expires_at, now + timedelta(minutes=minutes))
    set_expiry(tx, hold.id, expires_at)
    tx.emit(HOLD, hold.id, HoldExtended(expires_at))
    changed = msgspec.structs.replace(hold, expires_at=expires_at, version=hold.version + 1)
    return tell_hold(tx, changed, read_reservations(tx, [hold.id]), now, extended=True)


@command(permission="inventory.write")
def release_hold_of_stock(tx: Tx, ask: ReleaseHold) -> HoldState:
    """Give the stock back before the time is over."""
    hold, now = lock_open_hold(tx, ask.hold_id)
    if hold.kind == "channel":
        _require_seen(tx, hold)
    ended_at = end_holds(tx, [hold], "released")
    changed = msgspec.structs.replace(
        hold, ended_at=ended_at, ended_why="released", version=hold.version + 1
    )
    return tell_hold(tx, changed, [], now)


def _require_seen(tx: Tx, hold: Hold) -> None:
    """People of one location don't give back what is kept at another."""
    kept = read_reservations(tx, [hold.id])
    if not all(tx.actor.sees_location(row.location_id) for row in kept):
        raise ActionNotAllowed(
            "Part of it is kept at a location that you don't see. Ask somebody who sees all.",
            extra={"allowed_actions": []},
        )


@command(permission="inventory.write")
def expire_hold_batch(tx: Tx, ask: ExpireHolds) -> HoldsExpired:
    """End holds whose time is over; two programs doing it at once share the work."""
    due = lock_due_holds(tx, CLOCK.one(tx), limit=ask.limit)
    if due:
        end_holds(tx, due, "expired")
    return HoldsExpired(len(due))


def expire_holds(db: Database) -> int:
    """The job: end all holds whose time is over, in small batches; how many there were."""
    total = 0
    while True:
        with db.reading(SYSTEM) as tx:
            if not is_any_due(tx):
                return total
        ended = run(db, SYSTEM, expire_hold_batch, ExpireHolds(limit=BATCH)).count
        total += ended
        if ended < BATCH:
            return total


def read_hold_state(tx: Tx, hold_id: UUID) -> HoldState:
    """A hold as it is; raises NotFound."""
    hold = read_hold(tx, hold_id)
    if hold is None or not _sees(tx.actor, hold):
        raise NotFound("There is no such hold, or it belongs to a channel you don't see.")
    extended = _was_extended(tx, hold)
    return tell_hold(tx, hold, read_reservations(tx, [hold_id]), tx.now, extended=extended)


def _sees(actor: Actor, hold: Hold) -> bool:
    """What is kept for a group on any channel is for who sees all of them."""
    if hold.channel_id is None:
        return actor.channel_ids is None
    return actor.sees_channel(hold.channel_id)


def lock_open_hold(tx: Tx, hold_id: UUID) -> tuple[Hold, datetime]:
    """Lock a hold whose time isn't over, and the database's clock under the lock."""
    hold = lock_holds(tx, [hold_id]).get(hold_id)
    if hold is None or not _sees(tx.actor, hold):
        raise NotFound("There is no such hold, or it belongs to a channel you don't see.")
    now = CLOCK.one(tx)
    if hold.ended_at is not None or hold.expires_at <= now:
        ended_at = min(hold.ended_at or hold.expires_at, hold.expires_at)
        raise HoldOver(
            f"It ended at {ended_at:%Y-%m-%d %H:%M:%S} UTC. Ask for a new hold.",
            extra={"ended_at": ended_at.isoformat(), "allowed_actions": []},
        )
    return hold, now


def _was_extended(tx: Tx, hold: Hold) -> bool:
    return any(entry.kind == HoldExtended.kind for entry in read_timeline(tx, hold.id))


def tell_hold(
    tx: Tx, hold: Hold, kept: Sequence[Reservation], now: datetime, *, extended: bool = False
) -> HoldState:
    """A hold with the reservations that it has, and what may be done with it."""
    open_ = hold.ended_at is None and hold.expires_at > now
    actions = ["release"] if extended or hold.kind == "channel" else ["extend", "release"]
    if hold.lines:
        actions = [*actions, "complete"]
    return HoldState(
        id=hold.id,
        channel=reference(tx).channels_by_id[hold.channel_id].code if hold.channel_id else "",
        reason=hold.reason,
        created_at=hold.created_at,
        expires_at=hold.expires_at,
        ended_at=hold.ended_at,
        version=hold.version,
        units=[HeldUnits(row.line_no, row.item_id, row.location_id, row.qty) for row in kept],
        allowed_actions=actions if open_ else [],
        lines=hold.lines,
        ended_why=hold.ended_why,
        order_id=hold.order_id,
        group=hold.customer_group,
    )
