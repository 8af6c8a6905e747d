"""Carts that were left: which shoppers could be written to, and who has bought since."""

from datetime import datetime
from uuid import UUID

import msgspec

from ordito.inventory.asks import CartLine
from ordito.kernel.addresses import normal_email
from ordito.platform.database import Tx, query

TOO_LATE_DAYS = 2
"""So long after its time nobody wants to hear of a cart any more."""

PAUSE_DAYS = 7
"""Between two mails to one shopper about carts of a channel."""


class LeftCart(msgspec.Struct, frozen=True):
    """A cart whose time is over. contact, link: personal data."""

    id: UUID
    channel_id: UUID
    lines: list[CartLine]
    contact: str
    link: str
    created_at: datetime


def find_left(tx: Tx, *, after: UUID | None = None, limit: int = 100) -> list[UUID]:
    """Carts whose shoppers may be due to be written to, by id: those who agreed to it, in channels
    that do so, after the channel's hours."""
    return _FIND.all(tx, after=after or UUID(int=0), days=TOO_LATE_DAYS, limit=limit)


_DUE = """h.kind = 'cart' AND h.consent AND h.mailed_at IS NULL AND h.ended_why = 'expired'
      AND position('@' IN h.contact) > 1
      AND h.ended_at <= now() - make_interval(hours => c.cart_hours)
      AND h.ended_at > now() - make_interval(hours => c.cart_hours, days => %(days)s)"""

_FIND = query(
    UUID,
    f"""
    SELECT h.id
    FROM notifications.channel_mails AS c
    JOIN inventory.stock_hold AS h ON h.channel_id = c.channel_id
    WHERE {_DUE} AND h.id > %(after)s
    ORDER BY h.id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def lock_left(tx: Tx, cart_id: UUID) -> LeftCart | None:
    """Lock such a cart; None when it is none any more."""
    return _LOCK.first(tx, id=cart_id, days=TOO_LATE_DAYS)


_LOCK = query(
    LeftCart,
    f"""
    SELECT h.id, c.channel_id, h.lines, h.contact, h.link, h.created_at
    FROM inventory.stock_hold AS h
    JOIN notifications.channel_mails AS c ON c.channel_id = h.channel_id
    WHERE {_DUE} AND h.id = %(id)s
    FOR NO KEY UPDATE OF h
    """,  # noqa: S608 (a constant of this module)
)


def is_settled(tx: Tx, cart: LeftCart) -> bool:
    """Whether the shopper has bought, begun another cart or been written to since."""
    return _SETTLED.one(
        tx,
        id=cart.id,
        channel_id=cart.channel_id,
        contact=cart.contact,
        email=normal_email(cart.contact),
        since=cart.created_at,
        days=PAUSE_DAYS,
    )


_SETTLED = query(
    bool,
    """
    SELECT EXISTS (
        SELECT
        FROM inventory.stock_hold AS h
        WHERE h.channel_id = %(channel_id)s AND lower(h.contact) = lower(%(contact)s)
          AND h.contact <> '' AND h.kind = 'cart' AND h.id <> %(id)s
          AND ((h.created_at, h.id) > (%(since)s, %(id)s)
               OR h.mailed_at > now() - make_interval(days => %(days)s))
    ) OR EXISTS (
        SELECT
        FROM customers.contact AS k
        JOIN orders.sales_order AS o ON o.customer_id = k.customer_id
        WHERE k.kind = 'email' AND k.value_key = %(email)s
          AND o.channel_id = %(channel_id)s AND o.placed_at >= %(since)s
    )
    """,
)
