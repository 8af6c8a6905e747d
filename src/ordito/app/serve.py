"""Serving: one light parent that binds the port, and the processes that answer on it.

The parent starts a process anew when it dies, and takes all of them along when it ends. All are
forked from one process that has read the program already: a dead one is made good at once, and
what the program consists of is in memory once.
"""

import multiprocessing
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import FrameType

import msgspec
import structlog

from ordito.platform.metrics_folder import shared_metrics
from ordito.platform.problems import Problem
from ordito.platform.settings import Settings

log = structlog.get_logger(__name__)

LOOK_S = 0.2
DRAIN_S = 20.0
QUICK_DEATH_S = 5.0
PAUSE_MAX_S = 5.0


class AddressNotUsable(Problem):
    """Ordito can't listen where it was told to: the detail says why.

    End the other program on that port, or choose another with ORDITO_PORT or `--port`.
    """

    slug = "address-not-usable"
    title = "The address can't be listened on"
    status = 503


class Task(msgspec.Struct, frozen=True):
    """What a process does: answers requests, the background work, or both."""

    web: bool
    worker: bool


class Child(msgspec.Struct):
    """A process that serves; `died` counts quick deaths in a row, which slow its restarts down."""

    task: Task
    process: ForkServerProcess
    started: float
    died: int = 0
    due: float = 0.0


def bind(settings: Settings) -> socket.socket:
    """The listening socket, inherited by every process that serves. Raises AddressNotUsable."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as fault:
        listener.close()
        where = f"{settings.host} port {settings.port}"
        raise AddressNotUsable(
            f"{where}: {fault.strerror or fault}. Choose another with --host and --port."
        ) from fault
    listener.listen(2048)
    return listener


@contextmanager
def preloading(settings: Settings) -> Iterator[ForkServerContext]:
    """Begin to read the program, in the process that others will be forked from.

    It takes seconds, and the database can be started meanwhile.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ordito.cli.main", "ordito.app.preload"])
    # Before anything is read that counts.
    with shared_metrics() if settings.processes > 1 else nullcontext():
        forkserver.ensure_running()
        yield context


class Parent:
    """Starts the processes, watches them, passes on the wish to stop."""

    def __init__(
        self,
        settings: Settings,
        context: ForkServerContext,
        listener: socket.socket,
        *,
        worker: bool,
    ) -> None:
        self._settings = settings
        self._context = context
        self._listener = listener
        self._worker = worker
        self._stopping = False
        self._children: list[Child] = []

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT; returns the exit code."""
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_, self._ask_to_stop)
        self._children = [self._start(task) for task in self._plan()]
        while not self._stopping:
            time.sleep(LOOK_S)
            for child in self._children:
                self._look_after(child)
        self._end()
        return 0

    def _plan(self) -> list[Task]:
        if self._settings.processes == 1:
            return [Task(web=True, worker=self._worker)]
        web = [Task(web=True, worker=False)] * self._settings.processes
        return [*web, Task(web=False, worker=True)] if self._worker else web

    def _start(self, task: Task) -> Child:
        process = self._context.Process(
            target=begin, args=(self._settings, self._listener, task), daemon=True
        )
        process.start()
        return Child(task, process, time.monotonic())

    def _look_after(self, child: Child) -> None:
        if child.process.exitcode is None:
            return
        now = time.monotonic()
        if child.due == 0.0:
            quick = now - child.started < QUICK_DEATH_S
            child.died = child.died + 1 if quick else 0
            child.due = now + min(PAUSE_MAX_S, 0.25 * 2**child.died if child.died else 0)
            log.error("process_died", code=child.process.exitcode, task=repr(child.task))
            self._forget_gauges(child.process.pid or 0)
        if now >= child.due:
            fresh = self._start(child.task)
            child.process, child.started, child.due = fresh.process, fresh.started, 0.0

    def _forget_gauges(self, pid: int) -> None:
        if self._settings.processes > 1:
            # Late: the parent counts nothing, and most parents never see a process die.
            from ordito.platform import metrics

            metrics.process_ended(pid)

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> None:
        for child in self._children:
            child.process.terminate()
        deadline = time.monotonic() + DRAIN_S
        for child in self._children:
            child.process.join(max(0.1, deadline - time.monotonic()))
            if child.process.exitcode is None:
                child.process.kill()
                child.process.join()


def begin(settings: Settings, listener: socket.socket, task: Task) -> None:
    """Be one of the processes. It is named here and not there, so that the parent stays light."""
    from ordito.app.process import run

    run(settings, listener, web=task.web, worker=task.worker)
