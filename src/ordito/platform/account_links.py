"""Links by mail to choose a password with, and sign-ins that wait for their second step.

Random tokens, used once, for a time; only their hashes are stored.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from ordito.kernel.ids import new_token
from ordito.platform.database import Tx, query, statement

LinkKind = Literal["invitation", "reset"]

LASTS: dict[LinkKind, timedelta] = {
    "invitation": timedelta(hours=72),
    "reset": timedelta(hours=1),
}
STEP_LASTS = timedelta(minutes=5)
"""How long after the password the second factor's code may come."""


class Link(msgspec.Struct, frozen=True):
    """Whose password it chooses."""

    user_id: UUID
    kind: LinkKind
    ends_at: datetime


def new_link_token() -> str:
    """A fresh token of 160 random bits; it is shown once, in the link."""
    return new_token()


def hash_link(token: str) -> bytes:
    return hashlib.sha256(token[:200].encode("utf-8", "replace")).digest()


def write_link(tx: Tx, user_id: UUID, kind: LinkKind, token_hash: bytes) -> datetime:
    """Store a link in place of the one of its kind before; returns when it ends."""
    ends_at = tx.now + LASTS[kind]
    _WRITE.run(tx, token_hash=token_hash, user_id=user_id, kind=kind, ends_at=ends_at)
    return ends_at


_WRITE = statement("""
    INSERT INTO platform.account_link (token_hash, user_id, kind, ends_at)
    VALUES (%(token_hash)s, %(user_id)s, %(kind)s, %(ends_at)s)
    ON CONFLICT (user_id, kind)
    DO UPDATE SET token_hash = excluded.token_hash, ends_at = excluded.ends_at, created_at = now()
""")


def find_link(tx: Tx, token: str) -> Link | None:
    """The link with this token, while it lasts."""
    return _FIND.first(tx, token_hash=hash_link(token), now=tx.now)


_FIND = query(
    Link,
    """
    SELECT user_id, kind, ends_at
    FROM platform.account_link
    WHERE token_hash = %(token_hash)s AND ends_at > %(now)s
    """,
)


def use_link(tx: Tx, token: str) -> Link | None:
    """The link, used up: of two who use it at once one finds it."""
    return _USE.first(tx, token_hash=hash_link(token), now=tx.now)


_USE = query(
    Link,
    """
    DELETE FROM platform.account_link
    WHERE token_hash = %(token_hash)s AND ends_at > %(now)s
    RETURNING user_id, kind, ends_at
    """,
)


def forget_links(tx: Tx, user_id: UUID) -> None:
    """All links of a user are worth nothing: a new password, or disabled."""
    _FORGET.run(tx, user_id=user_id)


_FORGET = statement("DELETE FROM platform.account_link WHERE user_id = %(user_id)s")


def open_step(tx: Tx, user_id: UUID) -> str:
    """Note that the password was right; returns the token that the second step comes with."""
    token = new_token()
    ends_at = tx.now + STEP_LASTS
    _OPEN_STEP.run(tx, token_hash=hash_link(token), user_id=user_id, ends_at=ends_at)
    return token


_OPEN_STEP = statement("""
    INSERT INTO platform.sign_in_step (token_hash, user_id, ends_at)
    VALUES (%(token_hash)s, %(user_id)s, %(ends_at)s)
""")


def find_step(tx: Tx, token: str) -> UUID | None:
    """The user whose second step this token is for."""
    return _FIND_STEP.first(tx, token_hash=hash_link(token), now=tx.now)


_FIND_STEP = query(
    UUID,
    """
    SELECT user_id
    FROM platform.sign_in_step
    WHERE token_hash = %(token_hash)s AND ends_at > %(now)s
    """,
)


def end_steps_of(tx: Tx, user_id: UUID) -> None:
    """The user is in, or must begin again with the password."""
    _END_STEPS.run(tx, user_id=user_id)


_END_STEPS = statement("DELETE FROM platform.sign_in_step WHERE user_id = %(user_id)s")
