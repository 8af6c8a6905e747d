"""A shop in a test database whose channel “web” is connected to a fake Shopify."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from ordito.adapters.shopify.client import Client
from ordito.adapters.shopify.shop import Shopify
from ordito.adapters.shopify.signatures import sign
from ordito.channels.connections import ConnectShop
from ordito.channels.shops import Shops
from ordito.flows.connect_shop import Kept, connect_shop, receive_webhook
from ordito.flows.take_documents import take_waiting
from ordito.intake.inbox import Message, read_message
from ordito.orders.orders import read_lines
from ordito.orders.types import Line
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from tests import make
from tests.adapters.shopify_fake import TOKEN, Fake

DOMAIN = "tea.myshopify.com"
SECRET = "a-secret-for-signing"
ORDER = 9007199254740993001
"""An id that no double can hold."""


class Connected(msgspec.Struct):
    """slept: how long the client waited for its budget, in seconds each time."""

    shop: make.Shop
    shops: Shops
    fake: Fake
    slept: list[float]

    @property
    def db(self) -> Database:
        return self.shop.db

    def send(self, topic: str, document: Any, *, id_: str = "", secret: str = SECRET) -> Kept:
        """A signed webhook."""
        body = document if isinstance(document, bytes) else msgspec.json.encode(document)
        headers = {
            "x-shopify-hmac-sha256": sign(body, secret),
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": DOMAIN,
            "x-shopify-webhook-id": id_,
        }
        return receive_webhook(self.shops["shopify"], self.db, "web", headers, body)

    def take(self, topic: str, document: Any, *, id_: str = "") -> Message:
        """A webhook, and what became of it."""
        kept = self.send(topic, document, id_=id_)
        assert kept.id is not None, "it is new"
        take_waiting(self.shops, self.db)
        return self.message(kept.id)

    def message(self, id_: UUID) -> Message:
        with self.db.reading(SYSTEM) as tx:
            found = read_message(tx, id_)
        assert found is not None
        return found

    def lines(self, order_id: UUID) -> list[Line]:
        with self.db.reading(SYSTEM) as tx:
            return read_lines(tx, [order_id])[order_id]

    def rows(self, sql: str) -> list[Any]:
        with self.db.connection() as conn:
            return conn.execute(sql).fetchall()

    def order_ids(self) -> list[UUID]:
        return [row[0] for row in self.rows("SELECT id FROM orders.sales_order ORDER BY number")]


def connect(db: Database, fake: Fake, **fields: Any) -> Connected:
    """A shop with 10 tea and 10 cups in A and B each."""
    slept: list[float] = []
    shops = {"shopify": Shopify(Client(fake.url, sleep=slept.append))}
    shop = make.shop(db, stock=fields.pop("stock", None))
    ask = ConnectShop(
        channel="web", domain=DOMAIN, token=TOKEN, webhook_secrets=(SECRET,), **fields
    )
    connect_shop(shops, db, make.BOSS, ask)
    return Connected(shop, shops, fake, slept)


def order(
    lines: Mapping[str, int], *, id_: int = ORDER, at: str = "10:00:00", **fields: Any
) -> dict[str, Any]:
    """A webhook's order of SKU → units at 10.00 EUR each; its numbers are rounded, its gids not."""
    return {
        "id": round(id_, -3),
        "admin_graphql_api_id": f"gid://shopify/Order/{id_}",
        "name": "#1001",
        "created_at": "2026-03-01T10:00:00+01:00",
        "updated_at": f"2026-03-01T{at}+01:00",
        "currency": "EUR",
        "taxes_included": True,
        "total_price": f"{sum(lines.values()) * 10}.00",
        "email": "ada@example.com",
        "tags": "",
        "shipping_address": {
            "name": "Ada L",
            "address1": "Prosta 1",
            "city": "Warszawa",
            "zip": "00-950",
            "country_code": "PL",
        },
        "line_items": [line(sku, qty, n, of=id_) for n, (sku, qty) in enumerate(lines.items(), 1)],
    } | fields


def line(sku: str, quantity: int, no: int, of: int = ORDER, **fields: Any) -> dict[str, Any]:
    return {
        "admin_graphql_api_id": f"gid://shopify/LineItem/{of + no}",
        "sku": sku,
        "title": sku.capitalize(),
        "quantity": quantity,
        "price": "10.00",
        "discount_allocations": [],
    } | fields


def refund(
    id_: int, units: Mapping[int, int], restock: str = "cancel", **fields: Any
) -> dict[str, Any]:
    """A refund of line no → units."""
    return {
        "id": id_,
        "order_id": ORDER,
        "refund_line_items": [
            {
                "quantity": qty,
                "restock_type": restock,
                "line_item_id": round(ORDER + no, -3),
                "line_item": {"admin_graphql_api_id": f"gid://shopify/LineItem/{ORDER + no}"},
            }
            for no, qty in units.items()
        ],
    } | fields
