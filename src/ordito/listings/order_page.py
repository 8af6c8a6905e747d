"""The order page: everything about one order, as far as the reader may see it."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from ordito.fulfillment.stop_types import Stop
from ordito.fulfillment.stops import read_stops
from ordito.fulfillment.types import FulfillmentOrder
from ordito.listings.line_lots import read_line_lots
from ordito.listings.order_decisions import ENGLISH, Telling, tell_decisions
from ordito.listings.order_entries import is_awaited
from ordito.listings.order_promises import view_promises
from ordito.listings.order_rows import OrderRows, find_order_id, read_order_rows
from ordito.listings.order_types import (
    CustomerView,
    ExpectedUnits,
    LineView,
    OrderPage,
    OrderTotals,
    PartyView,
    TimelineItem,
)
from ordito.listings.order_work import count_units, list_places, view_work
from ordito.listings.places import Names, read_names
from ordito.listings.seen_bodies import hidden_codes, seen_body
from ordito.listings.waiting_lines import read_expectations
from ordito.orders.actions import allowed_order_actions, facts_of
from ordito.orders.types import Line, Order
from ordito.platform.access import Actor
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.sourcing.sentences import Words


def read_order_page(tx: Tx, key: UUID | int, words: Words = ENGLISH) -> OrderPage:
    """Everything about the order with this id (or number), in a constant number of queries.

    words: the language of the reasons.
    Raises NotFound, also when it belongs to a channel out of scope or, for a reader bound to
    locations, when none of these has a part in it.
    """
    order_id = find_order_id(tx, key) if isinstance(key, int) else key
    rows = None if order_id is None else read_order_rows(tx, order_id)
    if rows is None or not _is_seen(rows, tx.actor):
        raise NotFound("There is no such order, or it is none of those you see.")
    return _assemble(rows, read_names(tx), tx, words)


def _is_seen(rows: OrderRows, actor: Actor) -> bool:
    if not actor.sees_channel(rows.order.channel_id):
        return False
    if actor.location_ids is None:
        return True
    return any(_sees(actor, fo) for fo in rows.fos)


def _sees(actor: Actor, fo: FulfillmentOrder) -> bool:
    """Both ends see what goes to a shop."""
    ends = (fo.location_id, fo.destination_id)
    return any(place is not None and actor.sees_location(place) for place in ends)


def _assemble(rows: OrderRows, names: Names, tx: Tx, words: Words) -> OrderPage:
    order, actor, today = rows.order, tx.actor, tx.now.date()
    seen = [fo for fo in rows.fos if _sees(actor, fo)]
    shops = {
        fo.destination_id: names.place(fo.destination_id)
        for fo in seen
        if fo.destination_id is not None
    }
    places = {fo.fo_no: names.place(fo.location_id) for fo in seen}
    telling = Telling(
        {place.no: place for place in names.places},
        frozenset(
            p.no
            for p in names.locations.values()
            if p.kind != "history" and actor.sees_location(p.id)
        ),
        {line.line_no: line.sku for line in rows.lines},
        words,
    )
    decisions = tell_decisions(rows.decisions, telling)
    promises = view_promises(rows.promises, seen, rows.parcels, names.locations)
    open_holds = sum(hold.released_at is None for hold in rows.holds)
    reads_orders = "orders.read" in actor.permissions
    parties = {party.role: PartyView(party.email, party.address) for party in rows.parties}
    reads_address = reads_orders or "fulfillment.write" in actor.permissions
    lots = read_line_lots(tx, [(fo.order_id, fo.fo_no) for fo in seen])
    where = list_places(count_units(rows.work), {no: p.code for no, p in places.items()})
    expected = _expect(rows, tx)
    return OrderPage(
        id=order.id,
        number=order.number,
        version=order.version,
        channel=names.channel(order.channel_id),
        external_id=order.external_id,
        mode=order.mode,
        kind=order.kind,
        code=order.code,
        delivery=order.delivery,
        pickup_location=(
            None if order.pickup_location_id is None else names.place(order.pickup_location_id)
        ),
        country=order.country,
        placed_at=order.placed_at,
        updated_at=order.updated_at,
        promised_on=order.promised_on,
        late=(
            order.promised_on is not None
            and order.promised_on < today
            and is_awaited(order.life, order.fulfilment)
        ),
        life=order.life,
        fulfilment=order.fulfilment,
        money=order.money,
        return_state=order.return_state,
        backordered=order.backordered,
        held=open_holds > 0,
        totals=OrderTotals(**{n: getattr(order, n) for n in OrderTotals.__struct_fields__}),
        adjustments=tuple(rows.adjustments),
        expectation=rows.expectations[0] if rows.expectations else None,
        customer=_customer(rows) if reads_orders else None,
        ship_to=parties.get("ship_to") if reads_address else None,
        bill_to=parties.get("bill_to") if reads_orders else None,
        lines=tuple(
            _line(line, rows, where.get(line.line_no, []), names, expected.get(line.line_no, ()))
            for line in rows.lines
        ),
        fulfillment_orders=view_work(rows, places, decisions, promises, today, lots, shops),
        holds=tuple(rows.holds),
        tags=tuple(rows.tags),
        assignee=rows.assignees[0] if rows.assignees else None,
        notes=tuple(rows.notes) if reads_orders else (),
        files=tuple(rows.files) if reads_orders else (),
        tasks=tuple(
            t for t in rows.tasks if t.location_id is None or actor.sees_location(t.location_id)
        ),
        refusals=tuple(r for r in rows.refusals if actor.sees_location(r.location_id)),
        decisions=decisions,
        timeline=_timeline(rows, hidden_codes(names, actor), with_notes=reads_orders),
        allowed_actions=allowed_order_actions(facts_of(order.life, rows.lines, open_holds)),
        stop=_stop(order, tx) if order.delivery == "local" else None,
    )


def _stop(order: Order, tx: Tx) -> Stop | None:
    """In which slot it is brought, as far as the reader sees the location."""
    stop = read_stops(tx, [order.id]).get(order.id)
    return stop if stop is not None and tx.actor.sees_location(stop.location_id) else None


def _told_of(names: Names, actor: Actor) -> Iterator[int]:
    """Numbers of the places whose part in decisions is told; the place of the past has none."""
    for location in names.locations.values():
        if location.kind != "history" and actor.sees_location(location.id):
            yield location.no


def _expect(rows: OrderRows, tx: Tx) -> dict[int, tuple[ExpectedUnits, ...]]:
    """When backordered units come, by line; nothing is read for orders that don't wait."""
    waiting = {line.line_no: line for line in rows.lines if line.backordered}
    if not waiting or rows.order.life != "open":
        return {}
    items = {line.item_id for line in waiting.values() if line.item_kind != "kit" and line.item_id}
    items |= {part.item_id for part in rows.parts if part.line_no in waiting}
    found = read_expectations(tx, items).lines
    sees = "inventory.read" in tx.actor.permissions and tx.actor.location_ids is None
    return {
        no: tuple(
            ExpectedUnits(one.units, one.expected_on, one.reference if sees else "")
            for one in found.get((rows.order.id, no), ())
        )
        for no in waiting
    }


