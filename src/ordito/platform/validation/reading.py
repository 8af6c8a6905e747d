"""JSON read with suspicion: depth, repeated keys and number texts are kept visible.

Slower than the decoder for structs by a factor of two to three; used only when that one refused, or
can't vouch for, a body.
"""

import json
import re
from collections import Counter
from typing import Any

from ordito.platform.problems import MalformedBody

DEPTH_MAX = 64
"""Lists and objects inside each other."""

DIGITS_MAX = 400
"""Digits of an integer that are read as a number; a longer one is kept as its text."""


class JsonNumber(str):
    """The text of a JSON number with point or exponent, or of an integer too long to read."""

    __slots__ = ()

    @property
    def is_whole(self) -> bool:
        digits = self.removeprefix("-")
        return digits.isascii() and digits.isdigit()


class RepeatedKeys(dict[str, Any]):
    """An object in which keys came more than once: `repeated` names them, the last one counts."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs)
        self.repeated = [key for key, count in counts.items() if count > 1]


class _KeyRepeated(Exception):
    """Ends the reading at the first repeated key."""


def read(body: bytes) -> Any:
    """The body as dicts, lists, str, int, bool, None and JsonNumber; repeated keys as RepeatedKeys.

    Raises MalformedBody for what is no JSON, NaN and Infinity, or deeper than 64 levels.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"The body is not UTF-8: byte {error.start + 1} can't be read. Send it as UTF-8."
        raise MalformedBody(detail) from None
    _refuse_depth_and_nan(text)
    try:
        return _FAITHFUL.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedBody(f"The body is no valid JSON at {where}: {error.msg}.") from None


def repeats_a_key(body: bytes) -> bool:
    """Whether an object in `body`, which was already decoded as JSON once, has a key twice.

    Also True when that can't be told here (an integer of thousands of digits, great depth).
    """
    try:
        _WATCHING.decode(body.decode("utf-8"))
    except (_KeyRepeated, ValueError, RecursionError):
        return True
    return False


def is_deep(body: bytes) -> bool:
    """Whether `body`, already decoded as JSON once, nests more than 64 levels."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return False
    try:
        _refuse_depth_and_nan(body.decode("utf-8"))
    except MalformedBody:
        return True
    return False


# A string, or what matters outside of one. Unclosed strings don't match; the decoder tells of them.
_MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]|-?Infinity|NaN', re.DOTALL)


def _refuse_depth_and_nan(text: str) -> None:
    depth = 0
    for mark in _MARKS.finditer(text):
        first = text[mark.start()]
        if first == '"':
            continue
        if first in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                detail = f"The body nests more than {DEPTH_MAX} lists and objects in each other."
                raise MalformedBody(detail)
        elif first in "]}":
            depth -= 1
        else:
            line = text.count("\n", 0, mark.start()) + 1
            detail = (
                f"{mark[0]} in line {line} is no number that JSON allows; send null or a number."
            )
            raise MalformedBody(detail)


def _faithful_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedKeys(pairs)


def _watched_object(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _KeyRepeated


def _integer(text: str) -> int | JsonNumber:
    return int(text) if len(text) <= DIGITS_MAX else JsonNumber(text)


_FAITHFUL = json.JSONDecoder(
    object_pairs_hook=_faithful_object, parse_float=JsonNumber, parse_int=_integer
)
_WATCHING = json.JSONDecoder(object_pairs_hook=_watched_object, parse_float=len, parse_int=len)
