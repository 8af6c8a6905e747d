"""Say from when on an item is sold, and let what was ordered before follow."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta

from ordito.catalog import items
from ordito.catalog.events import ReleaseSet
from ordito.catalog.items import ITEM
from ordito.catalog.releases import (
    ItemRelease,
    Release,
    SetRelease,
    read_release,
    write_release,
)
from ordito.catalog.types import Item
from ordito.flows.opened_dates import read_line_dates
from ordito.flows.opened_orders import OpenedOrder, open_orders
from ordito.flows.order_changes import OrderChanges
from ordito.flows.reference import reference
from ordito.flows.stock_searches import Search, make_requests
from ordito.fulfillment import schedules
from ordito.fulfillment.types import FulfillmentOrder
from ordito.kernel.asks import Ask
from ordito.orders.dates import (
    Preorder,
    count_preordered,
    find_preorders,
    move_release,
    read_preorders,
)
from ordito.orders.events import ReleaseMoved
from ordito.orders.orders import ORDER
from ordito.platform.database import Tx, beyond_scope
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotFound
from ordito.platform.revisions import raise_revision
from ordito.platform.versions import check_version
from ordito.sourcing.timings import AHEAD_MOST, time_parts
from ordito.sourcing.types import Allocation

AT_ONCE = 200


@command(permission="catalog.write")
def set_release(tx: Tx, ask: SetRelease) -> ItemRelease:
    """Set the day from which an item is sold; orders of before follow by themselves."""
    items.lock_catalog(tx)
    item = items.read_items(tx, [ask.item_id]).get(ask.item_id)
    if item is None:
        raise NotFound("There is no such item.")
    check_version("item", item.version, ask.version)
    before = read_release(tx, item.id)
    after = _merge(tx, ask, item, before)
    if after != before:
        write_release(tx, after, item.id)
        raise_revision(tx, "reference")
        tx.emit(ITEM, item.id, ReleaseSet(_told(before, tx), _told(after, tx)))
    return _tell(tx, item, after, item.version + (after != before))


def _merge(tx: Tx, ask: SetRelease, item: Item, before: Release | None) -> Release | None:
    day = before.released_on if before else None
    if ask.released_on is not UNSET:
        day = ask.released_on
    most = before.preorder_max if before else None
    if ask.preorder_max is not UNSET:
        most = ask.preorder_max
    channels = dict(before.channels) if before else {}
    if ask.channels is not UNSET:
        # Days of channels that the actor doesn't see stay as they are.
        unseen = {id_: on for id_, on in channels.items() if not tx.actor.sees_channel(id_)}
        channels = _find_channels(tx, ask.channels) | unseen
    faults = _find_faults(tx, item, day, channels)
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)
    return None if day is None else Release(item.id, day, most, channels)


def _find_channels(tx: Tx, days: dict[str, date]) -> dict[UUID, date]:
    known = reference(tx).channels
    unknown = [
        code for code in days if code not in known or not tx.actor.sees_channel(known[code].id)
    ]
    if unknown:
        faults = [
            Fault(f"/channels/{code}", "unknown-channel", f"There is no channel “{code}”.")
            for code in unknown
        ]
        raise InvalidInput("Nothing was changed.", errors=faults)
    return {known[code].id: day for code, day in days.items()}


def _find_faults(tx: Tx, item: Item, day: date | None, channels: dict[UUID, date]) -> list[Fault]:
    faults = []
    if day is not None and item.kind != "stocked":
        detail = "Only items with stock are released; of a kit it is its parts."
        faults.append(Fault("/released_on", "not-stocked", detail))
    if day is None and channels:
        detail = "Say the day for all other channels first."
        faults.append(Fault("/released_on", "required", detail))
    if any(one and one - tx.now.date() > AHEAD_MOST for one in (day, *channels.values())):
        detail = f"More than {AHEAD_MOST.days} days ahead."
        faults.append(Fault("/released_on", "too-far", detail))
    return faults


def _told(release: Release | None, tx: Tx) -> dict[str, str]:
    """A release as events tell it: "" is all channels, and `most` the pieces before it."""
    if release is None:
        return {}
    codes = {channel.id: code for code, channel in reference(tx).channels.items()}
    told = {"": release.released_on.isoformat()}
    told |= {codes[id_]: day.isoformat() for id_, day in sorted(release.channels.items())}
    if release.preorder_max is not None:
        told["most"] = str(release.preorder_max)
    return told


def read_item_release(tx: Tx, item_id: UUID) -> ItemRelease:
    """An item's release as it is; raises NotFound."""
    item = items.read_items(tx, [item_id]).get(item_id)
    if item is None:
        raise NotFound("There is no such item.")
    return _tell(tx, item, read_release(tx, item_id), item.version)