def _line(
    line: Line, rows: OrderRows, where: Any, names: Names, expected: tuple[ExpectedUnits, ...]
) -> LineView:
    known: dict[str, Any] = {
        name: getattr(line, name) for name in LineView.__struct_fields__ if hasattr(line, name)
    }
    pinned = line.pinned_location_id
    dates = next((row for row in rows.dates if row.line_no == line.line_no), None)
    releases = [row.released_on for row in rows.preorders if row.line_no == line.line_no]
    return LineView(
        **known,
        pinned_location=None if pinned is None else names.code(pinned),
        cancel_after=next(
            (row.cancel_after for row in rows.deadlines if row.line_no == line.line_no), None
        ),
        parts=tuple(part for part in rows.parts if part.line_no == line.line_no),
        places=tuple(where),
        not_before=dates.not_before if dates else None,
        requested_on=dates.requested_on if dates else None,
        latest_on=dates.latest_on if dates else None,
        unkept=dates.late if dates else False,
        released_on=max(releases, default=None),
        expected=expected,
    )


def _customer(rows: OrderRows) -> CustomerView | None:
    if not rows.customers:
        return None
    c = rows.customers[0]
    return CustomerView(c.id, c.number, c.name, c.email, c.phone, tuple(rows.other_orders))


def _timeline(
    rows: OrderRows, hidden: Collection[str], *, with_notes: bool
) -> tuple[TimelineItem, ...]:
    """Events and notes, newest first, without what happened at hidden locations."""
    notes = {note.note_no: note for note in rows.notes} if with_notes else {}
    names = {file.file_no: file.name for file in rows.files} if with_notes else {}
    items = []
    for event in rows.events:
        body = seen_body(event.kind, event.body, hidden)
        if body is None:
            continue
        note = notes.pop(body.get("note_no", 0), None) if event.kind == "order.note_added" else None
        text = note.body if note else None
        if event.kind == "order.file_added":
            text = names.get(body["file_no"])
        items.append(
            TimelineItem(event.seq, event.at, event.kind, event.actor_kind, event.actor, body, text)
        )
    if rows.events and rows.events[-1].seq == 1:
        # Notes that came with the order have no event of their own.
        items += [
            TimelineItem(None, n.at, "order.note_added", "user", n.author, {}, n.body)
            for n in notes.values()
        ]
    items.sort(key=lambda item: (item.at, item.seq or 0), reverse=True)
    return tuple(items)
