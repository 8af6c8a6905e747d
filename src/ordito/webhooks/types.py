"""Webhook endpoints: what they are, what may be asked of them, and how they fare."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.kernel.asks import Ask, Code, Instant, Version
from ordito.webhooks.kinds import PATTERN

OffReason = Literal["", "person", "gone", "failing"]
MessageState = Literal["waiting", "sent", "gave_up"]

Url = Annotated[str, Meta(min_length=1, max_length=2000, description="https://…, without login")]
KindPattern = Annotated[
    str,
    Meta(
        pattern=PATTERN,
        max_length=60,
        description="The kind of an event; * stands for any letters, as in order.*",
    ),
]
KindPatterns = Annotated[tuple[KindPattern, ...], Meta(min_length=1, max_length=50)]
ChannelCodes = Annotated[tuple[Code, ...], Meta(min_length=1, max_length=1000)]
Description = Annotated[str, Meta(max_length=300)]


class Webhook(msgspec.Struct, frozen=True):
    """An endpoint that events are sent to.

    channel_ids: only what belongs to these channels; null for everything.
    off_reason:  why it is off: person, gone (it answered 410), failing (for five days).
    """

    id: UUID
    url: str
    description: str
    kinds: list[str]
    channel_ids: list[UUID] | None
    active: bool
    off_reason: OffReason
    version: int
    created_at: datetime


class WebhookHealth(msgspec.Struct, frozen=True):
    """How an endpoint fares.

    behind:        entries of the feed that were not looked at yet.
    waiting:       messages taken from the feed and not delivered yet.
    failing_since: when the first failure after the last success was; failures: how many in a row.
    paused_until:  nothing is sent before; null when nothing holds it back.
    """

    endpoint_id: UUID
    behind: int
    waiting: int
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None


class Attempt(msgspec.Struct, frozen=True):
    """One try to deliver one event.

    attempt: 1 for the first try. status: of the HTTP answer; null when none came.
    answer:  the first kilobyte of its body. error: why it counts as failed; "" when it went well.
    state:   of the message now; retry_at: when it is tried again.
    """

    id: UUID
    position: int
    kind: str
    stream_id: UUID
    attempt: int
    at: datetime
    status: int | None
    ms: int
    answer: str
    error: str
    state: MessageState
    retry_at: datetime | None


class CreateWebhook(Ask, frozen=True, kw_only=True):
    """An endpoint. Without channels: the events of all of them, and of what belongs to none."""

    url: Url
    kinds: KindPatterns
    channels: ChannelCodes | None = None
    description: Description = ""


class ChangeWebhook(Ask, frozen=True, kw_only=True):
    """What is left out stays. One that is switched on again goes on where it stopped."""

    endpoint_id: UUID
    version: Version | None = None
    url: Url | UnsetType = UNSET
    kinds: KindPatterns | UnsetType = UNSET
    channels: ChannelCodes | UnsetType | None = UNSET
    description: Description | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class WebhookKey(Ask, frozen=True, kw_only=True):
    """Which endpoint."""

    endpoint_id: UUID


class ReplayWebhook(Ask, frozen=True, kw_only=True):
    """Send again: one message by its position, or all since an instant.

    With neither, all that waits for its next try is tried now.
    """

    endpoint_id: UUID
    position: Annotated[int, Meta(ge=1)] | None = None
    since: Instant | None = None


class IssuedWebhook(msgspec.Struct, frozen=True):
    """An endpoint with its secret: shown this once; null when the request was a repeated one."""

    id: UUID
    version: int
    webhook: Webhook
    secret: str | None
