"""What tests do with webhooks: make them, let the worker work, look at what came of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.adapters.webhook_http import HttpCaller
from ordito.flows.deliver_webhooks import due_endpoints, serve_endpoint
from ordito.flows.manage_webhooks import issue_webhook
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.feed import move_pending
from ordito.webhooks.addresses import LAN
from ordito.webhooks.attempts import list_attempts
from ordito.webhooks.calls import Caller
from ordito.webhooks.endpoints import find_webhook
from ordito.webhooks.types import Attempt, CreateWebhook, IssuedWebhook, Webhook
from tests import make

CALLER = HttpCaller(lan=True, timeout_s=2)


def create(
    db: Database, url: str, kinds: Sequence[str] = ("order.*",), **more: Any
) -> IssuedWebhook:
    """An endpoint on this machine; what happened before is fed, and not for it."""
    db.memory[LAN] = True
    feed(db)
    ask = msgspec.convert({"url": url, "kinds": list(kinds)} | more, CreateWebhook)
    return issue_webhook(db, make.BOSS, ask)


def feed(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        while move_pending(tx):
            pass


def deliver(db: Database, *, caller: Caller = CALLER) -> int:
    """What the worker does, until nothing is due; returns the calls made."""
    feed(db)
    calls = 0
    for _ in range(50):
        due = due_endpoints(db)
        if not due:
            return calls
        calls += sum(serve_endpoint(db, one, caller) for one in due)
    raise AssertionError(f"still due: {due}")


def let_time_pass(db: Database, endpoint_id: UUID, seconds: float) -> None:
    """As if everything of the endpoint had happened so much earlier."""
    with db.connection() as conn:
        earlier = f"make_interval(secs => {seconds})"
        conn.execute(
            f"UPDATE webhooks.message SET due_at = due_at - {earlier} WHERE endpoint_id = %s",
            (endpoint_id,),
        )
        conn.execute(
            f"UPDATE webhooks.progress SET resume_at = resume_at - {earlier},"
            f" failing_since = failing_since - {earlier}, leased_until = leased_until - {earlier}"
            " WHERE endpoint_id = %s",
            (endpoint_id,),
        )
        conn.execute(
            f"UPDATE webhooks.endpoint_secret SET ends_at = ends_at - {earlier}"
            " WHERE endpoint_id = %s",
            (endpoint_id,),
        )


def attempts(db: Database, endpoint_id: UUID) -> list[Attempt]:
    """The log, oldest first."""
    with db.reading(SYSTEM) as tx:
        return list_attempts(tx, endpoint_id, limit=1000)[::-1]


def read(db: Database, endpoint_id: UUID) -> Webhook:
    with db.reading(SYSTEM) as tx:
        found = find_webhook(tx, endpoint_id)
    assert found is not None
    return found
