"""Checks of single values: numbers, texts, instants, choices."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect

from ordito.platform.validation.findings import Findings, printable
from ordito.platform.validation.reading import JsonNumber

INT_MIN, INT_MAX = -(2**63), 2**63 - 1

WIDE_MAX = 10**40
"""Bound of integers where text would do as well (ids of other systems): kept exactly up to it."""

YEAR_MIN, YEAR_MAX = 2, 9998
"""One year away from what Python can express, so that a change of zone can't overflow."""


EXACT = Context(prec=28, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation])
"""Arithmetic in which no tiny remainder vanishes, whatever context the thread has."""


class DecimalLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of a Decimal, given as Meta(extra={…}): msgspec has none for that type.

    `digits` and `decimal_places` mean what they mean in SQL's numeric(digits, decimal_places).
    """

    digits: int = 28
    decimal_places: int = 12
    ge: Decimal | None = None
    gt: Decimal | None = None
    le: Decimal | None = None
    lt: Decimal | None = None

    @property
    def quantum(self) -> Decimal:
        """The smallest step: 0.01 for two places."""
        return Decimal(1).scaleb(-self.decimal_places)

    @property
    def bound(self) -> Decimal:
        """What the magnitude stays below."""
        return Decimal(1).scaleb(self.digits - self.decimal_places)


def unwrap(kind: inspect.Type) -> tuple[inspect.Type, Mapping[str, Any]]:
    """The type without its annotation, and the annotation's `extra`."""
    if isinstance(kind, inspect.Metadata):
        return kind.type, kind.extra or {}
    return kind, {}


def decimal_limits(extra: Mapping[str, Any]) -> DecimalLimits:
    return msgspec.convert(extra, DecimalLimits)


def check_text(value: str, at: str, found: Findings) -> None:
    """Refuses what PostgreSQL can't store in text: NUL and halves of surrogate pairs."""
    if "\0" in value:
        found.add(at, "nul-character", "The text holds a NUL character (\\u0000); remove it.")
    elif not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            half = f"\\u{ord(value[error.start]):04x}"
            detail = f"The text holds half of a character ({half}); send whole characters."
            found.add(at, "lone-surrogate", detail)


def check_str(kind: inspect.StrType, value: Any, at: str, found: Findings) -> None:
    if not isinstance(value, str) or isinstance(value, JsonNumber):
        found.refuse(at, "type", "text", value)
        return
    check_text(value, at, found)
    check_length(kind, len(value), at, found)
    if kind.pattern is not None and not matches(kind.pattern, value):
        found.refuse(at, "pattern", f"text of the form {printable(kind.pattern)}", value)


def matches(pattern: str, value: str) -> bool:
    """Whether the pattern is found. `$` is the end: Python would allow a line feed after it."""
    if pattern.endswith("$") and value.endswith("\n"):
        return False
    return _compiled(pattern).search(value) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def check_length(kind: Any, length: int, at: str, found: Findings) -> None:
    """Minimum and maximum length of a text, a list or an object."""
    unit = _LENGTH_UNITS.get(type(kind), "entries")
    if kind.min_length is not None and length < kind.min_length:
        found.add(at, "too-short", f"Expected at least {kind.min_length} {unit}, got {length}.")
    if kind.max_length is not None and length > kind.max_length:
        found.add(at, "too-long", f"Expected at most {kind.max_length} {unit}, got {length}.")


_LENGTH_UNITS: dict[Any, str] = {inspect.StrType: "characters", inspect.BytesType: "bytes"}


def check_int(kind: inspect.IntType, value: Any, at: str, found: Findings) -> None:
    _check_whole(kind, value, at, found, (INT_MIN, INT_MAX))


def check_wide_int(kind: inspect.IntType, value: Any, at: str, found: Findings) -> None:
    """An integer in a `str | int` field: an id, kept exactly beyond 64 bits."""
    _check_whole(kind, value, at, found, (1 - WIDE_MAX, WIDE_MAX - 1))


def _check_whole(
    kind: inspect.IntType, value: Any, at: str, found: Findings, bounds: tuple[int, int]
) -> None:
    low, high = bounds
    number = _whole(value, lax=found.lax)
    if number is None:
        found.refuse(at, "type", "a whole number", value)
    elif number > high:
        found.refuse(at, "too-large", f"a whole number up to {high}", value)
    elif number < low:
        found.refuse(at, "too-small", f"a whole number from {low}", value)
    else:
        _check_range(kind, number, at, found)


def _whole(value: Any, *, lax: bool) -> int | None:
    if isinstance(value, JsonNumber):
        # Too long to be read: which side of the bounds it lies on is all that matters.
        return (-WIDE_MAX if value[0] == "-" else WIDE_MAX) if value.is_whole else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if lax and isinstance(value, str | float):
        try:
            return msgspec.convert(value, int, strict=False)
        except msgspec.ValidationError:
            text = str(value)
            is_long = len(text) > 18 and JsonNumber(text).is_whole
            return _whole(JsonNumber(text), lax=False) if is_long else None
    return None


