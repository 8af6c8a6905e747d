"""The supervisor's door: one connection per lease, held open for as long as the program lives."""

import contextlib
import selectors
import socket
from pathlib import Path
from typing import Literal

import msgspec

from ordito.platform.embedded.socket_folders import CONTROL_NAME
from ordito.platform.embedded.statuses import Status

LINE_BYTES_MAX = 4096
SEND_TIMEOUT_S = 1.0


class Ask(msgspec.Struct, frozen=True):
    """One line that a program sends. pid: only for the log."""

    ask: Literal["lease", "status", "stop"]
    pid: int = 0


class Caller:
    """A connected program and what it has sent of a line so far."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.has_lease = False
        self.received = b""


class Control:
    """Listens in the folder of the sockets. Single-threaded: `wait` is where the time goes.

    The folder is shut to other users, so whoever can connect is allowed to.
    """

    def __init__(self, folder: Path, wake: socket.socket) -> None:
        self._selector = selectors.DefaultSelector()
        self._callers: set[Caller] = set()
        self._wake = wake
        self._selector.register(wake, selectors.EVENT_READ)
        self._listen(folder)

    @property
    def leases(self) -> int:
        return sum(caller.has_lease for caller in self._callers)

    def is_reachable(self) -> bool:
        return self._path.exists()

    def move(self, folder: Path) -> None:
        """Listen in another folder, or anew in one that was swept. Leases stay."""
        self.stop_listening()
        self._listen(folder)

    def stop_listening(self) -> None:
        """From now on nobody gets in: a program that comes late finds no supervisor."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._listener)
        self._listener.close()

    def leave(self) -> None:
        """Stop listening for good, and take the folder away if nothing else is in it."""
        self.stop_listening()
        with contextlib.suppress(OSError):
            self._path.parent.rmdir()

    def wait(self, timeout_s: float) -> list[tuple[Caller, Ask]]:
        """What was asked meanwhile. Returns early on any event, a signal too; may be empty."""
        asks: list[tuple[Caller, Ask]] = []
        for key, _mask in self._selector.select(timeout_s):
            if key.fileobj is self._wake:
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
            elif key.fileobj is self._listener:
                self._accept()
            else:
                asks += self._receive(key.data)
        return asks

    def answer(self, caller: Caller, status: Status) -> None:
        """Send it; a caller that is gone or doesn't read is dropped."""
        try:
            caller.connection.sendall(msgspec.json.encode(status) + b"\n")
        except OSError:
            self._drop(caller)

    def tell_leases(self, status: Status) -> None:
        for caller in [caller for caller in self._callers if caller.has_lease]:
            self.answer(caller, status)

    def _listen(self, folder: Path) -> None:
        self._path = folder / CONTROL_NAME
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._path))
        self._listener.listen(128)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            connection, _address = self._listener.accept()
            connection.settimeout(SEND_TIMEOUT_S)
            caller = Caller(connection)
            self._callers.add(caller)
            self._selector.register(connection, selectors.EVENT_READ, caller)

    def _receive(self, caller: Caller) -> list[tuple[Caller, Ask]]:
        try:
            more = caller.connection.recv(LINE_BYTES_MAX)
            lines = (caller.received + more).split(b"\n")
            caller.received = lines.pop()
            asks = [(caller, msgspec.json.decode(line, type=Ask)) for line in lines]
        except (OSError, msgspec.DecodeError):
            more, asks = b"", []
        if not more or len(caller.received) > LINE_BYTES_MAX:
            self._drop(caller)
        return asks

    def _drop(self, caller: Caller) -> None:
        if caller in self._callers:
            self._callers.remove(caller)
            self._selector.unregister(caller.connection)
            caller.connection.close()
