"""What the API can do since the pages can: invitations, customers, trials, previews, exports."""

from typing import Any

from ordito.flows.bulk_jobs import BULK_JOBS
from ordito.flows.invite_people import choose_password
from ordito.kernel.ids import new_id
from ordito.platform.access import EVERYTHING
from ordito.platform.followers import follow
from tests.api.conftest import Api, new_body
from tests.api.test_access import signed_in
from tests.listings.test_follower import catch_up


def test_an_invitation_leads_to_a_password_and_is_shown_once(api: Api) -> None:
    ask = {"email": f"{new_id()}@example.com", "name": "Ann", "roles": ["viewer"]}
    user = api.boss.post("/api/v1/users", json=ask).json()
    path, headers = f"/api/v1/users/{user['id']}/invitation", {"Idempotency-Key": f"i-{new_id()}"}

    first = api.boss.post(path, headers=headers)
    again = api.boss.post(path, headers=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["link"] is None
    token = first.json()["link"].partition("token=")[2]
    assert choose_password(api.shop.db, token, "quietly-7-otters-sing").email == ask["email"]
    keeper = api.key(["access.write"])
    assert keeper.post(path).status_code == 403, "whoever may do less takes nobody over"
    assert api.boss.post(f"/api/v1/users/{new_id()}/invitation").status_code == 404


def test_signing_a_user_out_ends_their_sessions(api: Api) -> None:
    client, _csrf, user = signed_in(api, ["orders.read"])
    assert client.get("/api/v1/me").status_code == 200
    path = f"/api/v1/users/{user.id}/sign-out"
    assert api.key(["access.write"]).post(path).status_code == 403
    assert client.get("/api/v1/me").status_code == 200

    ended = api.boss.post(path).json()

    assert ended == {"user_id": str(user.id), "ended": 1}
    assert client.get("/api/v1/me").status_code == 401
    assert api.boss.post(path).json()["ended"] == 0


def test_customers_are_found_read_made_and_corrected(api: Api) -> None:
    email = f"{new_id()}@example.com"
    made = api.boss.post("/api/v1/customers", json={"name": "Anna", "email": email})
    number = made.json()["number"]
    path = f"/api/v1/customers/{number}"

    read = api.boss.get(path)
    late = api.boss.patch(path, json={"name": "B"}, headers={"If-Match": '"7"'})
    changed = api.boss.patch(path, json={"name": "B"}, headers={"If-Match": read.headers["etag"]})

    assert (made.status_code, read.json()["email"]) == (201, email)
    assert late.status_code == 412
    assert changed.json()["changed"] == ["name"]
    found = api.boss.get("/api/v1/customers", params={"search": email}).json()["items"]
    assert [(one["number"], one["name"]) for one in found] == [(number, "B")]
    taken = api.boss.post("/api/v1/customers", json={"email": email})
    assert taken.json()["existing"] == {"customers": [number]}
    page = api.boss.get("/api/v1/customers", params={"limit": 1}).json()
    older = api.boss.get("/api/v1/customers", params={"limit": 1, "cursor": page["next"] or ""})
    assert page["next"] is None or older.status_code == 200
    stranger = api.key(channels=())
    assert stranger.get(path).status_code == 404
    assert stranger.get("/api/v1/customers").json()["items"] == []
    assert stranger.post("/api/v1/customers", json={"phone": "1"}).status_code == 403


def test_policies_are_tried_on_orders_that_are_and_on_made_up_ones(api: Api) -> None:
    placed = api.boss.post("/api/v1/orders", json=new_body()).json()
    draft = api.boss.get("/api/v1/policies/default").json()["body"]
    made_up = {"channel": "web", "country": "PL", "lines": [{"sku": "tea", "quantity": 2}]}

    real = attempt(api.boss, number=placed["number"], policies=["default"], draft=draft)
    invented = attempt(api.boss, order=made_up)

    assert [(one["policy"], one["version"]) for one in real["items"]] == [("default", 1), ("", 0)]
    assert invented["items"][0]["plan"]["served"] == 2
    assert attempt(api.boss)["errors"][0]["pointer"] == "/order"
    wrong = made_up | {"lines": [{"sku": "no-such", "quantity": 1}]}
    assert attempt(api.boss, order=wrong)["errors"][0]["pointer"] == "/order/lines/0/sku"
    assert attempt(api.boss, order=made_up, policies=["x"])["errors"][0]["pointer"] == "/policies/0"
    reader = api.key(["settings.read"])
    assert attempt(reader, number=placed["number"])["permission"] == "orders.read"
    assert attempt(api.key(channels=()), number=placed["number"])["status"] == 404


def attempt(client: Any, **ask: Any) -> Any:
    return client.post("/api/v1/policies/try", json=ask).json()


def test_a_text_is_previewed_and_its_test_goes_to_users_only(api: Api) -> None:
    asked = new_body()
    placed = api.boss.post("/api/v1/orders", json=asked).json()
    path = "/api/v1/mail-templates/confirmed/en"
    ask = {"number": placed["number"], "subject": "Order {{ order_number }}"}

    told = api.boss.post(f"{path}/preview", json=ask).json()
    faulty = api.boss.post(f"{path}/preview", json={"body": "{{ nonsense }}"}).json()

    assert told["subject"] == f"Order {asked['external_id']}"
    assert (faulty["text"], faulty["faults"][0]["pointer"]) == (None, "/body")
    stranger = api.key(channels=())
    assert stranger.post(f"{path}/preview", json=ask).status_code == 404
    assert api.key(["settings.read"]).post(f"{path}/preview", json=ask).status_code == 403
    _client, _csrf, user = signed_in(api, EVERYTHING)
    sent = api.boss.post(f"{path}/test", json={"to": user.email, "number": placed["number"]})
    assert (sent.status_code, sent.json()["reason"]) == (201, "")
    nobody = api.boss.post(f"{path}/test", json={"to": "stranger@example.com"})
    assert nobody.json()["errors"][0]["pointer"] == "/to"
    assert api.boss.post(f"{path}/test", json={}).json()["type"] == "/problems/action-not-allowed"


def test_the_rows_of_an_export_are_read_in_parts(api: Api) -> None:
    placed = api.boss.post("/api/v1/orders", json=new_body()).json()
    catch_up(api.shop.db)
    ask = {"act": "export", "order_ids": [placed["id"]], "columns": ["number", "units"]}
    job = api.boss.post("/api/v1/bulk-jobs", json=ask).json()
    path = f"/api/v1/bulk-jobs/{job['id']}/rows"
    assert api.boss.get(path).status_code == 404, "it has not finished"

    while follow(api.shop.db, BULK_JOBS):
        catch_up(api.shop.db)

    rows = api.boss.get(path).json()
    assert rows["columns"] == ["number", "units"]
    assert [int(row[0]) for row in rows["rows"]] == [placed["number"]]
    assert rows["next"] is None
    assert api.boss.get(path, params={"after": 0}).json()["rows"] == []
    assert api.key(["orders.read"]).get(path).status_code == 404, "another one's job"
