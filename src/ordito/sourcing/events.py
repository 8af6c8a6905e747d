"""What happens to sourcing policies."""

from typing import ClassVar

from ordito.platform.events import Event


class PolicyCreated(Event, frozen=True):
    kind: ClassVar[str] = "policy.created"
    code: str


class PolicyChanged(Event, frozen=True):
    """There is a new version: its number is that of this event."""

    kind: ClassVar[str] = "policy.changed"
    code: str
    renamed: bool = False


class JointScheduleChanged(Event, frozen=True):
    """Minutes between joint plans that the worker makes by itself: before and now; None: never."""

    kind: ClassVar[str] = "joint_schedule.changed"
    before: int | None
    every_minutes: int | None


class TariffCreated(Event, frozen=True):
    kind: ClassVar[str] = "tariff.created"
    code: str


class TariffChanged(Event, frozen=True):
    """There is a new version: its number is that of this event."""

    kind: ClassVar[str] = "tariff.changed"
    code: str
    renamed: bool = False
