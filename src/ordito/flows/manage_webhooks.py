"""Endpoints for webhooks are made, changed, tried out, and sent to again.

They tell of everything that happens, as the feed does: whoever manages them must be allowed to
read the feed, and see all channels and locations.
"""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from ordito.flows.reference import reference
from ordito.kernel.asks import given
from ordito.kernel.ids import new_id
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run, spec_of
from ordito.platform.feed import newest_position, position_before
from ordito.platform.problems import (
    ActionNotAllowed,
    Fault,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from ordito.platform.versions import check_version
from ordito.webhooks import messages, turns
from ordito.webhooks.addresses import LAN, url_fault
from ordito.webhooks.endpoints import (
    ENDPOINTS_MAX,
    WEBHOOK,
    delete_rows,
    insert_webhook,
    list_webhooks,
    lock_webhook,
    write_webhook,
)
from ordito.webhooks.events import (
    WebhookChanged,
    WebhookCreated,
    WebhookDeleted,
    WebhookPinged,
    WebhookReplayed,
    WebhookSecretRotated,
)
from ordito.webhooks.secrets import drop_secrets, insert_secret, replace_secret
from ordito.webhooks.signatures import new_secret, show_secret
from ordito.webhooks.types import (
    ChangeWebhook,
    ChannelCodes,
    CreateWebhook,
    IssuedWebhook,
    ReplayWebhook,
    Webhook,
    WebhookKey,
)

PERMISSION = "webhooks.write"


def require_sight(actor: Actor) -> None:
    """Raises NotPermitted unless the actor may read the whole feed."""
    actor.require("events.read")
    if actor.channel_ids is not None or actor.location_ids is not None:
        raise NotPermitted(
            "Webhooks tell of all channels and locations; they need someone who sees all of them."
        )


@command(permission=PERMISSION)
def create_webhook(tx: Tx, ask: CreateWebhook, *, secret: bytes) -> Webhook:
    """Store an endpoint; it is told what happens from now on. See issue_webhook."""
    require_sight(tx.actor)
    _check_url(tx, ask.url)
    if len(list_webhooks(tx)) >= ENDPOINTS_MAX:
        raise ActionNotAllowed(f"There are {ENDPOINTS_MAX} webhooks; delete one first.")
    webhook = Webhook(
        id=new_id(),
        url=ask.url,
        description=ask.description,
        kinds=sorted(set(ask.kinds)),
        channel_ids=_channel_ids(tx, ask.channels),
        active=True,
        off_reason="",
        version=1,
        created_at=tx.now,
    )
    insert_webhook(tx, webhook, position=newest_position(tx))
    insert_secret(tx, webhook.id, secret)
    tx.emit(WEBHOOK, webhook.id, WebhookCreated(webhook.kinds, webhook.channel_ids))
    return webhook


@command(permission=PERMISSION)
def change_webhook(tx: Tx, ask: ChangeWebhook) -> Webhook:
    """Change an endpoint, or switch it off and on; what waits for it stays."""
    before = _locked(tx, ask.endpoint_id)
    check_version("webhook", before.version, ask.version)
    if ask.url is not UNSET:
        _check_url(tx, ask.url)
    after = _changed(tx, ask, before)
    fields = [name for name in Webhook.__struct_fields__ if _differ(before, after, name)]
    if not fields:
        return before
    write_webhook(tx, after)
    if after.active and not before.active:
        turns.resume_now(tx, after.id)
        messages.try_now(tx, after.id)
    tx.emit(WEBHOOK, after.id, WebhookChanged(fields))
    return msgspec.structs.replace(after, version=before.version + 1)


def _differ(before: Webhook, after: Webhook, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


def _changed(tx: Tx, ask: ChangeWebhook, before: Webhook) -> Webhook:
    fields: dict[str, Any] = given(ask, without=("endpoint_id", "version", "channels"))
    if "kinds" in fields:
        fields["kinds"] = sorted(set(fields["kinds"]))
    if ask.channels is not UNSET:
        fields["channel_ids"] = _channel_ids(tx, ask.channels)
    if ask.active is True:
        fields["off_reason"] = ""
    elif ask.active is False and before.active:
        fields["off_reason"] = "person"
    return msgspec.structs.replace(before, **fields)


@command(permission=PERMISSION)
def delete_webhook(tx: Tx, ask: WebhookKey) -> Webhook:
    """Nothing is sent to the endpoint any more, and its log goes."""
    webhook = _locked(tx, ask.endpoint_id)
    drop_secrets(tx, webhook.id)
    delete_rows(tx, webhook.id)
    tx.emit(WEBHOOK, webhook.id, WebhookDeleted())
    return msgspec.structs.replace(
        webhook, active=False, off_reason="person", version=webhook.version + 1
    )


@command(permission=PERMISSION)
def rotate_secret(tx: Tx, ask: WebhookKey, *, secret: bytes) -> Webhook:
    """Sign with a new secret, and for a day with the old one too. See issue_secret."""
    webhook = _locked(tx, ask.endpoint_id)
    ends_at = replace_secret(tx, webhook.id, secret)
    tx.emit(WEBHOOK, webhook.id, WebhookSecretRotated(ends_at))
    return msgspec.structs.replace(webhook, version=webhook.version + 1)


@command(permission=PERMISSION)
def ping_webhook(tx: Tx, ask: WebhookKey) -> Webhook:
    """Send a test message to this endpoint, in its turn; the log tells how it went."""
    webhook = _locked(tx, ask.endpoint_id)
    _require_on(webhook)
    tx.emit(WEBHOOK, webhook.id, WebhookPinged())
    return msgspec.structs.replace(webhook, version=webhook.version + 1)


@command(permission=PERMISSION)
def replay_webhook(tx: Tx, ask: ReplayWebhook) -> Webhook:
    """Send again: one message, all since an instant, or what waits for its next try."""
    if ask.position is not None and ask.since is not None:
        fault = Fault("/since", "either", "Name a position or an instant, not both.")
        raise InvalidInput(fault.detail, errors=[fault])
    webhook = _locked(tx, ask.endpoint_id)
    _require_on(webhook)
    reached = turns.lock_position(tx, webhook.id)
    if ask.position is not None:
        found = messages.find_message(tx, webhook.id, ask.position)
        if found is None:
            raise NotFound("There is no such message in the log of this webhook.")
        messages.add_messages(tx, webhook.id, [found])
    elif ask.since is not None:
        turns.move_to(tx, webhook.id, min(reached, position_before(tx, ask.since)))
    else:
        messages.try_now(tx, webhook.id)
    turns.resume_now(tx, webhook.id)
    tx.emit(WEBHOOK, webhook.id, WebhookReplayed(ask.position, ask.since))
    return msgspec.structs.replace(webhook, version=webhook.version + 1)


def issue_webhook(
    db: Database, actor: Actor, ask: CreateWebhook, *, key: str | None = None
) -> IssuedWebhook:
    """Make an endpoint. Its secret is in this answer and nowhere else."""
    return _issue(db, actor, create_webhook, ask, key)


def issue_secret(
    db: Database, actor: Actor, ask: WebhookKey, *, key: str | None = None
) -> IssuedWebhook:
    """Rotate an endpoint's secret. The new one is in this answer and nowhere else."""
    return _issue(db, actor, rotate_secret, ask, key)


def _issue(db: Database, actor: Actor, function: Any, ask: Any, key: str | None) -> IssuedWebhook:
    secret = new_secret()
    used: list[bool] = []

    def act(tx: Tx, ask: Any) -> Webhook:
        used.append(True)
        webhook: Webhook = function(tx, ask, secret=secret)
        return webhook

    # The secret is no part of the ask or the stored answer: neither may hold it.
    act.__dict__["__command__"] = spec_of(function)
    made = run(db, actor, act, ask, key=key)
    return IssuedWebhook(made.id, made.version, made, show_secret(secret) if used else None)


def _locked(tx: Tx, endpoint_id: UUID) -> Webhook:
    require_sight(tx.actor)
    webhook = lock_webhook(tx, endpoint_id)
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook


def _require_on(webhook: Webhook) -> None:
    if not webhook.active:
        raise ActionNotAllowed(
            "This webhook is switched off; switch it on first.",
            extra={"allowed_actions": ["change", "delete"]},
        )


def _check_url(tx: Tx, url: str) -> None:
    detail = url_fault(url, lan=bool(tx.memory.get(LAN)))
    if detail:
        raise InvalidInput(detail, errors=[Fault("/url", "address", detail)])


def _channel_ids(tx: Tx, codes: ChannelCodes | None) -> list[UUID] | None:
    if codes is None:
        return None
    known = {code: channel.id for code, channel in reference(tx).channels.items()}
    faults = [
        Fault(f"/channels/{n}", "unknown-channel", f"There is no channel “{code}”.")
        for n, code in enumerate(codes)
        if code not in known
    ]
    if faults:
        raise InvalidInput(faults[0].detail, errors=faults)
    return sorted({known[code] for code in codes})
