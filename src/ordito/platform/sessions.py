"""Sessions of the web: a random token in a cookie, its hash here; and who tried to sign in."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from ordito.kernel.ids import new_token
from ordito.platform.access import Actor
from ordito.platform.accounts import User, actor_of_user
from ordito.platform.database import Database, Tx, query, statement
from ordito.platform.throttle import Attempt

COOKIE_PLAIN = "ordito"
COOKIE_SECURE = "__Host-ordito"

NOBODY = Actor("system", UUID(int=0), "sign-in", frozenset())

_TOKEN_LENGTH_MAX = 100


class Session(msgspec.Struct, frozen=True):
    """A user who is signed in. `csrf_token` comes with every form and every writing request.

    needs_factor: a role demands a second factor, and the user has set none up yet.
    """

    user: User
    csrf_token: str
    id: UUID = UUID(int=0)
    needs_factor: bool = False

    @property
    def actor(self) -> Actor:
        return actor_of_user(self.user)


class NewSession(msgspec.Struct, frozen=True):
    """What the browser gets: the token for its cookie, once, and the token of its forms."""

    token: str
    csrf_token: str
    ends_at: datetime


def cookie_name(*, secure: bool) -> str:
    """`__Host-ordito` on https; browsers take that name there only, so plain http has its own."""
    return COOKIE_SECURE if secure else COOKIE_PLAIN


def open_session(tx: Tx, user_id: UUID, *, absolute_s: int, device: str = "") -> NewSession:
    """A new session with tokens of its own: at every login, whatever cookie came with it.

    device: browser and system in a few words, for the list of sessions.
    """
    made = NewSession(new_token(), new_token(), tx.now + timedelta(seconds=absolute_s))
    _OPEN.run(
        tx,
        token_hash=_hash(made.token),
        user_id=user_id,
        csrf_token=made.csrf_token,
        ends_at=made.ends_at,
        device=device[:100],
    )
    return made


_OPEN = statement("""
    INSERT INTO platform.session (token_hash, user_id, csrf_token, ends_at, device)
    VALUES (%(token_hash)s, %(user_id)s, %(csrf_token)s, %(ends_at)s, %(device)s)
""")


def find_session(db: Database, token: str, *, idle_s: int) -> Session | None:
    """The session of a cookie; None when it has ended, in whatever way. Read anew each time.

    A session dies with the request after logout, disabling, a new password or other permissions.
    Runs in a worker thread; one round trip, and a write once a minute.
    """
    if not 20 <= len(token) <= _TOKEN_LENGTH_MAX or not token.isascii():
        return None
    token_hash = _hash(token)
    with db.connection() as conn:
        tx = Tx(conn, NOBODY, now=_NO_CLOCK, memory=db.memory)
        row = _FIND.first(tx, token_hash=token_hash, idle=timedelta(seconds=idle_s))
        if row is None:
            return None
        if row.unseen_long:
            _SEE.run(tx, token_hash=token_hash)
    return Session(_user_of(row), row.csrf_token, row.session_id, row.needs_factor)


_NO_CLOCK = datetime.min.replace(tzinfo=UTC)
"""Reads here compare with the database's own clock."""


class _SessionRow(msgspec.Struct, frozen=True):
    csrf_token: str
    session_id: UUID
    needs_factor: bool
    unseen_long: bool
    id: UUID
    email: str
    name: str
    permissions: list[str]
    role_ids: list[UUID]
    extra_permissions: list[str]
    channel_ids: list[UUID] | None
    location_ids: list[UUID] | None
    locale: str
    time_zone: str
    active: bool
    version: int
    created_at: datetime


def _user_of(row: _SessionRow) -> User:
    return User(**{name: getattr(row, name) for name in User.__struct_fields__})


_FIND = query(
    _SessionRow,
    """
    SELECT s.csrf_token, s.id AS session_id,
           EXISTS (
               SELECT FROM platform.role AS r WHERE r.id = ANY(u.role_ids) AND r.second_factor
           ) AND NOT EXISTS (
               SELECT FROM platform.user_factor AS f
               WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL
           ) AS needs_factor,
           s.seen_at < now() - interval '60 seconds' AS unseen_long, u.id,
           u.email, u.name,
           u.permissions, u.role_ids, u.extra_permissions, u.channel_ids,
           u.location_ids, u.locale, u.time_zone, u.active, u.version, u.created_at
    FROM platform.session AS s
    JOIN platform.app_user AS u ON u.id = s.user_id
    WHERE s.token_hash = %(token_hash)s
      AND s.ends_at > now()
      AND s.seen_at > now() - %(idle)s::interval
      AND u.active
    """,
)

