"""Customers with what they bought, as far as the reader sees their orders."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.customers.people import list_customers
from ordito.kernel.addresses import Address
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound

SCAN = 200
"""Customers looked at for one page of a reader who sees some channels or locations only."""


class CustomerRow(msgspec.Struct, frozen=True):
    """A customer in the list. orders: those that the reader sees, cancelled ones left out."""

    number: int
    name: str
    email: str
    phone: str
    orders: int
    last_at: datetime | None
    groups: list[str] = []


class CustomerList(msgspec.Struct, frozen=True):
    """Customers, newest first. next: the number to go on before, None at the end."""

    items: tuple[CustomerRow, ...]
    next: int | None


class _Sum(msgspec.Struct, frozen=True):
    # The column may be NULL; rows of asked customers never are.
    customer_id: UUID | None
    seen: int
    orders: int
    last_at: datetime | None


def list_buyers(
    tx: Tx, *, search: str = "", before: int | None = None, limit: int = 50
) -> CustomerList:
    """A page of customers; a reader bound to channels or locations sees those who bought there.

    Such a reader's page may be short, or even empty, and still have a next one.
    """
    bound = tx.actor.channel_ids is not None or tx.actor.location_ids is not None
    wanted = SCAN if bound else limit
    found = list_customers(tx, search=search, before=before, limit=wanted + 1)
    more = len(found) > wanted
    page = found[:wanted]
    sums = {row.customer_id: row for row in _read_sums(tx, [one.id for one in page])}
    items: list[CustomerRow] = []
    last = page[-1].number if page else 0
    for one in page:
        told = sums.get(one.id)
        if bound and told is None:
            continue
        if len(items) == limit:
            more = True
            break
        last = one.number
        items.append(
            CustomerRow(
                number=one.number,
                name=one.name,
                email=one.email,
                phone=one.phone,
                orders=told.orders if told else 0,
                last_at=told.last_at if told else None,
                groups=one.groups,
            )
        )
    else:
        last = page[-1].number if page else 0
    return CustomerList(tuple(items), last if more else None)


def _scope(tx: Tx) -> dict[str, Any]:
    channels, places = tx.actor.channel_ids, tx.actor.location_ids
    return {
        "channel_ids": None if channels is None else uuids(channels),
        "location_ids": None if places is None else uuids(places),
    }


def _read_sums(tx: Tx, ids: list[UUID]) -> list[_Sum]:
    return _SUMS.all(tx, ids=uuids(ids), **_scope(tx))


_SEEN = """
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR EXISTS (
          SELECT FROM fulfillment.fulfillment_order AS f
          WHERE f.order_id = o.id AND f.location_id = ANY(%(location_ids)s::uuid[])))"""

_SUMS = query(
    _Sum,
    f"""
    SELECT o.customer_id, count(*) AS seen,
           count(*) FILTER (WHERE o.life <> 'cancelled') AS orders,
           max(o.placed_at) AS last_at
    FROM orders.sales_order AS o
    WHERE o.customer_id = ANY(%(ids)s::uuid[]){_SEEN}
    GROUP BY o.customer_id
    """,  # noqa: S608 (a constant of this module)
)


class Spent(msgspec.Struct, frozen=True):
    """What a customer bought in one currency, in minor units, cancelled orders left out."""

    currency: str
    orders: int
    total_minor: int
    first_at: datetime
    last_at: datetime


class KnownAddress(msgspec.Struct, frozen=True):
    """An address that orders went to, and the newest of them."""

    address: Address
    orders: int
    last_at: datetime


class CustomerFile(msgspec.Struct, frozen=True):
    """A customer with lifetime figures per currency and the addresses of orders that are seen."""

    id: UUID
    version: int
    number: int
    name: str
    email: str
    phone: str
    created_at: datetime
    spent: tuple[Spent, ...]
    open_orders: int
    units: int
    units_returned: int
    addresses: tuple[KnownAddress, ...]
    groups: list[str] = []


class _Counts(msgspec.Struct, frozen=True):
    seen: int
    open_orders: int
    units: int
    units_returned: int


def read_customer_file(tx: Tx, number: int) -> CustomerFile:
    """A customer by number; raises NotFound when there is none, or none that the reader sees."""
    found = [one for one in list_customers(tx, before=number + 1, limit=1) if one.number == number]
    if not found:
        raise NotFound("There is no customer with this number.")
    one, scope = found[0], _scope(tx)
    counts = _COUNTS.one(tx, id=one.id, **scope)
    if not counts.seen and set(scope.values()) != {None}:
        raise NotFound("There is no customer with this number.")
    return CustomerFile(
        id=one.id,
        version=one.version,
        number=one.number,
        name=one.name,
        email=one.email,
        phone=one.phone,
        created_at=one.created_at,
        spent=tuple(_SPENT.all(tx, id=one.id, **scope)),
        open_orders=counts.open_orders,
        units=counts.units,
        units_returned=counts.units_returned,
        addresses=tuple(_ADDRESSES.all(tx, id=one.id, **scope)),
        groups=one.groups,
    )


_COUNTS = query(
    _Counts,
    f"""
    SELECT count(*) AS seen, count(*) FILTER (WHERE o.life = 'open') AS open_orders,
           coalesce(sum(n.units), 0)::int8 AS units,
           coalesce(sum(n.returned), 0)::int8 AS units_returned
    FROM orders.sales_order AS o
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.ordered - l.cancelled), 0)::int8 AS units,
               coalesce(sum(l.returned), 0)::int8 AS returned
        FROM orders.line AS l
        WHERE l.order_id = o.id
    ) AS n
    WHERE o.customer_id = %(id)s{_SEEN}
    """,  # noqa: S608 (a constant of this module)
)

_SPENT = query(
    Spent,
    f"""
    SELECT o.currency, count(*) AS orders, coalesce(sum(o.total_minor), 0)::int8 AS total_minor,
           min(o.placed_at) AS first_at, max(o.placed_at) AS last_at
    FROM orders.sales_order AS o
    WHERE o.customer_id = %(id)s AND o.life <> 'cancelled'{_SEEN}
    GROUP BY o.currency
    ORDER BY count(*) DESC, o.currency
    LIMIT 20
    """,  # noqa: S608 (a constant of this module)
)

_ADDRESSES = query(
    KnownAddress,
    f"""
    SELECT p.address, count(*) AS orders, max(o.placed_at) AS last_at
    FROM orders.sales_order AS o
    JOIN orders.party AS p ON p.order_id = o.id AND p.role = 'ship_to'
    WHERE o.customer_id = %(id)s{_SEEN}
    GROUP BY p.address
    ORDER BY max(o.placed_at) DESC
    LIMIT 10
    """,  # noqa: S608 (a constant of this module)
)
