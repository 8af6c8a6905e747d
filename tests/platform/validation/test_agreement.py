"""Every kind of value against every kind of field: what msgspec takes is taken and equal, unless it
is one of the things that must not get in; what msgspec refuses is refused with pointer and words.
"""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from ordito.platform.problems import InvalidInput, MalformedBody
from ordito.platform.validation import convert, decode


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: Annotated[str, Meta(min_length=1, max_length=20)]
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    unit_price: Decimal | None = None


class Cash(msgspec.Struct, frozen=True, tag="cash", forbid_unknown_fields=True):
    amount: int


class Card(msgspec.Struct, frozen=True, tag="card", forbid_unknown_fields=True):
    last4: Annotated[str, Meta(pattern="^[0-9]{4}$")]


class Everything(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    i: int = 0
    small: Annotated[int, Meta(ge=-5, le=5, multiple_of=2)] = 0
    f: float = 0.0
    b: bool = False
    s: str = ""
    d: Decimal = Decimal(0)
    when: datetime | None = None
    aware: Annotated[datetime, Meta(tz=True)] | None = None
    day: date | None = None
    clock: time | None = None
    lasts: timedelta | None = None
    key: UUID | None = None
    raw: bytes = b""
    color: Color | int | None = None
    either: str | int | None = None
    number: int | Decimal | None = None
    mixed: int | float | str | None = None
    line: Line | None = None
    pay: Cash | Card | list[int] | None = None
    ints: Annotated[list[int], Meta(max_length=2)] = []
    pair: tuple[int, str] | None = None
    names: frozenset[str] = frozenset()
    by_no: dict[int, str | None] = {}
    lit: Literal["live", 1, None] = None
    at: datetime | int | None = None
    any: Any = None
    many: str | list[Line] = ""


FIELDS = [field.name for field in msgspec.structs.fields(Everything)]

HAZARDS = {"nul-character", "too-large", "too-small", "too-precise", "decimal", "year", "pattern"}
"""Codes under which something is refused that msgspec alone would take."""

WORDS = "live red cash 12 -3 1.5 true null S1 1234 NaN 1e20 ł YWJj PT1H 10:00:00 0001-01-01"
INSTANTS = "2026-11-21 2026-11-21T10:00:00Z 2026-11-21T10:00:00"
TEXTS = [*WORDS.split(), *INSTANTS.split(), "019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([*TEXTS, "", "1234\n", "a\0b", "x" * 30])
    | st.text(max_size=5)
)
keys = st.sampled_from(["sku", "quantity", "type", "amount", "last4", "unit_price", "zz", "1"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=6,
)
members_of = st.dictionaries(st.sampled_from([*FIELDS, "zz"]), values, max_size=3)
thorough = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


def attempt(read: Any) -> tuple[Any, InvalidInput | None]:
    try:
        return read(), None
    except InvalidInput as problem:
        return None, problem


def told(problem: InvalidInput) -> set[str]:
    """The codes; "rule" would mean that the walk missed what the decoder refused."""
    codes = {fault.code for fault in problem.errors}
    assert codes
    assert "rule" not in codes
    return codes


@thorough
@given(members_of)
def test_bodies_are_taken_as_msgspec_takes_them_but_for_hazards(members: dict[str, Any]) -> None:
    content = json.dumps(members).encode()
    try:
        expected = msgspec.json.decode(content, type=Everything)
    except msgspec.MsgspecError:
        expected = None
    got, problem = attempt(lambda: decode(Everything, content))
    if problem is None:
        assert got == expected
    elif expected is None:
        assert told(problem)
    else:
        assert told(problem) <= HAZARDS


@thorough
@given(members_of, st.booleans())
def test_values_are_converted_as_msgspec_converts_them(
    members: dict[str, Any], strict: bool
) -> None:
    try:
        expected = msgspec.convert(members, Everything, strict=strict)
    except msgspec.MsgspecError:
        expected = None
    got, problem = attempt(lambda: convert(Everything, members, strict=strict))
    if problem is None:
        assert got == expected
    elif expected is None or not strict:
        assert told(problem)
    else:
        assert told(problem) <= HAZARDS


@thorough
@given(st.data())
def test_a_repeated_key_is_never_missed(data: st.DataObject) -> None:
    members = data.draw(st.dictionaries(st.sampled_from(FIELDS), values, min_size=1, max_size=3))
    again = data.draw(st.sampled_from(sorted(members)))
    blank = data.draw(st.sampled_from(["", " ", "\n"]))
    parts = [f"{json.dumps(key)}{blank}:{json.dumps(value)}" for key, value in members.items()]
    parts.append(f"{json.dumps(again)}:{json.dumps(data.draw(values))}")
    content = "{" + ",".join(data.draw(st.permutations(parts))) + "}"
    with pytest.raises(InvalidInput) as caught:
        decode(Everything, content)
    assert (f"/{again}", "duplicate-key") in {(f.pointer, f.code) for f in caught.value.errors}


@thorough
@given(st.binary(max_size=60) | st.text(max_size=40))
def test_nonsense_is_always_answered_with_a_problem(content: bytes | str) -> None:
    with pytest.raises((InvalidInput, MalformedBody)):
        decode(list[Line], b"[0]" if content in ("[]", b"[]") else content)
