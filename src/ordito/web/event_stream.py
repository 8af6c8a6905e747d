"""Live updates: what changed, never what it is now, to every browser that listens.

One thread per process is woken by the sequencer, reads the feed from where it was, and hands each
change to the listeners whose reader may see the thing.
"""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
import structlog

from ordito.api.answers import Answer, send_answer
from ordito.api.authentication import headers_of
from ordito.api.routes import Services, in_thread
from ordito.api.routing import Binding, Reply
from ordito.fulfillment.fulfillment_orders import read_by_order
from ordito.orders.orders import read_lines, read_orders
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.feed import FeedEntry, newest_position, read_feed
from ordito.platform.sessions import Session
from ordito.platform.wakeups import FED, Listener

log = structlog.get_logger(__name__)

BATCH = 500
HEARTBEAT_S = 15.0
WAITING_MAX = 2_000
LISTENERS_MAX = 2_000
RESUME_MAX = 500

_KIND_PERMISSIONS = {
    "order": ("orders.read", "fulfillment.read"),
    "fulfillment_order": ("fulfillment.read", "orders.read"),
    "stock": ("inventory.read",),
    "transfer": ("inventory.read",),
    "assembly": ("inventory.read",),
    "cycle_count": ("inventory.read",),
    "bin_stock": ("inventory.read",),
    "lot": ("inventory.read",),
    "bulk_job": ("orders.read",),
    "data_import": ("intake.write",),
}

_TELL_LINES = ("stock.", "transfer.")
"""Kinds whose lines begin with an item's id."""
_BY_THEMSELVES = frozenset(
    ("bulk_job", "data_import", "transfer", "cycle_count", "assembly", "lot", "bin_stock")
)
"""Streams whose things pages show by their own id."""
_WITHOUT_PLACE = frozenset(("stock", "transfer", "cycle_count", "assembly", "lot", "bin_stock"))
"""Told to whoever may see the kind: only that something is other than before, not where."""


class Change(msgspec.Struct, frozen=True):
    """Something changed. Who is bound to channels or locations sees it when one of these is his.

    channel_id: None is any; location_ids: empty is any.
    """

    kind: str
    id: str
    position: int
    new: bool = False
    channel_id: UUID | None = None
    location_ids: frozenset[UUID] = frozenset()

    def is_for(self, actor: Actor) -> bool:
        """Whether the reader may know of it."""
        if actor.permissions.isdisjoint(_KIND_PERMISSIONS.get(self.kind, ())):
            return False
        if self.channel_id is not None and not actor.sees_channel(self.channel_id):
            return False
        if actor.location_ids is None or not self.location_ids:
            return actor.location_ids is None or self.kind in _WITHOUT_PLACE
        return not self.location_ids.isdisjoint(actor.location_ids)


class Subscriber:
    """One browser's stream: a queue that the loop empties."""

    def __init__(self, actor: Actor, loop: asyncio.AbstractEventLoop) -> None:
        self.actor = actor
        self.queue: asyncio.Queue[Change] = asyncio.Queue(WAITING_MAX)
        self._loop = loop

    def tell(self, changes: Iterable[Change]) -> None:
        """From any thread. A browser that doesn't keep up loses changes, as offline ones do."""
        mine = [change for change in changes if change.is_for(self.actor)]
        if mine:
            self._loop.call_soon_threadsafe(self._put, mine)

    def _put(self, changes: list[Change]) -> None:
        for change in changes:
            if self.queue.full():
                return
            self.queue.put_nowait(change)


class EventStreams:
    """The listeners of this process. Starts with the first of them, rests without any."""

    def __init__(self, db: Database, leaving: threading.Event) -> None:
        self._db = db
        self._leaving = leaving
        self._lock = threading.Lock()
        self._subscribers: set[Subscriber] = set()
        self._position: int | None = None
        self._listener: Listener | None = None

    @property
    def closing(self) -> bool:
        """Whether the program ends: browsers are let go, and come back to the next one."""
        return self._leaving.is_set()

    def join(self, subscriber: Subscriber) -> bool:
        """False when there are too many."""
        with self._lock:
            if len(self._subscribers) >= LISTENERS_MAX or self.closing:
                return False
            self._subscribers.add(subscriber)
            if self._listener is None:
                with self._db.reading(SYSTEM) as tx:
                    self._position = newest_position(tx)
                self._listener = Listener(self._db.dsn, {FED: lambda _payload: self._follow()})
                self._listener.start()
        return True

    def leave(self, subscriber: Subscriber) -> None:
        with self._lock:
            self._subscribers.discard(subscriber)
            resting = not self._subscribers
            listener, self._listener = (self._listener, None) if resting else (None, self._listener)
        if listener is not None:
            listener.stop()

    def missed(self, after: int) -> list[Change]:
        """Changes after a position, for a browser that comes back; at most RESUME_MAX."""
        with self._db.reading(SYSTEM) as tx:
            return _changes_of(tx, read_feed(tx, after, RESUME_MAX))

    def _follow(self) -> None:
        while True:
            with self._db.reading(SYSTEM) as tx:
                entries = read_feed(tx, self._position or 0, BATCH)
                changes = _changes_of(tx, entries)
            if entries:
                self._position = entries[-1].position
                with self._lock:
                    subscribers = list(self._subscribers)
                for subscriber in subscribers:
                    subscriber.tell(changes)
            if len(entries) < BATCH:
                return


