"""The same request has one effect, whoever sends it how often at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.api.conftest import Api, body, count_orders, new_body


def send(client: Any, key: str | None, content: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/api/v1/orders", json=content, headers=headers)


def test_repeated_key_gives_the_same_answer_and_one_order(api: Api) -> None:
    first, second = (send(api.boss, "k1", body()) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers["location"] == f"/api/v1/orders/{first.json()['id']}"
    assert count_orders(api) == 1


def test_sixteen_at_once_with_one_key_place_one_order(api: Api) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _n: send(api.boss, "k1", body()), range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert count_orders(api) == 1


def test_key_with_another_body_is_refused(api: Api) -> None:
    send(api.boss, "k1", body())
    answer = send(api.boss, "k1", body({"tea": 2}))
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-key-reused"
    assert count_orders(api) == 1


def test_keys_of_two_callers_are_strangers(api: Api) -> None:
    one = send(api.boss, "k1", body())
    other = send(api.key(), "k1", body())
    assert one.status_code == other.status_code == 201
    assert one.json()["id"] != other.json()["id"]


def test_an_order_without_key_and_external_id_is_refused(api: Api) -> None:
    answer = send(api.boss, None, body())
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/idempotency-key-missing"
    assert count_orders(api) == 0


def test_an_external_id_does_instead_of_a_key(api: Api) -> None:
    ask = new_body()
    first, second = (send(api.boss, None, ask) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 409)
    assert count_orders(api) == 1


def test_repeated_order_says_that_it_is_a_replay(api: Api) -> None:
    first, second = (send(api.boss, "k1", body()) for _ in range(2))
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"


def test_unusable_keys_are_refused(api: Api) -> None:
    for key in ("", "x" * 256):
        answer = send(api.boss, key, body())
        assert answer.status_code == 400
        assert answer.json()["type"] == "/problems/idempotency-key-invalid"
    assert count_orders(api) == 0


def test_repeated_command_says_that_it_is_a_replay(api: Api) -> None:
    order = send(api.boss, "k1", body()).json()
    path, headers = f"/api/v1/orders/{order['id']}/cancel", {"Idempotency-Key": "c1"}
    first = api.boss.post(path, json={"reason": "asked"}, headers=headers)
    again = api.boss.post(path, json={"reason": "asked"}, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


def test_refused_request_may_be_corrected_under_the_same_key(api: Api) -> None:
    assert send(api.boss, "k1", body({"nothing": 1})).status_code == 422
    assert send(api.boss, "k1", body({"tea": 1})).status_code == 201
