"""Keep stock for a channel or a group of customers: nobody else finds it free; their orders use
it up."""

from collections.abc import Iterable
from uuid import UUID

from ordito.catalog.items import send_facts, send_find_facts
from ordito.catalog.types import ItemFacts
from ordito.channels.types import Channel
from ordito.customers.groups import list_groups
from ordito.flows.hold_stock import tell_hold
from ordito.flows.reference import Reference, reference
from ordito.inventory.asks import HoldState, KeepForChannel
from ordito.inventory.events import HoldPlaced
from ordito.inventory.holds import HOLD, Hold, Shopper, insert_hold
from ordito.inventory.kept import FOREVER, KeptCursor, KeptStock, list_kept_rows
from ordito.inventory.ledger import Ledger, lock_cells, shortage
from ordito.inventory.reservations import read_reservations
from ordito.inventory.stock import send_free
from ordito.inventory.types import CellKey
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput
from ordito.platform.revisions import raise_revision


@command(permission="inventory.write")
def keep_for_channel(tx: Tx, ask: KeepForChannel) -> HoldState:
    """Reserve units for orders of a channel, of a group of customers, or of both together; raises
    OutOfStock when there aren't so many free."""
    known = reference(tx)
    faults: list[Fault] = []
    channel = _find_channel(tx, known, ask, faults)
    _check_group(tx, ask, faults)
    item = _find_item(tx, ask, faults)
    places = _find_places(tx, known, channel, ask, faults)
    if ask.until is not None and ask.until <= tx.now:
        faults.append(Fault("/until", "in-past", "Name a moment that lies ahead."))
    if faults or item is None:
        raise InvalidInput(f"{len(faults)} thing(s) to correct; nothing is kept.", errors=faults)
    found = send_free(tx, [item.id], {str(place.id): place.no for place in places}).fetchall()
    free_at = {no for row in found for no in row.places}
    ledger = lock_cells(tx, {(item.id, str(p.id)) for p in places if p.no in free_at})
    units = _choose(ledger, item, places, ask.quantity)
    if sum(units.values()) < ask.quantity:
        raise shortage([(item.sku, ask.quantity, sum(units.values()))])
    hold = Hold(
        id=new_id(),
        channel_id=channel.id if channel else None,
        reason=ask.reason,
        created_at=ledger.at,
        expires_at=ask.until or FOREVER,
        ended_at=None,
        version=1,
        lines=[],
        units=ask.quantity,
        ended_why=None,
        order_id=None,
        kind="channel",
        customer_group=ask.group or "",
    )
    source = (str(hold.id), 1)
    for cell, pieces in sorted(units.items()):
        ledger.post(cell, "available", "reserved", pieces, reason="kept", source=source)
    ledger.send(tx)
    insert_hold(tx, hold, {(1, cell): pieces for cell, pieces in units.items()}, Shopper())
    raise_revision(tx, "reference")
    codes = {str(place.id): place.code for place in places}
    told = {codes[location_id]: pieces for (_, location_id), pieces in units.items()}
    for_channel = channel.code if channel else ""
    event = HoldPlaced(
        for_channel, ask.reason, hold.expires_at, told, hold.customer_group, kept=True
    )
    tx.emit(HOLD, hold.id, event)
    return tell_hold(tx, hold, read_reservations(tx, [hold.id]), ledger.at)


def _find_channel(
    tx: Tx, known: Reference, ask: KeepForChannel, faults: list[Fault]
) -> Channel | None:
    if ask.channel is None:
        if not ask.group:
            detail = "Name the channel or the group of customers that it is for."
            faults.append(Fault("/channel", "required", detail))
        elif tx.actor.channel_ids is not None:
            detail = "You see some channels only; name the one that it is for."
            faults.append(Fault("/channel", "required", detail))
        return None
    channel = known.channels.get(ask.channel)
    if channel is not None and channel.active and tx.actor.sees_channel(channel.id):
        return channel
    detail = f"There is no open channel “{ask.channel[:60]}”."
    faults.append(Fault("/channel", "unknown-channel", detail))
    return None


def _check_group(tx: Tx, ask: KeepForChannel, faults: list[Fault]) -> None:
    if ask.group and ask.group not in {group.code for group in list_groups(tx)}:
        detail = f"No customer is in a group “{ask.group}”; put somebody into it first."
        faults.append(Fault("/group", "unknown-group", detail))


def _find_item(tx: Tx, ask: KeepForChannel, faults: list[Fault]) -> ItemFacts | None:
    item = next(iter(send_find_facts(tx, {normal_code(ask.sku)})), None)
    if item is None:
        detail = f"There is no item “{ask.sku[:60]}”; correct the SKU."
        faults.append(Fault("/sku", "unknown-sku", detail))
    elif item.kind != "stocked":
        detail = f"No stock is kept of “{item.sku}”; for a kit, keep its parts."
        faults.append(Fault("/sku", "not-stocked", detail))
        return None
    return item


def _find_places(
    tx: Tx, known: Reference, channel: Channel | None, ask: KeepForChannel, faults: list[Fault]
) -> list[Location]:
    """Where it may be kept, the first choice first: places of which the channel is sent goods, or
    of which anybody is."""
    allowed = known.places_allowed[channel.id] if channel else None
    places = [
        place
        for place in known.locations.values()
        if place.active
        and (place.can_ship or place.can_pickup)
        and place.kind != "history"
        and (allowed is None or place.no in allowed)
        and tx.actor.sees_location(place.id)
        and ask.location in (None, place.code)
    ]
    if not places and (channel is not None or ask.channel is None):
        detail = "No open location that you see serves them."
        if ask.location is not None:
            detail = f"There is no open location “{ask.location}” that serves them."
        faults.append(Fault("/location", "unknown-location", detail))
    return sorted(places, key=lambda place: (place.priority, place.code))


def _choose(
    ledger: Ledger, item: ItemFacts, places: Iterable[Location], quantity: int
) -> dict[CellKey, int]:
    """Pieces by cell, all of the first place first."""
    units: dict[CellKey, int] = {}
    for place in places:
        part = min(quantity, ledger.free(item.id, str(place.id)))
        if part:
            units[item.id, str(place.id)] = part
            quantity -= part
    return units


def tell_kept(
    tx: Tx,
    *,
    channel_ids: Iterable[UUID] | None,
    location_ids: Iterable[UUID] | None,
    before: KeptCursor | None = None,
    limit: int,
) -> list[KeptStock]:
    """What is kept for channels, newest first, with codes and SKUs. Others' channels are left out.

    channel_ids, location_ids: only of and at these; None is all.
    """
    known = reference(tx)
    rows = list_kept_rows(
        tx, channel_ids=channel_ids, location_ids=location_ids, before=before, limit=limit
    )
    items = {UUID(item.id): item for item in send_facts(tx, {row.item_id for row in rows})}
    return [
        KeptStock(
            hold_id=row.hold_id,
            channel=known.channels_by_id[row.channel_id].code if row.channel_id else "",
            group=row.customer_group,
            item_id=row.item_id,
            sku=items[row.item_id].sku,
            name=items[row.item_id].name,
            location=known.locations_by_id[row.location_id].code,
            qty=row.qty,
            reason=row.reason,
            created_at=row.created_at,
            until=None if row.expires_at >= FOREVER else row.expires_at,
        )
        for row in rows
    ]
