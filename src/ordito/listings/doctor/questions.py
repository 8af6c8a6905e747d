"""How a check's text becomes a question: of everything, or of given orders and cells."""

import re
from collections.abc import Iterable
from typing import Any

from ordito.listings.doctor.types import Check, Scope
from ordito.platform.arrays import uuids

SAMPLES_MAX = 20

_ORDERS = re.compile(r"([\w.]+) IN ORDERS")
_CELLS = re.compile(r"(\w+) IN CELLS")

_SOME_CELLS = (
    r"(\1.item_id, \1.location_id) IN"
    r" (SELECT * FROM unnest(%(item_ids)s::uuid[], %(location_ids)s::uuid[]))"
)


def ask_everything(check: Check) -> str:
    """The check over all rows; gives (count, sample as a JSON object) per row, at most 20."""
    return _counted(_CELLS.sub("true", _ORDERS.sub("true", check.sql)))


def ask_some(checks: Iterable[Check]) -> str:
    """All the checks of given orders and cells in one statement: (check id, count, sample)."""
    return "\nUNION ALL\n".join(
        f"(SELECT '{check.id}' AS id, n, sample FROM (\n{_counted(_restricted(check))}\n) AS found)"  # noqa: S608
        for check in checks
    )


def _restricted(check: Check) -> str:
    some = _ORDERS.sub(r"\1 = ANY(%(order_ids)s::uuid[])", check.sql)
    return _CELLS.sub(_SOME_CELLS, some)


def _counted(sql: str) -> str:
    return (
        f"SELECT count(*) OVER () AS n, to_jsonb(v) AS sample FROM (\n{sql}\n) AS v"  # noqa: S608
        f" LIMIT {SAMPLES_MAX}"
    )


def parameters(scope: Scope) -> dict[str, Any]:
    """The parameters of `ask_some`."""
    return {
        "order_ids": uuids(scope.order_ids),
        "item_ids": uuids(item_id for item_id, _ in scope.cells),
        "location_ids": uuids(location_id for _, location_id in scope.cells),
    }
