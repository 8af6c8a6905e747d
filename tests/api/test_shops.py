"""Connections to shops over HTTP: secrets only go in, webhooks need no key but a signature."""

from typing import Any

import msgspec
import pytest

from ordito.adapters.shopify.signatures import sign
from ordito.platform.access import EVERYTHING
from tests.api.conftest import Api

SECRET = "a-secret-for-signing"
BODY: dict[str, Any] = {
    "domain": "https://Tea.myshopify.com/",
    "token": "an-access-token",
    "webhook_secrets": [SECRET, "the-one-before"],
}


@pytest.fixture(autouse=True)
def unconnected(api: Api) -> None:
    """The program is shared: each test begins with a channel that is connected to nothing."""
    with api.shop.db.connection() as conn:
        conn.execute("DELETE FROM channels.connection")
        conn.execute("DELETE FROM channels.connection_secret")
        conn.execute("DELETE FROM intake.message WHERE preset = 'shopify'")


def connect(api: Api, **fields: Any) -> Any:
    return api.boss.put("/api/v1/channels/web/connection", json=BODY | fields)


def send(api: Api, body: bytes, *, path: str = "/hooks/shopify/web", secret: str = SECRET) -> Any:
    headers = {
        "X-Shopify-Hmac-Sha256": sign(body, secret),
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": "tea.myshopify.com",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "Content-Type": "application/json",
    }
    return api.client().post(path, content=body, headers=headers)


def messages(api: Api) -> int:
    with api.shop.db.connection() as conn:
        row = conn.execute("SELECT count(*) FROM intake.message").fetchone()
    assert row
    return int(row[0])


def test_secrets_go_in_and_never_come_out(api: Api) -> None:
    made = connect(api)
    assert made.status_code == 200, made.text
    assert made.json()["domain"] == "tea.myshopify.com"
    health = api.boss.get("/api/v1/channels/web/connection")
    feed = api.boss.get("/api/v1/events")
    for answer in (made, health, feed):
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert "an-access-token" not in answer.text
    assert health.json()["waiting"] == 0
    kept = connect(api, token=None, webhook_secrets=None, stock_location="55")
    assert kept.json()["stock_location"] == "55"
    assert send(api, b"{}").status_code == 200


@pytest.mark.parametrize(
    "domain", ["example.com", "tea.myshopify.com.example.com", "127.0.0.1", "a/b.myshopify.com"]
)
def test_nothing_but_a_shop_is_connected(api: Api, domain: str) -> None:
    refused = connect(api, domain=domain)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/domain"
    assert api.boss.get("/api/v1/channels/web/connection").status_code == 404


def test_a_connection_needs_its_secrets_at_first(api: Api) -> None:
    refused = connect(api, token=None, webhook_secrets=None)
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [
        "/token",
        "/webhook_secrets",
    ]
    assert api.boss.get("/api/v1/channels/web/connection").status_code == 404


def test_connecting_needs_the_permission(api: Api) -> None:
    reader = api.key(EVERYTHING - {"settings.write"})
    assert reader.put("/api/v1/channels/web/connection", json=BODY).status_code == 403
    connect(api)
    assert reader.get("/api/v1/channels/web/connection").status_code == 200
    assert reader.post("/api/v1/channels/web/connection/sweep", json={}).status_code == 403


def test_a_webhook_needs_no_key_but_a_signature(api: Api) -> None:
    connect(api)
    body = msgspec.json.encode({"id": 1})
    assert send(api, body, secret="another-secret").status_code == 401
    assert send(api, body, path="/hooks/shopify/nowhere").status_code == 401
    assert send(api, body, path="/hooks/nothing/web").status_code == 401
    assert messages(api) == 0
    assert send(api, body).json() == {"kept": True}
    assert send(api, body, secret="the-one-before").json() == {"kept": False}
    assert messages(api) == 1
    assert api.client().get("/hooks/shopify/web").status_code == 405


def test_a_webhook_beyond_five_megabytes_is_not_read(api: Api) -> None:
    connect(api)
    assert send(api, b" " * 5_000_001).status_code == 413
    assert messages(api) == 0
    assert send(api, b" " * 4_999_999).status_code == 200


def test_a_variant_gets_its_sku(api: Api) -> None:
    connect(api)
    path = "/api/v1/channels/web/variants"
    assert api.boss.put(f"{path}/42", json={"sku": "tea"}).json()["sku"] == "tea"
    found = api.boss.get(path).json()["items"]
    assert [(row["variant"], row["sku"]) for row in found] == [("42", "tea")]
    assert api.boss.get("/api/v1/channels/web/write-backs").json()["items"] == []
