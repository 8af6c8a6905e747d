"""Bulk calls: many at once, each alone, once."""

import time
from typing import Any

import msgspec

from tests.api.conftest import Api, body, count_orders


def send(api: Api, orders: list[Any], key: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    content = msgspec.json.encode(orders)
    return api.boss.post("/api/v1/orders/bulk", content=content, headers=headers, timeout=120)


def test_each_order_succeeds_or_is_refused_alone(api: Api) -> None:
    orders = [body(), {"channel": "web"}, body({"nothing": 1}), 7, body({"cup": 2})]
    answer = send(api, orders)
    assert answer.status_code == 200
    assert [result["status"] for result in answer.json()["results"]] == [201, 422, 422, 422, 201]
    assert answer.json()["results"][1]["problem"]["errors"][0]["pointer"] == "/lines"
    assert (answer.json()["placed"], answer.json()["refused"]) == (2, 3)
    assert count_orders(api) == 2


def test_ten_thousand_orders_sent_twice_are_placed_once(start_api: Any) -> None:
    api = start_api(stock={"A": {"tea": 1_000_000}})
    orders = [body({"tea": 1}, external_id=f"x-{n}") for n in range(10_000)]
    started = time.perf_counter()
    first = send(api, orders, "bulk-1")
    seconds = time.perf_counter() - started
    print(f"10,000 orders in {seconds:.1f} s, {10_000 / seconds:,.0f}/s")
    assert first.json()["placed"] == 10_000
    assert send(api, orders, "bulk-1").json() == first.json()
    assert count_orders(api) == 10_000


def test_more_than_ten_thousand_are_refused_whole(api: Api) -> None:
    answer = send(api, [1] * 10_001)
    assert answer.status_code == 422
    assert count_orders(api) == 0


def test_key_leaves_room_for_the_item(api: Api) -> None:
    assert send(api, [body()], "x" * 250).status_code == 400


def test_items_are_created_and_changed_in_bulk(api: Api) -> None:
    items = [{"sku": "new", "name": "New"}, {"sku": "tea", "name": "Tea!"}, {"name": "no sku"}]
    answer = api.boss.post("/api/v1/items/bulk", json=items)
    assert [r["outcome"] for r in answer.json()["results"]] == ["created", "changed", "refused"]


def test_receipts_are_booked_in_bulk(api: Api) -> None:
    good = {"location": "A", "lines": [{"sku": "tea", "quantity": 5}]}
    bad = {"location": "nowhere", "lines": [{"sku": "tea", "quantity": 5}]}
    answer = api.boss.post("/api/v1/stock/receipts/bulk", json=[good, bad, {}])
    assert ["id" in result for result in answer.json()["results"]] == [True, False, False]
