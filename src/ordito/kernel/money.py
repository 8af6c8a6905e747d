"""Money: integers of minor units with their currency; prices are exact decimals. Never a float."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec
from babel.core import get_global

MINOR_MAX = 9_000_000_000_000_000
"""Largest amount accepted, in minor units: a thousand of them still fit in 64 bits."""

Rounding = Literal["half_up", "half_even"]

_ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}

# ISO 4217 minor units; every other has two. CLDR's digits are for display: not the same.
_EXPONENT_0 = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_EXPONENT_3 = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905
_EXPONENT_4 = frozenset(("CLF", "UYW"))

CURRENCIES: frozenset[str] = frozenset(get_global("all_currencies"))


def exponent(currency: str) -> int:
    """Digits after the point in `currency`'s minor unit: 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency in _EXPONENT_0:
        return 0
    if currency in _EXPONENT_3:
        return 3
    if currency in _EXPONENT_4:
        return 4
    return 2


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units (1999 with EUR is 19.99 euro)."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{format_minor(self.minor, self.currency)} {self.currency}"


def format_minor(minor: int, currency: str) -> str:
    """Minor units as a plain decimal string, without separators: -1999 EUR gives '-19.99'."""
    digits = exponent(currency)
    if digits == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    text = str(abs(minor)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def to_minor(amount: Decimal, currency: str, rounding: Rounding = "half_up") -> int:
    """A decimal amount as minor units, rounded once."""
    scaled = amount.scaleb(exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=_ROUNDING[rounding]))


def extend_price(unit_price: Decimal, quantity: int, currency: str, rounding: Rounding) -> int:
    """Unit price times quantity in minor units: exact product, rounded once at the end."""
    return to_minor(unit_price * quantity, currency, rounding)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Spread `total` (any sign) over parts in proportion to `weights` (>= 0); the parts sum to it.

    Largest remainder: each part is rounded towards zero, the units left over go to the parts with
    the largest remainders; on a tie to the larger weight, then to the earlier part. When all
    weights are zero the parts are as even as they can be.
    """
    assert weights, "caller has at least one part"
    assert min(weights) >= 0, "weights are quantities or amounts, never negative"
    whole = sum(weights)
    if whole == 0:
        return allocate(total, [1] * len(weights))
    sign = -1 if total < 0 else 1
    size = abs(total)
    parts = [size * weight // whole for weight in weights]
    left = size - sum(parts)
    order = sorted(
        range(len(weights)), key=lambda i: (-(size * weights[i] % whole), -weights[i], i)
    )
    for i in order[:left]:
        parts[i] += 1
    return [sign * part for part in parts]
