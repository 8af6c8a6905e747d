"""The rows and events of an order's dates: days of arrival, releases, deadlines, schedules."""

from collections import defaultdict
from typing import Any

import msgspec

from ordito.flows.order_dates import DraftDates
from ordito.fulfillment import schedules
from ordito.orders import dates as order_dates
from ordito.orders import deadlines
from ordito.orders.events import DatesAsked, DeadlinesSet, Preordered
from ordito.orders.types import PlacedLine
from ordito.platform.events import Event

INSERTS = (
    order_dates.INSERT_DATES,
    order_dates.INSERT_PREORDERS,
    deadlines.INSERT,
    schedules.INSERT,
)
"""What is written after the order's lines and fulfillment orders."""


def add_dates(
    rows: defaultdict[Any, list[tuple[Any, ...]]],
    id_: str,
    dates: DraftDates,
    late: frozenset[int],
) -> None:
    """Collect what was asked about time. late: lines whose days can't be kept."""
    rows[order_dates.INSERT_DATES] += [
        (id_, no, d.not_before, d.requested_on, d.latest_on, no in late)
        for no, d in dates.lines.items()
        if d.not_before or d.requested_on or d.latest_on
    ]
    rows[order_dates.INSERT_PREORDERS] += [
        (id_, part.line_no, part.item_id, part.per_unit, part.released_on)
        for part in dates.preorders
    ]
    rows[deadlines.INSERT] += [(id_, no, day) for no, day in dates.deadlines.items()]


def mark_lines(
    lines: tuple[PlacedLine, ...], dates: DraftDates, late: frozenset[int]
) -> tuple[PlacedLine, ...]:
    """The lines of the answer, with what is late and what is a pre-order."""
    released = {no: d.released_on for no, d in dates.lines.items()}
    return tuple(
        msgspec.structs.replace(
            line, late=line.line_no in late, released_on=released.get(line.line_no)
        )
        for line in lines
    )


def date_events(dates: DraftDates, late: frozenset[int]) -> list[Event]:
    """What the timeline tells of an order's dates."""
    events: list[Event] = []
    asked = {
        no: (d.not_before, d.requested_on, d.latest_on)
        for no, d in dates.lines.items()
        if d.not_before or d.requested_on or d.latest_on
    }
    if asked:
        events.append(DatesAsked(asked, sorted(late)))
    released = {no: d.released_on for no, d in dates.lines.items() if d.released_on is not None}
    if released:
        events.append(Preordered(released))
    if dates.deadlines:
        events.append(DeadlinesSet(dict(dates.deadlines)))
    return events