def _tell(tx: Tx, item: Item, release: Release | None, version: int) -> ItemRelease:
    codes = {channel.id: code for code, channel in reference(tx).channels.items()}
    with beyond_scope(tx):
        preordered = count_preordered(tx, [item.id]).get(item.id, 0)
    return ItemRelease(
        item_id=item.id,
        sku=item.sku,
        released_on=release.released_on if release else None,
        preorder_max=release.preorder_max if release else None,
        channels={
            codes[id_]: day
            for id_, day in sorted(release.channels.items())
            if tx.actor.sees_channel(id_)
        }
        if release
        else {},
        preordered=preordered,
        version=version,
    )


class MovePreorders(Ask, frozen=True, kw_only=True):
    """Let the orders after `after` (by id) that wait for an item's release follow its day."""

    item_id: UUID
    after: UUID = UUID(int=0)
    orders_max: Annotated[int, Meta(ge=1, le=1000)] = AT_ONCE


class PreordersMoved(msgspec.Struct, frozen=True):
    """after: ask again with it, since more orders may be waiting; None when all have followed."""

    orders: int
    after: UUID | None


@command(permission="catalog.write")
def move_preorders(tx: Tx, ask: MovePreorders) -> PreordersMoved:
    """Give the orders of an item the day of release that counts now, and time their work anew."""
    found = find_preorders(tx, ask.item_id, after=ask.after, limit=ask.orders_max)
    opened = {id_: one for id_, one in open_orders(tx, found).items() if one.order.life == "open"}
    release = read_release(tx, ask.item_id)
    moved: dict[UUID, list[Preorder]] = {}
    for part in read_preorders(tx, opened):
        if part.item_id != ask.item_id:
            continue
        channel_id = opened[part.order_id].order.channel_id
        day = release.day(channel_id) if release else min(part.released_on, tx.now.date())
        if day != part.released_on:
            now = msgspec.structs.replace(part, released_on=day)
            moved.setdefault(part.order_id, []).append(now)
    move_release(
        tx,
        [
            (part.order_id, part.line_no, part.item_id, part.released_on)
            for parts in moved.values()
            for part in parts
        ],
    )
    _time_anew(tx, {id_: opened[id_] for id_ in moved})
    for order_id, parts in moved.items():
        days = {part.line_no: part.released_on for part in parts}
        tx.emit(ORDER, order_id, ReleaseMoved(days))
    return PreordersMoved(len(moved), found[-1] if len(found) == ask.orders_max else None)


def _time_anew(tx: Tx, opened: dict[UUID, OpenedOrder]) -> None:
    """Schedule the work of orders that nobody has released to picking for when it is due now."""
    dates = read_line_dates(tx, opened)
    known = reference(tx)
    works = [
        (order, fo)
        for order in opened.values()
        for fo in order.fos.values()
        if fo.state in ("scheduled", "open")
    ]
    searches = [_search(order, fo) for order, fo in works]
    changes = OrderChanges(tx, opened)
    rows = []
    for (order, fo), search, request in zip(
        works, searches, make_requests(tx, searches, known), strict=True
    ):
        if request is None:
            continue
        network = known.networks[known.channels_by_id[order.order.channel_id].policy_id]
        place = known.no_by_id[str(fo.location_id)]
        taken = [Allocation(no, place, qty) for no, qty in search.units.items()]
        parts = time_parts(request, network, taken, dates.get(order.order.id, {}), {})
        latest = max((part.opens_at for part in parts.values() if part.opens_at), default=None)
        if latest is not None:
            changes.mark(fo, "scheduled")
            rows.append((order.order.id, fo.fo_no, latest))
        elif fo.state == "scheduled":
            # The next round of the clock opens it, and tells so.
            rows.append((order.order.id, fo.fo_no, tx.now))
    schedules.INSERT.run(tx, rows)
    changes.write("release_moved")


def _search(order: OpenedOrder, fo: FulfillmentOrder) -> Search:
    """What a part holds, as something to be asked of the calendar."""
    units = {work.line_no: work.qty for work in order.work_of(fo.fo_no) if work.qty}
    return Search(order, units, "release_moved")
