"""Receive stock from a table whose headings are the fields' own names, once per file."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ordito.flows.import_orders import Source
from ordito.flows.receive_stock import receive_many
from ordito.intake.columns import comparable_heading
from ordito.intake.tables import TableOptions, open_table
from ordito.inventory.asks import ReceiveLine, ReceiveMany, ReceiveStock, Reference
from ordito.kernel.asks import Code, Quantity, Sku
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import Fault, InvalidInput

CHUNK = 1_000
FAULTS_TOLD_MAX = 20


class RefusedRow(msgspec.Struct, frozen=True):
    """A row that was not taken, the line it begins on, and why."""

    line: int
    reason: str
    words: str


class TableReport(msgspec.Struct, frozen=True):
    """Rows taken (by outcome) and refused."""

    taken: dict[str, int]
    refused: list[RefusedRow]


class _StockRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    location: Code
    sku: Sku
    quantity: Quantity
    reference: Reference = ""


_Cells = dict[str, Any]


def import_stock(db: Database, actor: Actor, source: Source) -> TableReport:
    """Receive stock. Columns: location, sku, quantity, reference. The same file twice (within the
    time that answers are kept) is received once."""
    outcome = _Outcome()
    rows = outcome.convert(_read(source, "location", "sku", "quantity"), _StockRow)
    key = _content_key(source)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        ask = ReceiveMany(receipts=tuple(_receipt(row) for _, row in chunk))
        results = run(db, actor, receive_many, ask, key=f"import-stock-{key}-{start}").results
        for (line, _), result in zip(chunk, results, strict=True):
            outcome.add(line, "received", result.problem)
    return outcome.report()


class _Outcome:
    """What becomes of the rows."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.refused: list[RefusedRow] = []

    def convert(self, rows: Iterator[tuple[int, _Cells]], kind: type[Any]) -> list[tuple[int, Any]]:
        """The rows as asks with their lines; those that can't be are refused."""
        converted = []
        for line, cells in rows:
            try:
                converted.append((line, msgspec.convert(cells, kind, strict=False)))
            except msgspec.ValidationError as fault:
                self.refused.append(RefusedRow(line, "invalid-row", f"{fault}."))
        return converted

    def add(self, line: int, taken: str, problem: dict[str, Any] | None) -> None:
        if problem is None:
            self.taken[taken] = self.taken.get(taken, 0) + 1
            return
        faults = problem.get("errors") or [{"detail": problem.get("detail") or problem["title"]}]
        words = " ".join(fault["detail"] for fault in faults)
        self.refused.append(RefusedRow(line, problem["type"].rpartition("/")[2], words))

    def report(self) -> TableReport:
        return TableReport(self.taken, sorted(self.refused, key=lambda row: row.line))


def _read(source: Source, *required: str) -> Iterator[tuple[int, _Cells]]:
    """Line and filled cells by heading; raises InvalidInput when a needed column is missing."""
    with source.open() as stream:
        table = open_table(stream, source.name, TableOptions())
        names = [_heading(name) for name in table.columns]
        missing = [name for name in required if name not in names]
        if missing:
            raise InvalidInput(
                f"{source.name} lacks columns. Its headings: {', '.join(table.columns[:40])}.",
                errors=[Fault("", "required", f"There is no column “{name}”.") for name in missing],
            )
        for row in table:
            pairs = zip(names, row.cells, strict=False)
            yield row.line, {name: text.strip() for name, text in pairs if text.strip()}


def _heading(name: str) -> str:
    """The field that a heading means; unknown ones stay as they are."""
    known = {comparable_heading(field): field for field in _StockRow.__struct_fields__}
    return known.get(comparable_heading(name), name.strip().lower())


def _receipt(row: _StockRow) -> ReceiveStock:
    lines = (ReceiveLine(row.sku, row.quantity),)
    return ReceiveStock(location=row.location, lines=lines, reference=row.reference)


def _content_key(source: Source) -> str:
    content = hashlib.blake2b(digest_size=16)
    with source.open() as stream:
        while piece := stream.read(1024 * 1024):
            content.update(piece)
    return content.hexdigest()


def tell_refused(rows: Sequence[RefusedRow]) -> list[str]:
    """The first refusals in words, for people."""
    told = [f"line {row.line}: {row.words}" for row in rows[:FAULTS_TOLD_MAX]]
    more = len(rows) - len(told)
    return [*told, f"and {more} more"] if more > 0 else told
