"""Who may do what: keys, scopes, sessions."""

from typing import Any

import pytest

from ordito.flows.manage_access import (
    ChangeUser,
    CreateUser,
    SetPassword,
    change_user,
    create_user,
    give_password,
)
from ordito.flows.sign_in import SignIn, sign_in
from ordito.kernel.ids import new_id
from ordito.platform.access import EVERYTHING
from ordito.platform.door import run
from tests import make
from tests.api.conftest import Api, body, new_body

PASSWORD = "correct horse battery staple"


def signed_in(api: Api, permissions: Any = EVERYTHING) -> tuple[Any, str, Any]:
    """A client with a session's cookie, its CSRF token, and the user."""
    email = f"{new_id()}@example.com"
    ask = CreateUser(email=email, name="Ann", permissions=tuple(permissions))
    user = run(api.shop.db, make.BOSS, create_user, ask)
    give_password(api.shop.db, make.BOSS, SetPassword(user_id=user.id), PASSWORD)
    asked = SignIn(email, PASSWORD, "127.0.0.1")
    _user, session = sign_in(api.shop.db, asked, absolute_s=3600)
    client = api.client()
    client.cookies.set("ordito", session.token)
    return client, session.csrf_token, user


def test_without_a_key_nothing_is_told(api: Api) -> None:
    answer = api.client().get("/api/v1/orders")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Ordito"'
    assert answer.json()["type"] == "/problems/not-authenticated"


@pytest.mark.parametrize("token", ["ordito_wrong", "x", "ordito_" + "a" * 500])
def test_wrong_keys_are_refused_alike(api: Api, token: str) -> None:
    assert api.client(token).get("/api/v1/me").status_code == 401


def test_key_in_the_url_is_no_key(api: Api) -> None:
    token = api.boss.headers["authorization"].removeprefix("Bearer ")
    assert api.client().get("/api/v1/me", params={"key": token}).status_code == 401


def test_missing_permission_is_named(api: Api) -> None:
    reader = api.key(["orders.read"])
    answer = reader.post("/api/v1/orders", json=body())
    assert answer.status_code == 403
    assert answer.json()["permission"] == "orders.write"
    assert reader.get("/api/v1/orders").status_code == 200


def test_revoked_key_is_dead_with_its_next_request(api: Api) -> None:
    issued = api.boss.post("/api/v1/keys", json={"name": "k", "permissions": ["orders.read"]})
    assert issued.status_code == 201
    client = api.client(issued.json()["token"])
    assert client.get("/api/v1/orders").status_code == 200
    assert api.boss.post(f"/api/v1/keys/{issued.json()['id']}/revoke").status_code == 200
    assert client.get("/api/v1/orders").status_code == 401


def test_key_is_shown_once(api: Api) -> None:
    ask = {"name": "k", "permissions": ["orders.read"]}
    headers = {"Idempotency-Key": "make-key"}
    first = api.boss.post("/api/v1/keys", json=ask, headers=headers).json()
    again = api.boss.post("/api/v1/keys", json=ask, headers=headers).json()
    assert first["token"].startswith("ordito_")
    assert again == first | {"token": None}
    with api.shop.db.connection() as conn:
        stored = conn.execute("SELECT string_agg(answer, '') FROM platform.idempotency").fetchone()
    assert first["token"] not in str(stored)
    assert first["token"] not in api.boss.get("/api/v1/keys").text


def test_nobody_grants_what_they_lack(api: Api) -> None:
    keeper = api.key(["access.write", "orders.read"])
    grant = {"name": "k", "permissions": ["orders.write"]}
    assert keeper.post("/api/v1/keys", json=grant).status_code == 403
    scoped = api.key(["access.write", "orders.read"], channels=("web",))
    grant = {"name": "k", "permissions": ["orders.read"]}
    assert scoped.post("/api/v1/keys", json=grant).status_code == 403
    assert scoped.post("/api/v1/keys", json=grant | {"channels": ["web"]}).status_code == 201


def test_other_channels_orders_do_not_exist(api: Api) -> None:
    placed = api.boss.post("/api/v1/orders", json=new_body()).json()
    order_id = placed["id"]
    stranger = api.key(channels=())
    assert stranger.get(f"/api/v1/orders/{order_id}").status_code == 404
    assert stranger.get(f"/api/v1/orders/{order_id}/timeline").status_code == 404
    assert stranger.get(f"/api/v1/orders/by-number/{placed['number']}").status_code == 404
    assert stranger.get(f"/api/v1/fulfillment-orders/{order_id}.1").status_code == 404
    cancel = stranger.post(f"/api/v1/orders/{order_id}/cancel", json={"reason": "x"})
    assert cancel.status_code == 404
    assert stranger.post("/api/v1/orders", json=new_body()).status_code in (404, 422)
    assert stranger.get("/api/v1/channels").json()["items"] == []
    feed = stranger.get("/api/v1/events").json()["items"]
    assert {entry["stream"] for entry in feed} <= {"item"}
    assert api.boss.get(f"/api/v1/orders/{order_id}").json()["life"] == "open"


def test_other_locations_work_does_not_exist(api: Api) -> None:
    order = api.boss.post("/api/v1/orders", json=new_body()).json()
    work = order["fulfillment_orders"][0]
    other = "B" if work["location"] == "A" else "A"
    stranger = api.key(locations=(other,))
    path = f"/api/v1/fulfillment-orders/{work['id']}"
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/release", json={}).status_code == 404
    item_id = api.shop.items["tea"]
    cells = stranger.get(f"/api/v1/items/{item_id}/stock").json()["items"]
    assert {cell["location_id"] for cell in cells} == {str(api.shop.locations[other])}


def test_session_reads_and_writes_only_with_its_token(api: Api) -> None:
    client, csrf, _user = signed_in(api)
    assert client.get("/api/v1/me").json()["name"] == "Ann"
    assert client.post("/api/v1/orders", json=body()).status_code == 403
    wrong = client.post("/api/v1/orders", json=body(), headers={"X-CSRF-Token": "x"})
    assert wrong.json()["type"] == "/problems/csrf-failed"
    right = client.post("/api/v1/orders", json=new_body(), headers={"X-CSRF-Token": csrf})
    assert right.status_code == 201


def test_session_dies_with_changed_rights(api: Api) -> None:
    client, _csrf, user = signed_in(api)
    assert client.get("/api/v1/me").status_code == 200
    ask = ChangeUser(user_id=user.id, permissions=("access.write", "orders.read"))
    run(api.shop.db, make.BOSS, change_user, ask)
    assert client.get("/api/v1/me").status_code == 401


def test_scoped_manager_cannot_take_over_a_mightier_user(api: Api) -> None:
    _client, _csrf, user = signed_in(api)
    keeper = api.key(["access.write", "orders.read"])
    answer = keeper.put(f"/api/v1/users/{user.id}/password", json={"password": PASSWORD + "!"})
    assert answer.status_code == 403


def test_unknown_fields_of_power_are_refused(api: Api) -> None:
    for field in ("status", "paid", "total_minor", "created_at", "version", "id", "reserved"):
        answer = api.boss.post("/api/v1/orders", json=body() | {field: 1})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "unknown-field"
