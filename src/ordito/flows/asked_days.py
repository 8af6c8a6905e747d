"""Which days the lines of a placed order are asked to have, and what speaks against it."""

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from ordito.flows.opened_orders import OpenedOrder, require_lines
from ordito.flows.order_dates import find_date_faults
from ordito.flows.reference import reference
from ordito.orders.actions import allowed_order_actions
from ordito.orders.asks import ChangeDays, LineDays
from ordito.orders.dates import read_dates
from ordito.orders.deadlines import read_deadlines
from ordito.orders.types import Line
from ordito.platform.database import Tx
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput

ARRIVAL = ("not_before", "requested_on", "latest_on")
"""Days of arrival at the customer."""
NAMES = (*ARRIVAL, "cancel_after")


class Days(msgspec.Struct, frozen=True):
    """The days of a line: three of arrival, and the last one on which it may be shipped."""

    not_before: date | None = None
    requested_on: date | None = None
    latest_on: date | None = None
    cancel_after: date | None = None

    @property
    def arrival(self) -> tuple[date | None, date | None, date | None]:
        return self.not_before, self.requested_on, self.latest_on


class AskedDays(msgspec.Struct, frozen=True):
    """Days by line: as they are, and of those lines that get other ones, as asked for.

    left_alone: units that a location has begun and that go on as they are, by line.
    named:      days that were said of single lines: (line no, field).
    """

    before: Mapping[int, Days]
    after: Mapping[int, Days]
    left_alone: Mapping[int, int]
    named: frozenset[tuple[int, str]]

    @property
    def moved(self) -> frozenset[int]:
        """Lines that get other days of arrival."""
        return frozenset(
            no for no, days in self.after.items() if days.arrival != self.before[no].arrival
        )

    def pointer(self, line_no: int, name: str) -> str:
        """Where in the ask a day of a line was said."""
        return f"/lines/{line_no}/{name}" if (line_no, name) in self.named else f"/{name}"


def read_days(tx: Tx, opened: OpenedOrder) -> dict[int, Days]:
    """The days of every line of an order, as they are."""
    order_id = opened.order.id
    arrivals = {row.line_no: row for row in read_dates(tx, [order_id])}
    deadlines = {row.line_no: row.cancel_after for row in read_deadlines(tx, [order_id])}
    return {
        no: Days(
            *((row.not_before, row.requested_on, row.latest_on) if row else (None, None, None)),
            deadlines.get(no),
        )
        for no in opened.lines
        for row in (arrivals.get(no),)
    }


def find_asked(tx: Tx, opened: OpenedOrder, ask: ChangeDays) -> AskedDays:
    """What of the ask would change anything.

    Raises InvalidInput for lines and days that make no sense, ActionNotAllowed for lines that a
    location has begun with, or that have left.
    """
    named = {int(no): days for no, days in ask.lines.items()}
    require_lines(opened, named)
    before = read_days(tx, opened)
    after: dict[int, Days] = {}
    stuck: list[Line] = []
    for no, wanted in _wanted(opened, ask, named).items():
        line, days = opened.lines[no], msgspec.structs.replace(before[no], **wanted)
        if days.arrival != before[no].arrival and not _may_move(line, ask.leave_begun):
            if no in named or not ask.leave_begun:
                stuck.append(line)
            days = msgspec.structs.replace(before[no], cancel_after=days.cancel_after)
        if days != before[no]:
            after[no] = days
            if not count_left(line) and line not in stuck:
                stuck.append(line)
    if stuck:
        raise _refuse_begun(opened, stuck)
    left_alone = {
        no: begun
        for no in after
        if after[no].arrival != before[no].arrival and (begun := count_begun(opened.lines[no]))
    }
    said = frozenset((no, name) for no, days in named.items() for name in _given(days))
    asked = AskedDays(before, after, left_alone, said)
    _require_sense(tx, opened, asked)
    return asked


def _wanted(
    opened: OpenedOrder, ask: ChangeDays, named: Mapping[int, LineDays]
) -> dict[int, dict[str, date | None]]:
    """The days that are said, by line."""
    for_all = _given(ask)
    if not for_all and not any(_given(days) for days in named.values()):
        raise InvalidInput(
            "Nothing was changed.", errors=[Fault("", "required", "Say at least one day.")]
        )
    faults = [
        Fault(f"/lines/{no}", "takes-no-stock", f"Line {no} takes no stock: it has no days.")
        for no in named
        if not opened.parts[no]
    ]
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)
    found = {
        no: dict(for_all)
        for no, line in opened.lines.items()
        if for_all and opened.parts[no] and count_left(line)
    }
    for no, days in named.items():
        found[no] = found.get(no, {}) | _given(days)
    return found


def _given(days: ChangeDays | LineDays) -> dict[str, date | None]:
    return {name: value for name in NAMES if (value := getattr(days, name)) is not UNSET}


def count_left(line: Line) -> int:
    """Units of a line that are still to leave."""
    return line.ordered - line.cancelled - line.shipped - line.completed


def count_begun(line: Line) -> int:
    """Units of a line that a location has begun and not sent."""
    return line.released + line.picked + line.packed


def _may_move(line: Line, leave_begun: bool) -> bool:
    waits = line.open + line.backordered + line.reserved
    return waits > 0 and (leave_begun or not count_begun(line))


def _refuse_begun(opened: OpenedOrder, stuck: Iterable[Line]) -> ActionNotAllowed:
    """Says of each line how far it is, and what to do about it."""
    lines = [
        {"line_no": line.line_no, "sku": line.sku, "begun": count_begun(line)} for line in stuck
    ]
    told = ", ".join(
        f"line {line['line_no']} ({line['sku']}): "
        + (f"{line['begun']} begun" if line["begun"] else "nothing left")
        for line in lines[:5]
    )
    return ActionNotAllowed(
        f"Only what no location has begun gets other days of arrival ({told}). Have the units put"
        " back first, or leave those that have begun as they are. Nothing was changed.",
        extra={"allowed_actions": list(allowed_order_actions(opened.facts())), "lines": lines},
    )


def _require_sense(tx: Tx, opened: OpenedOrder, asked: AskedDays) -> None:
    """Raises InvalidInput for days that are over, cross each other or are too far ahead."""
    today = today_of(tx, opened)
    faults: dict[tuple[str, str], Fault] = {}
    for no, days in asked.after.items():
        said = [
            (name, "past", f"The day is over already; today is {today.isoformat()}.")
            for name in NAMES
            if (day := getattr(days, name)) is not None
            and day != getattr(asked.before[no], name)
            and day < today
        ]
        if no in asked.moved:
            said += find_date_faults(days.arrival, today)
        for name, code, detail in said:
            where = asked.pointer(no, name)
            faults[where, code] = Fault(where, code, detail)
    if faults:
        raise InvalidInput("Nothing was changed.", errors=list(faults.values()))


def today_of(tx: Tx, opened: OpenedOrder) -> date:
    """The day it is now by the clock of the order's channel."""
    zone = reference(tx).channels_by_id[opened.order.channel_id].time_zone
    return tx.now.astimezone(ZoneInfo(zone)).date()
