"""Webhooks over HTTP: what is told, what never is, and how a receiver checks a signature."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ordito.platform.access import EVERYTHING
from ordito.platform.settings import Settings
from ordito.webhooks.types import IssuedWebhook
from tests.api.conftest import Api
from tests.webhooks.acts import deliver, let_time_pass
from tests.webhooks.receivers import receiving

SETTINGS = Settings(data_dir="unused", metrics_token="a-token-of-the-tests", webhooks_lan=True)
DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def test_the_life_of_a_webhook(start_api: Any) -> None:
    api: Api = start_api(SETTINGS)
    with receiving() as receiver:
        made = api.boss.post(
            "/api/v1/webhooks", json={"url": receiver.url, "kinds": ["order.placed"]}
        )
        assert made.status_code == 201
        issued = msgspec.json.decode(made.content, type=IssuedWebhook)
        path = made.headers["location"]
        assert path == f"/api/v1/webhooks/{issued.id}"
        body = {"channel": "web", "external_id": "w1", "lines": [{"sku": "tea", "quantity": 1}],
                "ship_to": {"country": "PL"}}  # fmt: skip
        assert api.boss.post("/api/v1/orders", json=body).status_code == 201
        deliver(api.shop.db)

        (delivery,) = api.boss.get(f"{path}/deliveries").json()["items"]
        assert (delivery["kind"], delivery["status"]) == ("order.placed", 200)
        feed = api.boss.get("/api/v1/events", params={"kind": "order.placed"}).json()["items"]
        assert receiver.got[0].message["data"] == feed[0]
        again = api.boss.post(f"{path}/replay", json={"position": delivery["position"]})
        assert again.status_code == 200
        assert api.boss.post(f"{path}/ping").status_code == 200
        deliver(api.shop.db)
        # Of one thing in order; what happens to others meanwhile may be told before.
        assert sorted(r.message["type"] for r in receiver.got) == [
            "order.placed", "order.placed", "webhook.pinged"
        ]  # fmt: skip

    state = api.boss.get(path)
    assert state.json()["health"]["waiting"] == 0
    off = api.boss.patch(path, json={"active": False}, headers={"If-Match": state.headers["etag"]})
    assert off.json()["off_reason"] == "person"
    rotated = api.boss.post(f"{path}/rotate-secret").json()["secret"]
    assert rotated.startswith("whsec_")
    told = "".join(
        api.boss.get(url).text
        for url in (path, "/api/v1/webhooks", f"{path}/deliveries", "/api/v1/events")
    )
    assert "whsec_" not in told
    assert (issued.secret or "").removeprefix("whsec_") not in told
    assert api.boss.delete(path).status_code == 200
    assert api.boss.get(path).status_code == 404


def test_addresses_inside_are_refused_unless_the_setting_says_so(api: Api) -> None:
    body = {"url": "https://169.254.169.254/latest", "kinds": ["*"]}
    refused = api.boss.post("/api/v1/webhooks", json=body)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/url"
    assert api.boss.get("/api/v1/webhooks").json()["items"] == []


def test_webhooks_need_their_permission(api: Api) -> None:
    key = api.key(EVERYTHING - {"webhooks.write"})
    assert key.get("/api/v1/webhooks").status_code == 403
    assert key.post("/api/v1/webhooks", json={}).status_code == 403


def test_the_snippet_of_the_documentation_verifies_what_is_sent(start_api: Any) -> None:
    found = re.search(r"```python\n(import base64.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)
    verify = names["verify"]
    api: Api = start_api(SETTINGS)
    with receiving() as receiver:
        ask = {"url": receiver.url, "kinds": ["webhook.*"]}
        issued = api.boss.post("/api/v1/webhooks", json=ask).json()
        path = f"/api/v1/webhooks/{issued['id']}"
        rotated = api.boss.post(f"{path}/rotate-secret").json()
        api.boss.post(f"{path}/ping")
        deliver(api.shop.db)

    got = receiver.got[-1]
    assert verify(issued["secret"], got.headers, got.body)["type"] == "webhook.pinged"
    assert verify(rotated["secret"], got.headers, got.body)["id"] == got.id
    with pytest.raises(ValueError, match="signature"):
        verify(issued["secret"], got.headers, got.body + b" ")
    with pytest.raises(ValueError, match="old"):
        verify(issued["secret"], got.headers | {"webhook-timestamp": "1"}, got.body)


def test_a_failing_webhook_says_so(start_api: Any) -> None:
    api: Api = start_api(SETTINGS)
    ask = {"url": "http://127.0.0.1:9/hooks", "kinds": ["webhook.pinged"]}
    issued = api.boss.post("/api/v1/webhooks", json=ask).json()
    path = f"/api/v1/webhooks/{issued['id']}"
    api.boss.post(f"{path}/ping")
    deliver(api.shop.db)
    let_time_pass(api.shop.db, issued["id"], 10)
    deliver(api.shop.db)

    health = api.boss.get(path).json()["health"]
    failed = api.boss.get(f"{path}/deliveries", params={"failed": "true", "limit": 1}).json()
    assert health["failures"] == 2
    assert health["failing_since"] is not None
    assert failed["items"][0]["attempt"] == 2
    assert failed["next"] is not None
