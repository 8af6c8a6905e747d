"""One queue of what needs a person: by kind, what loses a customer first, then by age."""

from collections.abc import Callable

from ordito.listings.home_scope import HomeScope
from ordito.listings.need_types import (
    COUNT_MAX,
    Need,
    NeedGroup,
    NeedKind,
    asking,
    pair,
)
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import OrderRow, list_orders, recall_count
from ordito.listings.places import Names
from ordito.listings.trouble_needs import MAILS, PARKED, SHOPS, WEBHOOKS
from ordito.platform.database import Tx


def read_needs(tx: Tx, names: Names, scope: HomeScope, *, each: int = 5) -> tuple[NeedGroup, ...]:
    """What the reader can do something about, at most `each` of a kind; kinds without any are out.

    Kinds that the reader has no permission to see are out too.
    """
    groups = [
        reader(tx, names, scope, kind, each)
        for kind, permission, reader in _KINDS
        if permission in tx.actor.permissions
    ]
    return tuple(group for group in groups if group.count)


def _read_late(tx: Tx, names: Names, scope: HomeScope, kind: NeedKind, each: int) -> NeedGroup:
    # What waits for stock or is held is counted where something can be done about it.
    asked = OrderFilter(
        late=True, held=False, backordered=False, mode="live", channels=scope.channels,
        locations=scope.locations,
    )  # fmt: skip
    return _read_orders(tx, names, kind, asked, each)


def _read_backorders(
    tx: Tx, names: Names, scope: HomeScope, kind: NeedKind, each: int
) -> NeedGroup:
    asked = OrderFilter(
        life=("open",), held=False, backordered=True, unserved=False, mode="live",
        channels=scope.channels, locations=scope.locations,
    )  # fmt: skip
    return _read_orders(tx, names, kind, asked, each)


def _read_unserved(tx: Tx, names: Names, scope: HomeScope, kind: NeedKind, each: int) -> NeedGroup:
    asked = OrderFilter(
        life=("open",), unserved=True, mode="live", channels=scope.channels,
        locations=scope.locations,
    )  # fmt: skip
    return _read_orders(tx, names, kind, asked, each)


def _read_orders(tx: Tx, names: Names, kind: NeedKind, asked: OrderFilter, each: int) -> NeedGroup:
    page = list_orders(tx, asked, sort="promised_on", descending=False, limit=each)
    if not page.items:
        return NeedGroup(kind, 0, ())
    count = recall_count(tx, asked, cap=COUNT_MAX) if len(page.items) == each else len(page.items)
    return NeedGroup(kind, count, tuple(_order_need(row, names) for row in page.items))


def _order_need(row: OrderRow, names: Names) -> Need:
    place = None
    if len(row.locations) == 1:
        place = next(
            names.place(p.id) for p in names.locations.values() if p.code == row.locations[0]
        )
    return Need(
        id=row.id,
        since=row.placed_at,
        number=row.number,
        channel=row.channel,
        location=place,
        qty=row.units - row.units_cancelled - row.units_done,
        promised_on=row.promised_on,
        owner=row.assignee,
    )


_ORDER_SEEN = """
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR EXISTS (
          SELECT FROM fulfillment.fulfillment_order AS f
          WHERE f.order_id = o.id AND f.location_id = ANY(%(location_ids)s::uuid[])))"""


_ASSIGNEE = """(
           SELECT w.name
           FROM orders.assignment AS a
           JOIN platform.app_user AS w ON w.id = a.user_id
           WHERE a.order_id = o.id)"""

_HOLDS = pair(
    f"""o.id, h.placed_at AS since, o.number, h.hold_no AS part, h.reason AS detail, o.channel_id,
       NULL::uuid AS location_id, NULL::uuid AS item_id, '' AS sku, '' AS title,
       NULL::int8 AS qty, o.promised_on,
       coalesce(u.name, {_ASSIGNEE}) AS owner""",
    f"""
    FROM orders.hold AS h
    JOIN orders.sales_order AS o ON o.id = h.order_id
    LEFT JOIN platform.app_user AS u ON u.id = h.owner_id
    WHERE h.released_at IS NULL AND o.life = 'open' {_ORDER_SEEN}
    """,
    "h.placed_at, h.order_id, h.hold_no",
)

