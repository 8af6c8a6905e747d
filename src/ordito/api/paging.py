"""Pages: `limit` and an opaque `cursor` in, items and the next page's cursor out."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask
from ordito.platform.problems import Fault, InvalidInput

T = TypeVar("T")

LIMIT_MAX = 200

Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Items at most on one page")]
Cursor = Annotated[
    str, Meta(max_length=500, description="`next` of the page before; without it the first page")
]


class PageParams(Ask, frozen=True, kw_only=True):
    """What every list takes."""

    limit: Limit = 50
    cursor: Cursor | None = None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list. `next` is null on the last page."""

    items: list[T]
    next: str | None


def page(rows: Sequence[T], params: PageParams, key: Callable[[T], tuple[Any, ...]]) -> Page[T]:
    """A page of rows, of which one more than `params.limit` was asked for."""
    shown = list(rows[: params.limit])
    following = make_cursor(key(shown[-1])) if len(rows) > params.limit else None
    return Page(shown, following)


def make_cursor(values: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def read_cursor(text: str | None, kind: Any) -> Any:
    """The values of a cursor, None without one. Raises InvalidInput for what we never made."""
    if text is None:
        return None
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values = msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=kind)
        if "\\u0000" not in str(msgspec.json.encode(values)):
            return values
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        pass
    fault = Fault("/cursor", "cursor", "Expected the `next` of an earlier answer of this list.")
    raise InvalidInput(fault.detail, errors=[fault])
