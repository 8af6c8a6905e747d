"""The follower that keeps the search table of orders, and what makes it anew."""

from collections.abc import Callable, Sequence
from uuid import UUID

from ordito.customers.events import CustomerChanged
from ordito.listings.order_entries import refresh_entries
from ordito.orders import date_events
from ordito.orders import events as order_events
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx, query, statement
from ordito.platform.events import Event
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import Follower

REBUILD_BATCH = 2_000

assert {order_events.OrderPlaced.kind, date_events.DaysChanged.kind} <= Event.kinds.keys(), (
    "the kinds of orders' events are known by now"
)


def follow_orders(tx: Tx, entries: Sequence[FeedEntry]) -> None:
    """Refresh the entries of all orders that something happened to; once each.

    A customer's are found by the entries themselves: the orders have no index over customers.
    """
    customers = {entry.stream_id for entry in entries if entry.stream == "customer"}
    ids = {entry.stream_id for entry in entries} - customers
    for customer_id in sorted(customers):
        ids |= set(_OF_CUSTOMER.all(tx, customer_id=customer_id))
    refresh_entries(tx, ids)


_OF_CUSTOMER = query(
    UUID,
    """
    SELECT m.order_id
    FROM customers.customer AS c
    CROSS JOIN LATERAL listings.match_entries(
        ARRAY['''u:' || c.number || '''']::tsquery[], 10000
    ) AS m
    WHERE c.id = %(customer_id)s
    """,
)


ORDER_LISTINGS = Follower(
    name="order-listings",
    kinds=frozenset(kind for kind in Event.kinds if kind.startswith("order."))
    | {CustomerChanged.kind},
    handle=follow_orders,
    batch=1_000,
)
"""Whatever is new in an order's timeline, its entry is made from the whole order."""


def rebuild(db: Database, report: Callable[[int], None] | None = None) -> int:
    """Make all entries anew from the slices' tables while everything goes on; returns how many.

    Entries of orders that are gone are taken away first. report: is told how many are done.
    """
    done, after = 0, UUID(int=0)
    with db.transaction(SYSTEM) as tx:
        _FORGET.run(tx)
    while True:
        with db.transaction(SYSTEM) as tx:
            ids = _NEXT.all(tx, after=after, limit=REBUILD_BATCH)
            refresh_entries(tx, ids)
        done += len(ids)
        if report is not None:
            report(done)
        if len(ids) < REBUILD_BATCH:
            return done
        after = ids[-1]


_FORGET = statement("""
    DELETE FROM listings.order_entry AS e
    WHERE NOT EXISTS (SELECT FROM orders.sales_order AS o WHERE o.id = e.order_id)
""")

_NEXT = query(
    UUID,
    """
    SELECT id
    FROM orders.sales_order
    WHERE id > %(after)s
    ORDER BY id
    LIMIT %(limit)s
    """,
)
