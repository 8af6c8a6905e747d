"""What happens to cycle counts. What a count changes of stock is told by stock.counted."""

from typing import ClassVar

from ordito.platform.events import Event


class CycleCountStarted(Event, frozen=True):
    kind: ClassVar[str] = "cycle_count.started"
    number: int
    location: str
    lines: int
    blind: bool


class CycleItemCounted(Event, frozen=True):
    """outcome: matched, booked (there was a difference), or waiting for approval."""

    kind: ClassVar[str] = "cycle_count.item_counted"
    item_id: str
    round: int
    counted: int
    outcome: str


class CycleDifferenceApproved(Event, frozen=True):
    """A difference that waited was booked by somebody else than who counted."""

    kind: ClassVar[str] = "cycle_count.difference_approved"
    item_id: str
    difference: int


class CycleRecountAsked(Event, frozen=True):
    """The item is to be counted again: what had been counted, and its difference."""

    kind: ClassVar[str] = "cycle_count.recount_asked"
    item_id: str
    counted: int
    difference: int
    note: str


class CycleCountEnded(Event, frozen=True):
    """Somebody left out what was not counted."""

    kind: ClassVar[str] = "cycle_count.ended"
    skipped: int


class CountLimitSet(Event, frozen=True):
    """From which difference on counts at a location wait for approval."""

    kind: ClassVar[str] = "location.count_limit_set"
    code: str
    units: int | None
    value_minor: int | None
    currency: str
