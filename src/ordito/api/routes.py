"""Endpoints as Litestar handlers: authenticate, decode, run, encode; problems told alike."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from ordito.api.authentication import authenticate
from ordito.api.endpoints import BODY_MAX, BULK_BODY_MAX, Endpoint
from ordito.platform.batches import Batcher
from ordito.platform.database import Database
from ordito.platform.door import prepare, run, spec_of
from ordito.platform.keys import KeyRing
from ordito.platform.problems import (
    BodyTooLarge,
    InvalidInput,
    NotFound,
    Problem,
    UnsupportedMediaType,
    VersionConflict,
    VersionRequired,
)
from ordito.platform.validation import convert, decode

AnyRequest = Request[Any, Any, Any]
Handler = Callable[[AnyRequest], Coroutine[Any, Any, Response[bytes]]]

_encode = msgspec.json.Encoder().encode


class Services(msgspec.Struct, frozen=True):
    """What handlers work with; made once per process by app.program."""

    db: Database
    keys: KeyRing
    placing: Batcher
    threads: ThreadPoolExecutor


def make_route(endpoint: Endpoint, services: Services) -> HTTPRouteHandler:
    """The Litestar handler of an endpoint."""
    if endpoint.reads:
        handle = _reader(endpoint, services)
    elif spec_of(endpoint.call).takes_many:
        handle = _hot_writer(endpoint, services)
    else:
        handle = _writer(endpoint, services)
    path = "/api/v1" + endpoint.path.replace("}", ":str}")
    return HTTPRouteHandler(path, http_method=endpoint.method, name=endpoint.summary)(handle)


def _reader(endpoint: Endpoint, services: Services) -> Handler:
    permission = endpoint.permission or ""

    async def read(request: AnyRequest) -> Response[bytes]:
        actor = await authenticate(request, services.keys)
        actor.require(permission)
        values = path_values(request.path_params) | query_values(request)
        params = convert(endpoint.ask, values, strict=False)

        def work() -> Any:
            with services.db.reading(actor) as tx:
                return endpoint.call(tx, params)

        return respond(endpoint, await in_thread(services, work))

    return read


def _writer(endpoint: Endpoint, services: Services) -> Handler:
    body_type = body_struct(endpoint.ask, tuple(sorted(_given_elsewhere(endpoint))))

    async def write(request: AnyRequest) -> Response[bytes]:
        actor = await authenticate(request, services.keys)
        body = await read_body(request, BULK_BODY_MAX if endpoint.bulk else BODY_MAX)
        values = path_values(request.path_params) | _version(endpoint, request)
        fields = decode(body_type, body or b"{}")
        ask = endpoint.ask(
            **values, **{name: getattr(fields, name) for name in body_type.__struct_fields__}
        )
        key = request.headers.get("idempotency-key")
        request_id = str(request.state.get("request_id", ""))

        def work() -> Any:
            return run(services.db, actor, endpoint.call, ask, key=key, request_id=request_id)

        return respond(endpoint, await in_thread(services, work))

    return write


def _hot_writer(endpoint: Endpoint, services: Services) -> Handler:
    """For commands that are committed in groups: no thread per request, one queue for all."""

    async def write(request: AnyRequest) -> Response[bytes]:
        actor = await authenticate(request, services.keys)
        ask = decode(endpoint.ask, await read_body(request, BODY_MAX))
        prepared = prepare(
            actor,
            endpoint.call,
            ask,
            key=request.headers.get("idempotency-key"),
            request_id=str(request.state.get("request_id", "")),
        )
        return respond(endpoint, await services.placing.submit(prepared))

    return write


async def in_thread(services: Services, work: Callable[[], Any]) -> Any:
    """Run blocking work; a caller that hangs up doesn't stop it."""
    future = asyncio.get_running_loop().run_in_executor(services.threads, work)
    return await asyncio.shield(future)


