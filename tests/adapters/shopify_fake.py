"""A small Shopify: orders, fulfilments and stock that remember, throttling, failures on demand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import msgspec

Trouble = Literal["drop_before", "drop_after", "throttled", "status_500", "status_401", "no_json"]

TOKEN = "token-of-the-fake"


class Fake:
    """What the shop knows. Ids are digits as text.

    troubles: what goes wrong with the next calls, one each. calls: operations carried out.
    """

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.fulfilments: dict[str, list[dict[str, Any]]] = {}
        self.stock: dict[str, int] = {}
        self.troubles: list[Trouble] = []
        self.calls: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.url = ""
        self.page = 2
        self.lock = threading.Lock()

    def add_order(self, id_: str, lines: dict[str, tuple[str, int]], **more: Any) -> None:
        """An order of line id → (SKU, units), to Warsaw, at 10.00 EUR each."""
        units = sum(qty for _, qty in lines.values())
        self.orders[id_] = {
            "id": gid("Order", id_),
            "name": f"#{id_[-4:]}",
            "createdAt": "2026-03-01T10:00:00Z",
            "processedAt": "2026-03-01T10:00:00Z",
            "updatedAt": "2026-03-01T10:00:00Z",
            "cancelledAt": None,
            "test": False,
            "taxesIncluded": True,
            "currencyCode": "EUR",
            "email": "ada@example.com",
            "phone": None,
            "note": "",
            "tags": [],
            "displayFulfillmentStatus": "UNFULFILLED",
            "paymentGatewayNames": ["visa"],
            "customAttributes": [],
            "totalPriceSet": price(units * 10),
            "totalTipReceivedSet": price(0),
            "originalTotalDutiesSet": None,
            "customer": {"id": gid("Customer", "77"), "firstName": "Ada", "lastName": "L"},
            "shippingAddress": {
                "name": "Ada L",
                "address1": "Prosta 1",
                "city": "Warszawa",
                "zip": "00-950",
                "countryCodeV2": "PL",
            },
            "billingAddress": None,
            "lineItems": [
                {
                    "id": gid("LineItem", line),
                    "sku": sku,
                    "name": sku,
                    "quantity": qty,
                    "currentQuantity": qty,
                    "requiresShipping": True,
                    "isGiftCard": False,
                    "variant": None,
                    "originalUnitPriceSet": price(10),
                    "discountAllocations": [],
                    "taxLines": [],
                }
                for line, (sku, qty) in lines.items()
            ],
            "shippingLines": {"nodes": []},
            "refunds": [],
        } | more
        self.fulfilments.setdefault(id_, [])

    def answer(self, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        name = next(name for name in _OPERATIONS if name in text)
        with self.lock:
            self.calls.append(name)
            self.asked.append(variables)
            data: dict[str, Any] = getattr(self, f"_{_OPERATIONS[name]}")(variables)
            return data

    def _shop(self, _asked: Any) -> Any:
        return {
            "shop": {
                "name": "Tea house",
                "myshopifyDomain": "tea.myshopify.com",
                "currencyCode": "EUR",
            }
        }

    def _changed(self, asked: Any) -> Any:
        since = asked["filter"].partition("'")[2].rstrip("'")
        found = sorted(
            (o for o in self.orders.values() if o["updatedAt"].replace("Z", "+00:00") >= since),
            key=lambda order: order["updatedAt"],
        )
        start = int(asked["after"] or 0)
        some = found[start : start + self.page]
        return {
            "orders": {
                "nodes": [{"id": o["id"], "updatedAt": o["updatedAt"]} for o in some],
                "pageInfo": {
                    "hasNextPage": start + self.page < len(found),
                    "endCursor": str(start + self.page),
                },
            }
        }

    def _order(self, asked: Any) -> Any:
        found = self.orders.get(digits(asked["id"]))
        return {"order": found and {k: v for k, v in found.items() if k != "lineItems"}}

    def _lines(self, asked: Any) -> Any:
        lines = self.orders[digits(asked["id"])]["lineItems"]
        start = int(asked["after"] or 0)
        info = {"hasNextPage": start + 1 < len(lines), "endCursor": str(start + 1)}
        return {"order": {"lineItems": {"nodes": lines[start : start + 1], "pageInfo": info}}}

    def _work(self, asked: Any) -> Any:
        id_ = digits(asked["id"])
        sent: dict[str, int] = {}
        for fulfilment in self.fulfilments[id_]:
            for line, units in fulfilment["lines"].items():
                sent[line] = sent.get(line, 0) + units
        rows = [
            {
                "id": gid("FulfillmentOrderLineItem", digits(line["id"])),
                "remainingQuantity": line["quantity"] - sent.get(digits(line["id"]), 0),
                "lineItem": {"id": line["id"]},
            }
            for line in self.orders[id_]["lineItems"]
        ]
        work = {"id": gid("FulfillmentOrder", id_), "status": "OPEN", "lineItems": {"nodes": rows}}
        return {"order": {"fulfillmentOrders": {"nodes": [work]}}}

    def _fulfilments(self, asked: Any) -> Any:
        return {
            "order": {
                "fulfillments": [
                    {
                        "id": gid("Fulfillment", one["id"]),
                        "status": "SUCCESS",
                        "trackingInfo": [{"number": one["number"]}],
                        "fulfillmentLineItems": {
                            "nodes": [
                                {"quantity": units, "lineItem": {"id": gid("LineItem", line)}}
                                for line, units in one["lines"].items()
                            ]
                        },
                    }
                    for one in self.fulfilments[digits(asked["id"])]
                ]
            }
        }

    def _fulfil(self, asked: Any) -> Any:
        wanted = asked["fulfillment"]
        work = wanted["lineItemsByFulfillmentOrder"][0]
        id_ = digits(work["fulfillmentOrderId"])
        lines = {digits(r["id"]): r["quantity"] for r in work["fulfillmentOrderLineItems"]}
        made = {
            "id": str(9000 + sum(map(len, self.fulfilments.values()))),
            "number": wanted.get("trackingInfo", {}).get("number", ""),
            "lines": lines,
        }
        self.fulfilments[id_].append(made)
        outcome = {"fulfillment": {"id": gid("Fulfillment", made["id"])}, "userErrors": []}
        return {"fulfillmentCreate": outcome}

    def _cancelled(self, asked: Any) -> Any:
        return {"order": self.orders.get(digits(asked["id"]))}

    def _cancel(self, asked: Any) -> Any:
        self.orders[digits(asked["id"])]["cancelledAt"] = "2026-03-02T10:00:00Z"
        return {"orderCancel": {"job": {"id": "1"}, "orderCancelUserErrors": []}}

    def _stock(self, asked: Any) -> Any:
        return {
            "nodes": [
                {
                    "id": id_,
                    "inventoryLevel": {"quantities": [{"quantity": self.stock[digits(id_)]}]},
                }
                if digits(id_) in self.stock
                else None
                for id_ in asked["ids"]
            ]
        }

    def _set_stock(self, asked: Any) -> Any:
        rows = asked["input"]["quantities"]
        if any(self.stock[digits(r["inventoryItemId"])] != r["compareQuantity"] for r in rows):
            error = {"code": "COMPARE_QUANTITY_STALE", "field": [], "message": "It has changed."}
            return {"inventorySetQuantities": {"userErrors": [error]}}
        for row in rows:
            self.stock[digits(row["inventoryItemId"])] = row["quantity"]
        return {"inventorySetQuantities": {"userErrors": []}}


_OPERATIONS = {
    "fulfillmentCreate": "fulfil",
    "orderCancel": "cancel",
    "inventorySetQuantities": "set_stock",
    "inventoryLevel": "stock",
    "fulfillmentOrders": "work",
    "fulfillmentLineItems": "fulfilments",
    "sortKey": "changed",
    "myshopifyDomain": "shop",
    "lineItems(": "lines",
    "totalPriceSet": "order",
    "cancelledAt": "cancelled",
}
"""A word of each query → the method that answers it; the first that is in the text counts."""


def gid(kind: str, id_: str) -> str:
    return f"gid://shopify/{kind}/{id_}"


def digits(id_: str) -> str:
    return id_.rpartition("/")[2]


def price(amount: int) -> dict[str, Any]:
    shown = {"amount": f"{amount}.00", "currencyCode": "EUR"}
    return {"shopMoney": shown, "presentmentMoney": shown}


_THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {
        "cost": {
            "requestedQueryCost": 100,
            "throttleStatus": {"currentlyAvailable": 50, "restoreRate": 100},
        }
    },
}


@contextmanager
def shopify() -> Iterator[Fake]:
    """A fake on a port of its own."""
    fake = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            trouble = fake.troubles.pop(0) if fake.troubles else None
            if trouble == "drop_before":
                self.connection.close()
                return
            if self.headers["X-Shopify-Access-Token"] != TOKEN or trouble == "status_401":
                self._send(401, b"{}")
            elif trouble == "status_500":
                self._send(500, b"oh")
            elif trouble == "no_json":
                self._send(200, b"<html>")
            elif trouble == "throttled":
                self._send(200, msgspec.json.encode(_THROTTLED))
            else:
                asked = msgspec.json.decode(body)
                data = fake.answer(asked["query"], asked["variables"])
                if trouble == "drop_after":
                    self.connection.close()
                    return
                self._send(200, msgspec.json.encode({"data": data}))

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the tests' output is for tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
