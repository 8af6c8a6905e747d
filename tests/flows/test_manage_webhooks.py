"""Endpoints for webhooks: who may make them, what is refused, and where secrets are not."""

from typing import Any

import msgspec
import pytest

from ordito.flows.manage_webhooks import (
    change_webhook,
    delete_webhook,
    issue_secret,
    issue_webhook,
    ping_webhook,
    replay_webhook,
)
from ordito.kernel.ids import new_id
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import (
    ActionNotAllowed,
    InvalidInput,
    NotFound,
    NotPermitted,
    VersionConflict,
)
from ordito.webhooks.endpoints import list_webhooks
from ordito.webhooks.types import (
    ChangeWebhook,
    CreateWebhook,
    IssuedWebhook,
    ReplayWebhook,
    Webhook,
    WebhookKey,
)
from tests import make

URL = "https://hooks.example.com/ordito?token=abc"


def create(db: Database, actor: Actor = make.BOSS, **fields: Any) -> IssuedWebhook:
    body = {"url": URL, "kinds": ["order.*"]} | fields
    return issue_webhook(db, actor, msgspec.convert(body, CreateWebhook))


def change(db: Database, endpoint_id: Any, **fields: Any) -> Webhook:
    ask = msgspec.convert({"endpoint_id": endpoint_id} | fields, ChangeWebhook)
    return run(db, make.BOSS, change_webhook, ask)


def stored(db: Database) -> list[Webhook]:
    with db.reading(make.BOSS) as tx:
        return list_webhooks(tx)


def secrets_of(db: Database) -> list[Any]:
    with db.connection() as conn:
        return conn.execute(
            "SELECT ends_at IS NULL FROM webhooks.endpoint_secret ORDER BY created_at, ends_at"
        ).fetchall()


def test_an_endpoint_is_made_with_a_secret_of_its_own(db: Database) -> None:
    make.shop(db)
    first, second = create(db), create(db, channels=["web"], description="Help desk")

    assert first.webhook == stored(db)[0]
    assert stored(db)[1].description == "Help desk"
    assert len(stored(db)[1].channel_ids or ()) == 1
    assert first.secret is not None
    assert first.secret.startswith("whsec_")
    assert first.secret != second.secret


def test_a_secret_is_told_once_and_kept_nowhere_else(db: Database) -> None:
    ask = CreateWebhook(url=URL, kinds=("order.*",))
    first = issue_webhook(db, make.BOSS, ask, key="k")
    again = issue_webhook(db, make.BOSS, ask, key="k")

    assert again.id == first.id
    assert again.secret is None
    assert first.secret is not None
    with db.connection() as conn:
        kept = conn.execute(
            "SELECT coalesce(string_agg(answer, ''), '') FROM platform.idempotency"
            " UNION ALL SELECT coalesce(string_agg(body::text, ''), '') FROM platform.event"
        ).fetchall()
    text = " ".join(row[0] for row in kept)
    assert first.secret.removeprefix("whsec_") not in text
    assert "token=abc" not in str(kept[1])


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://hooks.example.com/"},
        {"url": "https://127.0.0.1/"},
        {"url": "https://localhost/"},
        {"url": "https://user:word@hooks.example.com/"},
        {"channels": ["nowhere"]},
    ],
)
def test_what_can_not_be_called_or_is_not_there_is_refused(
    db: Database, fields: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(db, **fields)

    assert refused.value.errors[0].pointer in ("/url", "/channels/0")
    assert stored(db) == []
    assert secrets_of(db) == []


@pytest.mark.parametrize("kind", ["Order.Placed", "order placed", "", ".", "order.", "a|b"])
def test_a_kind_is_a_name_with_stars(kind: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"url": URL, "kinds": [kind]}, CreateWebhook)


@pytest.mark.parametrize(
    "actor",
    [
        Actor("user", new_id(), "No webhooks", EVERYTHING - {"webhooks.write"}),
        Actor("user", new_id(), "No feed", EVERYTHING - {"events.read"}),
        Actor("user", new_id(), "One shop", EVERYTHING, channel_ids=frozenset({new_id()})),
        Actor("user", new_id(), "One place", EVERYTHING, location_ids=frozenset({new_id()})),
    ],
    ids=lambda actor: actor.name,
)
def test_who_may_not_read_the_feed_can_not_have_it_sent(db: Database, actor: Actor) -> None:
    issued = create(db)

    with pytest.raises(NotPermitted):
        create(db, actor)
    with pytest.raises(NotPermitted):
        run(db, actor, ping_webhook, WebhookKey(endpoint_id=issued.id))

    assert len(stored(db)) == 1


def test_a_change_names_its_fields_and_not_the_address(db: Database) -> None:
    issued = create(db)
    changed = change(db, issued.id, url="https://other.example.com/", kinds=["stock.*"])

    assert stored(db) == [changed]
    assert changed.version == 2
    with db.reading(make.BOSS) as tx:
        told = read_timeline(tx, issued.id)[0]
    assert told.kind == "webhook.changed"
    assert told.body == {"fields": ["url", "kinds"]}


def test_a_change_of_what_was_changed_meanwhile_is_refused(db: Database) -> None:
    issued = create(db)
    change(db, issued.id, description="one")
    with pytest.raises(VersionConflict):
        change(db, issued.id, description="two", version=1)

    assert stored(db)[0].description == "one"


def test_switching_off_and_on_leaves_a_reason_and_none(db: Database) -> None:
    issued = create(db)

    assert change(db, issued.id, active=False).off_reason == "person"
    with pytest.raises(ActionNotAllowed):
        run(db, make.BOSS, ping_webhook, WebhookKey(endpoint_id=issued.id))
    with pytest.raises(ActionNotAllowed):
        run(db, make.BOSS, replay_webhook, ReplayWebhook(endpoint_id=issued.id))
    assert change(db, issued.id, active=True).off_reason == ""


def test_rotation_keeps_two_secrets_at_most(db: Database) -> None:
    issued = create(db)
    for _ in range(3):
        issue_secret(db, make.BOSS, WebhookKey(endpoint_id=issued.id))

    assert sorted(secrets_of(db)) == [(False,), (True,)]


def test_a_deleted_endpoint_is_gone_with_its_secrets(db: Database) -> None:
    issued = create(db)
    run(db, make.BOSS, delete_webhook, WebhookKey(endpoint_id=issued.id))

    assert stored(db) == []
    assert secrets_of(db) == []
    with pytest.raises(NotFound):
        change(db, issued.id, description="x")


def test_a_replay_is_of_one_message_or_of_a_time(db: Database) -> None:
    issued = create(db)
    since = make.at("2026-01-01T00:00:00+00:00")
    with pytest.raises(InvalidInput):
        run(
            db,
            make.BOSS,
            replay_webhook,
            ReplayWebhook(endpoint_id=issued.id, position=1, since=since),
        )
    with pytest.raises(NotFound):
        run(db, make.BOSS, replay_webhook, ReplayWebhook(endpoint_id=issued.id, position=1))
