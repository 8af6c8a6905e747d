"""Serving: one light parent that binds the port, and the processes that answer on it.

The parent starts a process anew when it dies, and takes all of them along when it ends.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import nullcontext
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


class Child(msgspec.Struct):
    """A process that serves; `died` counts quick deaths in a row, which slow its restarts down."""

    arguments: list[str]
    process: "subprocess.Popen[bytes]"
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
    listener.set_inheritable(True)
    return listener


class Parent:
    """Starts the processes, watches them, passes on the wish to stop."""

    def __init__(self, settings: Settings, listener: socket.socket, *, worker: bool) -> None:
        self._settings = settings
        self._listener = listener
        self._worker = worker
        self._stopping = False
        self._several = False
        self._children: list[Child] = []

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT; returns the exit code."""
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_, self._ask_to_stop)
        plan = self._plan()
        self._several = len(plan) > 1
        with shared_metrics() if self._several else nullcontext():
            self._children = [self._start(arguments) for arguments in plan]
            while not self._stopping:
                time.sleep(LOOK_S)
                for child in self._children:
                    self._look_after(child)
            self._end()
        return 0

    def _plan(self) -> list[list[str]]:
        fd = str(self._listener.fileno())
        web = ["--fd", fd]
        if self._settings.processes == 1:
            return [[*web, "--worker"] if self._worker else web]
        return [web] * self._settings.processes + ([["--worker"]] if self._worker else [])

    def _start(self, arguments: list[str]) -> Child:
        process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", "ordito.app.process", "--parent", str(os.getpid()), *arguments],
            pass_fds=[self._listener.fileno()],
        )
        return Child(arguments, process, time.monotonic())

    def _look_after(self, child: Child) -> None:
        if child.process.poll() is None:
            return
        now = time.monotonic()
        if child.due == 0.0:
            quick = now - child.started < QUICK_DEATH_S
            child.died = child.died + 1 if quick else 0
            child.due = now + min(PAUSE_MAX_S, 0.25 * 2**child.died if child.died else 0)
            log.error("process_died", code=child.process.returncode, arguments=child.arguments)
            self._forget_gauges(child.process.pid)
        if now >= child.due:
            fresh = self._start(child.arguments)
            child.process, child.started, child.due = fresh.process, fresh.started, 0.0

    def _forget_gauges(self, pid: int) -> None:
        if self._several:
            # Late: the parent counts nothing, and most parents never see a process die.
            from ordito.platform import metrics

            metrics.process_ended(pid)

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> None:
        for child in self._children:
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + DRAIN_S
        for child in self._children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
