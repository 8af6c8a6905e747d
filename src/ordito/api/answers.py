"""Answers: JSON with its version as ETag, problems as RFC 9457 says."""

from typing import Any

import msgspec

from ordito.platform.problems import Problem

Header = tuple[bytes, bytes]

encode = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical").encode


class Answer(msgspec.Struct, frozen=True):
    """What is sent: status, headers beside the length, body."""

    status: int
    headers: list[Header]
    body: bytes


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
    length = (b"content-length", str(len(answer.body)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [*answer.headers, length],
        }
    )
    await send({"type": "http.response.body", "body": answer.body})
