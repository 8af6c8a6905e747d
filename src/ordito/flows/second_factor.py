"""A second factor: set up with a code that proves it works, taken away by oneself or an admin."""

from uuid import UUID

import msgspec

from ordito.flows.manage_access import locked_user
from ordito.flows.sign_in import code_subject, require_patience, use_code
from ordito.kernel.asks import Ask
from ordito.platform import passwords
from ordito.platform.access import Actor
from ordito.platform.accounts import (
    USER,
    SecondFactorRemoved,
    SecondFactorSet,
    User,
    lock_user,
    read_password_hash,
    read_user,
)
from ordito.platform.database import Database, Tx
from ordito.platform.door import command
from ordito.platform.events import write_events
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput
from ordito.platform.second_factors import (
    begin_factor,
    enrolment_uri,
    hash_recovery_code,
    lock_factor,
    new_recovery_codes,
    new_secret,
    read_factor,
    remove_factor,
    write_recovery_codes,
)
from ordito.platform.sessions import (
    NOBODY,
    end_sessions_of,
    record_attempts,
    settle_attempts,
)


class Enrolment(msgspec.Struct, frozen=True):
    """What the authenticator app needs: the secret to type, and the text of the QR code."""

    secret: str
    uri: str


class RemoveFactor(Ask, frozen=True, kw_only=True):
    """Whose second factor is lost."""

    user_id: UUID


def begin_enrolment(db: Database, actor: Actor) -> Enrolment:
    """The secret of a factor to be confirmed; the same until then. Raises ActionNotAllowed."""
    with db.transaction(actor) as tx:
        user = lock_user(tx, actor.id)
        assert user is not None, "users are never deleted"
        begun = read_factor(tx, user.id)
        if begun is not None and begun.confirmed_at is not None:
            raise ActionNotAllowed("You have a second factor already. Take it away first.")
        secret = begun.secret if begun is not None else new_secret()
        begin_factor(tx, user.id, secret)
    return Enrolment(secret, enrolment_uri(secret, user.email))


def confirm_enrolment(db: Database, actor: Actor, code: str) -> list[str]:
    """Confirm with a code of the app; the recovery codes are in this answer and nowhere else.

    Raises InvalidInput when the code is wrong, TooManyRequests, ActionNotAllowed.
    """
    codes = new_recovery_codes()
    subjects = [code_subject(actor.id), f"code-of:{actor.id}"]
    with db.transaction(NOBODY) as tx:
        require_patience(tx, subjects)
        record_attempts(tx, subjects)
        tried_at = tx.now
    with db.transaction(actor) as tx:
        lock_user(tx, actor.id)
        factor = lock_factor(tx, actor.id)
        if factor is None or factor.confirmed_at is not None:
            raise ActionNotAllowed("There is no second factor to confirm. Load the page again.")
        if not use_code(tx, factor, code):
            raise _wrong("/code", "The code is wrong. Look whether the phone's clock is right.")
        settle_attempts(tx, subjects, tried_at)
        hashes = [hash_recovery_code(actor.id, one) for one in codes]
        write_recovery_codes(tx, actor.id, hashes)
        tx.emit(USER, actor.id, SecondFactorSet())
        write_events(tx)
    db.after_commit()
    return codes


def remove_own_factor(db: Database, actor: Actor, password: str) -> None:
    """Take one's own second factor away. Raises InvalidInput when the password is wrong."""
    with db.reading(actor) as tx:
        user, encoded = read_user(tx, actor.id), read_password_hash(tx, actor.id)
    if user is None or not passwords.verify(encoded, password):
        raise _wrong("/password", "This is not your password.")
    with db.transaction(actor) as tx:
        lock_user(tx, actor.id)
        if remove_factor(tx, actor.id):
            tx.emit(USER, actor.id, SecondFactorRemoved())
            write_events(tx)
    db.after_commit()


@command(permission="access.write")
def remove_second_factor(tx: Tx, ask: RemoveFactor) -> User:
    """Take away a second factor that someone lost; they are signed out everywhere."""
    user = locked_user(tx, ask.user_id)
    if not remove_factor(tx, user.id):
        return user
    end_sessions_of(tx, user.id)
    tx.emit(USER, user.id, SecondFactorRemoved())
    return msgspec.structs.replace(user, version=user.version + 1)


def _wrong(pointer: str, words: str) -> InvalidInput:
    return InvalidInput(words, errors=[Fault(pointer, "wrong", words)])
