"""Cells into moments: a local date and time of a known zone, as UTC."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from ordito.intake.values import Unreadable, shortened

ISO = "iso"
"""Stands in a preset's list of formats for ISO 8601, with or without time, seconds and offset."""

YEAR_MIN, YEAR_MAX = 1970, 2199
DIRECTIVES = frozenset("dmYyHMSIp%")
"""strptime directives that a preset may use: numbers only, since names depend on the machine."""

_ISO_TEXT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?) ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


class Instant(msgspec.Struct, frozen=True, gc=False):
    """A moment read from a file.

    at:    UTC.
    month: year and month of the date as written in the file (its local date), such as "2011-03".
    note:  "" or how a local hour that exists twice or never was settled.
    """

    at: datetime
    month: str
    note: str = ""


def read_instant(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> Instant:
    """The moment a cell means; the first format that fits wins. A date alone is its midnight.

    An offset in the cell is obeyed; otherwise the time is local time of `zone`. An hour that
    happens twice (clocks go back) is taken as its first pass; an hour that never happens (clocks
    go forward) is moved on by the gap, so that 01:30 becomes 02:30. Both leave a note.
    """
    cell = text.strip()
    local = _parse(cell, formats)
    if not YEAR_MIN <= local.year <= YEAR_MAX:
        raise Unreadable(
            "date-out-of-range", f"'{shortened(cell)}' is not between {YEAR_MIN} and {YEAR_MAX}."
        )
    month = f"{local.year:04d}-{local.month:02d}"
    if local.tzinfo is not None:
        return Instant(local.astimezone(UTC), month)
    first = local.replace(tzinfo=zone, fold=0)
    at = first.astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != local:
        return Instant(at, month, f"{cell} never was in {zone.key}; taken as the hour after")
    if local.replace(tzinfo=zone, fold=1).utcoffset() != first.utcoffset():
        return Instant(at, month, f"{cell} was twice in {zone.key}; taken as the first")
    return Instant(at, month)


def _parse(cell: str, formats: tuple[str, ...]) -> datetime:
    for pattern in formats:
        try:
            if pattern != ISO:
                return datetime.strptime(cell, pattern)  # noqa: DTZ007 - the zone is given below
            if match := _ISO_TEXT.fullmatch(cell):
                day, time, offset = match.groups(default="")
                return datetime.fromisoformat(f"{day}T{time or '00:00'}{offset}")
        except ValueError:
            continue
    raise Unreadable(
        "not-a-date",
        f"'{shortened(cell)}' is not a date written like {' or '.join(map(_example, formats))}."
        if cell
        else "The date is missing.",
    )


def _example(pattern: str) -> str:
    if pattern == ISO:
        return "2026-03-31 14:05"
    return datetime(2026, 3, 31, 14, 5, tzinfo=UTC).strftime(pattern)
