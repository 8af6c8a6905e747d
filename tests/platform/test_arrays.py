"""Array literals, read back by a real PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordito.platform import arrays

thorough = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

Read = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def read(cluster: Callable[[str], str]) -> Iterator[Read]:
    """What PostgreSQL makes of a literal, cast to a type."""
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute("SET TimeZone = 'America/St_Johns'")

        def cast(literal: str, kind: str) -> Any:
            row = conn.execute(f"SELECT %s::{kind}[]", [literal]).fetchone()
            assert row is not None
            return row[0]

        yield cast


# PostgreSQL's text has neither NUL nor halves of surrogate pairs.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
awkward = st.text(st.sampled_from('\\",{}NULnul \n\t\r\b\x01\x7f\u2028ł😀'))


def lists(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.none() | values, max_size=8)


@thorough
@given(column=lists(texts | awkward | st.sampled_from(["", "NULL", "null", "{}", '"'])))
def test_texts_come_back_as_they_were(read: Read, column: list[str | None]) -> None:
    assert read(arrays.texts(column), "text") == column


@thorough
@given(column=lists(st.integers(-(2**63), 2**63 - 1)))
def test_integers_come_back_as_they_were(read: Read, column: list[int | None]) -> None:
    assert read(arrays.ints(column), "int8") == column


@thorough
@given(column=lists(st.uuids()))
def test_ids_come_back_as_they_were(read: Read, column: list[UUID | None]) -> None:
    assert read(arrays.uuids(column), "uuid") == column


@thorough
@given(column=lists(st.decimals(-(10**20), 10**20, places=12)))
def test_decimals_come_back_digit_by_digit(read: Read, column: list[Decimal | None]) -> None:
    got = read(arrays.decimals(column), "numeric")
    assert [v and v.as_tuple() for v in got] == [v and v.as_tuple() for v in column]


@thorough
@given(
    column=lists(
        st.datetimes(
            datetime(2, 1, 1),  # noqa: DTZ001
            datetime(9998, 12, 31),  # noqa: DTZ001
            timezones=st.sampled_from(
                [UTC, ZoneInfo("Europe/Warsaw"), timezone(timedelta(hours=-5, minutes=-30))]
            ),
            allow_imaginary=False,
        )
    )
)
def test_instants_come_back_as_the_same_instants(read: Read, column: list[datetime | None]) -> None:
    got = read(arrays.times(column), "timestamptz")
    assert [v and v.astimezone(UTC) for v in got] == [v and v.astimezone(UTC) for v in column]


@thorough
@given(column=lists(st.dates()))
def test_dates_come_back_as_they_were(read: Read, column: list[date | None]) -> None:
    assert read(arrays.dates(column), "date") == column


@thorough
@given(column=lists(st.booleans()))
def test_booleans_come_back_as_they_were(read: Read, column: list[bool | None]) -> None:
    assert read(arrays.bools(column), "bool") == column


@thorough
@given(column=lists(st.binary()))
def test_bytes_come_back_as_they_were(read: Read, column: list[bytes | None]) -> None:
    assert read(arrays.byteas(column), "bytea") == column


json_values = st.recursive(
    st.booleans() | st.integers(-(10**15), 10**15) | texts | awkward,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | awkward, inner, max_size=3),
    max_leaves=6,
)


@thorough
@given(column=lists(json_values))
def test_json_comes_back_as_it_was(read: Read, column: list[Any]) -> None:
    assert read(arrays.jsons(column), "jsonb") == column


def test_json_takes_structs_and_raw_text(read: Read) -> None:
    class Note(msgspec.Struct):
        text: str

    column = [Note('a "b" \\ c'), msgspec.Raw(b'{"raw": [1, null]}'), None]
    assert read(arrays.jsons(column), "jsonb") == [{"text": 'a "b" \\ c'}, {"raw": [1, None]}, None]


def test_an_empty_column_is_an_empty_array(read: Read) -> None:
    for encode in (arrays.texts, arrays.ints, arrays.uuids, arrays.jsons, arrays.byteas):
        assert encode([]) == "{}"
    assert read(arrays.times([]), "timestamptz") == []


def test_columns_may_be_read_only_once() -> None:
    assert arrays.texts(iter(["a", "b\\"])) == '{"a","b\\\\"}'
    assert arrays.times(iter([datetime(2026, 1, 1, tzinfo=UTC)])) == '{"2026-01-01T00:00:00Z"}'


def test_an_instant_of_a_zone_with_odd_seconds_is_exact(read: Read) -> None:
    at = datetime(1850, 1, 1, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert read(arrays.times([at]), "timestamptz") == [at.astimezone(UTC)]


def test_an_instant_without_a_zone_is_a_defect_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        arrays.times([datetime(2026, 1, 1)])  # noqa: DTZ001