async def read_body(request: AnyRequest, size_max: int) -> bytes:
    """The raw JSON body; raises UnsupportedMediaType and BodyTooLarge before it is all read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > size_max:
        raise BodyTooLarge(f"The body may have {size_max:,} bytes.")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > size_max:
            raise BodyTooLarge(f"The body may have {size_max:,} bytes.")
        chunks.append(chunk)
    if size and kind != "application/json" and not kind.endswith("+json"):
        raise UnsupportedMediaType("Send JSON with “Content-Type: application/json”.")
    return b"".join(chunks)


def path_values(params: dict[str, Any]) -> dict[str, Any]:
    """Fields from the path. What can't be an id is no id of ours: NotFound."""
    values: dict[str, Any] = {}
    for name, text in params.items():
        if name == "fulfillment_order_id":
            order_id, _, number = str(text).partition(".")
            values["order_id"] = _uuid(order_id)
            if not number.isascii() or not number.isdigit() or len(number) > 6:
                raise NotFound("A fulfillment order's id is “<order id>.<number>”.")
            values["fo_no"] = int(number)
        elif name.endswith("_id"):
            values[name] = _uuid(str(text))
        else:
            values[name] = text
    return values


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such thing: that is not one of our ids.") from None


def query_values(request: AnyRequest) -> dict[str, Any]:
    """Query parameters; a name given twice is a fault, not a silent choice."""
    values: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name in values:
            raise InvalidInput(f"The parameter “{name[:60]}” is given twice.")
        values[name] = text
    return values


def _given_elsewhere(endpoint: Endpoint) -> set[str]:
    names = set(endpoint.path_names)
    if "fulfillment_order_id" in names:
        names |= {"order_id", "fo_no"}
    return names | {"version"}


def _version(endpoint: Endpoint, request: AnyRequest) -> dict[str, Any]:
    if endpoint.version == "none":
        return {}
    header = request.headers.get("if-match")
    if header is None:
        if endpoint.version == "required":
            raise VersionRequired("Read it first; its ETag is the version to send.")
        return {"version": None}
    text = header.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise VersionConflict('If-Match must be the ETag of an answer, such as "7".')
    return {"version": int(text)}


def body_struct(ask: type[Any], without: tuple[str, ...]) -> type[Any]:
    """The ask without what the path and the headers say: what the body may hold."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(ask):
        if field.name in without:
            continue
        if field.default is not msgspec.NODEFAULT:
            fields.append((field.name, field.type, field.default))
        elif field.default_factory is not msgspec.NODEFAULT:
            fields.append(
                (field.name, field.type, msgspec.field(default_factory=field.default_factory))
            )
        else:
            fields.append((field.name, field.type))
    return msgspec.defstruct(
        f"{ask.__name__}Body",
        fields,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        module=ask.__module__,
        namespace={"__doc__": ask.__doc__},
    )


def respond(endpoint: Endpoint, answer: Any) -> Response[bytes]:
    """The answer as JSON, with its version as ETag."""
    headers = {"cache-control": "no-store"}
    version = getattr(answer, "version", None)
    if isinstance(version, int):
        headers["etag"] = f'"{version}"'
    id_ = getattr(answer, "id", None)
    if endpoint.status == 201 and id_ is not None:
        headers["location"] = f"/api/v1{endpoint.path}/{id_}"
    return Response(
        _encode(answer),
        status_code=endpoint.status,
        media_type="application/json",
        headers=headers,
    )


def respond_problem(problem: Problem, request_id: str = "") -> Response[bytes]:
    """A problem as RFC 9457 says."""
    headers = {"cache-control": "no-store"}
    if problem.retry_after_s is not None:
        headers["retry-after"] = str(problem.retry_after_s)
    if problem.status == 401:
        headers["www-authenticate"] = 'Bearer realm="Ordito"'
    body = problem.body()
    if request_id:
        body["request_id"] = request_id
    return Response(
        _encode(body),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )
