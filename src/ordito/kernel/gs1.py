"""GS1 element strings: what a scanned code says of an item, its lot, its serial and its dates.

Source: GS1 General Specifications, release 24, sections 3.2 (application identifiers), 3.4 (dates),
7.8.5 (processing of element strings) and 7.12 (determination of century).
"""

import calendar
from datetime import date

import msgspec

_SEPARATOR = "\x1d"
_SYMBOLOGIES = ("]C1", "]e0", "]d2", "]Q3", "]J1")
"""What a scanner puts before a GS1 code: GS1-128, DataBar, DataMatrix, QR Code, DotCode."""

_FIXED = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "11": 8, "12": 8, "13": 8, "14": 8, "15": 8,
    "16": 8, "17": 8, "18": 8, "19": 8, "20": 4, "31": 10, "32": 10, "33": 10, "34": 10, "35": 10,
    "36": 10, "41": 16,
}  # fmt: skip
"""First two digits → signs of identifier and value together, where no separator follows."""

_NAME_LENGTHS = {
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"),
                    4),
}  # fmt: skip
"""First two digits → signs of the identifier; 2 for all others."""


class NotGs1(ValueError):
    """The text is no GS1 element string, or a broken one; says what is wrong with it."""


class Elements(msgspec.Struct, frozen=True):
    """What an element string says. gtin: 14 digits. expires_on: the last day it may be used."""

    gtin: str | None = None
    lot: str | None = None
    serial: str | None = None
    made_on: date | None = None
    expires_on: date | None = None
    count: int | None = None


def looks_like_gs1(text: str) -> bool:
    """Whether a scan is meant as an element string: with a symbology before it, in brackets, or
    beginning with an item number of 14 digits that checks."""
    plain = text.strip()
    if plain.startswith((*_SYMBOLOGIES, _SEPARATOR)) or _SEPARATOR in plain:
        return True
    if plain.startswith("("):
        return plain[1:3].isdigit() and ")" in plain[3:6]
    return len(plain) > 16 and plain.startswith("01") and _checks(plain[2:16])


def read_elements(text: str, *, today: date) -> Elements:
    """What an element string says, as scanned or as printed with brackets; raises NotGs1.

    today: years of two digits are of the century that puts them nearest to it.
    """
    plain = text.strip()
    values = _in_brackets(plain) if plain.startswith("(") else _as_scanned(plain)
    gtin = values.get("01")
    if gtin is not None and not _checks(gtin):
        raise NotGs1(f"“{gtin}” is no item number: its check digit is wrong.")
    serial, lot = values.get("21"), values.get("10")
    for value in (serial, lot):
        if value is not None and not 1 <= len(value) <= 20:
            raise NotGs1("A lot or serial number has 1 to 20 signs.")
    count = values.get("37") or values.get("30")
    if count is not None and not (count.isascii() and count.isdigit() and len(count) <= 8):
        raise NotGs1(f"“{count[:20]}” is no count of units.")
    return Elements(
        gtin=gtin,
        lot=lot,
        serial=serial,
        made_on=_read_date(values.get("11"), today),
        expires_on=_read_date(values.get("17"), today),
        count=int(count) if count else None,
    )


def gtin_forms(gtin: str) -> list[str]:
    """The ways in which an item number of 14 digits is written: with 14, 13, 12 and 8."""
    return [gtin[14 - n :] for n in (14, 13, 12, 8) if not gtin[: 14 - n].strip("0")]


def _in_brackets(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    rest = text
    while rest:
        name, closed, after = rest[1:].partition(")")
        if not rest.startswith("(") or not closed or not name.isdigit():
            raise NotGs1(
                f"After “{text[: len(text) - len(rest)]}” an identifier in brackets is due."
            )
        value, _, more = after.partition("(")
        _keep(values, name, value.strip())
        rest = f"({more}" if "(" in after else ""
    return values


def _as_scanned(text: str) -> dict[str, str]:
    for symbology in _SYMBOLOGIES:
        text = text.removeprefix(symbology)
    values: dict[str, str] = {}
    rest = text.lstrip(_SEPARATOR)
    while rest:
        first = rest[:2]
        if len(first) < 2 or not (first.isascii() and first.isdigit()):
            raise NotGs1(f"“{rest[:20]}” begins with no application identifier.")
        name_length = _NAME_LENGTHS.get(first, 2)
        end = _FIXED.get(first) or (rest.find(_SEPARATOR) if _SEPARATOR in rest else len(rest))
        if len(rest) < end or end <= name_length:
            raise NotGs1(f"The code ends within “({rest[:name_length]})”.")
        _keep(values, rest[:name_length], rest[name_length:end])
        rest = rest[end:].lstrip(_SEPARATOR)
    return values


def _keep(values: dict[str, str], name: str, value: str) -> None:
    if not value:
        raise NotGs1(f"“({name})” has no value.")
    fixed = _FIXED.get(name[:2])
    if fixed is not None and len(name) + len(value) != fixed:
        raise NotGs1(f"“({name})” has {fixed - len(name)} signs, not {len(value)}.")
    if values.setdefault(name, value) != value:
        raise NotGs1(f"“({name})” is there twice, with different values.")


def _checks(number: str) -> bool:
    """Whether the last digit of an item number is the one that the others give."""
    if len(number) != 14 or not (number.isascii() and number.isdigit()):
        return False
    weighed = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(number[:-1]))
    return (weighed + int(number[-1])) % 10 == 0


def _read_date(value: str | None, today: date) -> date | None:
    """YYMMDD; a day of 00 is the last one of the month."""
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()):
        raise NotGs1(f"“{value}” is no date.")
    year = today.year - today.year % 100 + int(value[:2])
    if year - today.year >= 51:
        year -= 100
    elif year - today.year <= -50:
        year += 100
    month, day = int(value[2:4]), int(value[4:])
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError) as fault:
        raise NotGs1(f"“{value}” is no date.") from fault
