"""Carts: stock kept for shoppers who have not bought yet, or did not in the end."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.inventory.asks import CartLine
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import ChannelName
from ordito.listings.places import read_names
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound

CartState = Literal["open", "abandoned", "completed", "released"]


class Cart(msgspec.Struct, frozen=True):
    """A cart: what is in it, since when and until when its stock is (or was) kept.

    contact: where its shopper can be written to, "" when unknown (personal data).
    order_number: of the order that it became. consent: the shopper agreed to a mail about it;
    mailed_at: when it was sent on its way.
    """

    id: UUID
    state: CartState
    channel: ChannelName
    reason: str
    lines: tuple[CartLine, ...]
    units: int
    contact: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    order_number: int | None
    consent: bool
    mailed_at: datetime | None


class CartPage(msgspec.Struct, frozen=True):
    """Carts, newest first. next: the cursor of what came before."""

    items: tuple[Cart, ...]
    next: str | None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    id: UUID


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    state: CartState
    # The column may be NULL; that of a cart never is.
    channel_id: UUID | None
    reason: str
    lines: list[CartLine]
    units: int
    contact: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    order_number: int | None
    consent: bool
    mailed_at: datetime | None


def list_carts(
    tx: Tx, state: CartState = "open", *, cursor: str | None = None, limit: int = 50
) -> CartPage:
    """Carts of the channels in scope; raises InvalidInput for a foreign cursor."""
    place = read_cursor(cursor, _Place) if cursor else _Place(UUID(int=2**128 - 1))
    rows = (_OPEN if state == "open" else _ENDED).all(
        tx,
        before=place.id,
        channel_ids=_channels(tx),
        limit=limit + 1,
        **({} if state == "open" else {"why": _WHY[state]}),
    )
    items = tuple(_cart(tx, row) for row in rows[:limit])
    more = len(rows) > limit
    return CartPage(items, write_cursor(_Place(rows[limit - 1].id)) if more else None)


def read_cart(tx: Tx, cart_id: UUID) -> Cart:
    """One cart; raises NotFound."""
    row = _READ.first(tx, id=cart_id, channel_ids=_channels(tx))
    if row is None:
        raise NotFound("There is no such cart, or it belongs to a channel you don't see.")
    return _cart(tx, row)


_WHY = {"abandoned": "expired", "completed": "completed", "released": "released"}


def _channels(tx: Tx) -> str | None:
    return None if tx.actor.channel_ids is None else uuids(sorted(tx.actor.channel_ids))


def _cart(tx: Tx, row: _Row) -> Cart:
    fields = {name: getattr(row, name) for name in Cart.__struct_fields__ if hasattr(row, name)}
    assert row.channel_id is not None, "a cart is of a channel"
    channel = read_names(tx).channel(row.channel_id)
    return Cart(**fields | {"lines": tuple(row.lines), "channel": channel})


_CART = """
    SELECT h.id,
           CASE WHEN h.ended_why = 'completed' THEN 'completed'
                WHEN h.ended_why IN ('released', 'count') THEN 'released'
                WHEN h.ended_at IS NULL AND h.expires_at > now() THEN 'open'
                ELSE 'abandoned' END AS state,
           k.id AS channel_id, h.reason, h.lines, h.units, h.contact, h.created_at, h.expires_at,
           h.ended_at, o.number AS order_number, h.consent, h.mailed_at
    FROM inventory.stock_hold AS h
    JOIN channels.channel AS k ON k.id = h.channel_id
    LEFT JOIN orders.sales_order AS o ON o.id = h.order_id
    WHERE h.kind = 'cart'
      AND (%(channel_ids)s::uuid[] IS NULL OR h.channel_id = ANY(%(channel_ids)s::uuid[]))"""

_OPEN = query(
    _Row,
    f"""{_CART}
      AND h.ended_at IS NULL AND h.expires_at > now() AND h.id < %(before)s
    ORDER BY h.id DESC
    LIMIT %(limit)s
    """,
)

_ENDED = query(
    _Row,
    f"""{_CART}
      AND h.ended_why = %(why)s::text COLLATE "C" AND h.id < %(before)s
    ORDER BY h.id DESC
    LIMIT %(limit)s
    """,
)

_READ = query(_Row, f"{_CART} AND h.id = %(id)s")
