"""What happens to webhook endpoints. Never their address: it often holds a secret of its own."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from ordito.platform.events import Event

PING = "webhook.pinged"


class WebhookCreated(Event, frozen=True):
    kind: ClassVar[str] = "webhook.created"
    wanted: list[str]
    channel_ids: list[UUID] | None = None


class WebhookChanged(Event, frozen=True):
    """Names of the fields that changed."""

    kind: ClassVar[str] = "webhook.changed"
    fields: list[str]


class WebhookSwitchedOff(Event, frozen=True):
    """By Ordito itself: the receiver is gone (410), or nothing was taken for days."""

    kind: ClassVar[str] = "webhook.switched_off"
    reason: str


class WebhookSecretRotated(Event, frozen=True):
    kind: ClassVar[str] = "webhook.secret_rotated"
    old_ends_at: datetime


class WebhookReplayed(Event, frozen=True):
    """One message, by its position, or all since an instant; neither: all that wait, now."""

    kind: ClassVar[str] = "webhook.replayed"
    position: int | None = None
    since: datetime | None = None


class WebhookPinged(Event, frozen=True):
    """Somebody wants to see whether messages arrive; sent to this endpoint alone."""

    kind: ClassVar[str] = PING


class WebhookDeleted(Event, frozen=True):
    kind: ClassVar[str] = "webhook.deleted"
