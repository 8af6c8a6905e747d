"""Cursors: where a page ended, as an opaque text that is safe in a URL."""

import base64
import binascii
from typing import TypeVar

import msgspec

from ordito.platform.problems import Fault, InvalidInput

Place = TypeVar("Place")

CURSOR_MAX = 1_000
"""Longest cursor that is read; ours are far shorter."""


def write_cursor(place: msgspec.Struct) -> str:
    """The last row's sort values as text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def read_cursor(text: str, kind: type[Place]) -> Place:
    """The place a cursor stands for; raises InvalidInput when it is none of ours."""
    try:
        raw = base64.urlsafe_b64decode(text[:CURSOR_MAX].encode("ascii") + b"=" * (-len(text) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, binascii.Error, msgspec.DecodeError) as fault:
        raise InvalidInput(
            "The list can't be continued from there; begin again without a cursor.",
            errors=[Fault("/cursor", "invalid-cursor", "This is no cursor of this list.")],
        ) from fault
