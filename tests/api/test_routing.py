"""A path is found by its segments: those spelled out first, then those that have a name."""

from typing import Any

import pytest

from ordito.api.answers import Answer
from ordito.api.routing import Binding, RouteTable


async def nothing(_scope: Any, _receive: Any) -> Answer:
    return Answer(204, [], b"")


TABLE = RouteTable(
    Binding(method, path, nothing)
    for method, path in (
        ("GET", "/"),
        ("GET", "/orders"),
        ("POST", "/orders"),
        ("POST", "/orders/bulk"),
        ("GET", "/orders/{number}"),
        ("POST", "/orders/{order_id}/cancel"),
        ("GET", "/orders/bulk/{job}/results"),
        ("GET", "/static/{version}/{path:path}"),
    )
)


@pytest.mark.parametrize(
    ("method", "path", "bound", "params"),
    [
        ("GET", "/", "/", {}),
        ("POST", "/orders", "/orders", {}),
        ("GET", "/orders/", "/orders", {}),
        ("POST", "/orders/bulk", "/orders/bulk", {}),
        ("GET", "/orders/2093", "/orders/{number}", {"number": "2093"}),
        ("POST", "/orders/7/cancel", "/orders/{order_id}/cancel", {"order_id": "7"}),
        ("POST", "/orders/bulk/cancel", "/orders/{order_id}/cancel", {"order_id": "bulk"}),
        ("GET", "/orders/bulk/4/results", "/orders/bulk/{job}/results", {"job": "4"}),
        (
            "GET",
            "/static/9f/css/base.css",
            "/static/{version}/{path:path}",
            {"version": "9f", "path": "css/base.css"},
        ),
    ],
)
def test_a_path_is_found_with_what_its_names_stand_for(
    method: str, path: str, bound: str, params: dict[str, str]
) -> None:
    match = TABLE.match(path)
    assert match is not None
    assert match.bindings[method].path == bound
    assert match.params(method) == params


@pytest.mark.parametrize(
    "path", ["/order", "/orders/1/2", "/orders//cancel", "//orders", "/static/9f", "/orders/1//"]
)
def test_what_is_not_bound_is_not_found(path: str) -> None:
    assert TABLE.match(path) is None


def test_methods_are_told_for_a_path_that_is_bound_with_others() -> None:
    match = TABLE.match("/orders")
    assert match is not None
    assert sorted(match.bindings) == ["GET", "POST"]


def test_nothing_is_bound_twice() -> None:
    twice = [Binding("GET", "/a/{b}", nothing), Binding("GET", "/a/{c}", nothing)]
    with pytest.raises(ValueError, match="bound twice"):
        RouteTable(twice)
