"""Small worlds of orders written straight into the slices' tables, and what is true of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from ordito.kernel.ids import new_id
from ordito.listings.order_entries import refresh_entries
from ordito.listings.order_filter import OrderFilter
from ordito.platform.database import Database
from tests import make

BEGIN = datetime(2026, 1, 10, 12, tzinfo=UTC)
TODAY = datetime.now(UTC).date()


class Made(msgspec.Struct, frozen=True):
    """An order of a world, in the words of the filters."""

    minutes: int
    life: str
    fulfilment: str
    money: str
    country: str
    location: str
    sku: str
    tag: str
    hold: str
    kind: str
    code: str | None
    name: str
    total: int
    currency: str
    backordered: bool
    promised_in: int | None
    id: UUID = msgspec.field(default_factory=new_id)

    @property
    def placed_at(self) -> datetime:
        return BEGIN + timedelta(minutes=self.minutes)

    @property
    def promised_on(self) -> date | None:
        return None if self.promised_in is None else TODAY + timedelta(days=self.promised_in)


ORDERS = st.lists(
    st.builds(
        Made,
        minutes=st.sampled_from([0, 1, 5, 1_439, 1_440, 20_000, 20_001, 400_000, 700_000]),
        life=st.sampled_from(["open", "closed", "cancelled"]),
        fulfilment=st.sampled_from(["unfulfilled", "fulfilled"]),
        money=st.sampled_from(["pending", "paid"]),
        country=st.sampled_from(["PL", "DE"]),
        location=st.sampled_from(["A", "B"]),
        sku=st.sampled_from(["tea", "cup"]),
        tag=st.sampled_from(["", "gift", "it's \\ odd"]),
        hold=st.sampled_from(["", "fraud", "address"]),
        kind=st.sampled_from(["standard", "b2b"]),
        code=st.sampled_from([None, "VIP"]),
        name=st.sampled_from(["Łukasz Żak", "Zoë O'Neill", "Jan Nowak"]),
        total=st.sampled_from([0, 1, 99, 100, 127, 128, 5_000, 10**12]),
        currency=st.sampled_from(["EUR", "PLN"]),
        backordered=st.booleans(),
        promised_in=st.sampled_from([None, -400, -1, 0, 3]),
        id=st.builds(new_id),
    ),
    max_size=14,
)


def _several(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sampled_from([(), (), (), *((value,) for value in values), tuple(values)])


FILTERS = st.builds(
    OrderFilter,
    life=_several("open", "closed"),
    fulfilment=_several("unfulfilled"),
    money=_several("paid"),
    countries=_several("PL", "DE"),
    locations=_several("A", "B"),
    sku=st.sampled_from([None, None, None, "TEA", "none"]),
    tags=_several("gift", "it's \\ odd"),
    code=st.sampled_from([None, None, None, "vip"]),
    kind=st.sampled_from([None, None, None, "b2b"]),
    placed_from=st.sampled_from([None, None, None, BEGIN + timedelta(minutes=5)]),
    placed_before=st.sampled_from([None, None, None, BEGIN + timedelta(minutes=20_001)]),
    currency=st.just("EUR"),
    total_min_minor=st.sampled_from([None, None, None, 0, 100, 128]),
    total_max_minor=st.sampled_from([None, None, None, 99, 128, 10**12]),
    backordered=st.sampled_from([None, None, None, True, False]),
    late=st.sampled_from([False, False, False, True]),
    held=st.sampled_from([None, None, None, True, False]),
    hold_reasons=_several("fraud"),
    text=st.sampled_from(["", "", "", "lukasz", "ŻAK łuk", "o'neill", "noWA", "nobody", "--"]),
)


def fits(order: Made, asked: OrderFilter) -> bool:
    """Whether the filter means the order, worked out the plain way."""
    awaited = order.life == "open" and order.fulfilment != "fulfilled"
    words = {"Łukasz Żak": "lukasz zak", "Zoë O'Neill": "zoe o neill", "Jan Nowak": "jan nowak"}
    wanted = {"ŻAK łuk": ["zak", "luk"], "o'neill": ["o", "neill"], "noWA": ["nowa"]}
    text = wanted.get(asked.text, [asked.text] if asked.text else [])
    checks = [
        not asked.life or order.life in asked.life,
        not asked.fulfilment or order.fulfilment in asked.fulfilment,
        not asked.money or order.money in asked.money,
        not asked.countries or order.country in asked.countries,
        not asked.locations or order.location in asked.locations,
        asked.sku is None or order.sku == asked.sku.lower(),
        not asked.tags or order.tag in asked.tags,
        asked.code is None or order.code is not None,
        asked.kind is None or order.kind == asked.kind,
        asked.placed_from is None or order.placed_at >= asked.placed_from,
        asked.placed_before is None or order.placed_at < asked.placed_before,
        asked.currency is None or order.currency == asked.currency,
        asked.total_min_minor is None or order.total >= asked.total_min_minor,
        asked.total_max_minor is None or order.total <= asked.total_max_minor,
        asked.backordered is None or order.backordered == asked.backordered,
        asked.held is None or bool(order.hold) == asked.held,
        not asked.hold_reasons or order.hold in asked.hold_reasons,
        not asked.late or (awaited and order.promised_on is not None and order.promised_on < TODAY),
        all(any(w.startswith(t) for w in words[order.name].split()) for t in text),
    ]
    return all(checks)


def empty(db: Database) -> None:
    with make.owner(db) as conn:
        conn.execute(
            "TRUNCATE orders.sales_order, listings.order_entry, listings.term_reach,"
            " fulfillment.fulfillment_order, orders.tag CASCADE"
        )


def write(shop: make.Shop, orders: list[Made], *, listed: bool = True) -> None:
    """Write orders, each with a line, a fulfillment order, an address; and their entries."""
    with shop.db.transaction(make.BOSS) as tx:
        for order in orders:
            params = _params(shop, order)
            for sql in _INSERTS:
                tx.conn.execute(sql, params)
            if order.tag:
                tx.conn.execute("INSERT INTO orders.tag VALUES (%(tag)s, %(id)s)", params)
            if order.hold:
                tx.conn.execute(_HOLD, params)
        if listed:
            refresh_entries(tx, [order.id for order in orders])


def _params(shop: make.Shop, order: Made) -> dict[str, Any]:
    return msgspec.structs.asdict(order) | {
        "placed_at": order.placed_at,
        "promised_on": order.promised_on,
        "channel": shop.channels["web"],
        "location_id": shop.locations[order.location],
        "item": shop.items[order.sku],
        "address": msgspec.json.encode({"country": "PL", "name": order.name}).decode(),
    }


_INSERTS = (
    """
    INSERT INTO orders.sales_order (id, number, channel_id, mode, kind, code, delivery, country,
        currency, tax_included, rounding, items_minor, discount_minor, shipping_minor, fees_minor,
        tax_minor, rounding_minor, total_minor, base_currency, life, fulfilment, money,
        return_state, backordered, promised_on, placed_at, updated_at, version)
    VALUES (%(id)s, nextval('orders.number'), %(channel)s, 'live', %(kind)s, %(code)s, 'ship',
        %(country)s, %(currency)s, true, 'half_up', %(total)s, 0, 0, 0, 0, 0, %(total)s, 'EUR',
        %(life)s, %(fulfilment)s, %(money)s, 'none', %(backordered)s, %(promised_on)s,
        %(placed_at)s, %(placed_at)s, 1)
    """,
    """
    INSERT INTO orders.line (order_id, line_no, item_id, sku, title, item_kind, unit_price,
        gross_minor, discount_minor, net_minor, tax_minor, ordered, open)
    VALUES (%(id)s, 1, %(item)s, %(sku)s, '', 'stocked', 1, 0, 0, 0, 0, 1, 1)
    """,
    """
    INSERT INTO fulfillment.fulfillment_order (order_id, fo_no, location_id, delivery, state,
        decision_no, created_at, updated_at)
    VALUES (%(id)s, 1, %(location_id)s, 'ship', 'open', 1, %(placed_at)s, %(placed_at)s)
    """,
    """
    INSERT INTO orders.party (order_id, role, address)
    VALUES (%(id)s, 'ship_to', %(address)s::jsonb)
    """,
)

_HOLD = """
    INSERT INTO orders.hold (order_id, hold_no, reason, placed_at)
    VALUES (%(id)s, 1, %(hold)s, %(placed_at)s)
"""
