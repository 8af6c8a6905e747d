"""Sign a person out everywhere: a lost phone, a till left open, somebody who has gone."""

from uuid import UUID

import msgspec

from ordito.flows.manage_access import locked_user
from ordito.kernel.asks import Ask
from ordito.platform.account_links import end_steps_of
from ordito.platform.accounts import USER, SignedOut
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.sessions import end_sessions_of


class EndSessions(Ask, frozen=True, kw_only=True):
    """Who is to be signed out."""

    user_id: UUID


class SessionsEnded(msgspec.Struct, frozen=True):
    """How many sessions of the user ended."""

    user_id: UUID
    ended: int


@command(permission="access.write")
def end_sessions(tx: Tx, ask: EndSessions) -> SessionsEnded:
    """Sign a user out everywhere, with their next request; the password stays good."""
    user = locked_user(tx, ask.user_id)
    ended = end_sessions_of(tx, user.id)
    end_steps_of(tx, user.id)
    if ended:
        tx.emit(USER, user.id, SignedOut(ended))
    return SessionsEnded(user.id, ended)
