"""Cells into numbers, codes and words: exact, never guessed. A refusal says what to write."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from ordito.kernel.money import MINOR_MAX, exponent
from ordito.kernel.quantities import QUANTITY_MAX

DecimalMark = Literal["point", "comma", "either"]

NUMBER_CHARS_MAX = 40
"""Longest text read as a number: no quantity or amount that can be stored is longer."""

PRICE_DECIMALS_MAX = 6
PRICE_MAX = Decimal(10) ** 12
CODE_CHARS_MAX = 100
TEXT_CHARS_MAX = 300
NOTE_CHARS_MAX = 5_000
MEMO_MAX = 50_000

_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_EXPONENT = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
_MANGLED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|snan|inf|infinity)[0-9]*", re.IGNORECASE)
_GROUP_BLANKS = str.maketrans({" ": "", "\u00a0": "", "\u202f": "", "'": "", "\u2019": ""})
_GROUPED_BLANK = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u202f'\u2019][0-9]{3})+(?:[.,][0-9]+)?")
_GROUPED = {
    ",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"),
    ".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?"),
}
_DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_TRUE = frozenset(("true", "yes", "y", "1", "on", "tak", "ja", "oui"))
_FALSE = frozenset(("false", "no", "n", "0", "off", "nie", "nein", "non"))


class Unreadable(ValueError):
    """A cell that doesn't hold what its column needs. `detail` says what to write instead."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


V = TypeVar("V")


class Memo(dict[str, V | None], Generic[V]):
    """Cell text → value, each text read once; None for a blank or unreadable one.

    Files repeat few different dates, prices and SKUs over many rows. It forgets everything when it
    holds MEMO_MAX texts, so that a hostile file can't fill the memory.

    faults: why a text is unreadable.
    """

    def __init__(self, read: Callable[[str], V]) -> None:
        super().__init__()
        self._read = read
        self.faults: dict[str, Unreadable] = {}

    def __missing__(self, text: str) -> V | None:
        if len(self) >= MEMO_MAX:
            self.clear()
            self.faults.clear()
        value = None
        if text and not text.isspace():
            try:
                value = self._read(text)
            except Unreadable as fault:
                # Kept without its traceback, which would hold the caller's frames alive.
                self.faults[text] = fault.with_traceback(None)
        self[text] = value
        return value


def shortened(text: str, chars_max: int = 60) -> str:
    """`text` fit to be quoted in a message."""
    return text if len(text) <= chars_max else text[: chars_max - 1] + "…"


def looks_mangled(text: str) -> bool:
    """Whether a code was turned into a number by a spreadsheet, such as 5,90123E+12."""
    return _MANGLED.fullmatch(text) is not None


def read_decimal(text: str, mark: DecimalMark = "point") -> Decimal:
    """An exact decimal, with or without thousands separators.

    mark: which character begins the decimals. "either" works it out from the cell itself and
          refuses "1,234" and "1.234", which can mean two things.
    Raises Unreadable for anything else: exponents, NaN, infinity, currency signs, blanks.
    """
    cell = text.strip()
    if mark != "comma" and len(cell) <= NUMBER_CHARS_MAX and _PLAIN.fullmatch(cell):
        if mark == "either" and _AMBIGUOUS.fullmatch(cell.lstrip("-")):
            raise _ambiguous(cell)
        return Decimal(cell)
    return _read_grouped(cell, mark)


def _read_grouped(cell: str, mark: DecimalMark) -> Decimal:
    _refuse_odd_number(cell)
    sign, digits = "", cell.replace("\u2212", "-")
    if digits[:1] in ("-", "+"):
        sign, digits = digits[0], digits[1:].lstrip()
    if _GROUPED_BLANK.fullmatch(digits):
        digits = digits.translate(_GROUP_BLANKS)
    elif mark == "either" and _AMBIGUOUS.fullmatch(digits):
        raise _ambiguous(cell)
    for group, point in ((",", "."), (".", ",")):
        if _may_mark(point, mark) and _GROUPED[group].fullmatch(digits):
            return Decimal(sign + digits.replace(group, "").replace(point, "."))
    if _DIGITS.fullmatch(digits) and all(
        _may_mark(found, mark) for found in (".", ",") if found in digits
    ):
        return Decimal(sign + digits.replace(",", "."))
    raise Unreadable("not-a-number", f"'{shortened(cell)}' is not a number. Write it like 1234.56.")


def _may_mark(character: str, mark: DecimalMark) -> bool:
    return mark == "either" or (character == ".") == (mark == "point")


def _ambiguous(cell: str) -> Unreadable:
    return Unreadable(
        "ambiguous-number",
        f"'{cell}' can mean two numbers. Say in the preset which mark begins the decimals, "
        "or write it without thousands separators.",
    )


