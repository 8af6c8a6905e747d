"""Weekdays as people write them: mon-fri, or mon,wed,fri. Bits (Monday is 1) are still taken."""

import re
from functools import cache
from typing import Annotated

from msgspec import Meta

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "(mon|tue|wed|thu|fri|sat|sun)"
_SPAN = f"{_DAY}(-{_DAY})?"

DayNames = Annotated[str, Meta(pattern=f"^{_SPAN}(,{_SPAN}){{0,6}}$")]
"""Days and spans of days with commas between: `mon-fri`, `mon,wed,fri`, `sat-mon`."""

DayBits = Annotated[int, Meta(ge=1, le=127)]
"""Bit 0 is Monday: 31 is Monday to Friday."""

Weekdays = DayBits | DayNames
"""At least one day."""


@cache
def bits_of(days: int | str) -> int:
    """Days as bits; bit 0 is Monday. days: bits, or names as `DayNames`."""
    if isinstance(days, int):
        return days
    bits = 0
    for span in days.split(","):
        first, _sign, last = span.partition("-")
        day, end = NAMES.index(first), NAMES.index(last or first)
        while True:
            bits |= 1 << day
            if day == end:
                break
            day = (day + 1) % 7
    return bits


@cache
def names_of(days: int | str) -> str:
    """Days by name, spans of three and more short: 31 is `mon-fri`."""
    bits = bits_of(days)
    found: list[str] = []
    day = 0
    while day < 7:
        end = day
        while end < 7 and bits >> end & 1:
            end += 1
        if end - day >= 3:
            found.append(f"{NAMES[day]}-{NAMES[end - 1]}")
        else:
            found += NAMES[day:end]
        day = end + 1
    return ",".join(found)


def parse_days(text: str) -> int | None:
    """Bits of what somebody typed, in names or as a number; None when it is neither."""
    spans = re.sub(r"\s*[-–]\s*", "-", text.strip().lower())
    plain = ",".join(re.split(r"[\s,;]+", spans))
    if plain.isascii() and plain.isdigit():
        return int(plain) if 1 <= int(plain[:4]) <= 127 and len(plain) <= 3 else None
    for span in plain.split(","):
        first, sign, last = span.partition("-")
        if first not in NAMES or (sign and last not in NAMES):
            return None
    return bits_of(plain)
