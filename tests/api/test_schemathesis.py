"""Every endpoint of the document, with what it allows and with nonsense: never a 500, and always
an answer that the document tells of."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ordito.api.openapi import make_document
from ordito.api.table import ENDPOINTS
from ordito.flows.manage_access import CreateKey, issue_key
from ordito.platform.access import EVERYTHING
from ordito.platform.database import Database
from tests import make
from tests.api.conftest import serve

EXAMPLES = 12

SCHEMA = schemathesis.openapi.from_dict(make_document(ENDPOINTS))
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="module")
def server(cluster: Callable[[str], str], template: str) -> Iterator[tuple[str, str]]:
    """One program for all operations: its URL and a key for everything."""
    name = f"{template}_api"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        shop = make.shop(Database(cluster(name)).open())
        make.place(shop, {"tea": 1})
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

    def check(case: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        response = case.call(base_url=f"{url}/api/v1", timeout=30)
        assert response.status_code < 500, response.text
        case.validate_response(response, checks=CHECKS)

    for mode, examples in ((GenerationMode.POSITIVE, EXAMPLES), (GenerationMode.NEGATIVE, EXAMPLES)):
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
        )(given(case=strategy)(check))
        run()
