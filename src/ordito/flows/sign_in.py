"""Sign in with e-mail and password: the same words and the same time whatever was wrong.

Whoever has a second factor is asked for its code after the password.
"""

import hashlib
import ipaddress
from uuid import UUID

import msgspec

from ordito.kernel.addresses import normal_email
from ordito.platform import passwords, throttle
from ordito.platform.account_links import end_steps_of, find_step, open_step
from ordito.platform.accounts import (
    USER,
    RecoveryCodeUsed,
    SignedIn,
    SignInFailed,
    User,
    actor_of_user,
    find_user,
    lock_user,
    read_password_hash,
    read_user,
    write_password_hash,
)
from ordito.platform.database import Database, Tx
from ordito.platform.events import write_events
from ordito.platform.problems import NotAuthenticated, Problem
from ordito.platform.second_factors import (
    Factor,
    count_recovery_codes,
    hash_recovery_code,
    lock_factor,
    matching_step,
    read_factor,
    use_recovery_code,
    use_step,
)
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
    """Who wants in. `address` is the network address the request came from.

    device: browser and system in a few words, for the list of sessions.
    """

    email: str
    password: str
    address: str
    device: str = ""


class SecondStep(msgspec.Struct, frozen=True):
    """A code of the second factor, or a recovery code; the token tells whose password was right."""

    token: str
    code: str
    address: str
    device: str = ""


class SecondFactorNeeded(Problem):
    """The password was right; the code of the second factor is still to come."""

    slug = "second-factor-needed"
    title = "Enter the code of your second factor"
    status = 401

    def __init__(self, token: str) -> None:
        super().__init__("Enter the code that your app shows, or a recovery code.")
        self.token = token


def sign_in(db: Database, ask: SignIn, *, absolute_s: int) -> tuple[User, NewSession]:
    """Check the password and open a session. Runs in a worker thread: it takes 0.1 s of a core.

    Raises NotAuthenticated, the same for an unknown address, a wrong password and a disabled
    user; SecondFactorNeeded; TooManyRequests before the password is looked at; Busy.
    """
    subjects = [_account(ask.email), network_subject(ask.address)]
    with db.transaction(NOBODY) as tx:
        require_patience(tx, subjects)
        # Counted as failed before it is tried: many tries at once are not free.
        record_attempts(tx, subjects)
        tried_at = tx.now
        user = find_user(tx, normal_email(ask.email))
        encoded = read_password_hash(tx, user.id) if user and user.active else None
    if not passwords.verify(encoded, ask.password) or user is None:
        _tell_failure(db, user, "password")
        raise NotAuthenticated("The e-mail address or the password is wrong.")
    assert encoded is not None, "nothing verifies against no hash"
    fresh = passwords.hash_password(ask.password) if passwords.needs_rehash(encoded) else None
    with db.transaction(actor_of_user(user)) as tx:
        current = _still_valid(tx, user.id, encoded)
        settle_attempts(tx, subjects, tried_at)
        if fresh:
            write_password_hash(tx, user.id, fresh)
        factor = read_factor(tx, user.id)
        if factor is None or factor.confirmed_at is None:
            made = open_session(tx, user.id, absolute_s=absolute_s, device=ask.device)
            tx.emit(USER, user.id, SignedIn())
            write_events(tx)
            return current, made
        token = open_step(tx, user.id)
    raise SecondFactorNeeded(token)


def enter_code(db: Database, ask: SecondStep, *, absolute_s: int) -> tuple[User, NewSession]:
    """The second step of signing in: check the code and open a session.

    Raises NotAuthenticated when the code is wrong or was used before, or the first step was too
    long ago; TooManyRequests.
    """
    with db.transaction(NOBODY) as tx:
        user_id = find_step(tx, ask.token)
        if user_id is None:
            raise NotAuthenticated("That took too long. Sign in with your password again.")
        subjects = [code_subject(user_id), network_subject(ask.address)]
        require_patience(tx, subjects)
        record_attempts(tx, subjects)
        tried_at = tx.now
        user = read_user(tx, user_id)
    assert user is not None, "users are never deleted"
    with db.transaction(actor_of_user(user)) as tx:
        factor = lock_factor(tx, user_id)
        right = user.active and factor is not None and use_code(tx, factor, ask.code)
        if right and find_step(tx, ask.token) == user_id:
            settle_attempts(tx, subjects, tried_at)
            end_steps_of(tx, user_id)
            made = open_session(tx, user_id, absolute_s=absolute_s, device=ask.device)
            tx.emit(USER, user_id, SignedIn(second_factor=True))
            write_events(tx)
            return user, made
    _tell_failure(db, user, "code")
    raise NotAuthenticated("The code is wrong or was used before. Wait for the next one.")


def use_code(tx: Tx, factor: Factor, code: str) -> bool:
    """Use up a code of the app, or a recovery code; False when it is neither. The caller locks."""
    step = matching_step(factor.secret, code, tx.now, after=factor.last_step)
    if step is not None:
        use_step(tx, factor.user_id, step)
        return True
    if factor.confirmed_at is None:
        return False
    if not use_recovery_code(tx, factor.user_id, hash_recovery_code(factor.user_id, code)):
        return False
    left = count_recovery_codes(tx, factor.user_id)
    tx.emit(USER, factor.user_id, RecoveryCodeUsed(left))
    return True


def _tell_failure(db: Database, user: User | None, step: str) -> None:
    """Note on the user's timeline that someone failed to sign in; nobody knows who it was."""
    if user is None:
        return
    with db.transaction(NOBODY) as tx:
        tx.emit(USER, user.id, SignInFailed(step))
        write_events(tx)


def _still_valid(tx: Tx, user_id: UUID, encoded: str) -> User:
    """The user, locked: someone may have disabled it or changed the password meanwhile."""
    user = lock_user(tx, user_id)
    if user is None or not user.active or read_password_hash(tx, user_id) != encoded:
        raise NotAuthenticated("The e-mail address or the password is wrong.")
    return user


def require_patience(tx: Tx, subjects: list[str]) -> None:
    """Raises TooManyRequests. subjects: that of an account, then that of an address."""
    for subject in sorted(subjects):
        lock_subject(tx, subject)
    window = throttle.PACE.window
    of_account, of_address = (read_attempts(tx, subject, window=window) for subject in subjects)
    throttle.require_patience(of_account, of_address, tx.now)


def code_subject(user_id: UUID) -> str:
    """Under what the tries of a user's second factor are counted."""
    return f"code:{user_id}"


def _account(email: str) -> str:
    return "account:" + hash_email(email)


def hash_email(email: str) -> str:
    # Hashed: an address someone mistyped or tried out is nothing to keep.
    return hashlib.sha256(normal_email(email).encode("utf-8", "replace")).hexdigest()


def network_subject(address: str) -> str:
    """The address, of IPv6 the /64 network: one customer of a provider has all of it."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "address:unknown"
    if ip.version == 6:
        return f"address:{ipaddress.ip_network((ip, 64), strict=False)}"
    return f"address:{ip}"
