"""Webhooks over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.manage_webhooks import (
    PERMISSION,
    change_webhook,
    delete_webhook,
    issue_secret,
    issue_webhook,
    ping_webhook,
    replay_webhook,
    require_sight,
)
from ordito.kernel.asks import Ask
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.problems import NotFound
from ordito.webhooks.attempts import list_attempts
from ordito.webhooks.endpoints import find_webhook, list_webhooks, read_health
from ordito.webhooks.types import (
    Attempt,
    CreateWebhook,
    IssuedWebhook,
    Webhook,
    WebhookHealth,
    WebhookKey,
)

TAG = "Webhooks"


class Nothing(Ask, frozen=True):
    """No parameters."""


class DeliveryParams(PageParams, frozen=True, kw_only=True):
    """failed: only tries that failed."""

    endpoint_id: UUID
    failed: Annotated[bool, Meta(description="Only tries that failed")] = False


class WebhookState(msgspec.Struct, frozen=True):
    """An endpoint and how it fares."""

    id: UUID
    version: int
    webhook: Webhook
    health: WebhookHealth


class Webhooks(msgspec.Struct, frozen=True):
    items: list[WebhookState]


def list_endpoints(tx: Tx, params: Nothing) -> Webhooks:
    """All endpoints with how they fare, in the order in which they were made."""
    require_sight(tx.actor)
    health = read_health(tx)
    return Webhooks([WebhookState(w.id, w.version, w, health[w.id]) for w in list_webhooks(tx)])


def get_endpoint(tx: Tx, params: WebhookKey) -> WebhookState:
    webhook = _found(tx, params.endpoint_id)
    return WebhookState(webhook.id, webhook.version, webhook, read_health(tx)[webhook.id])


def list_deliveries(tx: Tx, params: DeliveryParams) -> Page[Attempt]:
    """Tries to deliver, newest first; kept for 30 days."""
    webhook = _found(tx, params.endpoint_id)
    before = read_cursor(params.cursor, tuple[UUID])
    rows = list_attempts(
        tx,
        webhook.id,
        failed=params.failed,
        before=before[0] if before else None,
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.id,))


def _found(tx: Tx, endpoint_id: UUID) -> Webhook:
    require_sight(tx.actor)
    webhook = find_webhook(tx, endpoint_id)
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook


def post_webhook(
    db: Database, actor: Actor, ask: CreateWebhook, *, key: str | None, request_id: str
) -> IssuedWebhook:
    """Make an endpoint; its secret is in this answer and nowhere else."""
    return issue_webhook(db, actor, ask, key=key)


def post_secret(
    db: Database, actor: Actor, ask: WebhookKey, *, key: str | None, request_id: str
) -> IssuedWebhook:
    """Make a new secret; the old one still signs beside it for 24 hours."""
    return issue_secret(db, actor, ask, key=key)


_ONE = "/webhooks/{endpoint_id}"

ENDPOINTS = [
    reading("/webhooks", TAG, "List webhooks", list_endpoints, PERMISSION),
    reading(_ONE, TAG, "Read a webhook", get_endpoint, PERMISSION),
    Endpoint(method="POST", path="/webhooks", tag=TAG, kind="story", status=201,
             summary="Create a webhook", permission=PERMISSION, call=post_webhook,
             ask=CreateWebhook, answer=IssuedWebhook, problems=("action-not-allowed",),
             example={"url": "https://hooks.example.com/ordito", "kinds": ["order.*"],
                      "description": "Customer service"}),
    writing("PATCH", _ONE, TAG, "Change a webhook, switch it off or on", change_webhook,
            example={"active": False}),
    writing("DELETE", _ONE, TAG, "Delete a webhook", delete_webhook, example={}),
    Endpoint(method="POST", path=_ONE + "/rotate-secret", tag=TAG, kind="story",
             summary="Rotate a webhook's secret", permission=PERMISSION, call=post_secret,
             ask=WebhookKey, answer=IssuedWebhook, example={}),
    writing("POST", _ONE + "/ping", TAG, "Send a test message", ping_webhook, example={},
            problems=("action-not-allowed",)),
    writing("POST", _ONE + "/replay", TAG, "Send messages again", replay_webhook,
            example={"since": "2026-03-01T00:00:00Z"}, problems=("action-not-allowed",)),
    reading(_ONE + "/deliveries", TAG, "List tries to deliver", list_deliveries, PERMISSION),
]  # fmt: skip
