"""Faults while they are collected, and how a refused value is shown in one."""

import re
from typing import Any

from ordito.platform.masking import is_secret, mask_cards
from ordito.platform.problems import Fault, InvalidInput
from ordito.platform.validation.reading import JsonNumber

FAULTS_MAX = 100
"""Faults listed of one input; the others are only counted."""

SHOWN_MAX = 40
"""Characters of a refused value, or of a key, that are repeated in an answer."""


class Findings:
    """The faults of one input. `lax`: texts may stand for numbers and booleans (forms, CSV)."""

    __slots__ = ("faults", "lax", "more")

    def __init__(self, *, lax: bool = False) -> None:
        self.faults: list[Fault] = []
        self.more = 0
        self.lax = lax

    def add(self, at: str, code: str, detail: str) -> None:
        """One more fault, at a JSON pointer."""
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(Fault(at, code, detail))
        else:
            self.more += 1

    def refuse(self, at: str, code: str, expected: str, value: Any) -> None:
        """One more fault, saying what was expected and what came."""
        if len(self.faults) < FAULTS_MAX:
            self.add(at, code, f"Expected {expected}, got {shown(value, at)}.")
        else:
            self.more += 1

    def problem(self) -> InvalidInput:
        """All of it as the problem to raise."""
        count = len(self.faults) + self.more
        if count == 1:
            return InvalidInput(self.faults[0].detail, errors=self.faults)
        if not self.more:
            return InvalidInput(f"The input has {count} faults; see errors.", errors=self.faults)
        detail = (
            f"The input has {count} faults; errors lists the first {FAULTS_MAX}, "
            f"{self.more} more are not listed."
        )
        return InvalidInput(detail, errors=self.faults, extra={"errors_not_listed": self.more})


def child(at: str, key: object) -> str:
    """Pointer to a member of what `at` points to (RFC 6901); an absurdly long key is cut."""
    return f"{at}/{printable(str(key)).replace('~', '~0').replace('/', '~1')}"


def printable(text: str, length_max: int = SHOWN_MAX) -> str:
    """`text` cut, with control characters and lone surrogates written as escapes."""
    cut = text if len(text) <= length_max else f"{text[: length_max - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def shown(value: Any, at: str = "") -> str:  # noqa: PLR0911
    """A value in words. Secrets are never repeated: what `at` ends in decides."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "an object"
        case list() | tuple() | set() | frozenset():
            return "a list"
    if is_secret(at.rpartition("/")[2]):
        return "something else"
    if isinstance(value, int) and not isinstance(value, bool):
        # Beyond 4,300 digits Python refuses to write an integer at all.
        return f"the number {value}" if value.bit_length() < 100 else "a much longer number"
    if isinstance(value, str) and not isinstance(value, JsonNumber):
        return f'the text "{printable(mask_cards(value[:200]))}"' if value else "an empty text"
    return f"the number {printable(str(value))}"


_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def pointer(path: str) -> str:
    """A path as msgspec writes it (`$.lines[1].qty`) as JSON pointer, up to the first `[...]`."""
    path = path.partition("[...]")[0]
    return "".join(child("", name or index) for name, index in _STEP.findall(path))
