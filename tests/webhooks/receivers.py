"""A receiver of webhooks: a real HTTP server that remembers what came and answers as told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


class Received(msgspec.Struct):
    """A request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        decoded: dict[str, Any] = msgspec.json.decode(self.body)
        return decoded

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Reply(msgspec.Struct):
    """How to answer. gate: the answer waits until it is set."""

    status: int = 200
    headers: dict[str, str] = {}
    body: bytes = b""
    gate: threading.Event | None = None


class Receiver:
    """Remembers what came; `reply` decides the answer, 200 unless it is changed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.got: list[Received] = []
        self.reply: Callable[[Received], Reply] = lambda _received: Reply()
        self.arrived = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def wait_for(self, count: int, timeout_s: float = 20) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, timeout_s), self.got

    @property
    def events(self) -> list[tuple[str, int]]:
        """Kind and number in its stream, as they came."""
        return [(r.message["type"], r.message["data"]["seq"]) for r in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.path, headers, body)
            with receiver.arrived:
                receiver.got.append(received)
                receiver.arrived.notify_all()
            reply = receiver.reply(received)
            if reply.gate is not None:
                reply.gate.wait(20)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_given: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
