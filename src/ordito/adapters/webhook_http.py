"""Calls to webhook receivers over HTTP/1.1: no redirects, 15 s in all, and never into this network.

The name is resolved here and the connection goes to the address that was checked: an answer that
changes between two look-ups can't lead anywhere else. Proxies of the environment aren't used.
"""

import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpcore

from ordito.platform.masking import mask_text
from ordito.webhooks.addresses import is_public, url_fault
from ordito.webhooks.calls import Call, Outcome

TIMEOUT_S = 15.0
ANSWER_MAX = 1_024


class Refused(Exception):
    """The address may not be called."""


class HttpCaller:
    """Makes calls; one for all threads.

    lan: whether http and private addresses may be called, for tests and inside a company.
    """

    def __init__(self, *, lan: bool = False, timeout_s: float = TIMEOUT_S) -> None:
        self._lan = lan
        self._timeout_s = timeout_s

    def __call__(self, call: Call) -> Outcome:
        began = time.monotonic()
        try:
            return self._call(call, began)
        except Exception as fault:
            # Whatever it is, the message waits for its next try and the log says why.
            return Outcome(None, _since(began), "", self._tell(fault))

    def _call(self, call: Call, began: float) -> Outcome:
        wrong = url_fault(call.url, lan=self._lan)
        if wrong:
            raise Refused(wrong)
        network = _Network(began + self._timeout_s, lan=self._lan)
        # A connection for each call: its handshake is the price of a deadline and a check each.
        with httpcore.ConnectionPool(
            ssl_context=_trust(), network_backend=network, max_keepalive_connections=0
        ) as pool:
            headers = list(call.headers.items())
            with pool.stream("POST", call.url, headers=headers, content=call.body) as response:
                answer = _read_some(response.iter_stream())
                told = dict(response.headers)
        status = response.status
        error = "" if 200 <= status < 300 else _STATUS_WORDS.get(status, f"HTTP {status}")
        if 300 <= status < 400:
            error = f"HTTP {status}: redirects are not followed"
        return Outcome(status, _since(began), answer, error, _retry_after_s(told))

    def _tell(self, fault: Exception) -> str:
        if isinstance(fault, Refused):
            return str(fault)
        if isinstance(fault, httpcore.TimeoutException):
            return f"No answer within {self._timeout_s:g} seconds"
        if isinstance(fault, ssl.SSLError | httpcore.ConnectError) and "SSL" in str(fault):
            return f"TLS: {_short(str(fault))}"
        if isinstance(fault, httpcore.ConnectError):
            return f"Could not connect: {_short(str(fault))}"
        return f"{type(fault).__name__}: {_short(str(fault))}"


_STATUS_WORDS = {410: "HTTP 410: the receiver is gone for ever"}


class _Network(httpcore.NetworkBackend):
    """Opens connections to checked addresses, and lets nothing go on past the deadline."""

    def __init__(self, deadline: float, *, lan: bool) -> None:
        self._deadline = deadline
        self._lan = lan
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        fault: httpcore.NetworkError | None = None
        for address in resolve(host, port, lan=self._lan):
            try:
                stream = self._backend.connect_tcp(address, port, timeout=_left(self._deadline))
            except httpcore.ConnectError as one:
                fault = one
            else:
                return _Stream(stream, self._deadline)
        raise fault or httpcore.ConnectError("the name has no address")


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline: a byte a second is no way around it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def resolve(host: str, port: int, *, lan: bool) -> list[str]:
    """The addresses of a name, all of them checked; raises Refused, ConnectError.

    One that is private refuses the name as a whole: whoever mixes them means no good.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise httpcore.ConnectError("the name is not known") from fault
    addresses = list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in found))
    if not lan and not all(is_public(ipaddress.ip_address(one)) for one in addresses):
        raise Refused(
            "The name leads into a private network; ORDITO_WEBHOOKS_LAN=true allows that."
        )
    return addresses


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return left


@cache
def _trust() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


def _read_some(chunks: Iterable[bytes]) -> str:
    """The first kilobyte of a body as text fit for a log; the rest is never read."""
    body = b""
    # A status has come: that the body breaks off afterwards changes nothing.
    with contextlib.suppress(httpcore.NetworkError, httpcore.ProtocolError, httpcore.ReadTimeout):
        for chunk in chunks:
            body += chunk
            if len(body) >= ANSWER_MAX:
                break
    text = body[:ANSWER_MAX].decode("utf-8", "replace")
    return mask_text("".join(c for c in text if c.isprintable() or c in "\n\t"))


def _retry_after_s(headers: dict[bytes, bytes]) -> int | None:
    """Seconds that the receiver asks to wait, whether it says a number or an instant."""
    lowered = {name.lower(): value for name, value in headers.items()}
    text = lowered.get(b"retry-after", b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0, int((at - datetime.now(UTC)).total_seconds()))


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _short(text: str) -> str:
    return mask_text(" ".join(text.split()))[:200]
