"""Many rows in one statement: parameters as ready-made array literals, cast in the SQL."""

import re
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from psycopg import Cursor

from ordito.platform import arrays
from ordito.platform.database import Query, Tx

_ENCODERS: dict[str, Callable[[Iterable[Any]], str]] = {
    "uuid": arrays.uuids,
    "text": arrays.texts,
    "int4": arrays.ints,
    "int8": arrays.ints,
    "numeric": arrays.decimals,
    "timestamptz": arrays.times,
    "date": arrays.dates,
    "bool": arrays.bools,
    "bytea": arrays.byteas,
    "jsonb": arrays.jsons,
    "inventory.bucket": arrays.texts,
}

_PARAMETER = re.compile(r"%s::([a-z0-9_.]+)\[\]")


class Bulk:
    """A statement whose parameters are columns: `unnest(%s::uuid[], %s::int8[])`.

    Rows are tuples in the order of the casts; the cast names the encoder. An empty list of rows
    sends nothing.
    """

    registered: typing.ClassVar[list["Bulk"]] = []

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._encoders = [_ENCODERS[name] for name in _PARAMETER.findall(sql)]
        assert self._encoders, "a bulk statement has array parameters"
        Bulk.registered.append(self)

    def columns(self, rows: Sequence[tuple[Any, ...]]) -> list[str]:
        """The rows as array literals, one per parameter."""
        return [
            encode(column)
            for encode, column in zip(self._encoders, zip(*rows, strict=True), strict=True)
        ]

    def send(self, tx: Tx, rows: Sequence[tuple[Any, ...]]) -> Cursor[Any] | None:
        """Execute for all rows; inside a pipeline the outcome is known after the next sync."""
        if not rows:
            return None
        return tx.conn.execute(self.sql, self.columns(rows))

    def run(self, tx: Tx, rows: Sequence[tuple[Any, ...]]) -> int:
        """Execute for all rows; returns the number of rows touched."""
        cursor = self.send(tx, rows)
        return cursor.rowcount if cursor else 0


def bulk(sql: str) -> Bulk:
    return Bulk(sql)


class BulkQuery(Query[Any]):
    """A query whose parameters are columns and which returns rows."""

    def __init__(self, row: type[Any], sql: str) -> None:
        super().__init__(row, sql)
        self._encoders = [_ENCODERS[name] for name in _PARAMETER.findall(sql)]

    def columns(self, rows: Sequence[tuple[Any, ...]]) -> list[str]:
        """The rows as array literals, one per parameter; without rows, empty ones."""
        columns: Sequence[Iterable[Any]] = (
            list(zip(*rows, strict=True)) if rows else [()] * len(self._encoders)
        )
        return [encode(column) for encode, column in zip(self._encoders, columns, strict=True)]

    def send_rows(self, tx: Tx, rows: Sequence[tuple[Any, ...]]) -> Cursor[Any]:
        cursor = tx.conn.cursor(row_factory=self._factory)
        cursor.execute(self.sql, self.columns(rows))
        return cursor

    def all_rows(self, tx: Tx, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        return self.send_rows(tx, rows).fetchall()


def bulk_query(row: type[Any], sql: str) -> BulkQuery:
    return BulkQuery(row, sql)
