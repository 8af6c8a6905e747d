"""Saved views and bulk jobs over HTTP."""

from tests import make
from tests.api.conftest import ANY, Api
from tests.flows import bulk_shop


def test_a_view_is_saved_listed_changed_and_deleted(api: Api) -> None:
    asked = {"name": "Germany", "filter": {"countries": ["DE"], "late": True}}
    made = api.boss.post("/api/v1/views", json=asked)
    assert made.status_code == 201, made.text
    view = made.json()
    assert view["look"]["filter"] == {"countries": ["DE"], "late": True}
    (listed,) = [v for v in api.boss.get("/api/v1/views").json()["items"] if v["id"] == view["id"]]
    assert listed == view

    url = f"/api/v1/views/{view['id']}"
    changed = api.boss.patch(url, json={"name": "DE"}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.json()["version"]) == ("DE", 2)
    assert api.boss.patch(url, json={"filter": {"nonsense": 1}}, headers=ANY).status_code == 422
    assert api.key().patch(url, json={"name": "Mine"}, headers=ANY).status_code == 404
    assert api.boss.delete(url).status_code == 200
    assert api.boss.delete(url).status_code == 404


def test_a_job_is_begun_looked_at_stopped_and_gone_on_with(api: Api) -> None:
    (order_id,) = bulk_shop.place_many(api.shop, 1)
    body = {"act": "tag", "tag": "sale", "order_ids": [str(order_id)]}
    begun = api.boss.post("/api/v1/bulk-jobs", json=body)
    assert begun.status_code == 201, begun.text
    url = f"/api/v1/bulk-jobs/{begun.json()['id']}"
    assert api.boss.get(url).json()["state"] == "running"
    orders = api.boss.get(f"{url}/orders").json()["items"]
    assert orders == [{"n": 0, "order_id": str(order_id), "outcome": None, "problem": None}]
    assert api.boss.post(f"{url}/stop", json={}).json()["state"] == "stopped"
    assert api.boss.post(f"{url}/stop", json={}).status_code == 409
    assert api.boss.post(f"{url}/resume", json={}).json()["state"] == "running"
    assert api.boss.post(f"{url}/retry", json={}).status_code == 409
    stranger = api.key({"orders.read"})
    assert stranger.get(url).status_code == 404


def test_who_may_only_read_begins_nothing_but_an_export(api: Api) -> None:
    order = make.place(api.shop, {"tea": 1})
    reader = api.key({"orders.read"})
    body = {"act": "cancel", "reason": "other", "order_ids": [str(order.id)]}
    assert reader.post("/api/v1/bulk-jobs", json=body).status_code == 403
    body = {"act": "export", "order_ids": [str(order.id)], "columns": ["number", "total"]}
    assert reader.post("/api/v1/bulk-jobs", json=body).status_code == 201
