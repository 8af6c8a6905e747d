"""Asks: what is asked of a command, and what it would change of a thing that is."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET, Meta

from ordito.kernel.quantities import QUANTITY_MAX

Code = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,59}$",
        description="Letters, digits, dot, dash and underscore; kept exactly as it is",
    ),
]
Sku = Annotated[str, Meta(min_length=1, max_length=100)]
Name = Annotated[str, Meta(min_length=1, max_length=300)]
Note = Annotated[str, Meta(max_length=500, description="No personal data: it is kept for ever")]
Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_MAX, description="Whole units")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217 code")]
Clock = Annotated[
    str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time, such as 16:30")
]
Instant = Annotated[datetime, Meta(tz=True)]
Version = Annotated[int, Meta(ge=1, description="The version that was read (If-Match)")]


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is asked; unknown fields are refused, so that a typo is no silent loss."""


LotText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        description="A lot's code or a serial number, or the GS1 code as scanned",
    ),
]


class LotPieces(Ask, frozen=True, kw_only=True):
    """Pieces of a lot, or the unit with that serial number, of an order's line.

    sku: of a kit line, which part of the kit, where several parts have lots.
    """

    line: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    lot: LotText
    quantity: Quantity = 1
    sku: Sku | None = None


Lots = Annotated[tuple[LotPieces, ...], Meta(max_length=5000)]


def given(ask: Ask, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """The fields of an ask that were given: those that are UNSET stay as they are."""
    left_out = frozenset(without)
    values = ((name, getattr(ask, name)) for name in ask.__struct_fields__ if name not in left_out)
    return {name: value for name, value in values if value is not UNSET}


def differences(
    before: msgspec.Struct, after: msgspec.Struct, *, without: Iterable[str] = ("version",)
) -> dict[str, tuple[Any, Any]]:
    """Field → what it was and what it is, of two states of one thing."""
    left_out = frozenset(without)
    pairs = (
        (name, getattr(before, name), getattr(after, name))
        for name in before.__struct_fields__
        if name not in left_out
    )
    return {name: (old, new) for name, old, new in pairs if old != new}


def is_time_zone(name: str) -> bool:
    """Whether the name is one of the IANA time zones."""
    return name in _time_zones()


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
