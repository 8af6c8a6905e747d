"""Every endpoint of the document, with what it allows and with nonsense: never a 500, and always
an answer that the document tells of."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import just
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ordito.api.openapi import make_document
from ordito.api.table import ENDPOINTS
from ordito.flows.manage_keys import CreateKey, issue_key
from ordito.platform.access import EVERYTHING
from ordito.platform.database import Database
from tests import make
from tests.api.conftest import serve

VALID, WRONG = 4, 2

SCHEMA = schemathesis.openapi.from_dict(make_document(ENDPOINTS))
OPERATIONS: list[Any] = [found.ok() for found in cast(Any, SCHEMA.get_all_operations())]
CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)


REAL: dict[str, Any] = {}
"""Names of fields → something that exists, so that generated requests get beyond the first look."""


def real_names(shop: make.Shop) -> dict[str, Any]:
    order = make.place(shop, {"tea": 1})
    return {
        "order_id": str(order.id),
        "fulfillment_order_id": f"{order.id}.1",
        "number": order.number,
        "order_ids": [str(order.id)],
        "item_id": str(shop.items["tea"]),
        "item_ids": [str(shop.items["cup"])],
        "sku": "tea",
        "channel": "web",
        "location": "A",
        "pickup_location": "A",
        "policy": "default",
        "channels": ["web"],
        "locations": ["A"],
    }


def real(value: Any) -> Any:
    """The value with fields of known names pointing at what exists."""
    if isinstance(value, list):
        return [real(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: REAL[key] if key in REAL and type(REAL[key]) is type(item) else real(item)
        for key, item in value.items()
    }


@pytest.fixture(scope="module")
def server(cluster: Callable[[str], str], template: str) -> Iterator[tuple[str, str]]:
    """One program for all operations: its URL and a key for everything."""
    name = f"{template}_api"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        shop = make.shop(Database(cluster(name)).open())
        REAL.update(real_names(shop))
        ask = CreateKey(name="fuzz", permissions=tuple(EVERYTHING))
        token = issue_key(shop.db, make.BOSS, ask).token
        running, url, thread = serve(Database(cluster(name), size_max=10))
        yield url, str(token)
        running.should_exit = True
        thread.join(20)
        shop.db.close()
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.method.upper()} {o.path}")
def test_operation_answers_as_the_document_says(operation: Any, server: tuple[str, str]) -> None:
    url, token = server

    def check(case: Any, mode: GenerationMode) -> None:
        if mode is GenerationMode.POSITIVE:
            case.path_parameters = real(case.path_parameters or {})
            case.query = real(case.query or {})
            case.body = real(case.body)
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        response = case.call(base_url=f"{url}/api/v1", timeout=30)
        assert response.status_code < 500, response.text
        case.validate_response(response, checks=CHECKS)

    for mode, examples in (
        (GenerationMode.POSITIVE, VALID),
        (GenerationMode.NEGATIVE, WRONG),
    ):
        try:
            strategy = operation.as_strategy(generation_mode=mode)
        except Exception:
            if mode is GenerationMode.POSITIVE:
                raise
            continue  # Nothing can be wrong where nothing is sent.
        run = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=strategy, mode=just(mode))(check))
        run()
