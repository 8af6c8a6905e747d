"""Carry out rows of a file together, so that each of them still succeeds or is refused alone."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ordito.flows.import_fields import RowValues
from ordito.platform.database import Tx
from ordito.platform.problems import Problem
from ordito.uploads.types import DataImport, RowFault, RowResult

Act = Callable[[Tx, DataImport, Sequence[RowValues]], list[RowResult]]
"""Carries rows out and tells what became of each; it raises nothing for a row that it refuses."""

_LINE_PARTS = 3


def refuse(n: int, problem: dict[str, Any]) -> RowResult:
    """A row that was refused with this problem body."""
    errors = problem.get("errors") or ()
    faults = [RowFault(_field(e["pointer"]), e["code"], e["detail"]) for e in errors]
    slug = str(problem.get("type", "")).rpartition("/")[2]
    words = str(problem.get("detail") or problem.get("title", ""))
    return RowResult(n, "faulty", faults=faults or [RowFault("", slug, words)])


def refuse_by(n: int, code: str, detail: str, field: str = "") -> RowResult:
    return RowResult(n, "faulty", faults=[RowFault(field, code, detail)])


def _field(pointer: str) -> str:
    names = [part for part in pointer.split("/") if part and not part.isdigit()]
    return names[-1] if names else ""


def carry_out_group(
    tx: Tx,
    rows: Sequence[RowValues],
    book: Callable[[Sequence[RowValues]], list[RowResult]],
) -> list[RowResult]:
    """Book rows as one document; where it is refused, without the rows that are to blame.

    A problem that names lines (`/lines/3/sku`) blames those rows; any other one is narrowed down
    by halves, each tried on its own.
    """
    if not rows:
        return []
    mark = len(tx.events)
    try:
        with tx.conn.transaction():
            return book(rows)
    except Problem as problem:
        del tx.events[mark:]
        body = problem.body()
    if len(rows) == 1:
        return [refuse(rows[0].n, body)]
    blamed = _blamed(body, len(rows))
    if blamed:
        refused = [refuse(rows[at].n, body | {"errors": errors}) for at, errors in blamed.items()]
        left = [row for at, row in enumerate(rows) if at not in blamed]
        return refused + carry_out_group(tx, left, book)
    middle = len(rows) // 2
    return carry_out_group(tx, rows[:middle], book) + carry_out_group(tx, rows[middle:], book)


def _blamed(problem: dict[str, Any], count: int) -> dict[int, list[dict[str, Any]]]:
    """Place among the rows → their faults; nothing when a fault is no single row's."""
    blamed: dict[int, list[dict[str, Any]]] = {}
    for error in problem.get("errors") or ():
        parts = error["pointer"].split("/")
        if len(parts) < _LINE_PARTS or not parts[2].isdigit() or int(parts[2]) >= count:
            return {}
        blamed.setdefault(int(parts[2]), []).append(error)
    return blamed


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    return msgspec.json.decode(msgspec.json.encode(value))


def count_outcomes(results: Sequence[RowResult]) -> dict[str, int]:
    """Outcome → rows."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.outcome] = counts.get(result.outcome, 0) + 1
    return counts
