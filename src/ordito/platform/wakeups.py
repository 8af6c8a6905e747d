"""Waking other threads and processes: NOTIFY after a commit, LISTEN on the other side.

Only a hint that saves waiting: whoever is woken reads the tables, and looks there now and then
without being woken, since a notification can be lost.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import structlog
from psycopg import Connection, sql

log = structlog.get_logger(__name__)

WRITTEN = "ordito"
"""Channel: something was committed that the sequencer should move."""

FED = "ordito_feed"
"""Channel: the feed has new entries; the payload is its newest position."""

INTERVAL_S = 0.02

_RECONNECT_S_MAX = 4.0
_LISTEN_S = 0.5

# So that a peer that is gone without a word is noticed within half a minute.
_CONNECTION: Mapping[str, Any] = {
    "autocommit": True,
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def _keep_connected(
    dsn: str, use: Callable[[Connection[Any]], None], stopping: threading.Event
) -> None:
    """Call `use` with a connection of its own, again with a new one whenever it broke."""
    pause_s = 0.0
    while not stopping.wait(pause_s):
        try:
            with psycopg.connect(dsn, **_CONNECTION) as conn:
                pause_s = 0.0
                use(conn)
        except psycopg.Error as fault:
            pause_s = min(max(2 * pause_s, 0.25), _RECONNECT_S_MAX)
            log.warning(
                "wakeups_disconnected", thread=threading.current_thread().name, error=str(fault)
            )


class Notifier:
    """Sends a NOTIFY for any number of pokes, at most one per 20 ms, from its own connection.

    Never inside a writing transaction, where it would make commits wait for each other.
    """

    def __init__(self, dsn: str, channel: str = WRITTEN, *, interval_s: float = INTERVAL_S) -> None:
        self._dsn = dsn
        self._channel = channel
        self._interval_s = interval_s
        self._payload = ""
        self._poked = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"notify {channel}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the notification that may be on its way."""
        self._stopping.set()
        self._poked.set()
        self._thread.join(timeout=6)

    def poke(self, payload: str = "") -> None:
        """Have the others woken soon, with the newest payload. Costs nothing; never fails."""
        self._payload = payload
        self._poked.set()

    def _work(self) -> None:
        _keep_connected(self._dsn, self._send_all, self._stopping)

    def _send_all(self, conn: Connection[Any]) -> None:
        while True:
            self._poked.wait()
            if self._stopping.is_set():
                return
            self._poked.clear()
            try:
                conn.execute("SELECT pg_notify(%s, %s)", (self._channel, self._payload))
            except psycopg.Error:
                self._poked.set()
                raise
            self._stopping.wait(self._interval_s)


class Listener:
    """Calls back on notifications, from a thread of its own; keeps its connection alive.

    callbacks: channel → what to call with the payload. All are called with "" after each
    connect: what was sent before, or while the connection was away, is not known.
    """

    def __init__(self, dsn: str, callbacks: Mapping[str, Callable[[str], None]]) -> None:
        self._dsn = dsn
        self._callbacks = callbacks
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="listen", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=6)

    def _work(self) -> None:
        _keep_connected(self._dsn, self._listen, self._stopping)

    def _listen(self, conn: Connection[Any]) -> None:
        for channel in self._callbacks:
            conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        for channel in self._callbacks:
            self._call(channel, "")
        while not self._stopping.is_set():
            for notice in conn.notifies(timeout=_LISTEN_S):
                self._call(notice.channel, notice.payload)

    def _call(self, channel: str, payload: str) -> None:
        try:
            self._callbacks[channel](payload)
        except Exception:
            log.exception("callback_failed", channel=channel)
