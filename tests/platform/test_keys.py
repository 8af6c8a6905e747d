"""API keys."""

from datetime import timedelta

import pytest

from ordito.flows.manage_keys import CreateKey, RevokeKey, issue_key, revoke_key
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, read_clock
from ordito.platform.door import run
from ordito.platform.keys import PREFIX, KeyRing, hash_token, new_key
from ordito.platform.problems import InvalidInput, NotAuthenticated, NotPermitted
from tests import make


def ask(**fields: object) -> CreateKey:
    return CreateKey(**{"name": "k", "permissions": ("orders.read",)} | fields)  # type: ignore[arg-type]


def test_key_has_160_random_bits_and_only_its_hash_is_stored(db: Database) -> None:
    issued = issue_key(db, SYSTEM, ask())
    assert issued.token is not None
    assert issued.token.startswith(PREFIX)
    assert len(issued.token) == len(PREFIX) + 32
    with db.connection() as conn:
        stored = conn.execute("SELECT key_hash, key_id FROM platform.api_key_secret").fetchall()
    assert stored == [(hash_token(issued.token), issued.id)]


def test_key_is_who_it_was_made_for(db: Database) -> None:
    shop = make.shop(db)
    issued = issue_key(db, SYSTEM, ask(channels=("web",), locations=("A",)))
    actor = KeyRing(db).verify(str(issued.token))
    assert actor.permissions == {"orders.read"}
    assert actor.channel_ids == frozenset([shop.channels["web"]])
    assert actor.location_ids == frozenset([shop.locations["A"]])
    assert (actor.kind, actor.id) == ("key", issued.id)


def test_revoked_and_unknown_keys_are_refused(db: Database) -> None:
    issued = issue_key(db, SYSTEM, ask())
    ring = KeyRing(db)
    ring.verify(str(issued.token))
    run(db, SYSTEM, revoke_key, RevokeKey(key_id=issued.id))
    for token in (str(issued.token), new_key()[0]):
        with pytest.raises(NotAuthenticated):
            ring.verify(token)


def test_key_ends_at_its_hour(db: Database) -> None:
    with db.connection() as conn:
        now = read_clock(conn)
    issued = issue_key(db, SYSTEM, ask(expires_at=now + timedelta(hours=1)))
    KeyRing(db).verify(str(issued.token))
    with db.connection() as conn:
        conn.execute("UPDATE platform.api_key SET expires_at = now()")
    with pytest.raises(NotAuthenticated):
        KeyRing(db).verify(str(issued.token))
    with pytest.raises(InvalidInput):
        issue_key(db, SYSTEM, ask(expires_at=now - timedelta(hours=1)))


def test_what_was_verified_is_believed_until_it_is_forgotten(db: Database) -> None:
    issued = issue_key(db, SYSTEM, ask())
    ring = KeyRing(db)
    actor = ring.verify(str(issued.token))
    assert ring.find(str(issued.token)) == actor
    ring.forget()
    assert ring.find(str(issued.token)) is None


def test_unknown_permissions_and_places_are_faults(db: Database) -> None:
    with pytest.raises(InvalidInput):
        issue_key(db, SYSTEM, ask(permissions=("orders.fly",)))
    with pytest.raises(InvalidInput) as caught:
        issue_key(db, SYSTEM, ask(channels=("nope",)))
    assert caught.value.errors[0].pointer == "/channels/0"


def test_only_who_may_manage_access_makes_keys(db: Database) -> None:
    reader = KeyRing(db).verify(str(issue_key(db, SYSTEM, ask()).token))
    with pytest.raises(NotPermitted):
        issue_key(db, reader, ask())
