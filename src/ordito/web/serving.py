"""What pages need of the server: answers, headers, and threads for work that blocks."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, Protocol, TypeVar

import msgspec

from ordito.api.answers import Document, send_document
from ordito.platform.database import Database
from ordito.platform.problems import Busy
from ordito.platform.sessions import Session

Found = TypeVar("Found")

WAITING_MAX = 512


class Answer(msgspec.Struct, frozen=True):
    """What is sent: status, headers beside the length, body.

    document: sent instead, with `body` as its first bytes.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    document: Document | None = None


class SessionGate(Protocol):
    """Who finds the session of a request."""

    async def find_session(self, headers: Mapping[bytes, bytes], *, secure: bool) -> Session | None:
        """The session of the request's cookie; None without one that lives."""
        ...


class Services(Protocol):
    """What page handlers work with; the program makes it."""

    waiting: int

    @property
    def db(self) -> Database: ...
    @property
    def gate(self) -> SessionGate: ...
    @property
    def threads(self) -> Executor: ...
    @property
    def leaving(self) -> threading.Event: ...


async def send_answer(send: Any, answer: Answer) -> None:
    """Send an answer over ASGI."""
    if answer.document is not None:
        await send_document(send, answer.document, answer.body)
        return
    headers = list(answer.headers)
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def headers_of(scope: Any) -> dict[bytes, bytes]:
    """The request's headers by their names in small letters; of a repeated one the first."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, value)
    return found


async def in_thread(services: Services, work: Callable[[], Found]) -> Found:
    """Run blocking work; a caller that hangs up doesn't stop it. Busy when too many wait."""
    if services.waiting >= WAITING_MAX:
        raise Busy("More requests are waiting than can be answered right now.")
    services.waiting += 1
    try:
        context = contextvars.copy_context()
        running = asyncio.get_running_loop().run_in_executor(services.threads, context.run, work)
        return await asyncio.shield(running)
    finally:
        services.waiting -= 1
