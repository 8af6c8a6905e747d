"""Load from a process of its own: raw sockets, requests rendered before the clock starts.

An ordinary HTTP client would take the cores from the server that is measured.
"""

import argparse
import random
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from uuid import uuid4

import msgspec

from ordito.app.bench.scratch import sku

BULK = 1000
"""Orders in one call of the bulk endpoint."""


class Measured(msgspec.Struct, frozen=True):
    """What one run came to: requests, their latencies in milliseconds, other statuses."""

    done: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int


def request(path: str, key: str, body: bytes, idempotency_key: str) -> bytes:
    """An authorised POST as bytes."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {idempotency_key}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def order_body(
    rng: random.Random,
    items: int,
    *,
    run: str,
    n: int,
    hot: bool = False,
    postal_code: str = "04109",
) -> bytes:
    """An order of three SKUs; hot: every second order has the one SKU that all want."""
    chosen = rng.sample(range(1, items), 3)
    if hot and n % 2:
        chosen[0] = 0
    lines = [{"sku": sku(i), "quantity": 1, "unit_price": "9.99"} for i in chosen]
    return msgspec.json.encode(
        {
            "channel": "bench",
            "external_id": f"{run}-{n}",
            "lines": lines,
            "ship_to": {
                "country": "DE",
                "name": "Erika Beispiel",
                "line1": "Hauptstraße 1",
                "city": "Leipzig",
                "postal_code": postal_code,
            },
            "payment": {"method": "card"},
        }
    )


def requests(key: str, items: int, count: int, *, hot: bool) -> list[bytes]:
    """Distinct requests, rendered."""
    run, rng = uuid4().hex[:12], random.Random(7)  # noqa: S311 (repeatable, no secret)
    return [
        request(
            "/api/v1/orders",
            key,
            order_body(rng, items, hot=hot, run=run, n=n),
            f"{run}-{n}",
        )
        for n in range(count)
    ]


def bulk_requests(key: str, items: int, count: int) -> list[bytes]:
    """Distinct calls of the bulk endpoint, rendered, each with BULK orders."""
    run, rng = uuid4().hex[:12], random.Random(7)  # noqa: S311 (repeatable, no secret)
    rendered = []
    for call in range(count):
        first = call * BULK
        bodies = [order_body(rng, items, run=run, n=n) for n in range(first, first + BULK)]
        body = b"[" + b",".join(bodies) + b"]"
        rendered.append(request("/api/v1/orders/bulk", key, body, f"{run}-{call}"))
    return rendered


class _Connection:
    """One keep-alive connection with a request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent = 0.0

    def send(self, request_: bytes) -> None:
        self.buffer = b""
        self.sent = time.perf_counter()
        self.socket.sendall(request_)

    def receive(self) -> int | None:
        """The status once the answer is complete."""
        self.buffer += self.socket.recv(65536)
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        return int(head[9:12]) if len(body) >= length else None


def drive(
    port: int, prepared: list[bytes], *, connections: int, seconds: float, expected: int = 201
) -> Measured:
    """Keep `connections` requests under way for `seconds`; every answer's status is checked."""
    queue: Iterator[bytes] = iter(prepared)
    selector = selectors.DefaultSelector()
    opened = [_Connection(port) for _ in range(connections)]
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    latencies: list[float] = []
    refused = 0
    started = time.perf_counter()
    for connection in opened:
        connection.send(next(queue))
    end, under_way = started + seconds, connections
    while under_way:
        for event, _mask in selector.select(timeout=30):
            connection = event.data
            status = connection.receive()
            if status is None:
                continue
            now = time.perf_counter()
            latencies.append(now - connection.sent)
            refused += status != expected
            following = next(queue, None) if now < end else None
            if following is None:
                under_way -= 1
            else:
                connection.send(following)
    took = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    latencies.sort()
    return Measured(
        done=len(latencies),
        seconds=took,
        p50_ms=1000 * latencies[len(latencies) // 2],
        p99_ms=1000 * latencies[min(len(latencies) - 1, len(latencies) * 99 // 100)],
        refused=refused,
    )


def main() -> None:
    """Run by the benchmark as a process; prints Measured as JSON."""
    parser = argparse.ArgumentParser()
    for name in ("port", "items", "connections", "count"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--hot", action="store_true")
    parser.add_argument("--bulk", action="store_true")
    given = parser.parse_args()
    key = sys.stdin.readline().strip()
    if given.bulk:
        prepared = bulk_requests(key, given.items, given.count)
    else:
        prepared = requests(key, given.items, given.count, hot=given.hot)
    measured = drive(
        given.port,
        prepared,
        connections=given.connections,
        seconds=given.seconds,
        expected=200 if given.bulk else 201,
    )
    sys.stdout.write(msgspec.json.encode(measured).decode())


if __name__ == "__main__":
    main()
