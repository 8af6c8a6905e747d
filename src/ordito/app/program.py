"""The web program: pool, batcher, routes, and what every answer has in common."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Any

import structlog

from ordito.api.answers import Answer, encode
from ordito.api.authentication import Gate, headers_of
from ordito.api.hooks import make_hook
from ordito.api.openapi import make_document
from ordito.api.pacing import Pacer
from ordito.api.routes import Services, in_thread, make_handler
from ordito.api.routing import Binding, RouteTable
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
from ordito.platform.settings import OWN_ADDRESS, Settings, own_address
from ordito.platform.wakeups import Notifier
from ordito.platform.worker import Worker
from ordito.web.site import bind_site
from ordito.webhooks.addresses import LAN

log = structlog.get_logger(__name__)

API = "/api/v1"
MEASURE_EVERY_S = 5.0

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class Program:
    """The ASGI application: every request passes its front; what it needs lives as long as it."""

    def __init__(self, front: Front, lifespan: Lifespan, leaving: threading.Event) -> None:
        self.front = front
        self._lifespan = lifespan
        self.leaving = leaving
        """To be set as soon as the program is told to end, before requests are waited for."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self.front(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _live(self, receive: Any, send: Any) -> None:
        """Start, wait for the server's end, stop; the server is told what fails."""
        phase = "startup"
        try:
            await receive()
            async with self._lifespan():
                await send({"type": "lifespan.startup.complete"})
                await receive()
                phase = "shutdown"
        except Exception as fault:
            log.exception("program_failed", phase=phase)
            await send({"type": f"lifespan.{phase}.failed", "message": str(fault)})
        else:
            await send({"type": "lifespan.shutdown.complete"})


def create_app(
    db: Database,
    settings: Settings,
    *,
    worker: Worker | None = None,
    pages: Callable[[Services, Settings], Sequence[Binding]] = bind_site,
) -> Program:
    """The application over a database; pool and worker are started and stopped with it.

    pages: binds the web pages, which come beside the API.
    """
    services = make_services(db, settings)
    table = RouteTable(
        [
            *(Binding(e.method, API + e.path, make_handler(e, services)) for e in ENDPOINTS),
            *bind_own(services, settings),
            *pages(services, settings),
        ]
    )
    front = Front(table, trusted_proxies=settings.trusted_proxies)
    return Program(front, lambda: _alive(services, worker), services.leaving)


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


@asynccontextmanager
async def _alive(services: Services, worker: Worker | None) -> AsyncIterator[None]:
    """Everything that runs beside the requests, from the first to the last of them."""
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


@cache
def api_document() -> bytes:
    """The OpenAPI document; made when first asked for, since that takes half a second."""
    return encode(make_document(ENDPOINTS))


def bind_own(services: Services, settings: Settings) -> list[Binding]:
    """Health, metrics, what problems mean, the API's document and its page, files, shops' hooks."""

    async def health(_scope: Any, _receive: Any) -> Answer:
        return ALIVE

    async def ready(_scope: Any, _receive: Any) -> Answer:
        return await in_thread(services, lambda: tell_readiness(services.db))

    async def measures(scope: Any, _receive: Any) -> Answer:
        return tell_metrics(settings, scope, headers_of(scope).get(b"authorization", b""))

    async def problems(scope: Any, _receive: Any) -> Answer:
        return tell_problem_classes(headers_of(scope))

    async def problem(scope: Any, _receive: Any) -> Answer:
        return tell_problem_class(scope["path_params"]["slug"], headers_of(scope))

    async def openapi(_scope: Any, _receive: Any) -> Answer:
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-cache")]
        return Answer(200, headers, await in_thread(services, api_document))

    async def docs(_scope: Any, _receive: Any) -> Answer:
        return docs_page()

    async def script(_scope: Any, _receive: Any) -> Answer:
        return docs_script()

    async def file(scope: Any, _receive: Any) -> Answer:
        params = scope["path_params"]
        return tell_file(params["version"], params["path"], headers_of(scope))

    return [
        Binding("GET", "/static/{version}/{path:path}", file),
        Binding("GET", "/health", health),
        Binding("GET", "/ready", ready),
        Binding("GET", "/metrics", measures),
        Binding("GET", "/problems", problems),
        Binding("GET", "/problems/{slug}", problem),
        Binding("GET", f"{API}/openapi.json", openapi),
        Binding("GET", "/api/docs", docs),
        Binding("GET", "/api/docs.js", script),
        # No session and no key: the signature says which shop it is.
        Binding("POST", "/hooks/{kind}/{channel}", make_hook(services)),
    ]
