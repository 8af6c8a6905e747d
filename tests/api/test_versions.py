"""If-Match: nobody's change is overwritten unseen."""

import pytest

from tests.api.conftest import Api, new_body


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