_SEE = statement("UPDATE platform.session SET seen_at = now() WHERE token_hash = %(token_hash)s")


def end_session(tx: Tx, token: str) -> None:
    """Log out: the token is worth nothing from now on."""
    _END.run(tx, token_hash=_hash(token))


_END = statement("DELETE FROM platform.session WHERE token_hash = %(token_hash)s")


def end_sessions_of(tx: Tx, user_id: UUID) -> int:
    """End all sessions of a user: new password, other permissions, disabled."""
    return _END_OF.run(tx, user_id=user_id)


_END_OF = statement("DELETE FROM platform.session WHERE user_id = %(user_id)s")


class OpenSession(msgspec.Struct, frozen=True):
    """A session in the list of its user's."""

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime


def list_sessions(tx: Tx, user_id: UUID, *, idle_s: int) -> list[OpenSession]:
    """Sessions of a user that live, the last used first; at most 100."""
    return _OF_USER.all(tx, user_id=user_id, idle=timedelta(seconds=idle_s))


_OF_USER = query(
    OpenSession,
    """
    SELECT id, device, created_at, seen_at
    FROM platform.session
    WHERE user_id = %(user_id)s AND ends_at > now() AND seen_at > now() - %(idle)s::interval
    ORDER BY seen_at DESC
    LIMIT 100
    """,
)


def end_some_sessions(
    tx: Tx, user_id: UUID, *, session_id: UUID | None = None, besides: UUID | None = None
) -> int:
    """End one session of a user, or all besides one."""
    return _END_SOME.run(tx, user_id=user_id, session_id=session_id, besides=besides)


_END_SOME = statement("""
    DELETE FROM platform.session
    WHERE user_id = %(user_id)s
      AND (%(session_id)s::uuid IS NULL OR id = %(session_id)s::uuid)
      AND (%(besides)s::uuid IS NULL OR id <> %(besides)s::uuid)
""")


def _hash(token: str) -> bytes:
    # The token has 160 random bits, so a slow hash would add nothing.
    return hashlib.sha256(token.encode()).digest()


def prune_sign_ins(tx: Tx) -> int:
    """Forget sessions that have ended and tries to sign in of the day before yesterday."""
    return (
        _PRUNE_SESSIONS.run(tx)
        + _PRUNE_ATTEMPTS.run(tx)
        + _PRUNE_STEPS.run(tx)
        + _PRUNE_LINKS.run(tx)
    )


_PRUNE_STEPS = statement("DELETE FROM platform.sign_in_step WHERE ends_at < now()")

_PRUNE_LINKS = statement("DELETE FROM platform.account_link WHERE ends_at < now()")


_PRUNE_SESSIONS = statement("DELETE FROM platform.session WHERE ends_at < now()")

_PRUNE_ATTEMPTS = statement("""
    DELETE FROM platform.login_attempt WHERE at < now() - interval '1 day'
""")


def lock_subject(tx: Tx, subject: str) -> None:
    """One sign-in at a time looks at an account's tries: many at once count like one by one."""
    _LOCK_SUBJECT.send(tx, subject=subject)


_LOCK_SUBJECT = statement("SELECT pg_advisory_xact_lock(hashtextextended(%(subject)s, 7))")


def read_attempts(tx: Tx, subject: str, *, window: timedelta) -> list[Attempt]:
    """Tries to sign in of an account or an address, newest first; at most 200."""
    return _ATTEMPTS.all(tx, subject=subject, window=window)


_ATTEMPTS = query(
    Attempt,
    """
    SELECT at, ok AS succeeded
    FROM platform.login_attempt
    WHERE subject = %(subject)s AND at > now() - %(window)s::interval
    ORDER BY at DESC
    LIMIT 200
    """,
)


def record_attempts(tx: Tx, subjects: Sequence[str]) -> None:
    """Note tries as failed, until `settle_attempts` says otherwise."""
    _RECORD.run(tx, subjects=list(subjects), at=tx.now)


_RECORD = statement("""
    INSERT INTO platform.login_attempt (subject, at, ok)
    SELECT subject, %(at)s, false
    FROM unnest(%(subjects)s::text[]) AS subject
""")


def settle_attempts(tx: Tx, subjects: Sequence[str], at: datetime) -> None:
    """The tries of that instant succeeded."""
    _SETTLE.run(tx, subjects=list(subjects), at=at)


_SETTLE = statement("""
    UPDATE platform.login_attempt
    SET ok = true
    WHERE subject = ANY(%(subjects)s::text[]) AND at = %(at)s
""")
