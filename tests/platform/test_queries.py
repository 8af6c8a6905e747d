"""Every query is prepared against the migrated schema and compared with the struct it fills."""

import types
import typing
from typing import Any

import msgspec
import psycopg
import pytest

from ordito.platform.bulk import Bulk
from ordito.platform.database import Query, Statement
from ordito.platform.documents.problems import import_all_modules

import_all_modules()

NUMERIC = {"int2", "int4", "int8"}
FITS: dict[Any, set[str]] = {
    int: NUMERIC,
    float: {"float4", "float8"},
    str: {"text", "varchar", "name", "bucket"},
    bool: {"bool"},
    bytes: {"bytea"},
    "UUID": {"uuid"},
    "Decimal": {"numeric"},
    "datetime": {"timestamptz"},
    "date": {"date"},
}


def _parts(hint: Any) -> tuple[Any, bool]:
    """The type without None, and whether None was allowed."""
    if typing.get_origin(hint) is typing.Annotated:
        return _parts(typing.get_args(hint)[0])
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        kinds = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return (kinds[0] if len(kinds) == 1 else kinds), len(kinds) < len(typing.get_args(hint))
    return hint, False


def _fits(hint: Any, sql_type: str) -> bool:
    kind, _none = _parts(hint)
    origin = typing.get_origin(kind)
    if kind in (Any, object):
        return True
    if origin is typing.Literal:
        return sql_type in FITS[str]
    if sql_type in ("json", "jsonb"):
        return origin in (dict, list, tuple) or _is_struct(kind)
    if origin in (list, tuple, frozenset) and sql_type.startswith("_"):
        return _fits(typing.get_args(kind)[0], sql_type[1:])
    return sql_type in FITS.get(kind, FITS.get(getattr(kind, "__name__", ""), set()))


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


class Column(typing.NamedTuple):
    name: str
    sql_type: str
    nullable: bool | None
    """None when it is an expression, of which PostgreSQL doesn't say."""


def _describe(conn: psycopg.Connection[Any], sql: str, names: dict[int, str]) -> list[Column]:
    pg = conn.pgconn
    query = psycopg._queries.PostgresQuery(psycopg.adapt.Transformer(conn))
    query.convert(sql, _fake_parameters(sql))
    prepared = pg.prepare(b"", query.query)
    assert prepared.status in (1, 2), f"{prepared.error_message.decode()}\n{sql}"
    result = pg.describe_prepared(b"")
    columns = []
    for i in range(result.nfields):
        name = result.fname(i)
        assert name is not None
        columns.append(
            Column(
                name.decode(),
                names[result.ftype(i)],
                _nullable(conn, result.ftable(i), result.ftablecol(i)),
            )
        )
    return columns


def _nullable(conn: psycopg.Connection[Any], table: int, number: int) -> bool | None:
    if not table:
        return None
    row = conn.execute(
        "SELECT NOT attnotnull FROM pg_attribute WHERE attrelid = %s AND attnum = %s",
        (table, number),
    ).fetchone()
    return bool(row[0]) if row else None


def _fake_parameters(sql: str) -> Any:
    import re

    names = re.findall(r"%\((\w+)\)s", sql)
    if names:
        return dict.fromkeys(names)
    return [None] * len(re.findall(r"%s", sql)) or None


@pytest.fixture
def conn(dsn: str) -> typing.Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def _faults(query: Query[Any], columns: list[Column]) -> list[str]:
    row = query.row
    if not _is_struct(row):
        if len(columns) != 1 or not _fits(row, columns[0].sql_type):
            return [f"{row} is filled by {columns}"]
        return []
    hints = typing.get_type_hints(row, include_extras=True)
    fields = list(row.__struct_fields__)
    if fields != [column.name for column in columns]:
        return [f"{row.__name__}: fields {fields}, columns {[c.name for c in columns]}"]
    faults = []
    for column in columns:
        hint = hints[column.name]
        if not _fits(hint, column.sql_type):
            faults.append(f"{row.__name__}.{column.name}: {hint} is filled by {column.sql_type}")
        if column.nullable and not _parts(hint)[1]:
            faults.append(f"{row.__name__}.{column.name} may be NULL but the field says never")
    return faults


def test_every_query_fits_the_struct_it_fills(conn: psycopg.Connection[Any]) -> None:
    names = dict(conn.execute("SELECT oid::int8, typname FROM pg_type").fetchall())
    faults = []
    for query in Query.registered:
        faults += _faults(query, _describe(conn, query.sql, names))

    assert Query.registered
    assert not faults, "\n".join(faults)


def test_every_statement_can_be_prepared(conn: psycopg.Connection[Any]) -> None:
    names = dict(conn.execute("SELECT oid::int8, typname FROM pg_type").fetchall())
    texts = [s.sql for s in Statement.registered] + [b.sql for b in Bulk.registered]
    for sql in texts:
        _describe(conn, sql, names)