_MENTIONS = pair(
    """o.id, m.at AS since, o.number, m.note_no AS part, '' AS detail, o.channel_id,
       NULL::uuid AS location_id, NULL::uuid AS item_id, '' AS sku, left(n.body, 200) AS title,
       NULL::int8 AS qty, NULL::date AS promised_on, n.author AS owner""",
    f"""
    FROM orders.mention AS m
    JOIN orders.note AS n USING (order_id, note_no)
    JOIN orders.sales_order AS o ON o.id = m.order_id
    WHERE m.user_id = %(reader_id)s AND m.seen_at IS NULL {_ORDER_SEEN}
    """,
    "m.at, m.order_id, m.note_no",
)

_TASKS = pair(
    f"""t.id, t.raised_at AS since, o.number, t.line_no AS part, '' AS detail, o.channel_id,
       t.location_id, t.item_id, coalesce(i.sku, '') AS sku, coalesce(i.name, '') AS title, t.qty,
       o.promised_on, {_ASSIGNEE} AS owner""",
    """
    FROM fulfillment.task AS t
    LEFT JOIN orders.sales_order AS o ON o.id = t.order_id
    LEFT JOIN catalog.item AS i ON i.id = t.item_id
    WHERE t.closed_at IS NULL AND t.kind = %(kind)s
      AND (%(channel_ids)s::uuid[] IS NULL OR t.order_id IS NULL
           OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR t.location_id = ANY(%(location_ids)s::uuid[]))
    """,
    "t.raised_at, t.id",
)

_MESSAGES = pair(
    """m.id, m.received_at AS since, NULL::int8 AS number, NULL::int4 AS part, m.reason AS detail,
       m.channel_id, NULL::uuid AS location_id, NULL::uuid AS item_id, '' AS sku,
       coalesce(m.external_key, '') AS title, NULL::int8 AS qty, NULL::date AS promised_on,
       NULL::text AS owner""",
    """
    FROM intake.message AS m
    WHERE m.state = 'parked'
      AND (%(channel_ids)s::uuid[] IS NULL OR m.channel_id = ANY(%(channel_ids)s::uuid[]))
    """,
    "m.id",
)

_PICKUPS = pair(
    f"""o.id, f.updated_at AS since, o.number, f.fo_no AS part, '' AS detail, o.channel_id,
       f.location_id, NULL::uuid AS item_id, '' AS sku, '' AS title, NULL::int8 AS qty,
       f.promised_on, {_ASSIGNEE} AS owner""",
    """
    FROM fulfillment.fulfillment_order AS f
    JOIN orders.sales_order AS o ON o.id = f.order_id
    WHERE f.state = 'ready' AND f.updated_at < %(before)s::timestamptz
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR f.location_id = ANY(%(location_ids)s::uuid[]))
    """,
    "f.updated_at, f.order_id, f.fo_no",
)

_KINDS: tuple[tuple[NeedKind, str, Callable[..., NeedGroup]], ...] = (
    ("mention", "orders.read", asking(*_MENTIONS)),
    ("late", "orders.read", _read_late),
    ("unsourced", "orders.read", _read_unserved),
    ("shortage", "fulfillment.read", asking(*_TASKS)),
    ("message", "intake.read", asking(*_MESSAGES)),
    ("hold", "orders.read", asking(*_HOLDS)),
    ("backorder", "orders.read", _read_backorders),
    ("count", "fulfillment.read", asking(*_TASKS)),
    ("put_back", "fulfillment.read", asking(*_TASKS)),
    ("pickup", "fulfillment.read", asking(*_PICKUPS)),
    ("mail", "orders.read", asking(*MAILS)),
    ("webhook", "webhooks.write", asking(*WEBHOOKS)),
    ("shop", "settings.read", asking(*SHOPS)),
    ("parked", "settings.write", asking(*PARKED)),
)