def _changes_of(tx: Tx, entries: list[FeedEntry]) -> list[Change]:
    """What the entries mean to pages; several events of one thing are one change."""
    order_ids = {entry.stream_id for entry in entries if entry.stream == "order"}
    changes: dict[tuple[str, str], Change] = {}
    if order_ids:
        orders, works = read_orders(tx, order_ids), read_by_order(tx, order_ids)
        lines = read_lines(tx, order_ids)
    for entry in entries:
        if entry.stream == "order" and entry.stream_id in orders:
            channel_id = orders[entry.stream_id].channel_id
            places = frozenset(fo.location_id for fo in works.get(entry.stream_id, ()))
            told: list[tuple[str, str]] = [("order", str(entry.stream_id))]
            told.append(("fulfillment_order", str(entry.stream_id)))
            told += [("stock", str(n.item_id)) for n in lines[entry.stream_id] if n.item_id]
            for kind, id_ in told:
                before = changes.get((kind, id_))
                new = kind == "order" and (entry.seq == 1 or (before is not None and before.new))
                scope = (None, frozenset[UUID]()) if kind == "stock" else (channel_id, places)
                changes[kind, id_] = Change(kind, id_, entry.position, new, *scope)
            continue
        if entry.stream in _BY_THEMSELVES:
            id_ = str(entry.stream_id)
            changes[entry.stream, id_] = Change(entry.stream, id_, entry.position)
        if isinstance(items := entry.body.get("items"), dict):
            for item_id in items:
                changes["stock", item_id] = Change("stock", item_id, entry.position)
        for line in entry.body.get("lines", ()) if entry.kind.startswith(_TELL_LINES) else ():
            if isinstance(line, list):
                changes["stock", str(line[0])] = Change("stock", str(line[0]), entry.position)
    return list(changes.values())


def write_message(change: Change) -> bytes:
    """A change as server-sent events have it."""
    data: dict[str, Any] = {"kind": change.kind, "id": change.id, "position": change.position}
    if change.new:
        data["new"] = True
    body = msgspec.json.encode(data)
    return b"id: %d\nevent: changed\ndata: %s\n\n" % (change.position, body)


class Streaming:
    """A stream that goes on until the browser hangs up, the session ends or the program stops."""

    def __init__(
        self, streams: EventStreams, subscriber: Subscriber, services: Services, after: int | None
    ) -> None:
        self._streams = streams
        self._subscriber = subscriber
        self._services = services
        self._after = after

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        joined = await in_thread(self._services, lambda: self._streams.join(self._subscriber))
        if not joined:
            await send_answer(send, Answer(503, [(b"retry-after", b"10")], b""))
            return
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            await self._begin(send)
            while not gone.done() and not self._streams.closing:
                if not await self._session_lives(scope):
                    break
                await self._send_for(HEARTBEAT_S, gone, send)
            await _send_body(send, b"", more=False)
        finally:
            gone.cancel()
            await asyncio.to_thread(self._streams.leave, self._subscriber)

    async def _begin(self, send: Any) -> None:
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        missed: list[Change] = []
        after = self._after
        if after is not None:
            missed = await in_thread(self._services, lambda: self._streams.missed(after))
        mine = [change for change in missed if change.is_for(self._subscriber.actor)]
        await _send_body(send, b"retry: 2000\n\n" + b"".join(map(write_message, mine)))

    async def _send_for(self, seconds: float, gone: "asyncio.Future[None]", send: Any) -> None:
        """Changes as they come, for some seconds; then a heartbeat."""
        queue = self._subscriber.queue
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0 and not gone.done() and not self._streams.closing:
            getting = asyncio.ensure_future(queue.get())
            both: set[asyncio.Future[Any]] = {getting, gone}
            await asyncio.wait(both, timeout=min(left, 1.0), return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                found = [getting.result()]
                while not queue.empty():
                    found.append(queue.get_nowait())
                await _send_body(send, b"".join(map(write_message, found)))
            else:
                getting.cancel()
        if not gone.done():
            await _send_body(send, b": still here\n\n")

    async def _session_lives(self, scope: Any) -> bool:
        session = await self._services.gate.find_session(
            headers_of(scope), secure=scope["scheme"] == "https"
        )
        return session is not None and session.actor == self._subscriber.actor


async def _send_body(send: Any, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _hung_up(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def bind_stream(streams: EventStreams, services: Services) -> Binding:
    """GET /events/stream, for who is signed in."""

    async def listen(scope: Any, _receive: Any) -> Answer | Reply:
        headers = headers_of(scope)
        session: Session | None = await services.gate.find_session(
            headers, secure=scope["scheme"] == "https"
        )
        if session is None:
            # The browser asks again, seldom.
            return Answer(401, [(b"cache-control", b"no-store")], b"")
        last = headers.get(b"last-event-id", b"")
        after = int(last) if last.isdigit() and len(last) < 19 else None
        subscriber = Subscriber(session.actor, asyncio.get_running_loop())
        return Streaming(streams, subscriber, services, after)

    return Binding("GET", "/events/stream", listen)
