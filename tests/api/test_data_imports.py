"""Files brought in over HTTP: read, looked at, run, undone; closed to others."""

import base64

from ordito.flows.data_imports import finish_work
from ordito.uploads.rows import list_rows
from tests import make
from tests.api.conftest import Api


def test_a_file_is_read_looked_at_run_and_undone(api: Api) -> None:
    content = "Item;Title\nAPI-1;Łamp\nAPI-1;Again\n".encode("cp1250")
    body = {
        "kind": "items",
        "file_name": "items.csv",
        "content_base64": base64.b64encode(content).decode(),
        "encoding": "cp1250",
    }
    read = api.boss.post("/api/v1/data-imports", json=body)
    assert read.status_code == 201, read.text
    job = read.json()
    assert (job["state"], job["total"], job["mapping"]) == ("read", 2, {"Title": "name"})
    url = f"/api/v1/data-imports/{job['id']}"
    assert api.boss.post(f"{url}/check", json={}).status_code == 422
    assert api.boss.post(f"{url}/run", json={}).status_code == 409
    mapping = {"Item": "sku", "Title": "name"}
    assert api.boss.post(f"{url}/check", json={"mapping": mapping}).json()["state"] == "checking"
    assert api.boss.post(f"{url}/stop", json={}).json()["state"] == "stopped"
    assert api.boss.post(f"{url}/resume", json={}).json()["state"] == "checking"
    finish_work(api.shop.db, make.BOSS, job["id"])
    looked = api.boss.get(url).json()
    assert (looked["state"], looked["counts"]) == ("checked", {"check": {"new": 1, "faulty": 1}})
    (row,) = api.boss.get(f"{url}/rows?outcome=new").json()["items"]
    assert (row["line"], row["changes"]["name"]) == (2, [None, "Łamp"])
    listed = api.boss.get("/api/v1/data-imports").json()["items"]
    assert job["id"] in [one["id"] for one in listed]

    assert api.boss.post(f"{url}/run", json={}).status_code == 200
    finish_work(api.shop.db, make.BOSS, job["id"])
    assert api.boss.post(f"{url}/undo", json={}).status_code == 200
    assert finish_work(api.shop.db, make.BOSS, job["id"]).state == "undone"

    with api.shop.db.reading(make.BOSS) as tx:
        assert [r.outcome for r in list_rows(tx, job["id"])] == ["undone", "faulty"]
    stranger = api.key({"intake.write", "catalog.write"})
    assert stranger.get(url).status_code == 404
    assert stranger.get(f"{url}/rows").status_code == 404
    assert stranger.post("/api/v1/data-imports", json=body).status_code == 201
    powerless = api.key({"intake.write"})
    assert powerless.post("/api/v1/data-imports", json=body).status_code == 403
    for bad in ({"kind": "items"}, {"kind": "items", "content_base64": "?"}):
        assert api.boss.post("/api/v1/data-imports", json=bad).status_code == 422
