"""Users, their passwords, and signing in."""

import threading
from collections.abc import Iterable
from uuid import UUID

import pytest

from ordito.flows.manage_access import (
    ChangeUser,
    CreateUser,
    SetPassword,
    change_own_password,
    change_user,
    create_user,
    give_password,
)
from ordito.flows.sign_in import SignIn, sign_in
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.accounts import USER, User, actor_of_user, read_password_hash
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.passwords import PasswordTooWeak
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    InvalidInput,
    NotAuthenticated,
    Problem,
    TooManyRequests,
)
from ordito.platform.sessions import find_session
from tests import make

PASSWORD = "correct horse battery staple"


def add(
    db: Database, email: str = "Ann@Example.com", permissions: Iterable[str] = EVERYTHING
) -> User:
    asked = CreateUser(email=email, name="Ann", permissions=tuple(permissions))
    user = run(db, SYSTEM, create_user, asked)
    give_password(db, SYSTEM, SetPassword(user_id=user.id), PASSWORD)
    return user


def attempt(db: Database, password: str, email: str = "ann@example.com", address: str = "") -> str:
    """The problem's slug, or "in"."""
    try:
        sign_in(db, SignIn(email, password, address or "10.0.0.1"), absolute_s=3600)
    except Problem as problem:
        return problem.slug
    return "in"


def test_user_signs_in_however_the_address_is_written(db: Database) -> None:
    add(db)
    assert attempt(db, PASSWORD, " ANN@example.com ") == "in"


def test_wrong_password_unknown_and_disabled_users_are_answered_alike(db: Database) -> None:
    user = add(db)
    add(db, "boss@example.com")
    told = []
    for email, password in (("ann@example.com", "wrong-password"), ("no@example.com", PASSWORD)):
        with pytest.raises(NotAuthenticated) as caught:
            sign_in(db, SignIn(email, password, "10.0.0.1"), absolute_s=60)
        told.append(caught.value.body())
    run(db, SYSTEM, change_user, ChangeUser(user_id=user.id, active=False))
    with pytest.raises(NotAuthenticated) as caught:
        sign_in(db, SignIn("ann@example.com", PASSWORD, "10.0.0.1"), absolute_s=60)
    told.append(caught.value.body())
    assert told[0] == told[1] == told[2]


def test_many_wrong_passwords_slow_the_account_down(db: Database) -> None:
    add(db)
    outcomes = [attempt(db, "wrong-password") for _ in range(6)]
    assert outcomes == ["not-authenticated"] * 5 + ["too-many-requests"]
    with pytest.raises(TooManyRequests):
        sign_in(db, SignIn("ann@example.com", PASSWORD, "10.0.0.9"), absolute_s=60)


def test_tries_at_the_same_moment_count_each(db: Database) -> None:
    add(db)
    outcomes: list[str] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(attempt(db, "wrong-password")))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("not-authenticated") == 5
    assert outcomes.count("too-many-requests") == 7


def test_success_ends_the_row_of_failures(db: Database) -> None:
    add(db)
    for _ in range(4):
        attempt(db, "wrong-password")
    assert attempt(db, PASSWORD) == "in"
    assert [attempt(db, "wrong-password") for _ in range(4)] == ["not-authenticated"] * 4


def test_weak_password_is_refused_and_nothing_stored(db: Database) -> None:
    asked = CreateUser(email="ann@example.com", name="Ann", permissions=())
    user = run(db, SYSTEM, create_user, asked)
    with pytest.raises(PasswordTooWeak):
        give_password(db, SYSTEM, SetPassword(user_id=user.id), "password123")
    with db.reading(SYSTEM) as tx:
        assert read_password_hash(tx, user.id) is None


def test_address_belongs_to_one_user(db: Database) -> None:
    add(db)
    with pytest.raises(AlreadyExists):
        add(db, "ann@example.COM")


def test_last_manager_of_access_stays(db: Database) -> None:
    user = add(db)
    with pytest.raises(ActionNotAllowed):
        run(db, make.BOSS, change_user, ChangeUser(user_id=user.id, active=False))
    add(db, "second@example.com")
    run(db, make.BOSS, change_user, ChangeUser(user_id=user.id, active=False))


def test_own_password_needs_the_current_one_and_ends_sessions(db: Database) -> None:
    user = add(db, permissions=("orders.read",))
    asked = SignIn("ann@example.com", PASSWORD, "10.0.0.1")
    _user, session = sign_in(db, asked, absolute_s=3600)
    with pytest.raises(InvalidInput):
        change_own_password(db, actor_of_user(user), "not it at all", "another fine phrase 7")
    assert find_session(db, session.token, idle_s=60) is not None
    change_own_password(db, actor_of_user(user), PASSWORD, "another fine phrase 7")
    assert find_session(db, session.token, idle_s=60) is None
    assert attempt(db, PASSWORD) == "not-authenticated"
    assert attempt(db, "another fine phrase 7") == "in"


def test_timeline_names_no_person_and_no_secret(db: Database) -> None:
    user = add(db)
    with db.reading(SYSTEM) as tx:
        entries = read_timeline(tx, user.id)
    assert [entry.kind for entry in reversed(entries)] == ["user.created", "user.password_changed"]
    assert USER.kind == entries[0].stream
    text = " ".join(str(entry.body) for entry in entries)
    assert "ann" not in text.casefold()
    assert isinstance(user.id, UUID)
    with db.connection() as conn:
        kept = conn.execute("SELECT string_agg(answer, '') FROM platform.idempotency").fetchone()
    assert PASSWORD not in str(kept)
