"""The web program: pool, batcher, routes, and what every answer has in common."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import structlog
from litestar import Litestar, Request, Response, get
from litestar.exceptions import HTTPException

from ordito.api import orders
from ordito.api.routes import Services, make_route, respond_problem
from ordito.flows.place_orders import place_orders
from ordito.platform.batches import Batcher
from ordito.platform.database import Database
from ordito.platform.door import run_many
from ordito.platform.keys import KeyRing
from ordito.platform.problems import (
    InternalError,
    MethodNotAllowed,
    NotFound,
    Problem,
)
from ordito.platform.settings import Settings
from ordito.platform.wakeups import Notifier
from ordito.platform.worker import Worker

log = structlog.get_logger(__name__)


def create_app(db: Database, settings: Settings, *, worker: Worker | None = None) -> Litestar:
    """The application over a database; pool and worker are started and stopped with it."""
    services = Services(
        db=db,
        keys=KeyRing(db),
        placing=Batcher(lambda requests: run_many(db, place_orders, requests)),
        threads=ThreadPoolExecutor(max_workers=16, thread_name_prefix="request"),
    )

    notifier = Notifier(db.dsn)

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        db.open()
        notifier.start()
        db.after_commit = notifier.poke
        services.placing.start()
        if worker:
            worker.start()
        yield
        services.placing.stop()
        services.threads.shutdown()
        if worker:
            worker.stop()
        notifier.stop()
        db.close()

    return Litestar(
        route_handlers=[health, *(make_route(e, services) for e in orders.ENDPOINTS)],
        lifespan=[lifespan],
        exception_handlers={Exception: tell_problem},
        openapi_config=None,
        logging_config=None,
    )


@get("/health", sync_to_thread=False)
def health() -> dict[str, str]:
    """The process is alive; says nothing of the database."""
    return {"status": "ok"}


def tell_problem(request: Request[Any, Any, Any], fault: Exception) -> Response[bytes]:
    """Every failure as a problem; what is not expected is logged, not shown."""
    if isinstance(fault, Problem):
        return respond_problem(fault)
    if isinstance(fault, HTTPException) and fault.status_code < 500:
        known: dict[int, type[Problem]] = {404: NotFound, 405: MethodNotAllowed}
        return respond_problem(known.get(fault.status_code, NotFound)(fault.detail))
    log.exception("request_failed", path=request.url.path, exc_info=fault)
    return respond_problem(InternalError("The request id finds the cause in the log."))
