"""What every request passes: its id, its true address, headers of every answer, log, metrics."""

import ipaddress
import re
import time
from collections.abc import Sequence
from typing import Any

import structlog

from ordito.api.answers import Answer, send_answer, tell_problem
from ordito.api.routing import Reply, RouteTable
from ordito.kernel.ids import new_id
from ordito.platform import logs, metrics
from ordito.platform.problems import (
    InternalError,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    Problem,
)
from ordito.web.site import no_page, wants_page

log = structlog.get_logger(__name__)

PLACING = ("POST", "/api/v1/orders")

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
    """Finds who answers a request, and gives every answer what all must carry."""

    def __init__(self, table: RouteTable, *, trusted_proxies: Sequence[str] = ()) -> None:
        self._table = table
        self._trusted = [ipaddress.ip_network(net, strict=False) for net in trusted_proxies]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        started = time.perf_counter()
        if scope["method"] == "HEAD":
            # Answered as GET; the server, which keeps its own scope, leaves the body out.
            scope = {**scope, "method": "GET"}
        if self._trusted:
            self._believe_proxy(scope)
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        token = logs.request_id.set(request_id)
        sender = _Sender(scope, send, request_id)
        try:
            await self._answer(scope, receive, sender)
        finally:
            _note(scope, sender.status, time.perf_counter() - started)
            logs.request_id.reset(token)

    async def _answer(self, scope: Any, receive: Any, sender: "_Sender") -> None:
        try:
            answer = await self._ask(scope, receive)
            if not isinstance(answer, Answer):
                await answer(scope, receive, sender)
                return
        except Problem as problem:
            answer = tell_problem(problem, scope["request_id"])
        except Exception:
            log.exception("request_failed", path=_tellable(scope["path"]))
            if sender.status:
                return
            defect = InternalError("The request id finds the cause in the log.")
            answer = tell_problem(defect, scope["request_id"])
        await send_answer(sender, answer)

    async def _ask(self, scope: Any, receive: Any) -> Answer | Reply:
        """The handler's answer; else what is told of a path or a method that there isn't."""
        path: str = scope["path"]
        if "\0" in path:
            raise InvalidInput("The path holds a NUL character.")
        match = self._table.match(path)
        if match is None:
            return _tell_nothing(scope, NotFound("There is nothing under this path."))
        method: str = scope["method"]
        binding = match.bindings.get(method)
        if binding is None:
            return _tell_methods(scope, [*sorted(match.bindings), "OPTIONS"])
        scope["route"], scope["path_params"] = binding.path, match.params(method)
        return await binding.handler(scope, receive)

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


def _note(scope: Any, status: int, seconds: float) -> None:
    method, route = scope["method"], scope.get("route", "")
    metrics.observe_request(method, route, status, seconds)
    # Orders that were placed are on their timelines: thousands a second need no line each.
    plenty = status < 400 and (method, route) == PLACING
    tell = log.debug if plenty or route in _QUIET else log.info
    tell(
        "request",
        method=method,
        path=_tellable(scope["path"]),
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
    )


def _tell_nothing(scope: Any, problem: Problem) -> Answer:
    """That nothing is there: as a page for people, as a problem for programs."""
    if wants_page(scope):
        return no_page(scope, problem)
    return tell_problem(problem, scope["request_id"])


def _tell_methods(scope: Any, methods: Sequence[str]) -> Answer:
    """Which methods a path takes, asked for or not."""
    allowed = (b"allow", ", ".join(methods).encode())
    if scope["method"] == "OPTIONS":
        return Answer(204, [allowed], b"")
    told = _tell_nothing(scope, MethodNotAllowed("The path exists, but not with this method."))
    return Answer(told.status, [*told.headers, allowed], told.body)


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
