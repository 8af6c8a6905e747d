"""Endpoints as handlers: authenticate, decode, run, encode; the same way for all of them."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from ordito.api.answers import Answer, Document, tell
from ordito.api.authentication import Gate, Headers, headers_of
from ordito.api.endpoints import (
    BODY_MAX,
    BULK_BODY_MAX,
    BULK_ITEMS_MAX,
    UPLOAD_BODY_MAX,
    Endpoint,
)
from ordito.api.forms import read_upload
from ordito.api.pacing import Pacer
from ordito.api.requests import (
    idempotency_key,
    path_values,
    query_values,
    read_body,
    read_raw,
    version_value,
)
from ordito.api.routing import Handler
from ordito.platform.access import Actor
from ordito.platform.batches import Batcher
from ordito.platform.database import Database, Tx
from ordito.platform.door import prepare, run, spec_of
from ordito.platform.problems import Busy, IdempotencyKeyMissing, NotAuthenticated
from ordito.platform.validation import convert, decode, decode_many

Found = TypeVar("Found")

WAITING_MAX = 512
"""Requests that may wait for a thread; more are told to come back."""


class Services(msgspec.Struct):
    """What handlers work with; made once per process by app.program."""

    db: Database
    gate: Gate
    placing: Batcher
    threads: ThreadPoolExecutor
    bulk_threads: ThreadPoolExecutor
    """Few: bulk calls must leave database and cores to everyone else."""
    pacer: Pacer
    waiting: int = 0
    leaving: threading.Event = msgspec.field(default_factory=threading.Event)
    """Set when the program was told to end: what could go on for hours comes to an end."""


def make_handler(endpoint: Endpoint, services: Services) -> Handler:  # noqa: PLR0911
    """The handler of an endpoint; problems are raised."""
    if endpoint.kind == "read":
        return _reader(endpoint, services)
    if endpoint.kind == "document":
        return _document_reader(endpoint, services)
    if endpoint.kind == "upload":
        return _uploader(endpoint, services)
    if endpoint.bulk:
        return _bulk_writer(endpoint, services)
    if endpoint.kind == "story":
        return _story_teller(endpoint, services)
    if spec_of(endpoint.call).takes_many:
        return _hot_writer(endpoint, services)
    return _writer(endpoint, services)


def _reader(endpoint: Endpoint, services: Services) -> Handler:
    in_path = endpoint.path_fields

    async def read(scope: Any, _receive: Any) -> Answer:
        actor = await _authenticate(endpoint, scope, services)
        values = path_values(scope["path_params"])
        params = query_values(scope["query_string"], endpoint.body if in_path else endpoint.ask)
        if values:
            params = _joined(endpoint.ask, values, params)

        def work() -> Answer:
            with services.db.reading(actor) as tx:
                answer = endpoint.call(tx, params)
            return tell(answer, status=endpoint.status)

        return await in_thread(services, work)

    return read


def _document_reader(endpoint: Endpoint, services: Services) -> Handler:
    async def read(scope: Any, _receive: Any) -> Answer:
        actor = await _authenticate(endpoint, scope, services)
        params = _query_ask(endpoint, scope)

        def work() -> Answer:
            document: Document = endpoint.call(services.db, actor, params)
            first = document.read(0) if document.read else document.body
            return Answer(200, [], first, document)

        return await in_thread(services, work)

    return read


def _query_ask(endpoint: Endpoint, scope: Any) -> Any:
    """The ask of path and query."""
    values = path_values(scope["path_params"])
    given = query_values(scope["query_string"], endpoint.in_query if values else endpoint.ask)
    return _joined(endpoint.ask, values, given) if values else given


def _uploader(endpoint: Endpoint, services: Services) -> Handler:
    """A command that keeps what was sent: the body as it is, or the file of a form."""

    async def write(scope: Any, receive: Any) -> Answer:
        headers = headers_of(scope)
        actor = await _authenticate(endpoint, scope, services)
        raw = await read_raw(receive, headers, UPLOAD_BODY_MAX)
        fields = _query_ask(endpoint, scope)
        key = idempotency_key(headers)

        def work() -> Answer:
            sent = read_upload(headers.get(b"content-type", b""), raw)
            named = {"name": sent.name} if sent.name else {}
            ask = structs.replace(fields, body=sent.body, **named)
            answer = run(
                services.db, actor, endpoint.call, ask, key=key, request_id=scope["request_id"]
            )
            return tell(answer, status=endpoint.status)

        return await in_thread(services, work)

    return write


def _writer(endpoint: Endpoint, services: Services) -> Handler:
    async def write(scope: Any, receive: Any) -> Answer:
        headers = headers_of(scope)
        actor = await _authenticate(endpoint, scope, services)
        ask = await _ask(endpoint, scope, receive)
        key = idempotency_key(headers)
        ran: list[bool] = []

        def once(tx: Tx, ask: Any) -> Any:
            ran.append(True)
            return endpoint.call(tx, ask)

        once.__dict__["__command__"] = spec_of(endpoint.call)

        def work() -> Answer:
            answer = run(services.db, actor, once, ask, key=key, request_id=scope["request_id"])
            return tell(answer, status=endpoint.status, path=endpoint.path, replayed=not ran)

        answer = await in_thread(services, work)
        if endpoint.needs == "access.write":
            services.gate.keys.forget()
        return answer

    return write


def _story_teller(endpoint: Endpoint, services: Services) -> Handler:
    async def write(scope: Any, receive: Any) -> Answer:
        headers = headers_of(scope)
        actor = await _authenticate(endpoint, scope, services)
        ask = await _ask(endpoint, scope, receive)

        def work() -> Answer:
            answer = endpoint.call(
                services.db,
                actor,
                ask,
                key=idempotency_key(headers),
                request_id=scope["request_id"],
            )
            return tell(answer, status=endpoint.status, path=endpoint.path)

        return await in_thread(services, work)

    return write


def _bulk_writer(endpoint: Endpoint, services: Services) -> Handler:
    """Each item of the body alone: decoded, carried out, answered. In a thread of its own."""

    async def write(scope: Any, receive: Any) -> Answer:
        headers = headers_of(scope)
        actor = await _authenticate(endpoint, scope, services)
        body = await read_body(receive, headers, BULK_BODY_MAX)
        key = idempotency_key(headers)

        def work() -> Answer:
            asks = decode_many(endpoint.ask, body, size_max=BULK_BODY_MAX, items_max=BULK_ITEMS_MAX)
            answer = endpoint.call(
                services.db, actor, asks, key=key, request_id=scope["request_id"]
            )
            return tell(answer, status=endpoint.status)

        return await _in(services.bulk_threads, work)

    return write


def _hot_writer(endpoint: Endpoint, services: Services) -> Handler:
    """For commands that are committed in groups: no thread per request, one queue for all."""
    kind, command, path, status = endpoint.ask, endpoint.call, endpoint.path, endpoint.status

    async def write(scope: Any, receive: Any) -> Answer:
        headers = headers_of(scope)
        actor = await _identify(services, scope, headers, writes=True)
        key = idempotency_key(headers)
        ask = decode(kind, await read_body(receive, headers, BODY_MAX))
        request = prepare(actor, command, ask, key=key, request_id=scope["request_id"])
        if key is None and endpoint.known_by and getattr(ask, endpoint.known_by) is None:
            raise IdempotencyKeyMissing(
                f"Send an Idempotency-Key, or “{endpoint.known_by}”: sent again, as programs do"
                " when no answer arrives, this would be done twice."
            )
        answer = await services.placing.submit(request)
        return tell(answer, status=status, path=path, replayed=bool(request.replays))

    return write


async def _authenticate(endpoint: Endpoint, scope: Any, services: Services) -> Actor:
    """Who calls, when they may; before the body is looked at."""
    actor = await _identify(services, scope, headers_of(scope), writes=not endpoint.reads)
    if endpoint.needs:
        actor.require(endpoint.needs)
    return actor


async def _identify(services: Services, scope: Any, headers: Headers, *, writes: bool) -> Actor:
    """Who calls; raises TooManyRequests when that is too often."""
    try:
        actor = await services.gate.authenticate(
            headers, secure=scope["scheme"] == "https", writes=writes
        )
    except NotAuthenticated:
        if b"authorization" in headers:
            services.pacer.note_wrong_key(str((scope.get("client") or ("unknown",))[0]))
        raise
    services.pacer.take(actor, scope)
    return actor


async def _ask(endpoint: Endpoint, scope: Any, receive: Any) -> Any:
    """The ask, put together from path, headers and body."""
    headers = headers_of(scope)
    body = await read_body(receive, headers, endpoint.body_max)
    values = path_values(scope["path_params"]) | version_value(endpoint, headers)
    fields = decode(endpoint.body, body or b"{}", size_max=endpoint.body_max)
    return _joined(endpoint.ask, values, fields) if values else fields


def _joined(ask: type[Any], values: dict[str, Any], fields: Any) -> Any:
    given = {name: getattr(fields, name) for name in fields.__struct_fields__}
    known = {name: value for name, value in values.items() if value is not None}
    # Path and header are checked like the body: a version 0 or a code of 500 letters is a fault.
    checked = convert(_plain(ask, frozenset(known)), known)
    return ask(**given, **{name: getattr(checked, name) for name in known})


def _plain(ask: type[Any], names: frozenset[str]) -> type[Any]:
    """A struct of only these fields of an ask, all of them required."""
    if (ask, names) not in _plain_structs:
        fields = [(f.name, f.type) for f in msgspec.structs.fields(ask) if f.name in names]
        _plain_structs[ask, names] = msgspec.defstruct(f"{ask.__name__}Path", fields)
    return _plain_structs[ask, names]


_plain_structs: dict[tuple[type[Any], frozenset[str]], type[Any]] = {}


async def in_thread(services: Services, work: Callable[[], Found]) -> Found:
    """Run blocking work; a caller that hangs up doesn't stop it. Busy when too many wait."""
    if services.waiting >= WAITING_MAX:
        raise Busy("More requests are waiting than can be answered right now.")
    services.waiting += 1
    try:
        return await _in(services.threads, work)
    finally:
        services.waiting -= 1


async def _in(threads: ThreadPoolExecutor, work: Callable[[], Found]) -> Found:
    context = contextvars.copy_context()
    future = asyncio.get_running_loop().run_in_executor(threads, context.run, work)
    return await asyncio.shield(future)
