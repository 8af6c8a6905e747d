"""Shopify as a Shop: webhooks verified and read, orders swept, news told."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ordito.adapters.shopify import queries
from ordito.adapters.shopify.client import Client, refuse_user_errors
from ordito.adapters.shopify.orders import read_order, read_refund
from ordito.adapters.shopify.signatures import is_signed
from ordito.adapters.shopify.values import (
    Json,
    id_of,
    instant,
    listed,
    plain_id,
    units,
    unreadable,
    words,
)
from ordito.channels.shops import (
    Access,
    ChangedOrder,
    ChangedOrders,
    Delivery,
    Document,
    DocumentUnreadable,
    Fulfilment,
    ShopFacts,
    ShopProduct,
    ShopRefused,
    ShopStock,
    ShopVariant,
    StockLevel,
    Unheeded,
)

SWEPT = "sweep/order"
"""The topic of orders that a sweep found: as the API has them."""

_ORDERS = ("orders/create", "orders/updated", "orders/cancelled", "orders/edited", SWEPT)
_PRODUCTS = ("products/create", "products/update")
_DOMAIN = re.compile(r"^[a-z0-9][a-z0-9\-]{0,60}\.myshopify\.com$")


class Shopify:
    """The shops of Shopify. `base` differs in tests."""

    kind = "shopify"

    def __init__(self, client: Client | None = None) -> None:
        self._client = client or Client("https://{domain}")

    def open_delivery(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
    ) -> Delivery | None:
        if not is_signed(body, headers.get("x-shopify-hmac-sha256", ""), secrets):
            return None
        return Delivery(
            id=headers.get("x-shopify-webhook-id", ""),
            topic=headers.get("x-shopify-topic", "").lower(),
            domain=headers.get("x-shopify-shop-domain", "").lower(),
        )

    def is_domain(self, domain: str) -> bool:
        return _DOMAIN.fullmatch(domain) is not None

    def read(self, topic: str, document: bytes) -> Document:
        if topic == "refunds/create":
            return read_refund(_decode(document))
        if topic in _ORDERS:
            node = _decode(document)
            if topic == "orders/edited":
                # It tells the edit only; the order itself comes as orders/updated.
                return Unheeded()
            return read_order(queries.as_document(node) if topic == SWEPT else node)
        if topic in _PRODUCTS:
            return ShopProduct(tuple(_variants(_decode(document))))
        if topic == "inventory_levels/update":
            node = _decode(document)
            return ShopStock(
                plain_id(node.get("inventory_item_id")),
                plain_id(node.get("location_id")),
                units(node.get("available"), "available"),
            )
        return Unheeded()

    def subject(self, topic: str, document: bytes) -> str:
        try:
            node = _decode(document)
            if topic == "refunds/create":
                return plain_id(node.get("order_id"))
            return id_of(node) if topic in _ORDERS else ""
        except DocumentUnreadable:
            return ""

    def tell(self, access: Access) -> ShopFacts:
        shop = self._client.ask(access, queries.SHOP, {})["shop"]
        return ShopFacts(shop["name"], shop["myshopifyDomain"], shop["currencyCode"])

    def changed_orders(self, access: Access, since: datetime, after: str) -> ChangedOrders:
        asked = {"filter": f"updated_at:>='{since.isoformat()}'", "after": after or None}
        page = self._client.ask(access, queries.CHANGED, asked)["orders"]
        info = page["pageInfo"]
        return ChangedOrders(
            tuple(
                ChangedOrder(plain_id(node["id"]), instant(node["updatedAt"], "updatedAt"))
                for node in page["nodes"]
            ),
            info["endCursor"] if info["hasNextPage"] else "",
        )

    def fetch_order(self, access: Access, id_: str) -> tuple[str, bytes]:
        gid = _gid("Order", id_)
        order = self._client.ask(access, queries.ORDER, {"id": gid})["order"]
        if order is None:
            raise ShopRefused("The shop doesn't have the order any more.")
        lines: list[Any] = []
        after = None
        while True:
            asked = {"id": gid, "after": after}
            page = self._client.ask(access, queries.LINES, asked)["order"]["lineItems"]
            lines += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        return SWEPT, msgspec.json.encode(order | {"lineItems": {"nodes": lines}})

    def fulfil(self, access: Access, what: Fulfilment) -> str:
        gid = _gid("Order", what.shop_order)
        order = self._client.ask(access, queries.WORK, {"id": gid})["order"]
        if order is None:
            raise ShopRefused("The shop doesn't have the order any more.")
        asked: dict[str, Any] = {
            "lineItemsByFulfillmentOrder": _spread(order["fulfillmentOrders"]["nodes"], what.lines),
            "notifyCustomer": True,
        }
        if what.tracking_number:
            asked["trackingInfo"] = {"number": what.tracking_number, "company": what.carrier}
        outcome = self._client.ask(access, queries.FULFIL, {"fulfillment": asked})
        refuse_user_errors(outcome["fulfillmentCreate"])
        return plain_id(outcome["fulfillmentCreate"]["fulfillment"]["id"])

    def find_fulfilment(self, access: Access, what: Fulfilment) -> str:
        gid = _gid("Order", what.shop_order)
        order = self._client.ask(access, queries.FULFILMENTS, {"id": gid})["order"] or {}
        for node in order.get("fulfillments") or []:
            id_ = plain_id(node["id"])
            rows = node["fulfillmentLineItems"]["nodes"]
            lines = {plain_id(row["lineItem"]["id"]): row["quantity"] for row in rows}
            numbers = {words(info.get("number")) for info in node.get("trackingInfo") or []}
            tracked = not what.tracking_number or what.tracking_number in numbers
            alive = node.get("status") not in ("CANCELLED", "FAILURE", "ERROR")
            if alive and id_ not in what.ours and lines == what.lines and tracked:
                return id_
        return ""

    def cancel(self, access: Access, shop_order: str) -> str:
        asked = {"id": _gid("Order", shop_order)}
        order = self._client.ask(access, queries.CANCELLED, asked)["order"]
        if order is None:
            raise ShopRefused("The shop doesn't have the order any more.")
        if not order["cancelledAt"]:
            outcome = self._client.ask(access, queries.CANCEL, asked)["orderCancel"]
            refuse_user_errors(outcome, "orderCancelUserErrors")
        return shop_order

    def read_stock(
        self, access: Access, location: str, stock_items: Sequence[str]
    ) -> dict[str, int]:
        asked = {
            "ids": [_gid("InventoryItem", id_) for id_ in stock_items],
            "location": _gid("Location", location),
        }
        found = {}
        for node in self._client.ask(access, queries.STOCK, asked)["nodes"]:
            level = node and node.get("inventoryLevel")
            if level:
                found[plain_id(node["id"])] = level["quantities"][0]["quantity"]
        return found

    def set_stock(
        self, access: Access, location: str, levels: Sequence[StockLevel], key: str
    ) -> bool:
        asked = {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": f"ordito://stock/{key}",
            "ignoreCompareQuantity": False,
            "quantities": [
                {
                    "inventoryItemId": _gid("InventoryItem", level.stock_item),
                    "locationId": _gid("Location", location),
                    "quantity": level.units,
                    "compareQuantity": level.known,
                }
                for level in levels
            ],
        }
        outcome = self._client.ask(access, queries.SET_STOCK, {"input": asked})
        found = outcome["inventorySetQuantities"]
        if any("STALE" in words(error.get("code")) for error in found.get("userErrors") or []):
            return False
        refuse_user_errors(found)
        return True


def _decode(document: bytes) -> Json:
    try:
        node = msgspec.json.decode(document)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise unreadable("text", "it is no JSON.") from fault
    if not isinstance(node, dict):
        raise unreadable("text", "it is no object.")
    return node


def _variants(product: Json) -> list[ShopVariant]:
    return [
        ShopVariant(id_of(row), words(row.get("sku"))[:100], plain_id(row.get("inventory_item_id")))
        for row in listed(product, "variants")
        if id_of(row)
    ]


def _gid(kind: str, id_: str) -> str:
    return f"gid://shopify/{kind}/{id_}"


def _spread(works: Sequence[Json], lines: Mapping[str, int]) -> list[dict[str, Any]]:
    """The units over the shop's own fulfilment orders. Raises ShopRefused when they don't fit."""
    left = dict(lines)
    asked = []
    for work in works:
        rows = []
        for row in work["lineItems"]["nodes"]:
            line = plain_id(row["lineItem"]["id"])
            taken = min(left.get(line, 0), row["remainingQuantity"])
            if taken > 0 and work["status"] in ("OPEN", "IN_PROGRESS", "SCHEDULED"):
                left[line] -= taken
                rows.append({"id": row["id"], "quantity": taken})
        if rows:
            asked.append({"fulfillmentOrderId": work["id"], "fulfillmentOrderLineItems": rows})
    if any(left.values()):
        raise ShopRefused(
            f"The shop has {sum(left.values())} of the shipped units no longer open: they were"
            " fulfilled, cancelled or put on hold there."
        )
    return asked
