"""Problems in another language: a sentence is known again by its shape.

Problems are raised, logged, answered by the API and kept beside parked messages as plain English.
The catalogue holds each sentence with its places, `There is no item “%(sku)s”.`; a text that fits
around them is said in the reader's language, with what stood in the places. What fits none stays
English. Why so: docs/decisions/0012-problems-in-other-languages.md.
"""

import re
from collections.abc import Iterable
from functools import cache

import msgspec
from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from ordito.platform.translations import catalogue_file

CONTEXT = "problem"
"""The msgctxt of these sentences."""
_DEPTH_MAX = 3
"""A sentence in a sentence in a sentence; deeper stays English."""
_PARTS_MAX = 12


class _Shape(msgspec.Struct, frozen=True):
    """A sentence with places: the texts around them (one more than names), and its translation."""

    around: tuple[str, ...]
    names: tuple[str, ...]
    said: str


class Sentences(msgspec.Struct, frozen=True):
    """The sentences of a language: those without places, and the others, most letters first."""

    whole: dict[str, str]
    shaped: tuple[_Shape, ...]


def say_problem(text: str, locale: str) -> str:
    """The English words of a problem in the language of a locale, as far as it knows them."""
    sentences = _sentences_of(locale)
    return _say(text, sentences, locale, 0) if sentences else text


def collect_sentences(pairs: Iterable[tuple[str, str]]) -> Sentences:
    """(English, translated) as gettext writes both: `%(name)s` is a place, `%%` a percent sign."""
    whole, shaped = {}, []
    for english, said in pairs:
        if not said:
            continue
        parts = [part.replace("%%", "%") for part in _PLACE.split(english)]
        if len(parts) == 1:
            whole[parts[0]] = said.replace("%%", "%")
        else:
            shaped.append(_Shape(tuple(parts[::2]), tuple(parts[1::2]), said))
    # “There is no item “…” on sale.” fits “There is no item “…”.” too: the closer one counts.
    shaped.sort(key=lambda one: -sum(map(len, one.around)))
    return Sentences(whole, tuple(shaped))


@cache
def _sentences_of(locale: str) -> Sentences | None:
    """Read once per process, when the first reader of the language meets a problem."""
    found = Locale.parse(locale)
    for name in dict.fromkeys((str(found), found.language)):
        file = catalogue_file(name)
        if file.is_file():
            with file.open("rb") as source:
                catalogue = read_po(source)
            return collect_sentences(
                (str(message.id), str(message.string))
                for message in catalogue
                if message.context == CONTEXT
            )
    return None


def _say(text: str, sentences: Sentences, locale: str, depth: int) -> str:
    said = _fitting(text, sentences, locale, depth)
    if said is not None:
        return said
    parts = _SENTENCE_END.split(text)[:_PARTS_MAX]
    if len(parts) < 2 or " ".join(parts) != text:
        return text
    return " ".join(_say_parts(parts, sentences, locale, depth))


def _say_parts(parts: list[str], sentences: Sentences, locale: str, depth: int) -> Iterable[str]:
    """Sentences that were put one behind the other; the longest run that is known counts."""
    at = 0
    while at < len(parts):
        for end in range(len(parts), at, -1):
            said = _fitting(" ".join(parts[at:end]), sentences, locale, depth)
            if said is not None:
                break
        yield parts[at] if said is None else said
        at = at + 1 if said is None else end


def _fitting(text: str, sentences: Sentences, locale: str, depth: int) -> str | None:
    """The translation of a text that is known as a whole, else None."""
    if text in sentences.whole:
        return sentences.whole[text]
    for shape in sentences.shaped:
        found = _values(text, shape.around)
        if found is not None:
            values = [_say_value(value, sentences, locale, depth + 1) for value in found]
            return shape.said % dict(zip(shape.names, values, strict=True))
    return None


def _values(text: str, around: tuple[str, ...]) -> list[str] | None:
    """What stands between the texts around, each as short as can be; None if they don't fit."""
    first, *middle, last = around
    if not text.startswith(first) or not text.endswith(last):
        return None
    values, at, end = [], len(first), len(text) - len(last)
    for piece in middle:
        # Something stands in every place, so the piece can't begin where the place does.
        found = text.find(piece, at + 1, end)
        if found < 0:
            return None
        values.append(text[at:found])
        at = found + len(piece)
    values.append(text[at:end])
    # A place that took in the end of another sentence is none: “… of this. The file is empty.”
    whole = all(value and not _SENTENCE_END.search(value) for value in values)
    return values if whole else None


def _say_value(value: str, sentences: Sentences, locale: str, depth: int) -> str:
    """What stood in a place: a number with the language's separators, or a sentence itself."""
    if _THOUSANDS.fullmatch(value):
        return format_decimal(int(value.replace(",", "")), locale=locale)
    return _say(value, sentences, locale, depth) if depth < _DEPTH_MAX else value


_PLACE = re.compile(r"%\((\w+)\)s")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+")
_SENTENCE_END = re.compile(r"(?<=[.?!]) (?=[“\"A-Z\d])")
