"""What a request says: its body, path, query and headers as values, or a problem."""

from typing import Any, get_origin
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from ordito.api.authentication import Headers
from ordito.api.endpoints import Endpoint
from ordito.platform.problems import (
    BodyTooLarge,
    ClientGone,
    Fault,
    InvalidInput,
    NotFound,
    UnsupportedMediaType,
    VersionConflict,
    VersionRequired,
)
from ordito.platform.validation import convert

PARAMETERS_MAX = 100


async def read_body(receive: Any, headers: Headers, size_max: int) -> bytes:
    """The raw JSON body; raises UnsupportedMediaType, and BodyTooLarge before it is all read."""
    body = await read_raw(receive, headers, size_max)
    if body and not _is_json(headers.get(b"content-type", b"")):
        raise UnsupportedMediaType("Send JSON with “Content-Type: application/json”.")
    return body


async def read_raw(receive: Any, headers: Headers, size_max: int) -> bytes:
    """The body as it is, of any type; raises BodyTooLarge before it is all read."""
    length = headers.get(b"content-length", b"")
    if length.isdigit() and (len(length) > 15 or int(length) > size_max):
        raise _too_large(size_max)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone("The caller hung up before the body had come.")
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _read_on(receive, body, size_max)
    if len(body) > size_max:
        raise _too_large(size_max)
    return body


async def _read_on(receive: Any, first: bytes, size_max: int) -> bytes:
    chunks, size, more = [first], len(first), True
    while more and size <= size_max:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("The body ended before all of it had come.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        more = message.get("more_body", False)
    if size > size_max:
        raise _too_large(size_max)
    return b"".join(chunks)


def _too_large(size_max: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body may have {size_max:,} bytes; send less at once.")


def _is_json(header: bytes) -> bool:
    if header == b"application/json":
        return True
    kind = header.partition(b";")[0].strip().lower()
    return kind == b"application/json" or (
        kind.startswith(b"application/") and kind.endswith(b"+json")
    )


def path_values(params: dict[str, Any]) -> dict[str, Any]:
    """Fields from the path. What can't be an id is no id of ours: NotFound."""
    values: dict[str, Any] = {}
    for name, text in params.items():
        if name == "fulfillment_order_id":
            order_id, _, number = text.partition(".")
            values["order_id"] = _uuid(order_id)
            values["fo_no"] = _number(number)
        elif name.endswith("_id"):
            values[name] = _uuid(text)
        elif name in ("number", "no") or name.endswith("_no"):
            values[name] = _number(text)
        elif text.isprintable() and len(text) <= 300:
            values[name] = text
        else:
            raise NotFound("There is no such thing: its name can't be one.")
    return values


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such thing: that is not one of our ids.") from None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) == 0:
        raise NotFound("There is no such thing: numbers are whole and begin at 1.")
    return int(text)


def query_values(query: bytes, params: type[Any]) -> Any:
    """Query parameters as `params`; a name given twice is a fault unless it may hold several."""
    lists = _lists_of(params)
    values: dict[str, Any] = {}
    for name, text in _pairs(query):
        if name in lists:
            values.setdefault(name, []).append(text)
        elif name in values:
            fault = Fault("/" + name[:60], "repeated", "The parameter is given twice.")
            raise InvalidInput(f"The parameter “{name[:60]}” is given twice.", errors=[fault])
        else:
            values[name] = text
    return convert(params, values, strict=False)


def _pairs(query: bytes) -> list[tuple[str, str]]:
    if not query:
        return []
    try:
        return parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError:
        raise InvalidInput(
            "The query could not be read: send UTF-8, percent-encoded, with at most"
            f" {PARAMETERS_MAX} parameters."
        ) from None


def _lists_of(params: type[Any]) -> frozenset[str]:
    if params not in _lists:
        _lists[params] = frozenset(
            field.name for field in msgspec.structs.fields(params) if _is_list(field.type)
        )
    return _lists[params]


_lists: dict[type[Any], frozenset[str]] = {}


def _is_list(kind: Any) -> bool:
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    return get_origin(kind) in (tuple, list)


def version_value(endpoint: Endpoint, headers: Headers) -> dict[str, Any]:
    """The version of If-Match, for endpoints that take one; raises VersionRequired."""
    if endpoint.version == "none":
        return {}
    header = headers.get(b"if-match")
    if header is None or header.strip() == b"*":
        if endpoint.version == "required" and header is None:
            raise VersionRequired(
                "Read it first and send its ETag as If-Match; “If-Match: *” changes it whatever"
                " it is by now."
            )
        return {"version": None}
    text = header.strip().removeprefix(b"W/").strip(b'"')
    if not text.isdigit() or len(text) > 18:
        raise VersionConflict('If-Match must be the ETag of an answer, such as "7".')
    return {"version": int(text)}


def idempotency_key(headers: Headers) -> str | None:
    """The client's key, unchecked; the door checks it."""
    header = headers.get(b"idempotency-key")
    return None if header is None else header.decode("latin-1")
