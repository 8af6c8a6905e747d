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


class TariffCreated(Event, frozen=True):
    kind: ClassVar[str] = "tariff.created"
    code: str


class TariffChanged(Event, frozen=True):
    """There is a new version: its number is that of this event."""

    kind: ClassVar[str] = "tariff.changed"
    code: str
    renamed: bool = False
