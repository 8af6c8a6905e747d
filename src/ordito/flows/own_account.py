"""What everybody may change of their own account: name, language, time zone, sessions."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.flows.manage_access import time_zone_of
from ordito.kernel.asks import Ask, Name
from ordito.platform.access import Actor
from ordito.platform.accounts import USER, User, UserChanged, lock_user, write_user
from ordito.platform.database import Database
from ordito.platform.events import write_events
from ordito.platform.sessions import end_some_sessions


class OwnAccount(Ask, frozen=True, kw_only=True):
    """How one is called, in which language and time zone pages are shown."""

    name: Name
    locale: Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    time_zone: Annotated[str, Meta(max_length=60)]


def change_own_account(db: Database, actor: Actor, ask: OwnAccount, request_id: str = "") -> User:
    """A user changes their own name, language and time zone: nothing that needs a permission."""
    assert actor.kind == "user", "keys have no account"
    zone = time_zone_of(ask.time_zone)
    with db.transaction(actor, request_id=request_id) as tx:
        before = lock_user(tx, actor.id)
        assert before is not None, "users are never deleted"
        after = msgspec.structs.replace(before, name=ask.name, locale=ask.locale, time_zone=zone)
        names = [
            n for n in ("name", "locale", "time_zone") if getattr(before, n) != getattr(after, n)
        ]
        if names:
            write_user(tx, after)
            tx.emit(USER, after.id, UserChanged(names, after.permissions, after.active))
            write_events(tx)
    db.after_commit()
    return after


def end_own_sessions(
    db: Database, actor: Actor, *, session_id: UUID | None = None, besides: UUID | None = None
) -> int:
    """Sign oneself out elsewhere: of one session, or of all besides one. Returns how many."""
    assert (session_id is None) != (besides is None), "the caller says which"
    with db.transaction(actor) as tx:
        return end_some_sessions(tx, actor.id, session_id=session_id, besides=besides)
