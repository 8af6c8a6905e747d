"""One process of `ordito serve`: answers requests, does the background work, or both."""

import ctypes
import gc
import os
import signal
import socket
import sys
import threading
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from types import FrameType

import structlog
from setproctitle import setproctitle

from ordito.app.duties import make_worker
from ordito.app.installation import open_installation
from ordito.platform import logs
from ordito.platform.database import Database
from ordito.platform.settings import Settings
from ordito.platform.worker import Worker

log = structlog.get_logger(__name__)

_PR_SET_PDEATHSIG = 1


def run(settings: Settings, listener: socket.socket, *, web: bool, worker: bool) -> None:
    """Serve on the inherited socket, or do the background work, or both, until told to stop.

    Ends when the parent ends, or the process that it was forked from.
    """
    end_with_others()
    # Processes that were forked would all show the same arguments.
    setproctitle("ordito web" if web else "ordito worker")
    logs.configure(settings.log_level, settings.log_format)
    installation = open_installation(settings, migrate=False)
    db = Database(installation.dsn, size_max=settings.pool_size)
    working = make_worker(db, settings) if worker else None
    if web:
        serve(settings, db, listener, working)
    else:
        listener.close()
        assert working is not None, "a process serves, works, or both"
        stop = threading.Event()
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_, lambda *_: stop.set())
        working.start()
        stop.wait()
        working.stop()
    installation.close()


def serve(settings: Settings, db: Database, listener: socket.socket, worker: Worker | None) -> None:
    """Answer requests on an inherited socket."""
    import uvicorn

    from ordito.app.program import create_app

    app = create_app(db, settings, worker=worker)
    _spare_collections()

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            app.leaving.set()
            super().handle_exit(sig, frame)

    Server(
        uvicorn.Config(
            app,
            loop="uvloop" if sys.platform != "win32" else "asyncio",
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_graceful_shutdown=10,
            backlog=2048,
        )
    ).run(sockets=[listener])


def _spare_collections() -> None:
    """Look for cyclic garbage less often, and not among what the program itself consists of.

    A batch of orders makes thousands of objects that live until it is committed: with Python's
    usual thresholds a seventh of an order's time went into looking through all there is.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def end_with_others() -> None:
    """Get SIGTERM when the parent is gone, or the process that this one was forked from."""
    forked_from = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    else:
        threading.Thread(target=_watch, args=(forked_from,), daemon=True).start()
    parent = parent_process()
    assert parent is not None, "`ordito serve` starts it"
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _watch(forked_from: int) -> None:
    while os.getppid() == forked_from:
        threading.Event().wait(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
