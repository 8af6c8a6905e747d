"""Everything that happens later: event → reactions. Read this dict to know what follows what;
which events become mails to customers says `TOLD` in tell_customers, a follower of its own.

What must be true at commit is called by the flow itself; what may become true a moment later is
here. Reactions go through the door like everyone else, with a key made of the feed's position, so
that an entry which comes twice has one effect.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from ordito.flows.choose_delivery import offer_choice
from ordito.flows.manage_lots import settle_lot
from ordito.flows.move_open_work import move_open_work
from ordito.flows.reference import reference
from ordito.flows.release_items import MovePreorders, move_preorders
from ordito.flows.resource_order import source_order
from ordito.flows.serve_backorders import serve_backorders
from ordito.inventory.reservations import read_reservations
from ordito.orders.asks import MoveOpenWork, OfferChoice, ServeBackorders, SourceOrder
from ordito.orders.orders import read_components, read_lines, read_orders
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import OutsideFollower
from ordito.platform.problems import ActionNotAllowed

ITEMS_AT_ONCE = 1000

Reaction = Callable[[Database, FeedEntry], None]


def serve_who_waits(db: Database, entry: FeedEntry) -> None:
    """Stock became free: it goes to the backorders, oldest promise first."""
    freed = entry.body.get("items")
    item_ids = [UUID(id_) for id_ in freed] if freed is not None else _items_of_order(db, entry)
    # What a location gives back of an order is no stock that came in there.
    came_to = None if entry.kind.startswith("order.") else entry.body.get("location")
    _serve(db, entry, item_ids, came_to)


def _serve(db: Database, entry: FeedEntry, item_ids: Sequence[UUID], came_to: str | None) -> None:
    for n, some in enumerate(_in_parts(item_ids)):
        after: UUID | None = None
        for turn in range(10_000):
            ask = ServeBackorders(item_ids=some, location=came_to, after=after)
            key = f"backorders-{entry.position}-{n}-{turn}"
            served = run(db, SYSTEM, serve_backorders, ask, key=key)
            after = served.after
            if after is None:
                break


def serve_whom_it_is_kept_for(db: Database, entry: FeedEntry) -> None:
    """Stock is kept for a channel or a group: those of its orders that wait are served of it."""
    if not entry.body.get("kept"):
        return  # A cart's.
    with db.reading(SYSTEM) as tx:
        kept = read_reservations(tx, [entry.stream_id])
    if kept:
        _serve(db, entry, sorted({row.item_id for row in kept}), None)


def source_what_was_counted_away(db: Database, entry: FeedEntry) -> None:
    """A count, or a lot that may not be sold, took stock from an order: look for other stock.
    (A short pick has done so itself.)"""
    if entry.body.get("reason") not in ("count", "lot"):
        return
    ask = SourceOrder(order_id=entry.stream_id)
    run(db, SYSTEM, source_order, ask, key=f"source-{entry.position}")


def move_work_of_closed(db: Database, entry: FeedEntry) -> None:
    """A location was switched off: others serve what it has not begun."""
    if entry.body["changes"].get("active") != [True, False]:
        return
    code = entry.body["code"]
    after: UUID | None = None
    for turn in range(10_000):
        with db.reading(SYSTEM) as tx:
            location = reference(tx).locations.get(code)
        if location is None or location.active:
            return  # Somebody has switched it on again.
        ask = MoveOpenWork(location=code, after=after)
        after = run(db, SYSTEM, move_open_work, ask, key=f"closed-{entry.position}-{turn}").after
        if after is None:
            return


def settle_changed_lot(db: Database, entry: FeedEntry) -> None:
    """A lot may be sold no more, or again: it is set aside where it lies, or put back."""
    settle_lot(db, entry.stream_id)


def move_orders_of_release(db: Database, entry: FeedEntry) -> None:
    """An item is sold from another day on: what was ordered before follows."""
    after = UUID(int=0)
    for turn in range(10_000):
        ask = MovePreorders(item_id=entry.stream_id, after=after)
        moved = run(db, SYSTEM, move_preorders, ask, key=f"release-{entry.position}-{turn}")
        if moved.after is None:
            return
        after = moved.after


def ask_customer(db: Database, entry: FeedEntry) -> None:
    """A shop can't serve a pick-up: its customer says what becomes of it, nobody else does."""
    if entry.kind == "order.part_withdrawn" and entry.body.get("why") != "location_closed":
        return
    with db.reading(SYSTEM) as tx:
        order = read_orders(tx, [entry.stream_id]).get(entry.stream_id)
    if order is None or order.delivery != "pickup":
        return
    # What lacked may have come in meanwhile, or been cancelled.
    with contextlib.suppress(ActionNotAllowed):
        ask = OfferChoice(order_id=entry.stream_id)
        run(db, SYSTEM, offer_choice, ask, key=f"choice-{entry.position}")


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "stock.received": (serve_who_waits,),
    "stock.adjusted": (serve_who_waits,),
    "stock.moved": (serve_who_waits,),
    "stock.counted": (serve_who_waits,),
    "transfer.received": (serve_who_waits,),
    "assembly.units_made": (serve_who_waits,),
    "assembly.closed": (serve_who_waits,),
    "lot.blocked": (settle_changed_lot,),
    "lot.freed": (settle_changed_lot,),
    "lot.changed": (settle_changed_lot,),
    "lot.put_back": (serve_who_waits,),
    "hold.ended": (serve_who_waits,),
    "hold.placed": (serve_whom_it_is_kept_for,),
    "hold.refilled": (serve_who_waits,),
    "order.units_short": (source_what_was_counted_away, ask_customer),
    "order.units_cancelled": (serve_who_waits,),
    "order.units_returned": (serve_who_waits,),
    "order.part_rejected": (serve_who_waits, ask_customer),
    "order.part_withdrawn": (serve_who_waits, ask_customer),
    "order.pickup_not_collected": (serve_who_waits,),
    "location.changed": (move_work_of_closed,),
    "item.release_set": (move_orders_of_release,),
    "location.endless_changed": (serve_who_waits,),
}


def _items_of_order(db: Database, entry: FeedEntry) -> list[UUID]:
    """The items of an order's lines and of their kits."""
    with db.reading(SYSTEM) as tx:
        lines = read_lines(tx, [entry.stream_id]).get(entry.stream_id, [])
        components = read_components(tx, [entry.stream_id])
    found = {line.item_id for line in lines if line.item_id is not None}
    return sorted(found | {component.item_id for component in components})


def _in_parts(item_ids: Sequence[UUID]) -> Iterator[tuple[UUID, ...]]:
    for start in range(0, len(item_ids), ITEMS_AT_ONCE):
        yield tuple(item_ids[start : start + ITEMS_AT_ONCE])


def react(db: Database, entries: Sequence[FeedEntry]) -> None:
    """Carry out the reactions to feed entries, in order."""
    for entry in entries:
        for reaction in REACTIONS[entry.kind]:
            reaction(db, entry)


FOLLOWER = OutsideFollower(
    name="reactions", kinds=frozenset(REACTIONS), deliver=react, batch=20, starts="beginning"
)
