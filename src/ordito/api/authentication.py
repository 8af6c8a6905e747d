"""Who calls: the API key of the request, or the session of someone on our own pages."""

import asyncio
import hmac
from collections.abc import Mapping
from typing import Any

from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.keys import PREFIX, KeyRing
from ordito.platform.problems import CsrfFailed, NotAuthenticated, NotPermitted
from ordito.platform.sessions import Session, cookie_name, find_session

Headers = Mapping[bytes, bytes]


class Gate:
    """Knows keys and sessions. One look at a key at a time: a burst of requests asks once."""

    def __init__(self, db: Database, *, session_idle_s: int) -> None:
        self._db = db
        self._idle_s = session_idle_s
        self.keys = KeyRing(db)
        self._looking: dict[str, asyncio.Future[Actor]] = {}

    async def authenticate(self, headers: Headers, *, secure: bool, writes: bool) -> Actor:
        """The actor of a request; raises NotAuthenticated.

        A session's cookie is taken too, for writes only with its CSRF token in X-CSRF-Token;
        raises CsrfFailed.
        """
        header = headers.get(b"authorization")
        if header is not None:
            return await self._by_key(header.decode("latin-1"))
        session = await self.find_session(headers, secure=secure)
        if session is None:
            raise NotAuthenticated("Send “Authorization: Bearer ordito_…” with an API key.")
        sent = headers.get(b"x-csrf-token", b"")
        if writes and not hmac.compare_digest(sent, session.csrf_token.encode()):
            raise CsrfFailed("Send the session's token as X-CSRF-Token; reloading the page helps.")
        if session.needs_factor:
            raise NotPermitted("Set up a second factor first: your role demands one.")
        return session.actor

    async def find_session(self, headers: Headers, *, secure: bool) -> Session | None:
        """The session of the request's cookie, read anew; None without one that lives."""
        token = read_cookie(headers.get(b"cookie", b""), cookie_name(secure=secure))
        if not token:
            return None
        return await asyncio.to_thread(find_session, self._db, token, idle_s=self._idle_s)

    async def _by_key(self, header: str) -> Actor:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token.startswith(PREFIX) or len(token) > 100:
            raise NotAuthenticated("Send “Authorization: Bearer ordito_…” with an API key.")
        actor = self.keys.find(token)
        if actor is not None:
            return actor
        looking = self._looking.get(token)
        if looking is None:
            looking = asyncio.ensure_future(asyncio.to_thread(self.keys.verify, token))
            self._looking[token] = looking
            looking.add_done_callback(lambda _done: self._looking.pop(token, None))
        # Shielded: who hangs up must not take the answer from those who wait with him.
        return await asyncio.shield(looking)


def read_cookie(header: bytes, name: str) -> str:
    """The value of a cookie, "" when it isn't there or is there twice with other values."""
    values = set()
    for pair in header.decode("latin-1").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            values.add(value)
    return values.pop() if len(values) == 1 else ""


def headers_of(scope: Any) -> dict[bytes, bytes]:
    """The request's headers by their names in small letters; of a repeated one the first."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, value)
    return found
