"""`ordito webhooks`: endpoints that events are sent to."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rich_click as click

from ordito.api.webhooks import DeliveryParams, list_deliveries, list_endpoints
from ordito.api.webhooks import Nothing as Everything
from ordito.cli.opening import installation, own_settings, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.manage_webhooks import (
    change_webhook,
    delete_webhook,
    issue_secret,
    issue_webhook,
    ping_webhook,
    replay_webhook,
)
from ordito.platform.access import SYSTEM
from ordito.platform.door import run
from ordito.platform.validation import convert
from ordito.webhooks.addresses import LAN
from ordito.webhooks.types import (
    ChangeWebhook,
    CreateWebhook,
    IssuedWebhook,
    ReplayWebhook,
    Webhook,
    WebhookKey,
)

_ID = click.argument("endpoint_id", type=click.UUID)


@click.group()
def webhooks() -> None:
    """Endpoints that events are sent to."""


@webhooks.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All endpoints, and how they fare."""
    with reading() as tx:
        found = list_endpoints(tx, Everything()).items
    if as_json:
        print_json(found)
        return
    rows = [
        [
            str(one.id),
            one.webhook.url,
            ", ".join(one.webhook.kinds),
            "on" if one.webhook.active else f"off ({one.webhook.off_reason})",
            one.health.behind + one.health.waiting,
            one.health.failures,
        ]
        for one in found
    ]
    print_table("Webhooks", ["id", "address", "kinds", "state", "waiting", "failures"], rows)


@webhooks.command()
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, required=True, help="As order.*; several.")
@click.option("--channel", "channels", multiple=True, help="Only of these channels, by code.")
@click.option("--description", default="", help="What it is for.")
@json_option
def create(url: str, as_json: bool, **options: Any) -> None:
    """Make an endpoint, and print its secret, this once."""
    asked = {"url": url} | options | {"channels": options["channels"] or None}
    with installation() as db:
        db.memory[LAN] = own_settings().webhooks_lan
        issued = issue_webhook(db, SYSTEM, convert(CreateWebhook, asked))
    _tell_secret(issued, as_json)


@webhooks.command()
@_ID
@json_option
def rotate(endpoint_id: UUID, as_json: bool) -> None:
    """Make a new secret, and print it, this once; for 24 hours both sign."""
    with installation() as db:
        issued = issue_secret(db, SYSTEM, WebhookKey(endpoint_id=endpoint_id))
    _tell_secret(issued, as_json)


def _tell_secret(issued: IssuedWebhook, as_json: bool) -> None:
    tell(
        issued, as_json, f"{issued.webhook.url} ({issued.id})\nsecret (shown once): {issued.secret}"
    )


@webhooks.command()
@_ID
@json_option
def test(endpoint_id: UUID, as_json: bool) -> None:
    """Send a test message in its turn; `deliveries` tells how it went."""
    webhook = _act(ping_webhook, WebhookKey(endpoint_id=endpoint_id))
    tell(webhook, as_json, f"A test goes to {webhook.url}, sent by the worker")


@webhooks.command()
@_ID
@click.option("--position", type=int, help="One message, by its position in the log.")
@click.option("--since", type=click.DateTime(), help="All since this day or instant, in UTC.")
@json_option
def replay(endpoint_id: UUID, position: int | None, since: datetime | None, as_json: bool) -> None:
    """Send messages again; without options, what waits for its next try."""
    asked = {
        "endpoint_id": endpoint_id,
        "position": position,
        "since": since.replace(tzinfo=UTC) if since else None,
    }
    webhook = _act(replay_webhook, convert(ReplayWebhook, asked))
    tell(webhook, as_json, f"{webhook.url} is sent to again")


@webhooks.command()
@_ID
@click.option("--failed", is_flag=True, help="Only tries that failed.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@json_option
def deliveries(endpoint_id: UUID, failed: bool, limit: int, as_json: bool) -> None:
    """Tries to deliver, newest first; kept for 30 days."""
    asked = DeliveryParams(endpoint_id=endpoint_id, failed=failed, limit=limit)
    with reading() as tx:
        found = list_deliveries(tx, asked).items
    if as_json:
        print_json(found)
        return
    rows = [
        [f"{one.at:%Y-%m-%d %H:%M:%S}", one.position, one.kind, one.attempt, one.status or 0,
         one.ms, one.error or one.state]
        for one in found
    ]  # fmt: skip
    heads = ["at (UTC)", "position", "kind", "try", "status", "ms", "outcome"]
    print_table("Deliveries", heads, rows)


@webhooks.command()
@_ID
@json_option
def on(endpoint_id: UUID, as_json: bool) -> None:
    """Switch an endpoint on; it goes on where it stopped."""
    webhook = _act(change_webhook, ChangeWebhook(endpoint_id=endpoint_id, active=True))
    tell(webhook, as_json, f"{webhook.url} is on")


@webhooks.command()
@_ID
@json_option
def off(endpoint_id: UUID, as_json: bool) -> None:
    """Switch an endpoint off; what waits for it stays."""
    webhook = _act(change_webhook, ChangeWebhook(endpoint_id=endpoint_id, active=False))
    tell(webhook, as_json, f"{webhook.url} is off")


@webhooks.command()
@_ID
@json_option
def delete(endpoint_id: UUID, as_json: bool) -> None:
    """Send nothing there any more, and drop its log."""
    webhook = _act(delete_webhook, WebhookKey(endpoint_id=endpoint_id))
    tell(webhook, as_json, f"{webhook.url} is gone")


def _act(command: Any, ask: Any) -> Webhook:
    with installation() as db:
        webhook: Webhook = run(db, SYSTEM, command, ask)
        return webhook
