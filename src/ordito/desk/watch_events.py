"""What happens to entries of the watch lists. Bodies hold ids and codes."""

from typing import ClassVar
from uuid import UUID

from ordito.platform.events import Event


class WatchRaised(Event, frozen=True):
    """The system found something that needs a person."""

    kind: ClassVar[str] = "watch.raised"
    list: str
    subject_id: UUID
    part: int
    owner_id: UUID | None


class WatchGiven(Event, frozen=True):
    """Somebody else looks after it."""

    kind: ClassVar[str] = "watch.given"
    owner_id: UUID


class WatchEscalated(Event, frozen=True):
    """It was not done in time; from now on it is the owner's named here."""

    kind: ClassVar[str] = "watch.escalated"
    owner_id: UUID | None


class WatchRuleSet(Event, frozen=True):
    """Whose the entries of a list are, and when they are due, from now on."""

    kind: ClassVar[str] = "watch_rule.set"
    list: str
    due_hours: int
    owner_id: UUID | None
    escalate_to: UUID | None


class WatchClosed(Event, frozen=True):
    """The fact is gone."""

    kind: ClassVar[str] = "watch.closed"
