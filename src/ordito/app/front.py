"""What every request passes: its id, its true address, headers of every answer, log, metrics."""

import ipaddress
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from ordito.api.answers import send_answer, tell_problem
from ordito.api.routes import Handler
from ordito.kernel.ids import new_id
from ordito.platform import logs, metrics
from ordito.platform.problems import InternalError, InvalidInput, Problem

log = structlog.get_logger(__name__)

ASGI = Callable[[Any, Any, Any], Awaitable[None]]

_REQUEST_ID = re.compile(rb"^[A-Za-z0-9][A-Za-z0-9._\-]{0,63}$")

CSP = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'self'; img-src 'self' data:"
)

_SECURITY: list[tuple[bytes, bytes]] = [
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000")


class Front:
    """An ASGI application before the framework.

    hot: (method, path) → handlers that are reached without the framework's router, which costs
         more than all else that an order's request needs of this process.
    """

    def __init__(
        self,
        inner: ASGI,
        *,
        hot: dict[tuple[str, str], Handler],
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        self._inner = inner
        self._hot = hot
        self._trusted = [ipaddress.ip_network(net, strict=False) for net in trusted_proxies]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        started = time.perf_counter()
        if self._trusted:
            self._believe_proxy(scope)
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        token = logs.request_id.set(request_id)
        sender = _Sender(scope, send, request_id)
        try:
            hot = self._hot.get((scope["method"], scope["path"]))
            if hot is not None:
                await self._answer_hot(hot, scope, receive, sender)
            else:
                await self._answer(scope, receive, sender)
        finally:
            self._note(scope, sender.status, time.perf_counter() - started, hot is not None)
            logs.request_id.reset(token)

    async def _answer_hot(self, hot: Handler, scope: Any, receive: Any, sender: "_Sender") -> None:
        try:
            answer = await hot(scope, receive)
        except Problem as problem:
            answer = tell_problem(problem, scope["request_id"])
        except Exception:
            log.exception("request_failed", path=_tellable(scope["path"]))
            answer = tell_problem(_defect(), scope["request_id"])
        await send_answer(sender, answer)

    async def _answer(self, scope: Any, receive: Any, sender: "_Sender") -> None:
        try:
            if "\0" in scope["path"]:
                raise InvalidInput("The path holds a NUL character.")
            if scope["method"] == "HEAD":
                # The framework knows no HEAD: answered as GET; the server leaves the body out.
                sender.scope = {**scope, "method": "GET"}
                await self._inner(sender.scope, receive, sender)
            else:
                await self._inner(scope, receive, sender)
        except Problem as problem:
            await send_answer(sender, tell_problem(problem, scope["request_id"]))
        except Exception:
            log.exception("request_failed", path=_tellable(scope["path"]))
            if not sender.status:
                await send_answer(sender, tell_problem(_defect(), scope["request_id"]))

    def _believe_proxy(self, scope: Any) -> None:
        """Take address and scheme from the proxy, when it is one of ours that talks to us."""
        client = scope.get("client")
        if client is None or not self._is_trusted(client[0]):
            return
        for name, value in scope["headers"]:
            if name == b"x-forwarded-proto":
                scheme = value.strip().lower()
                if scheme in (b"http", b"https"):
                    scope["scheme"] = scheme.decode()
            elif name == b"x-forwarded-for":
                scope["client"] = (self._first_stranger(value.decode("latin-1"), client[0]), 0)

    def _first_stranger(self, header: str, address: str) -> str:
        """The last address of the chain that is none of our proxies: those before may be lies."""
        for hop in reversed([part.strip() for part in header.split(",") if part.strip()]):
            if not _is_address(hop):
                return address
            if not self._is_trusted(hop):
                return hop
            address = hop
        return address

    def _is_trusted(self, address: str) -> bool:
        if not _is_address(address):
            return False
        ip = ipaddress.ip_address(address)
        return any(ip in network for network in self._trusted)

    def _note(self, scope: Any, status: int, seconds: float, hot: bool) -> None:
        route = scope["path"] if hot else scope.get("path_template", "")
        metrics.observe_request(scope["method"], route, status, seconds)
        # Orders that were placed are on their timelines: thousands a second need no line each.
        tell = log.debug if (hot and status < 400) or route in _QUIET else log.info
        tell(
            "request",
            method=scope["method"],
            path=_tellable(scope["path"]),
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )


def _tellable(path: str) -> str:
    """The path without what lets people in: whoever knows a tracking link sees its order."""
    return "/t/***" if path.startswith("/t/") else path


_QUIET = frozenset({"/health", "/ready", "/metrics"})


class _Sender:
    """Adds to every answer what it must carry, and remembers its status."""

    __slots__ = ("_extra", "_send", "scope", "status")

    def __init__(self, scope: Any, send: Any, request_id: str) -> None:
        self._send = send
        self.scope = scope
        self._extra = [*_SECURITY, (b"x-request-id", request_id.encode())]
        if scope["scheme"] == "https":
            self._extra.append(_HSTS)
        self.status = 0

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = {name.lower() for name, _value in message["headers"]}
            extra = [pair for pair in self._extra if pair[0] not in own]
            extra += self.scope.get("rate_limit", ())
            message = message | {"headers": [*message["headers"], *extra]}
        await self._send(message)


def _request_id(scope: Any) -> str:
    """The caller's X-Request-Id when it is a plain word, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.match(value) and not value.endswith(b"\n"):
            sent: str = value.decode()
            return sent
    return new_id().hex


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _defect() -> InternalError:
    return InternalError("The request id finds the cause in the log.")