def _check_range(kind: Any, number: Any, at: str, found: Findings) -> None:
    if kind.ge is not None and number < kind.ge:
        found.refuse(at, "too-small", f"a number from {kind.ge}", number)
    if kind.gt is not None and number <= kind.gt:
        found.refuse(at, "too-small", f"a number above {kind.gt}", number)
    if kind.le is not None and number > kind.le:
        found.refuse(at, "too-large", f"a number up to {kind.le}", number)
    if kind.lt is not None and number >= kind.lt:
        found.refuse(at, "too-large", f"a number below {kind.lt}", number)
    step = getattr(kind, "multiple_of", None)
    if step is not None and number % step:
        found.refuse(at, "not-a-multiple", f"a multiple of {step}", number)


def check_float(kind: inspect.FloatType, value: Any, at: str, found: Findings) -> None:
    is_text = isinstance(value, str) and not isinstance(value, JsonNumber)
    if isinstance(value, bool) or (is_text and not found.lax):
        found.refuse(at, "type", "a number", value)
        return
    try:
        number = float(value)
    except (TypeError, ValueError):
        found.refuse(at, "type", "a number", value)
    except OverflowError:
        found.refuse(at, "too-large", "a number below 1.8e308", value)
    else:
        if number - number == 0:
            _check_range(kind, number, at, found)
        else:
            found.refuse(at, "too-large", "a number below 1.8e308", value)


def check_decimal(limits: DecimalLimits, value: Any, at: str, found: Findings) -> None:
    is_number = isinstance(value, str | int | float | Decimal) and not isinstance(value, bool)
    if not is_number:
        found.refuse(at, "type", _DECIMAL, value)
        return
    try:
        # A float (only in values made by Python) counts as what it prints.
        number = Decimal(str(value) if isinstance(value, float) else value)
    except (InvalidOperation, ValueError):
        found.refuse(at, "decimal", _DECIMAL, value)
        return
    if not number.is_finite():
        found.refuse(at, "decimal", _DECIMAL, value)
    elif number.copy_abs() >= limits.bound:
        whole = limits.digits - limits.decimal_places
        found.refuse(at, "too-large", f"at most {whole} digits before the point", value)
    elif EXACT.remainder(number, limits.quantum):
        expected = f"at most {limits.decimal_places} digits after the point"
        found.refuse(at, "too-precise", expected, value)
    else:
        _check_range(limits, number, at, found)


_DECIMAL = "a decimal number such as 19.99"


def check_instant(kind: inspect.DateTimeType, value: Any, at: str, found: Findings) -> None:
    moment = _parsed(value, datetime)
    if moment is None:
        expected = "a date and time such as 2026-11-21T10:00:00Z"
        found.refuse(at, "date-time", expected, value)
    elif kind.tz is True and moment.tzinfo is None:
        found.refuse(at, "time-zone", "a time zone at the end: Z or +01:00", value)
    elif kind.tz is False and moment.tzinfo is not None:
        found.refuse(at, "time-zone", "a local date and time without a zone", value)
    else:
        _check_year(moment.year, at, found)


def check_date(_kind: inspect.DateType, value: Any, at: str, found: Findings) -> None:
    day = _parsed(value, date)
    if day is None:
        found.refuse(at, "date", "a date such as 2026-11-21", value)
    else:
        _check_year(day.year, at, found)


def _check_year(year: int, at: str, found: Findings) -> None:
    if not YEAR_MIN <= year <= YEAR_MAX:
        found.add(at, "year", f"Expected a year from {YEAR_MIN} to {YEAR_MAX}, got {year}.")


def _parsed(value: Any, kind: Any) -> Any:
    if isinstance(value, JsonNumber):
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


def parsed_check(kind: Any, code: str, expected: str) -> Callable[..., None]:
    """A check that a value can be read as `kind`, with its fault's code and words."""

    def check(_kind: Any, value: Any, at: str, found: Findings) -> None:
        if _parsed(value, kind) is None:
            found.refuse(at, code, expected, value)

    return check


check_time = parsed_check(time, "time", "a time of day such as 10:30:00")
check_duration = parsed_check(timedelta, "duration", "a duration such as PT1H30M")
check_uuid = parsed_check(UUID, "uuid", "an id such as 019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90")


def check_bytes(kind: inspect.BytesType, value: Any, at: str, found: Findings) -> None:
    content = _parsed(value, bytes)
    if content is None:
        found.refuse(at, "base64", "base64 text", value)
    else:
        check_length(kind, len(content), at, found)


def check_bool(_kind: inspect.BoolType, value: Any, at: str, found: Findings) -> None:
    if isinstance(value, bool):
        return
    if found.lax and isinstance(value, str) and value.lower() in {"true", "false", "1", "0"}:
        return
    found.refuse(at, "type", "true or false", value)


def choices(kind: inspect.LiteralType | inspect.EnumType) -> tuple[Any, ...]:
    """The values that a Literal or an Enum allows, as they are written in JSON."""
    if isinstance(kind, inspect.LiteralType):
        return tuple(kind.values)
    return tuple(member.value for member in kind.cls)


def check_choice(
    kind: inspect.LiteralType | inspect.EnumType, value: Any, at: str, found: Findings
) -> None:
    allowed = choices(kind)
    plain = value.value if isinstance(value, Enum) else value
    for choice in allowed:
        if choice == plain and type(choice) is type(plain):
            return
        if found.lax and isinstance(plain, str) and str(choice) == plain:
            return
    words = ", ".join(str(choice) for choice in allowed)
    expected = f"one of {words}" if len(words) <= 300 else f"one of {words[:300]}…"
    found.refuse(at, "not-a-choice", expected, value)
