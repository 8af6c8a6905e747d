"""The web program: pool, batcher, routes, and what every answer has in common."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import structlog
from litestar import Litestar, Request
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import ControllerRouterHandler

from ordito.api.answers import Answer, encode, send_answer, tell_problem
from ordito.api.authentication import Gate, headers_of
from ordito.api.endpoints import Endpoint
from ordito.api.hooks import make_hook
from ordito.api.openapi import make_document
from ordito.api.pacing import Pacer
from ordito.api.routes import Handler, Services, in_thread, make_handler
from ordito.api.table import ENDPOINTS
from ordito.app.api_docs import docs_page, docs_script
from ordito.app.front import Front
from ordito.app.problem_pages import tell_problem_class, tell_problem_classes
from ordito.app.state import ALIVE, tell_metrics, tell_readiness
from ordito.app.static_route import tell_file
from ordito.flows.place_orders import place_orders
from ordito.platform import metrics
from ordito.platform.batches import Batcher
from ordito.platform.database import Database
from ordito.platform.door import run_many
from ordito.platform.problems import (
    InternalError,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    Problem,
)
from ordito.platform.settings import OWN_ADDRESS, Settings, own_address
from ordito.platform.wakeups import Notifier
from ordito.platform.worker import Worker
from ordito.web.site import no_page, wants_page, web_routes
from ordito.webhooks.addresses import LAN

log = structlog.get_logger(__name__)

API = "/api/v1"
HOT_PATHS = ("/orders",)
MEASURE_EVERY_S = 5.0

AnyRequest = Request[Any, Any, Any]


class Program(Litestar):
    """Litestar behind the front that every request passes."""

    front: Front
    leaving: threading.Event
    """To be set as soon as the program is told to end, before requests are waited for."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and "request_id" not in scope:
            await self.front(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(
    db: Database,
    settings: Settings,
    *,
    worker: Worker | None = None,
    pages: Callable[[Services, Settings], Sequence[ControllerRouterHandler]] = web_routes,
) -> Program:
    """The application over a database; pool and worker are started and stopped with it.

    pages: makes the handlers of the web pages, which come beside those of the API.
    """
    services = make_services(db, settings)
    handlers = {(e.method, e.path): make_handler(e, services) for e in ENDPOINTS}
    program = Program(
        route_handlers=[
            *(api_route(e, handlers[e.method, e.path]) for e in ENDPOINTS),
            *own_routes(services, settings),
            hook_route(services),
            *pages(services, settings),
        ],
        lifespan=[_lifespan(services, worker)],
        exception_handlers={Exception: answer_fault},  # type: ignore[dict-item]
        openapi_config=None,
        logging_config=None,
    )
    program.leaving = services.leaving
    program.front = Front(
        program,
        hot={("POST", API + path): handlers["POST", path] for path in HOT_PATHS},
        trusted_proxies=settings.trusted_proxies,
    )
    return program


def make_services(db: Database, settings: Settings) -> Services:
    placing = Batcher(
        lambda requests: run_many(db, place_orders, requests), observe=metrics.observe_batch
    )
    db.memory[LAN] = settings.webhooks_lan
    db.memory[OWN_ADDRESS] = own_address(settings)
    return Services(
        db=db,
        gate=Gate(db, session_idle_s=settings.session_idle_s),
        placing=placing,
        threads=ThreadPoolExecutor(max_workers=16, thread_name_prefix="request"),
        bulk_threads=ThreadPoolExecutor(max_workers=2, thread_name_prefix="bulk"),
        pacer=Pacer(settings.key_requests_per_s),
    )


def _lifespan(services: Services, worker: Worker | None) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        notifier = Notifier(services.db.dsn)
        services.db.open()
        notifier.start()
        services.db.after_commit = notifier.poke
        services.placing.start()
        if worker:
            worker.start()
        measuring = asyncio.create_task(_measure(services))
        yield
        measuring.cancel()
        await asyncio.to_thread(_stop, services, notifier, worker)

    return lifespan


async def _measure(services: Services) -> None:
    """Tell what has no event of its own: how the pool and the queue are doing."""
    while True:
        pool = services.db.pool.get_stats()
        idle = pool.get("pool_available", 0)
        metrics.tell_pool(
            idle=idle,
            busy=pool.get("pool_size", 0) - idle,
            waiting=pool.get("requests_waiting", 0),
        )
        metrics.queue_length.set(services.placing.waiting)
        await asyncio.sleep(MEASURE_EVERY_S)


def _stop(services: Services, notifier: Notifier, worker: Worker | None) -> None:
    """Finish what was begun, in the order in which it depends on each other."""
    services.placing.stop()
    services.threads.shutdown()
    services.bulk_threads.shutdown()
    if worker:
        worker.stop()
    notifier.stop()
    services.db.close()


def api_route(endpoint: Endpoint, handler: Handler) -> HTTPRouteHandler:
    """An endpoint under its path and method."""

    async def handle(request: AnyRequest) -> ASGIResponse:
        return Ready(await handler(request.scope, request.receive))

    path = API + endpoint.path.replace("}", ":str}")
    return HTTPRouteHandler(
        path, http_method=endpoint.method, name=endpoint.operation, status_code=endpoint.status
    )(handle)


@cache
def api_document() -> bytes:
    """The OpenAPI document; made when first asked for, since that takes half a second."""
    return encode(make_document(ENDPOINTS))


def own_routes(services: Services, settings: Settings) -> list[HTTPRouteHandler]:
    """Health, metrics, what problems mean, the API's document and its page."""

    async def health(_request: AnyRequest) -> Answer:
        return ALIVE

    async def ready(_request: AnyRequest) -> Answer:
        return await in_thread(services, lambda: tell_readiness(services.db))

    async def measures(request: AnyRequest) -> Answer:
        header = headers_of(request.scope).get(b"authorization", b"")
        return tell_metrics(settings, request.scope, header)

    async def problems(request: AnyRequest) -> Answer:
        return tell_problem_classes(headers_of(request.scope))

    async def problem(request: AnyRequest) -> Answer:
        return tell_problem_class(request.path_params["slug"], headers_of(request.scope))

    async def openapi(_request: AnyRequest) -> Answer:
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-cache")]
        return Answer(200, headers, await in_thread(services, api_document))

    async def docs(_request: AnyRequest) -> Answer:
        return docs_page()

    async def script(_request: AnyRequest) -> Answer:
        return docs_script()

    async def file(request: AnyRequest) -> Answer:
        path = request.path_params
        return tell_file(path["version"], str(path["path"]), headers_of(request.scope))

    return [
        own_route("/static/{version:str}/{path:path}", file),
        own_route("/health", health),
        own_route("/ready", ready),
        own_route("/metrics", measures),
        own_route("/problems", problems),
        own_route("/problems/{slug:str}", problem),
        own_route(f"{API}/openapi.json", openapi),
        own_route("/api/docs", docs),
        own_route("/api/docs.js", script),
    ]


def own_route(path: str, handler: Callable[[AnyRequest], Any]) -> HTTPRouteHandler:
    """A GET that answers itself."""

    async def handle(request: AnyRequest) -> ASGIResponse:
        return Ready(await handler(request))

    return HTTPRouteHandler(path, http_method="GET", name=path)(handle)


def hook_route(services: Services) -> HTTPRouteHandler:
    """Where shops send their webhooks: no session and no key, the signature says who it is."""
    receive_hook = make_hook(services)

    async def handle(request: AnyRequest) -> ASGIResponse:
        return Ready(await receive_hook(request.scope, request.receive))

    path = "/hooks/{kind:str}/{channel:str}"
    return HTTPRouteHandler(path, http_method="POST", name="hooks", status_code=200)(handle)


class Ready(ASGIResponse):
    """An answer as it is: the framework adds nothing."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(status_code=answer.status)
        self._answer = answer

    def to_asgi_response(self, *_given: Any, **_named: Any) -> "Ready":
        """What the framework asks of what an exception handler gives."""
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send_answer(send, self._answer)


def answer_fault(request: AnyRequest, fault: Exception) -> ASGIResponse:
    """Every failure as a problem; what is not expected is logged, not shown."""
    request_id = str(request.scope.get("request_id", ""))
    if isinstance(fault, Problem):
        return Ready(tell_problem(fault, request_id))
    if isinstance(fault, HTTPException) and fault.status_code < 500:
        if wants_page(request.scope):
            return no_page(request.scope, _known(fault))
        answer = tell_problem(_known(fault), request_id)
        allow = (fault.headers or {}).get("Allow") or (fault.headers or {}).get("allow")
        if allow:
            answer.headers.append((b"allow", allow.encode()))
        return Ready(answer)
    log.exception("request_failed", path=request.url.path, exc_info=fault)
    return Ready(
        tell_problem(InternalError("The request id finds the cause in the log."), request_id)
    )


def _known(fault: HTTPException) -> Problem:
    if fault.status_code == 404:
        return NotFound("There is nothing under this path.")
    if fault.status_code == 405:
        return MethodNotAllowed("The path exists, but not with this method.")
    return InvalidInput(fault.detail)