def _refuse_odd_number(cell: str) -> None:
    if not cell:
        raise Unreadable("required", "The cell is empty. Write a number.")
    if len(cell) > NUMBER_CHARS_MAX:
        raise Unreadable(
            "too-large", f"'{shortened(cell)}' is longer than {NUMBER_CHARS_MAX} characters."
        )
    if _NOT_FINITE.fullmatch(cell):
        raise Unreadable("not-finite", f"'{cell}' is not a number that can be counted with.")
    if _EXPONENT.fullmatch(cell):
        raise Unreadable(
            "exponent",
            f"'{cell}' is in exponent notation, perhaps made by a spreadsheet. "
            "Write the number in full.",
        )


def read_quantity(text: str, mark: DecimalMark = "point") -> int:
    """Whole pieces, of either sign; "6.0" is 6. Raises Unreadable for fractions and beyond ±10⁹."""
    amount = read_decimal(text, mark)
    if abs(amount) > QUANTITY_MAX:
        raise Unreadable(
            "too-large", f"Quantity {shortened(text)} is larger than {QUANTITY_MAX:,}."
        )
    if amount != amount.to_integral_value():
        raise Unreadable(
            "fraction",
            f"Quantity {shortened(text)} is not whole. Count goods sold by weight or length "
            "in their smallest unit.",
        )
    return int(amount)


def read_price(text: str, mark: DecimalMark = "point") -> Decimal:
    """A unit price with up to six decimals, of either sign, below 10¹²."""
    price = read_decimal(text, mark)
    if abs(price) >= PRICE_MAX:
        raise Unreadable("too-large", f"Price {shortened(text)} is not below {PRICE_MAX:,}.")
    if _decimals(price) > PRICE_DECIMALS_MAX:
        raise Unreadable(
            "too-many-decimals",
            f"Price {shortened(text)} has more than {PRICE_DECIMALS_MAX} decimals.",
        )
    return price


def read_money(text: str, currency: str, mark: DecimalMark = "point") -> Decimal:
    """An amount that `currency` can pay exactly: 19.99 but not 19.995 in EUR."""
    amount = read_decimal(text, mark)
    if abs(amount).scaleb(exponent(currency)) > MINOR_MAX:
        raise Unreadable("too-large", f"Amount {shortened(text)} is too large.")
    if _decimals(amount) > exponent(currency):
        raise Unreadable(
            "too-many-decimals",
            f"Amount {shortened(text)} has more decimals than {currency} has "
            f"({exponent(currency)}).",
        )
    return amount


def read_rate(text: str, mark: DecimalMark = "point") -> Decimal:
    """A tax rate in percent: "23" and "23 %" are 23 percent. 0.23 is 0.23 percent."""
    rate = read_decimal(text.strip().removesuffix("%"), mark)
    if not 0 <= rate <= 100 or _decimals(rate) > PRICE_DECIMALS_MAX:
        raise Unreadable("not-a-rate", f"'{shortened(text)}' is not a rate from 0 to 100 percent.")
    return rate


def _decimals(number: Decimal) -> int:
    """Digits after the point that are needed: 2.50 needs one."""
    digits = number.as_tuple()
    assert isinstance(digits.exponent, int), "read_decimal gives finite numbers"
    if digits.exponent >= 0:
        return 0
    text = "".join(map(str, digits.digits)).rjust(-digits.exponent, "0")
    return len(text[digits.exponent :].rstrip("0"))


def read_code(text: str) -> str:
    """A code such as a SKU or an order number: trimmed, up to 100 characters, may be blank."""
    code = text.strip()
    if looks_mangled(code):
        raise Unreadable(
            "mangled-number",
            f"'{code}' looks like a number mangled by a spreadsheet. "
            "Format the column as text before saving, and export it again.",
        )
    if len(code) > CODE_CHARS_MAX:
        raise Unreadable(
            "too-long", f"'{shortened(code)}' is longer than {CODE_CHARS_MAX} characters."
        )
    if _CONTROL.search(code):
        raise Unreadable("control-character", f"'{shortened(code)!r}' holds a control character.")
    return code


def read_text(text: str, chars_max: int = TEXT_CHARS_MAX) -> str:
    """Words as they are, trimmed; refused when longer than `chars_max`, never cut."""
    words = text.strip()
    if len(words) > chars_max:
        raise Unreadable(
            "too-long", f"'{shortened(words)}' is longer than {chars_max:,} characters."
        )
    return words


def read_flag(text: str) -> bool:
    """Yes or no, in a few languages."""
    word = text.strip().casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Unreadable("not-a-flag", f"'{shortened(text)}' is neither true nor false.")
