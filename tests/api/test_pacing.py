"""A key that asks too often is told when to come back; who hangs up is no faulty request."""

import socket
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ordito.api.pacing import GUESSES, Bucket, Pacer
from ordito.kernel.ids import new_id
from ordito.platform.access import Actor
from ordito.platform.problems import TooManyRequests
from tests.api.conftest import SETTINGS, Api, new_body

SLOW = msgspec.structs.replace(SETTINGS, key_requests_per_s=0.2)
"""Two requests at once, then one in five seconds."""


def test_a_key_beyond_its_pace_is_told_when_to_come_back(start_api: Callable[..., Api]) -> None:
    api = start_api(SLOW)
    hasty, other = api.key(), api.key()
    first, second = hasty.get("/api/v1/me"), hasty.post("/api/v1/orders", json=new_body())
    assert (first.status_code, second.status_code) == (200, 201)
    assert first.headers["ratelimit-policy"] == '"key";q=2;w=10'
    assert first.headers["ratelimit"] == '"key";r=1;t=5'
    assert second.headers["ratelimit"].startswith('"key";r=0;')

    refused = [hasty.post("/api/v1/orders", json=new_body()), hasty.head("/api/v1/me")]
    assert [answer.status_code for answer in refused] == [429, 429]
    assert refused[0].json()["type"] == "/problems/too-many-requests"
    for answer in refused:
        assert 1 <= int(answer.headers["retry-after"]) <= 5
        assert answer.headers["ratelimit"].startswith('"key";r=0;')
    assert other.get("/api/v1/me").status_code == 200
    with api.shop.db.connection() as conn:
        assert conn.execute("SELECT count(*) FROM orders.sales_order").fetchone() == (1,)


def test_what_runs_in_again_may_be_spent_again() -> None:
    pacer, actor = Pacer(10), Actor("key", new_id(), "k", frozenset())
    scope: dict[str, Any] = {}
    pacer.take(actor, scope)
    pacer._keys[actor.id] = Bucket(0, time.monotonic() - 1)
    for _n in range(10):
        pacer.take(actor, scope)
    pacer._keys[actor.id] = Bucket(0, time.monotonic() + 60)
    with pytest.raises(TooManyRequests) as refused:
        pacer.take(actor, scope)
    assert refused.value.extra["retry_after_s"] >= 1


def test_people_and_unlimited_keys_are_not_counted() -> None:
    scope: dict[str, Any] = {}
    for pacer, kind in ((Pacer(0.1), "user"), (Pacer(0), "key")):
        actor = Actor(kind, new_id(), "x", frozenset())  # type: ignore[arg-type]
        for _n in range(5):
            pacer.take(actor, scope)
    assert scope == {}


def test_who_goes_on_guessing_keys_is_told_to_wait(start_api: Callable[..., Api]) -> None:
    api = start_api()
    guesser = api.client("ordito_wrong")
    codes = [guesser.get("/api/v1/me").status_code for _n in range(GUESSES + 20)]
    assert set(codes[:GUESSES]) == {401}
    assert codes[-1] == 429
    assert api.boss.get("/api/v1/me").status_code == 200, "a right key is always let in"


def test_who_hangs_up_is_counted_as_such(start_api: Callable[..., Api]) -> None:
    api = start_api()
    host, port = api.url.removeprefix("http://").split(":")
    head = (
        f"Host: x\r\nAuthorization: {api.boss.headers['authorization']}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    )
    before = hung_up(api)
    for path in ("/api/v1/orders", "/api/v1/orders/bulk"):
        with socket.create_connection((host, int(port))) as caller:
            caller.sendall(f"POST {path} HTTP/1.1\r\n{head}".encode())
    deadline = time.monotonic() + 10
    while hung_up(api) < before + 2 and time.monotonic() < deadline:
        api.boss.get("/health")
    assert hung_up(api) == before + 2


def hung_up(api: Api) -> int:
    """Requests that ended before they had come."""
    token = {"authorization": f"Bearer {SETTINGS.metrics_token}"}
    lines = api.client().get("/metrics", headers=token).text.splitlines()
    counts = [line for line in lines if 'status="499"' in line and "_total{" in line]
    return sum(int(float(line.rpartition(" ")[2])) for line in counts)
