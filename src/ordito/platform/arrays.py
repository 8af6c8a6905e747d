"""PostgreSQL array literals for whole columns, to be cast in the SQL: `unnest(%s::uuid[])`.

The driver adapts a list value by value in Python. A JSON list is nearly an array literal, and
msgspec writes one in C; what differs between the two is repaired here. None becomes NULL.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

_encode = msgspec.json.Encoder(decimal_format="string", uuid_format="hex").encode


def ints(values: Iterable[int | None]) -> str:
    """For int2, int4 and int8 columns."""
    return _literal(values)


def bools(values: Iterable[bool | None]) -> str:
    return _literal(values)


def uuids(values: Iterable[UUID | str | None]) -> str:
    return _literal(values)


def decimals(values: Iterable[Decimal | None]) -> str:
    """For numeric columns; every digit is kept."""
    return _literal(values)


def dates(values: Iterable[date | None]) -> str:
    return _literal(values)


def times(values: Iterable[datetime | None]) -> str:
    """For timestamptz columns; each one aware, in any zone."""
    column = list(values)
    for at, value in enumerate(column):
        if value is not None and value.tzinfo is not UTC:
            assert value.tzinfo is not None, "an instant knows its zone"
            # Historical zones have offsets with seconds, which JSON's format can't say.
            column[at] = value.astimezone(UTC)
    return _literal(column)


def texts(values: Iterable[str | None]) -> str:
    """For text columns and enums. A NUL is refused later, by the driver."""
    column = list(values)
    encoded = _encode(column)
    if b"\\" not in encoded:
        return _braced(encoded)
    # JSON writes a line feed as \n, where an array literal would read the letter n.
    return "{" + ",".join(map(_quoted, column)) + "}"


def jsons(values: Iterable[Any]) -> str:
    """For jsonb columns: structs, dicts, lists, or msgspec.Raw as it is. None is NULL, not null."""
    # JSON text holds no raw control characters, so that quoting it as a JSON string escapes just
    # quotes and backslashes: the same two as in an array literal.
    return _literal(None if value is None else _encode(value).decode() for value in values)


def byteas(values: Iterable[bytes | None]) -> str:
    return "{" + ",".join("NULL" if v is None else f'"\\\\x{v.hex()}"' for v in values) + "}"


def _literal(values: Iterable[Any]) -> str:
    return _braced(_encode(list(values)))


def _braced(encoded: bytes) -> str:
    return "{" + encoded[1:-1].decode() + "}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
