"""Links to choose a password with: for who is invited, and for who forgot the old one."""

from uuid import UUID

import msgspec

from ordito.flows.account_mails import link_mail
from ordito.flows.manage_access import locked_user, replace_password
from ordito.flows.sign_in import hash_email, network_subject, require_patience
from ordito.kernel.addresses import normal_email
from ordito.kernel.asks import Ask
from ordito.kernel.ids import new_id
from ordito.notifications.mails import queue_mail
from ordito.platform import passwords
from ordito.platform.access import Actor
from ordito.platform.account_links import (
    Link,
    LinkKind,
    find_link,
    hash_link,
    new_link_token,
    use_link,
    write_link,
)
from ordito.platform.accounts import (
    USER,
    PasswordChanged,
    PasswordResetAsked,
    User,
    UserInvited,
    actor_of_user,
    find_user,
    lock_user,
    read_user,
)
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run, spec_of
from ordito.platform.events import write_events
from ordito.platform.problems import ActionNotAllowed, Problem
from ordito.platform.sessions import NOBODY, record_attempts

PATH = "/password"
"""Where the links lead: the token is a parameter, which no log has."""


class LinkExpired(Problem):
    """The link to choose a password was used, is too old, or was never given. Ask for a new one."""

    slug = "link-expired"
    title = "This link is no longer valid"
    status = 410


class SendInvitation(Ask, frozen=True, kw_only=True):
    """Who is to choose a password, the first one or a new one."""

    user_id: UUID


class Invitation(msgspec.Struct, frozen=True):
    """What was sent. link: to be given to the person; null when the request was a repeated one."""

    user: User
    link: str | None


@command(permission="access.write")
def send_invitation(tx: Tx, ask: SendInvitation, *, token: str, base_url: str) -> User:
    """Make a link for a person to choose a password; see `invite`."""
    user = locked_user(tx, ask.user_id)
    if not user.active:
        raise ActionNotAllowed("This user is disabled; enable them first.")
    _send_link(tx, user, "invitation", token, base_url)
    tx.emit(USER, user.id, UserInvited())
    return msgspec.structs.replace(user, version=user.version + 1)


def invite(
    db: Database, actor: Actor, ask: SendInvitation, *, base_url: str, key: str | None = None
) -> Invitation:
    """Send a person a link to choose a password, valid once within 72 hours.

    base_url: scheme and host by which people reach Ordito. The link is in this answer as well,
    for where no mail goes out, and nowhere else.
    """
    token = new_link_token()
    used: list[bool] = []

    def send(tx: Tx, ask: SendInvitation) -> User:
        used.append(True)
        return send_invitation(tx, ask, token=token, base_url=base_url)

    send.__dict__["__command__"] = spec_of(send_invitation)
    user = run(db, actor, send, ask, key=key)
    return Invitation(user, link_url(base_url, token) if used else None)


def link_url(base_url: str, token: str) -> str:
    return f"{base_url.rstrip('/')}{PATH}?token={token}"


def _send_link(tx: Tx, user: User, kind: LinkKind, token: str, base_url: str) -> None:
    write_link(tx, user.id, kind, hash_link(token))
    queue_mail(tx, link_mail(user, kind, link_url(base_url, token), new_id()))


def ask_for_reset(db: Database, email: str, *, address: str, base_url: str) -> None:
    """Send a link for a new password when there is such a user; nobody learns whether there is.

    Raises TooManyRequests, for known and unknown addresses alike.
    """
    subjects = [f"reset:{hash_email(email)}", f"reset-{network_subject(address)}"]
    with db.transaction(NOBODY) as tx:
        require_patience(tx, subjects)
        # Never settled: asking again and again slows down, whatever comes of it.
        record_attempts(tx, subjects)
        user = find_user(tx, normal_email(email))
        if user is not None and user.active:
            _send_link(tx, user, "reset", new_link_token(), base_url)
            tx.emit(USER, user.id, PasswordResetAsked())
            write_events(tx)
    db.after_commit()


def look_at_link(db: Database, token: str) -> User:
    """Whose password the link chooses. Raises LinkExpired."""
    with db.reading(NOBODY) as tx:
        return _user_of(tx, find_link(tx, token))


def choose_password(db: Database, token: str, password: str) -> User:
    """Set the password with a link, which is used up; whoever was signed in is signed out.

    Raises LinkExpired, PasswordTooWeak (the link stays good).
    """
    user = look_at_link(db, token)
    passwords.check_strength(password, email=user.email)
    encoded = passwords.hash_password(password)
    with db.transaction(actor_of_user(user)) as tx:
        lock_user(tx, user.id)
        _user_of(tx, use_link(tx, token))
        replace_password(tx, user.id, encoded)
        tx.emit(USER, user.id, PasswordChanged())
        write_events(tx)
    db.after_commit()
    return user


def _user_of(tx: Tx, link: Link | None) -> User:
    user = read_user(tx, link.user_id) if link is not None else None
    if user is None or not user.active:
        raise LinkExpired("It was used already or is too old. Ask for a new one.")
    return user
