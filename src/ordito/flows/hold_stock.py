"""Hold stock for a cart: all of it or nothing, for some minutes, and never for ever."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import psycopg

from ordito.catalog.items import send_find_facts
from ordito.catalog.types import ItemFacts
from ordito.channels.types import Channel
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
from ordito.inventory.events import HoldEnded, HoldExtended, HoldPlaced
from ordito.inventory.holds import (
    HOLD,
    Hold,
    Shopper,
    count_kept,
    digest_of,
    free_holds,
    insert_hold,
    is_any_due,
    lock_due_holds,
    lock_holds,
    read_hold,
    set_expiry,
)
from ordito.inventory.ledger import CLOCK, Ledger, lock_cells, shortage
from ordito.inventory.problems import CartFull, HoldOver
from ordito.inventory.reservations import read_reservations
from ordito.inventory.stock import send_free
from ordito.inventory.types import CellKey, Reservation
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.locations.types import Location
from ordito.platform.access import SYSTEM
from ordito.platform.advisory_locks import wait_lock
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.events import read_timeline
from ordito.platform.problems import ActionNotAllowed, Busy, Fault, InvalidInput, NotFound

ROUNDS = 6
"""Times the stock of a hold may be lost to others between looking and locking."""
BATCH = 100
"""Holds that end in one transaction."""

Units = dict[tuple[int, CellKey], int]
"""(line no, cell) → pieces"""


class _Want(msgspec.Struct, frozen=True):
    """A line: units, and the pieces of stocked items in one."""

    line_no: int
    sku: str
    quantity: int
    parts: tuple[tuple[str, int], ...]


@command(permission="inventory.write")
def hold_stock(tx: Tx, ask: HoldStock) -> HoldState:
    """Keep stock for someone for some minutes; raises OutOfStock when there isn't all of it."""
    known = reference(tx)
    channel, wants = _find_names(tx, ask, known)
    shopper = _find_shopper(tx, ask, channel)
    places = find_places(known, channel)
    for _round in range(ROUNDS):
        units, shorts = _find_units(tx, wants, places)
        if shorts:
            raise name_holders(tx, shortage(shorts), places)
        with tx.conn.transaction() as savepoint:
            ledger = lock_cells(tx, {cell for _, cell in units})
            if _fits(ledger, units):
                return _write(tx, ask, channel, shopper, (units, ledger))
            raise psycopg.Rollback(savepoint)
    raise Busy("Others were taking the same stock all the time. Try again.")


def _find_names(tx: Tx, ask: HoldStock, known: Reference) -> tuple[Channel, list[_Want]]:
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
        elif parts := _parts(item):
            wants.append(_Want(n + 1, item.sku, line.quantity, parts))
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


def _parts(item: ItemFacts) -> tuple[tuple[str, int], ...]:
    if item.kind == "stocked":
        return ((item.id, 1),)
    return tuple(item.parts or ())


def find_places(known: Reference, channel: Channel) -> list[Location]:
    """Locations that may ship for the channel, the first choice first."""
    allowed = known.places_allowed[channel.id]
    places = [
        place
        for place in known.locations.values()
        if place.active
        and place.can_ship
        and place.kind != "history"
        and (allowed is None or place.no in allowed)
    ]
    return sorted(places, key=lambda place: (place.priority, place.code))


def _find_units(
    tx: Tx, wants: Sequence[_Want], places: Sequence[Location]
) -> tuple[Units, list[tuple[str, int, int]]]:
    """Where the stock is to be taken from, and what is missing: (SKU, asked, found) each.

    From one place if one has everything, else greedily by priority, whole units each.
    """
    ids = {item_id for want in wants for item_id, _ in want.parts}
    numbers = {str(place.id): place.no for place in places}
    rows = send_free(tx, ids, numbers)
    free = {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}
    for place in places:
        units, shorts = _take(wants, [place], free)
        if not shorts:
            return units, shorts
    return _take(wants, places, free)


def _take(
    wants: Sequence[_Want], places: Sequence[Location], free: dict[str, dict[int, int]]
) -> tuple[Units, list[tuple[str, int, int]]]:
    left = {item_id: dict(of_item) for item_id, of_item in free.items()}
    units: Units = {}
    shorts = []
    for want in wants:
        open_ = want.quantity
        for place in places:
            here = min(left.get(id_, {}).get(place.no, 0) // per for id_, per in want.parts)
            taken = min(open_, here)
            if not taken:
                continue
            open_ -= taken
            for item_id, per in want.parts:
                left[item_id][place.no] -= taken * per
                units[want.line_no, (item_id, str(place.id))] = taken * per
        if open_:
            shorts.append((want.sku, want.quantity, want.quantity - open_))
    return units, shorts


def _fits(ledger: Ledger, units: Units) -> bool:
    demand: Counter[CellKey] = Counter()
    for (_, cell), pieces in units.items():
        demand[cell] += pieces
    return all(ledger.free(*cell) >= pieces for cell, pieces in demand.items())


def _write(
    tx: Tx, ask: HoldStock, channel: Channel, shopper: Shopper, taken: tuple[Units, Ledger]
) -> HoldState:
    units, ledger = taken
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
    )
    for (line_no, cell), pieces in sorted(units.items()):
        source = (str(hold.id), line_no)
        ledger.post(cell, "available", "reserved", pieces, reason="hold", source=source)
    ledger.send(tx)
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
            "It is kept for a channel, not for a cart. Keep more, or release it.",
            extra={"allowed_actions": ["release"]},
        )
    if _was_extended(tx, hold):
        raise ActionNotAllowed(
            "A hold is extended once, so that carts don't keep stock from those who buy.",
            extra={"allowed_actions": ["release"], "expires_at": hold.expires_at.isoformat()},
        )
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
    ended_at = _end(tx, [hold], "released")
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
        _end(tx, due, "expired")
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
    if hold is None or not tx.actor.sees_channel(hold.channel_id):
        raise NotFound("There is no such hold, or it belongs to a channel you don't see.")
    extended = _was_extended(tx, hold)
    return tell_hold(tx, hold, read_reservations(tx, [hold_id]), tx.now, extended=extended)


def lock_open_hold(tx: Tx, hold_id: UUID) -> tuple[Hold, datetime]:
    """Lock a hold whose time isn't over, and the database's clock under the lock."""
    hold = lock_holds(tx, [hold_id]).get(hold_id)
    if hold is None or not tx.actor.sees_channel(hold.channel_id):
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


def _end(tx: Tx, holds: Sequence[Hold], why: str) -> datetime:
    """Free what locked holds keep; the moment of it."""
    kept = read_reservations(tx, [hold.id for hold in holds])
    ledger = lock_cells(tx, {(str(row.item_id), str(row.location_id)) for row in kept})
    free_holds(tx, [hold.id for hold in holds], kept, ledger, f"hold_{why}")
    ledger.send(tx)
    freed: dict[UUID, Counter[str]] = {hold.id: Counter() for hold in holds}
    for row in kept:
        freed[row.holder_id][str(row.item_id)] += row.qty
    for hold_id, items in freed.items():
        tx.emit(HOLD, hold_id, HoldEnded(why, dict(items)))
    return ledger.at


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
        channel=reference(tx).channels_by_id[hold.channel_id].code,
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
    )
