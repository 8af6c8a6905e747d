"""If-Match: nobody's change is overwritten unseen."""

import pytest

from ordito.api.endpoints import field_names
from ordito.api.table import ENDPOINTS
from tests.api.conftest import ANY, Api, new_body


def place(api: Api) -> tuple[str, str]:
    answer = api.boss.post("/api/v1/orders", json=new_body())
    return answer.json()["id"], answer.headers["etag"]


def test_version_that_was_read_is_accepted_and_a_new_one_given(api: Api) -> None:
    order_id, etag = place(api)
    path = f"/api/v1/orders/{order_id}"
    assert api.boss.get(path).headers["etag"] == etag
    answer = api.boss.post(f"{path}/tags", json={"add": ["vip"]}, headers={"If-Match": etag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != etag
    assert api.boss.get(path).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("sent", ['"1"', '"99"', "nonsense", '"-1"', '"99999999999999999999"'])
def test_another_version_is_refused_and_nothing_is_done(api: Api, sent: str) -> None:
    order_id, etag = place(api)
    path = f"/api/v1/orders/{order_id}"
    answer = api.boss.post(f"{path}/cancel", json={"reason": "x"}, headers={"If-Match": sent})
    assert answer.status_code == 412
    assert answer.json()["type"] == "/problems/version-conflict"
    assert api.boss.get(path).headers["etag"] == etag


EDITS = [e for e in ENDPOINTS if e.method in ("PUT", "PATCH") and "version" in field_names(e.ask)]


def test_edits_of_what_has_a_version_need_it(api: Api) -> None:
    assert {"Item", "Channel", "Location", "Policy", "Webhook", "Role", "User"} <= {
        e.ask.__name__.removeprefix("Update").removeprefix("Change") for e in EDITS
    }
    assert all(e.version == "required" for e in EDITS)
    missing = api.boss.patch("/api/v1/channels/web", json={"stock_buffer": 2})
    assert (missing.status_code, missing.json()["type"]) == (428, "/problems/version-required")


def test_an_edit_of_what_was_changed_meanwhile_is_refused(api: Api) -> None:
    path = f"/api/v1/items/{api.shop.items['cup']}"
    etag = api.boss.get(path).headers["etag"]
    first = api.boss.patch(path, json={"name": "Cup, blue"}, headers={"If-Match": etag})
    assert first.status_code == 200
    late = api.boss.patch(path, json={"name": "Cup, red"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/version-conflict")
    assert api.boss.get(path).json()["name"] == "Cup, blue"
    anyhow = api.boss.patch(path, json={"name": "Cup"}, headers=ANY)
    assert anyhow.json()["name"] == "Cup"
