"""What happens to the days of orders that are placed already."""

from datetime import date, datetime
from typing import ClassVar

from ordito.platform.events import Event


class DaysChanged(Event, frozen=True):
    """Lines are wanted on other days (line no → what changed → the day before, the day now).

    What changed is `not_before`, `requested_on` or `latest_on`. late: of these lines, those whose
    days can't be kept. promised: the day by which the order leaves, before and now.
    """

    kind: ClassVar[str] = "order.days_changed"
    lines: dict[int, dict[str, tuple[date | None, date | None]]]
    late: list[int]
    promised: tuple[date | None, date | None]


class PartScheduled(Event, frozen=True):
    """Work on a fulfillment order is to begin at another moment than before, which lies ahead."""

    kind: ClassVar[str] = "order.part_scheduled"
    fo_no: int
    location: str
    opens_at: datetime
