"""Words of a search: folded, so that case, accents and separators don't matter."""

import re
import unicodedata
from collections.abc import Iterable

WORD_MAX = 60
"""Longest word that is kept; what is longer is found by its beginning."""
PREFIX_MIN = 3
"""Words shorter than this are looked for whole: too many begin like them."""
TAIL_MIN = 4
"""Digits at the end of a longer number by which it is found: of a phone, of a parcel."""

_LETTERS = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ŋ": "n",
    }
)
_SEPARATORS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[\d\s+()./#\-]*\d[\d\s()./\-]*")


def fold(text: str) -> str:
    """Lower case without accents: “Łódź” gives “lodz”, “Straße” gives “strasse”."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch)).translate(_LETTERS)


def split(text: str) -> list[str]:
    """The words of a text, folded: “anna.nowak@x.pl” gives anna, nowak, x, pl."""
    return [word[:WORD_MAX] for word in _SEPARATORS.split(fold(text)) if word]


def index_words(texts: Iterable[str], codes: Iterable[str]) -> set[str]:
    """Words under which something is found.

    codes: numbers and codes that people write with or without separators: they are kept in one
    piece too.
    """
    found = set(split(" ".join(texts)))
    for code in codes:
        words = split(code)
        found.update(words)
        if len(words) > 1:
            found.add("".join(words)[:WORD_MAX])
    return found


def find_tails(codes: Iterable[str]) -> set[str]:
    """Long numbers, backwards: the end of one is the beginning of the other."""
    joined = ("".join(split(code)) for code in codes)
    return {_tail(code) for code in joined if len(code) > TAIL_MIN and code[-TAIL_MIN:].isdigit()}


def _tail(code: str) -> str:
    return code[::-1][:WORD_MAX]


def search_words(text: str) -> list[str]:
    """The words that are looked for. A number with blanks or dashes in it is one word."""
    if _NUMBER.fullmatch(text.strip()):
        return ["".join(split(text))[:WORD_MAX]]
    return list(dict.fromkeys(split(text)))
