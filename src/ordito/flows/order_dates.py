"""The dates of orders that are being placed: days of arrival, releases, deadlines."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.channels.types import Channel
from ordito.flows.reference import Reference
from ordito.orders.types import LineAsk, PlaceOrder
from ordito.sourcing.timings import AHEAD_MOST, Dates
from ordito.sourcing.types import Part

_NAMES = ("not_before", "requested_on", "latest_on")


class _Line(Protocol):
    """What is looked at of a drafted line."""

    @property
    def no(self) -> int: ...
    @property
    def ask(self) -> LineAsk: ...
    @property
    def parts(self) -> tuple[Part, ...]: ...


class _Faults(Protocol):
    def add(self, pointer: str, code: str, detail: str) -> None: ...


class PreorderPart(msgspec.Struct, frozen=True):
    """An item of a line that isn't released yet. most: pieces that may be ordered before."""

    line_no: int
    item_id: UUID
    per_unit: int
    released_on: date
    most: int | None


class DraftDates(msgspec.Struct, frozen=True):
    """Everything about time that an order was placed with; empty for nearly all orders."""

    lines: dict[int, Dates] = {}
    preorders: tuple[PreorderPart, ...] = ()
    deadlines: dict[int, date] = {}

    @property
    def preordered_lines(self) -> frozenset[int]:
        return frozenset(part.line_no for part in self.preorders)


NO_DATES = DraftDates()


def draft_dates(
    ask: PlaceOrder,
    lines: Iterable[_Line],
    channel: Channel,
    known: tuple[Reference, datetime],
    faults: _Faults,
) -> DraftDates:
    """The dates of an order's lines, those of the order where a line has none of its own.

    known: the reference data, and the time.
    """
    reference, now = known
    if not reference.releases and not _has_dates(ask):
        return NO_DATES
    today = now.astimezone(ZoneInfo(channel.time_zone)).date()
    found = DraftDates({}, (), {})
    preorders: list[PreorderPart] = []
    for line in lines:
        parts = _find_releases(line, channel, reference, today)
        preorders += parts
        dates = _line_dates(line, ask, parts, today, faults)
        if dates is not None:
            found.lines[line.no] = dates
        cancel_after = line.ask.cancel_after or ask.cancel_after
        if cancel_after is not None and line.parts:
            if cancel_after < today:
                where = f"/lines/{line.no - 1}" if line.ask.cancel_after else ""
                detail = f"The day is over already; today is {today.isoformat()}."
                faults.add(f"{where}/cancel_after", "past", detail)
            found.deadlines[line.no] = cancel_after
    if not found.lines and not found.deadlines:
        return NO_DATES
    return DraftDates(found.lines, tuple(preorders), found.deadlines)


def _has_dates(ask: PlaceOrder) -> bool:
    """Whether the order or any line says a day."""
    if ask.not_before or ask.requested_on or ask.latest_on or ask.cancel_after:
        return True
    return any(
        line.not_before or line.requested_on or line.latest_on or line.cancel_after
        for line in ask.lines
    )


def _find_releases(
    line: _Line, channel: Channel, reference: Reference, today: date
) -> list[PreorderPart]:
    found = []
    for part in line.parts:
        release = reference.releases.get(str(part.item_id))
        if release is not None and (day := release.day(channel.id)) > today:
            found.append(
                PreorderPart(line.no, release.item_id, part.per_unit, day, release.preorder_max)
            )
    return found


def _line_dates(
    line: _Line,
    ask: PlaceOrder,
    preorders: list[PreorderPart],
    today: date,
    faults: _Faults,
) -> Dates | None:
    if not line.parts:
        return None
    # A line with a day of its own is dated alone: the order's others might cross it.
    own = line.ask.not_before or line.ask.requested_on or line.ask.latest_on
    source: LineAsk | PlaceOrder = line.ask if own else ask
    where = f"/lines/{line.no - 1}" if own else ""
    days = [getattr(source, name) for name in _NAMES]
    released_on = max((part.released_on for part in preorders), default=None)
    for name, code, detail in find_date_faults(days, today):
        faults.add(f"{where}/{name}", code, detail)
    if not any(days) and released_on is None:
        return None
    return Dates(days[0], days[1], days[2], released_on)


def find_date_faults(days: Sequence[date | None], today: date) -> list[tuple[str, str, str]]:
    """What is odd about days of arrival (not before, wanted, last): (field, code, detail)."""
    given = [day for day in days if day is not None]
    if not given:
        return []
    last = [name for name, day in zip(_NAMES, days, strict=True) if day is not None][-1]
    faults = []
    if given != sorted(given):
        detail = "They have to follow each other: not before, wanted, at the latest."
        faults.append((last, "dates-cross", detail))
    if max(given) - today > AHEAD_MOST:
        faults.append((last, "too-far", f"More than {AHEAD_MOST.days} days ahead."))
    return faults
