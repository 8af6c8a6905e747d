"""One process of `ordito serve`: answers requests, does the background work, or both."""

import argparse
import ctypes
import gc
import os
import signal
import socket
import sys
import threading

import structlog

from ordito.app.duties import make_worker
from ordito.app.installation import open_installation
from ordito.platform import logs
from ordito.platform.database import Database
from ordito.platform.settings import Settings
from ordito.platform.worker import Worker

log = structlog.get_logger(__name__)

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve on the inherited socket until told to stop; ends when the parent ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--fd", type=int)
    parser.add_argument("--worker", action="store_true")
    arguments = parser.parse_args()
    settings = Settings.load(os.environ)
    logs.configure(settings.log_level, settings.log_format)
    end_with_parent(arguments.parent)
    installation = open_installation(settings, migrate=False)
    db = Database(installation.dsn, size_max=settings.pool_size)
    worker = make_worker(db, webhooks_lan=settings.webhooks_lan) if arguments.worker else None
    if arguments.fd is None:
        assert worker is not None, "a process serves, works, or both"
        stop = threading.Event()
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_, lambda *_: stop.set())
        worker.start()
        stop.wait()
        worker.stop()
    else:
        serve(settings, db, arguments.fd, worker)
    installation.close()


def serve(settings: Settings, db: Database, fd: int, worker: Worker | None) -> None:
    """Answer requests on an inherited socket."""
    import uvicorn

    from ordito.app.program import create_app

    # By `fd=` uvicorn would take it for a socket of the file system, without TCP_NODELAY: each
    # answer of two writes would wait 40 ms for the other side's acknowledgement.
    listener = socket.socket(fileno=fd)
    app = create_app(db, settings, worker=worker)
    _spare_collections()
    uvicorn.Server(
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


def end_with_parent(parent: int) -> None:
    """Get SIGTERM when the parent is gone; on systems without that, look for it every second."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        sys.exit("the parent is gone")


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        threading.Event().wait(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
