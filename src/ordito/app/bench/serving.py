"""The server that is measured, and the load on it, each in processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from ordito.app.bench import load
from ordito.app.bench.scratch import Scratch


@contextmanager
def serving(scratch: Scratch, processes: int) -> Iterator[int]:
    """`ordito serve` on the scratch database, without the worker; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "ORDITO_DATABASE_URL": scratch.dsn,
        "ORDITO_LOG_LEVEL": "warning",
        # All of the load comes with one key.
        "ORDITO_KEY_REQUESTS_PER_S": "0",
    }
    command = [sys.executable, "-m", "ordito", "serve", "--no-worker", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--processes", str(processes)]
    server = subprocess.Popen(command, env=environment)  # noqa: S603 (our own program)
    try:
        _wait_for(port)
        http_run(scratch, port, 8, 1.0)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
                probe.sendall(b"GET /health HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                if probe.recv(12).endswith(b"200"):
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not answer within a minute; what it said is above")


def http_run(
    scratch: Scratch, port: int, connections: int, seconds: float, *, hot: bool = False
) -> load.Measured:
    """Single orders from a process of its own; raises RuntimeError when one was refused."""
    command = ["--connections", str(connections), "--count", str(int(2000 + 4000 * seconds))]
    return _load(scratch, port, seconds, [*command, *(["--hot"] if hot else [])])


def bulk_run(scratch: Scratch, port: int, connections: int, seconds: float) -> load.Measured:
    """Calls of the bulk endpoint, load.BULK orders each."""
    command = ["--bulk", "--connections", str(connections)]
    return _load(scratch, port, seconds, [*command, "--count", str(int(5 + 5 * seconds))])


def _load(scratch: Scratch, port: int, seconds: float, more: list[str]) -> load.Measured:
    command = [sys.executable, "-m", "ordito.app.bench.load", "--port", str(port), *more]
    command += ["--items", str(scratch.items), "--seconds", str(seconds)]
    outcome = subprocess.run(  # noqa: S603 (our own program)
        command,
        input=scratch.key,
        capture_output=True,
        text=True,
        check=True,
    )
    measured = msgspec.json.decode(outcome.stdout, type=load.Measured)
    if measured.refused:
        raise RuntimeError(f"{measured.refused} of {measured.done} orders were refused")
    return measured
