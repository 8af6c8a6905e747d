"""Sign in with e-mail and password: the same words and the same time whatever was wrong."""

import hashlib
import ipaddress
from uuid import UUID

import msgspec

from ordito.kernel.addresses import normal_email
from ordito.platform import passwords, throttle
from ordito.platform.accounts import (
    User,
    find_user,
    lock_user,
    read_password_hash,
    write_password_hash,
)
from ordito.platform.database import Database, Tx
from ordito.platform.problems import NotAuthenticated
from ordito.platform.sessions import (
    NOBODY,
    NewSession,
    lock_subject,
    open_session,
    read_attempts,
    record_attempts,
    settle_attempts,
)


class SignIn(msgspec.Struct, frozen=True):
    """Who wants in. `address` is the network address the request came from."""

    email: str
    password: str
    address: str


def sign_in(db: Database, ask: SignIn, *, absolute_s: int) -> tuple[User, NewSession]:
    """Check the password and open a session. Runs in a worker thread: it takes 0.1 s of a core.

    Raises NotAuthenticated, the same for an unknown address, a wrong password and a disabled
    user; TooManyRequests before the password is looked at; Busy.
    """
    subjects = [_account(ask.email), _network(ask.address)]
    with db.transaction(NOBODY) as tx:
        _require_patience(tx, subjects)
        # Counted as failed before it is tried: many tries at once are not free.
        record_attempts(tx, subjects)
        tried_at = tx.now
        user = find_user(tx, normal_email(ask.email))
        encoded = read_password_hash(tx, user.id) if user and user.active else None
    if not passwords.verify(encoded, ask.password) or user is None:
        raise NotAuthenticated("The e-mail address or the password is wrong.")
    assert encoded is not None, "nothing verifies against no hash"
    fresh = passwords.hash_password(ask.password) if passwords.needs_rehash(encoded) else None
    with db.transaction(NOBODY) as tx:
        current = _still_valid(tx, user.id, encoded)
        settle_attempts(tx, subjects, tried_at)
        if fresh:
            write_password_hash(tx, user.id, fresh)
        return current, open_session(tx, user.id, absolute_s=absolute_s)


def _still_valid(tx: Tx, user_id: UUID, encoded: str) -> User:
    """The user, locked: someone may have disabled it or changed the password meanwhile."""
    user = lock_user(tx, user_id)
    if user is None or not user.active or read_password_hash(tx, user_id) != encoded:
        raise NotAuthenticated("The e-mail address or the password is wrong.")
    return user


def _require_patience(tx: Tx, subjects: list[str]) -> None:
    for subject in sorted(subjects):
        lock_subject(tx, subject)
    window = throttle.PACE.window
    of_account, of_address = (read_attempts(tx, subject, window=window) for subject in subjects)
    throttle.require_patience(of_account, of_address, tx.now)


def _account(email: str) -> str:
    # Hashed: an address someone mistyped or tried out is nothing to keep.
    return "account:" + hashlib.sha256(normal_email(email).encode("utf-8", "replace")).hexdigest()


def _network(address: str) -> str:
    """The address, of IPv6 the /64 network: one customer of a provider has all of it."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "address:unknown"
    if ip.version == 6:
        return f"address:{ipaddress.ip_network((ip, 64), strict=False)}"
    return f"address:{ip}"
