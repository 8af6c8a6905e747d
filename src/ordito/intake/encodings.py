"""Which characters and which separator a delimited text file uses, judged from its beginning."""

import codecs
import csv
import re

import msgspec

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_CHARS_MAX = 65_536
SAMPLE_LINES_MAX = 60

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Ties go to the earlier. Where both read the same letters the choice doesn't matter.
_SINGLE_BYTE = ("cp1252", "cp1250", "iso8859-2")

# Signs that stand beside letters in ordinary text.
_ORDINARY_SIGNS = frozenset("‘’‚‛“”„‹›«»–—…•·°®™©€£¥§¿¡\u00a0\u00ad")
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)


class Encoding(msgspec.Struct, frozen=True):
    """How bytes are read. `certain` is False where single-byte encodings had to be guessed."""

    name: str
    certain: bool


def detect_encoding(sample: bytes) -> Encoding:
    """The encoding of a text that begins with `sample`.

    A byte-order mark decides; then NUL bytes in every other place (UTF-16 without a mark); then
    whether it is valid UTF-8 (a character cut at the end is no fault). What is left is one of
    CP1252, CP1250 and ISO 8859-2, chosen by which gives the most believable words.
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return Encoding(name, certain=True)
    if wide := _utf16_without_mark(sample):
        return Encoding(wide, certain=False)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return Encoding(min(_SINGLE_BYTE, key=lambda name: _strangeness(sample, name)), False)
    return Encoding("utf-8", certain=True)


def _utf16_without_mark(sample: bytes) -> str:
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < 4:
        return ""
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    return ""


def _strangeness(sample: bytes, name: str) -> int:
    """How unlikely `sample` is as words in encoding `name`: odd signs and capitals in words."""
    text = f" {sample.decode(name, errors='replace')} "
    return sum(
        _oddness(text[place - 1], character, text[place + 1])
        for place, character in enumerate(text)
        if character > "\x7f"
    )


def _oddness(before: str, character: str, after: str) -> int:
    if "\x80" <= character <= "\x9f" or character == "\ufffd":
        return 10
    if character in _ORDINARY_SIGNS:
        return 0
    if not character.isalpha():
        return before.isalpha() + after.isalpha() + 1
    if character.isupper() and (before.islower() or after.isdigit()):
        # £30 in CP1252 reads Ł30 in CP1250, and no word is one capital before digits.
        return 3
    return 0


def detect_delimiter(sample: str) -> str:
    """The separator of a delimited text: the one that cuts most rows into as many cells as the
    first, and into more than one. "," where nothing is cut. A first line `sep=;` decides."""
    if told := separator_line(sample.split("\n", 1)[0]):
        return told
    lines = sample[:SAMPLE_CHARS_MAX].splitlines()[:SAMPLE_LINES_MAX]
    return max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter))


def separator_line(line: str) -> str:
    """The separator that a first line such as `sep=;` states, or ""."""
    match = _SEP_LINE.fullmatch(line.lstrip("\ufeff"))
    return match[1] if match and match[1] in DELIMITERS else ""


def _fit(lines: list[str], delimiter: str) -> tuple[float, int]:
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return (0.0, 0)
    if not rows or len(rows[0]) < 2:
        return (0.0, 0)
    same = sum(len(row) == len(rows[0]) for row in rows)
    return (same / len(rows), len(rows[0]))
