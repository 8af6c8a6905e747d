"""What every answer carries, and what whoever runs the program asks of it."""

import json
from collections.abc import Callable
from pathlib import Path

from ordito.api.openapi import make_document
from ordito.api.table import ENDPOINTS
from ordito.platform.access import SYSTEM
from ordito.platform.feed import move_pending
from tests import make
from tests.api.conftest import Api, new_body

ROOT = Path(__file__).parents[2]


def test_operations_and_paths_are_unique() -> None:
    assert len({e.operation for e in ENDPOINTS}) == len(ENDPOINTS)
    assert len({(e.method, e.path) for e in ENDPOINTS}) == len(ENDPOINTS)


def test_committed_document_is_current() -> None:
    committed = json.loads((ROOT / "openapi.json").read_text("utf-8"))
    assert committed == json.loads(json.dumps(make_document(ENDPOINTS))), (
        "run `python tools/write_openapi.py`"
    )


def test_served_document_is_the_committed_one(api: Api) -> None:
    served = api.client().get("/api/v1/openapi.json").json()
    assert served == json.loads((ROOT / "openapi.json").read_text("utf-8"))


def test_answers_carry_security_headers_and_the_request_id(api: Api) -> None:
    answer = api.boss.get("/api/v1/me", headers={"X-Request-Id": "till-7.42"})
    assert answer.headers["x-request-id"] == "till-7.42"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers


def test_strange_request_ids_are_replaced(api: Api) -> None:
    answer = api.boss.get("/api/v1/me", headers={"X-Request-Id": "a b<script>"})
    assert answer.headers["x-request-id"] != "a b<script>"
    failed = api.boss.get("/api/v1/orders/x")
    assert failed.json()["request_id"] == failed.headers["x-request-id"]


def test_health_and_readiness(api: Api) -> None:
    assert api.client().get("/health").json() == {"status": "ok"}
    ready = api.client().get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


def test_not_ready_without_the_newest_schema(start_api: Callable[..., Api]) -> None:
    api = start_api()
    with make.owner(api.shop.db) as conn:
        conn.execute("DELETE FROM ordito_migration WHERE version > 3")
    ready = api.client().get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "upgrade-needed")
    assert "ordito db upgrade" in ready.json()["reason"]


def test_metrics_are_for_those_with_the_token(api: Api) -> None:
    assert api.client().get("/metrics").status_code == 404
    token = {"Authorization": "Bearer a-token-of-the-tests"}
    assert "ordito_http_requests_total" in api.client().get("/metrics", headers=token).text


def test_problem_types_open_a_page(api: Api) -> None:
    problem = api.boss.get("/api/v1/orders/x").json()
    meaning = api.client().get(problem["type"])
    assert meaning.json()["title"] == "Not found"
    page = api.client().get(problem["type"], headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "Not found" in page.text
    dark = {"Accept": "text/html", "Cookie": "ordito_theme=dark"}
    everything = api.client().get("/problems", headers=dark).text
    assert 'href="/problems/not-found"' in everything
    assert 'data-theme="dark"' in everything
    assert api.client().get("/problems/nope").status_code == 404


def test_head_is_a_get_without_its_body(api: Api) -> None:
    head, get = api.boss.head("/api/v1/me"), api.boss.get("/api/v1/me")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_pages_of_a_list_follow_each_other(start_api: Callable[..., Api]) -> None:
    api = start_api()
    seen, cursor = [], None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = api.boss.get("/api/v1/stock", params=params).json()
        seen += [(row["item_id"], row["location_id"]) for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 4
    assert seen == sorted(set(seen))


def test_feed_is_read_by_position(start_api: Callable[..., Api]) -> None:
    api = start_api()
    api.boss.post("/api/v1/orders", json=new_body())
    with api.shop.db.transaction(SYSTEM) as tx:
        move_pending(tx)
    first = api.boss.get("/api/v1/events", params={"limit": 1}).json()
    assert first["items"][0]["position"] == first["next"] == 1
    rest = api.boss.get("/api/v1/events", params={"after": 1}).json()
    assert [e["position"] for e in rest["items"]] == list(range(2, rest["newest"] + 1))
    assert rest["next"] == rest["newest"]
