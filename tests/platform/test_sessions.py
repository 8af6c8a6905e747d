"""Sessions live as long as they should, and not a request longer."""

from datetime import timedelta

from ordito.platform.access import SYSTEM
from ordito.platform.accounts import list_users
from ordito.platform.database import Database
from ordito.platform.sessions import (
    cookie_name,
    end_session,
    end_sessions_of,
    find_session,
    open_session,
    prune_sign_ins,
)
from tests.platform.test_accounts import add


def opened(db: Database, **kept: int) -> str:
    user = add(db)
    with db.transaction(SYSTEM) as tx:
        return open_session(tx, user.id, absolute_s=kept.get("absolute_s", 3600)).token


def test_session_is_found_by_its_token_alone(db: Database) -> None:
    token = opened(db)
    found = find_session(db, token, idle_s=60)
    assert found is not None
    assert found.actor.kind == "user"
    assert found.user.email == "ann@example.com"
    assert find_session(db, token[:-1] + "_", idle_s=60) is None
    assert find_session(db, "", idle_s=60) is None


def test_token_is_not_stored(db: Database) -> None:
    token = opened(db)
    with db.connection() as conn:
        row = conn.execute("SELECT token_hash FROM platform.session").fetchone()
    assert row is not None
    assert token.encode() not in bytes(row[0])


def test_logout_ends_one_session(db: Database) -> None:
    token = opened(db)
    with db.transaction(SYSTEM) as tx:
        user_id = list_users(tx)[0].id
        other = open_session(tx, user_id, absolute_s=60).token
        end_session(tx, token)
    assert find_session(db, token, idle_s=60) is None
    assert find_session(db, other, idle_s=60) is not None
    with db.transaction(SYSTEM) as tx:
        assert end_sessions_of(tx, user_id) == 1
    assert find_session(db, other, idle_s=60) is None


def age(db: Database, **columns: timedelta) -> None:
    with db.connection() as conn:
        for column, by in columns.items():
            conn.execute(f"UPDATE platform.session SET {column} = {column} - %s", (by,))


def test_session_ends_when_nobody_was_there(db: Database) -> None:
    token = opened(db)
    age(db, seen_at=timedelta(seconds=59))
    assert find_session(db, token, idle_s=60) is not None
    age(db, seen_at=timedelta(seconds=61))
    assert find_session(db, token, idle_s=60) is None


def test_session_in_use_is_kept_awake(db: Database) -> None:
    token = opened(db)
    for _ in range(3):
        age(db, seen_at=timedelta(seconds=100))
        assert find_session(db, token, idle_s=150) is not None


def test_session_ends_in_any_case(db: Database) -> None:
    token = opened(db, absolute_s=100)
    age(db, ends_at=timedelta(seconds=101))
    assert find_session(db, token, idle_s=60) is None
    with db.transaction(SYSTEM) as tx:
        assert prune_sign_ins(tx) == 1


def test_cookie_is_bound_to_the_host_where_it_can_be() -> None:
    assert cookie_name(secure=True) == "__Host-ordito"
    assert cookie_name(secure=False) == "ordito"
