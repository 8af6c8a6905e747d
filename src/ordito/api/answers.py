"""Answers: JSON with its version as ETag, problems as RFC 9457 says."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from ordito.platform.problems import Problem

Header = tuple[bytes, bytes]

encode = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical").encode


class Answer(msgspec.Struct, frozen=True):
    """What is sent: status, headers beside the length, body.

    document: sent instead, with `body` as its first bytes.
    """

    status: int
    headers: list[Header]
    body: bytes
    document: "Document | None" = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent as it is, not as JSON. name: what it is saved as; it may have any letters.

    body: all of it, unless `read` is there: from the number of a chunk, beginning at 0, to its
    bytes, b"" after the last; then `size_bytes` is what all chunks have together.
    shown: whether a browser may show it in its place, and keep it for an hour.
    """

    name: str
    media_type: str
    body: bytes = b""
    size_bytes: int = 0
    read: Callable[[int], bytes] | None = None
    shown: bool = False


def document_headers(document: Document) -> list[Header]:
    """Of a file that somebody sent: a browser may save it, and run nothing that is in it."""
    plain = "".join(
        ch if ch.isascii() and (ch.isalnum() or ch in "-_. ") else "_" for ch in document.name
    )
    how = "inline" if document.shown else "attachment"
    told = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(document.name, safe='')}"
    kind = document.media_type
    return [
        (b"content-type", (f"{kind}; charset=utf-8" if kind == "text/plain" else kind).encode()),
        (b"content-disposition", told.encode()),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"private, max-age=3600" if document.shown else b"no-store"),
    ]


async def send_document(send: Any, document: Document, first: bytes) -> None:
    """Send a document over ASGI, a chunk in memory at a time. first: its first bytes.

    When it ends early, since somebody removed it meanwhile, the connection is cut: a file that is
    not whole never looks whole.
    """
    size = document.size_bytes if document.read else len(first)
    headers = [*document_headers(document), (b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    chunk, sent, no = first, 0, 0
    while document.read is not None and chunk and sent + len(chunk) < size:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        sent, no = sent + len(chunk), no + 1
        try:
            chunk = await asyncio.to_thread(document.read, no)
        except Problem:
            return
    if sent + len(chunk) == size:
        await send({"type": "http.response.body", "body": chunk})


_JSON = (b"content-type", b"application/json")
_PROBLEM = (b"content-type", b"application/problem+json")
_NO_STORE = (b"cache-control", b"no-store")


def tell(value: Any, *, status: int = 200, path: str = "", replayed: bool = False) -> Answer:
    """An answer's JSON. path: of the collection, for the Location of what was created."""
    headers = [_JSON, _NO_STORE]
    version = getattr(value, "version", None)
    if isinstance(version, int):
        headers.append((b"etag", b'"%d"' % version))
    id_ = getattr(value, "id", None)
    if status == 201 and id_ is not None:
        headers.append((b"location", f"/api/v1{path}/{id_}".encode()))
    if replayed:
        headers.append((b"idempotent-replayed", b"true"))
    return Answer(status, headers, encode(value))


def tell_problem(problem: Problem, request_id: str = "") -> Answer:
    """A problem's body, with the request id that finds it in the log."""
    headers = [_PROBLEM, _NO_STORE]
    retry_after = problem.extra.get("retry_after_s", problem.retry_after_s)
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    if problem.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="Ordito"'))
    body = problem.body()
    if request_id:
        body["request_id"] = request_id
    return Answer(problem.status, headers, encode(body))


async def send_answer(send: Any, answer: Answer) -> None:
    """Send an answer over ASGI."""
    if answer.document is not None:
        await send_document(send, answer.document, answer.body)
        return
    headers = list(answer.headers)
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
