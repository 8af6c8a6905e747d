"""Nonsense is answered with a problem, and what is unusual is kept exactly."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import Api, body, new_body

JSON = {"Content-Type": "application/json"}


def post(api: Api, content: str | bytes, path: str = "/orders", **headers: str) -> httpx.Response:
    return api.boss.post(f"/api/v1{path}", content=content, headers=JSON | headers)


def slug(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == answer.status_code
    return str(found["type"]).removeprefix("/problems/")


def test_all_faults_are_told_at_once_with_pointers(api: Api) -> None:
    answer = post(api, '{"channel": 1, "lines": [{"sku": "", "quantity": 0}], "nope": true}')
    assert answer.status_code == 422
    assert {(e["pointer"], e["code"]) for e in answer.json()["errors"]} == {
        ("/channel", "type"),
        ("/lines/0/sku", "too-short"),
        ("/lines/0/quantity", "too-small"),
        ("/nope", "unknown-field"),
    }


@pytest.mark.parametrize("content", ["", "{", "[1", "nul", '{"a": NaN}', "\xff", "[" * 100_000])
def test_what_is_no_json_is_refused(api: Api, content: str) -> None:
    answer = post(api, content.encode("latin-1"))
    assert answer.status_code in (400, 422)
    assert slug(answer) in ("malformed-body", "invalid-input")


def test_quantities_beyond_int64_are_refused(api: Api) -> None:
    content = json.dumps(body()).replace('"quantity": 1', f'"quantity": {2**63}')
    answer = post(api, content)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "too-large"


def test_body_beyond_a_megabyte_is_refused(api: Api) -> None:
    answer = post(api, json.dumps(body() | {"note": "x" * 1_000_001}))
    assert (answer.status_code, slug(answer)) == (413, "body-too-large")


def test_chunked_body_beyond_a_megabyte_is_refused(api: Api) -> None:
    def chunks() -> Any:
        for _ in range(20):
            yield b" " * 100_000

    answer = api.boss.post("/api/v1/orders", content=chunks(), headers=JSON)
    assert (answer.status_code, slug(answer)) == (413, "body-too-large")


def test_other_content_types_are_refused(api: Api) -> None:
    answer = api.boss.post("/api/v1/orders", data={"channel": "web"})
    assert (answer.status_code, slug(answer)) == (415, "unsupported-media-type")


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/nope"), ("GET", "/nope/%00")])
def test_unknown_paths_are_problems(api: Api, method: str, path: str) -> None:
    answer = api.boss.request(method, path)
    assert answer.status_code in (404, 422)
    slug(answer)


def test_wrong_method_names_the_right_ones(api: Api) -> None:
    answer = api.boss.delete("/api/v1/orders")
    assert (answer.status_code, slug(answer)) == (405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST", "OPTIONS"}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=", "limit=1&limit=2", "nope=1", "cursor=%FF", "cursor=abc",
     "cursor=bnVsbA", "kind=zzz", "&".join(f"a{n}=1" for n in range(200))],
)  # fmt: skip
def test_odd_queries_are_faults(api: Api, query: str) -> None:
    answer = api.boss.get(f"/api/v1/items?{query}")
    assert (answer.status_code, slug(answer)) == (422, "invalid-input")


@pytest.mark.parametrize("path", ["orders/1", "orders/%00", "channels/a%00b", "channels/%F0%9F",
                                  "fulfillment-orders/x.1", "orders/by-number/0"])  # fmt: skip
def test_odd_paths_are_not_found(api: Api, path: str) -> None:
    answer = api.boss.get(f"/api/v1/{path}")
    assert answer.status_code in (404, 422)
    slug(answer)


@pytest.mark.parametrize("external_id", [12345678901234567890123, "12345678901234567890124"])
def test_long_external_ids_are_kept_exactly(api: Api, external_id: Any) -> None:
    answer = api.boss.post("/api/v1/orders", json=body(external_id=external_id))
    assert answer.json()["external_id"] == str(external_id)
    found = api.boss.get(
        "/api/v1/orders/by-external-id",
        params={"channel": "web", "external_id": str(external_id)},
    )
    assert found.json()["id"] == answer.json()["id"]


def test_naughty_strings_come_back_as_they_went_in(api: Api, shared_data: Path) -> None:
    found = json.loads((shared_data / "naughty-strings" / "blns.json").read_text("utf-8"))
    lines = [{"sku": "tea", "quantity": 1, "title": text} for text in found if text.strip()]
    answer = api.boss.post("/api/v1/orders", json=new_body() | {"lines": lines})
    assert answer.status_code == 201, answer.text
    stored = api.boss.get(answer.headers["location"]).json()
    assert [line["title"] for line in stored["lines"]] == [line["title"] for line in lines]
    assert len(lines) > 400
