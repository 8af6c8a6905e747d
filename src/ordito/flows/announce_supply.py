"""Announce supply: who waits is told the day on which units are expected, and when it moves."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.flows.opened_orders import OpenedOrder, open_orders
from ordito.kernel.asks import Ask
from ordito.listings.waiting_lines import (
    Expectations,
    LineKey,
    find_waited_items,
    read_all_told,
    read_expectations,
)
from ordito.orders.dates import forget_told, read_told, write_told
from ordito.orders.events import SupplyDated
from ordito.orders.orders import ORDER
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run

AT_ONCE = 100


class AnnounceSupply(Ask, frozen=True, kw_only=True):
    """Tell these orders what is expected for them now."""

    order_ids: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=AT_ONCE)]


class SupplyAnnounced(msgspec.Struct, frozen=True):
    """Orders to which another day than before was told."""

    orders: int


@command(permission="orders.write")
def announce_to_orders(tx: Tx, ask: AnnounceSupply) -> SupplyAnnounced:
    """Keep and tell the days for which orders' waiting units are expected, where they changed."""
    opened = open_orders(tx, ask.order_ids)
    items = {
        part.item_id
        for order in opened.values()
        for no, line in order.lines.items()
        if line.backordered
        for part in order.parts[no]
    }
    now = find_days(read_expectations(tx, items)) if items else {}
    told = {(row.order_id, row.line_no): row.expected_on for row in read_told(tx, opened)}
    count = 0
    for order_id, order in opened.items():
        before = {no: day for (id_, no), day in told.items() if id_ == order_id}
        after = {
            no: now.get((order_id, no))
            for no, line in order.lines.items()
            if line.backordered and order.order.life == "open"
        }
        count += _announce(tx, order, before, after)
    return SupplyAnnounced(count)


def _announce(
    tx: Tx, order: OpenedOrder, before: Mapping[int, date], after: Mapping[int, date | None]
) -> bool:
    """Write and tell what has changed of one order; whether anything did.

    after: of lines that wait; those that don't any more are forgotten without a word.
    """
    order_id = order.order.id
    changed = {no: day for no, day in after.items() if day != before.get(no)}
    gone = [no for no in before if after.get(no) is None]
    forget_told(tx, [(order_id, no) for no in gone])
    write_told(tx, [(order_id, no, day) for no, day in changed.items() if day is not None])
    if not changed:
        return False
    tx.emit(ORDER, order_id, SupplyDated(changed, _is_later(order, before, changed)))
    return True


def _is_later(
    order: OpenedOrder, before: Mapping[int, date], changed: Mapping[int, date | None]
) -> bool:
    """Whether a line comes later than its customer was told: announced, or else promised."""
    for no, day in changed.items():
        told = before.get(no) or order.order.promised_on
        if day is not None and told is not None and day > told:
            return True
    return False


def find_days(expectations: Expectations) -> dict[LineKey, date]:
    """The day of lines all of whose waiting units have one: that of the last unit."""
    return {
        key: max(one.expected_on for one in allotted)
        for key, allotted in expectations.lines.items()
        if sum(one.units for one in allotted) == expectations.waiting[key]
    }


def announce_supply(db: Database) -> int:
    """The scheduled job: tell all orders whose days have changed; how many there were."""
    with db.reading(SYSTEM) as tx:
        items = find_waited_items(tx)
        found = read_expectations(tx, items)
        changed = _find_changed(find_days(found), read_all_told(tx))
    told = 0
    for start in range(0, len(changed), AT_ONCE):
        ask = AnnounceSupply(order_ids=tuple(changed[start : start + AT_ONCE]))
        told += run(db, SYSTEM, announce_to_orders, ask).orders
    return told


def _find_changed(now: Mapping[LineKey, date], told: Mapping[LineKey, date]) -> Sequence[UUID]:
    """Orders with a line whose day isn't the one that was told, or that waits no more."""
    keys = {key for key, day in now.items() if told.get(key) != day}
    keys |= set(told) - set(now)
    return sorted({order_id for order_id, _no in keys})
