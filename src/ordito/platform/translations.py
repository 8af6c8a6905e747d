"""Message catalogues: `ordito/locale/<language>/LC_MESSAGES/ordito.po`, else the English msgids.

Catalogues are read as translators write them, once per process: no compiled file can be stale.
Beside them are two pretend languages, made of the msgids, that show what a page can't bear.
"""

import gettext
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE_DIR = Path(__file__).parents[1] / "locale"

Pseudo = Literal["", "long", "mirrored"]
"""A pretend language: accented and about 40 % longer, "mirrored" also from right to left."""

PSEUDO_TAGS: dict[str, Pseudo] = {"en-XA": "long", "en-XB": "mirrored"}


@cache
def translations(locale: str, pseudo: Pseudo = "") -> gettext.NullTranslations:
    """The catalogue for a locale, falling back from en_GB to en to the msgids themselves."""
    if pseudo:
        return PretendTranslations()
    found = Locale.parse(locale)
    for name in dict.fromkeys((str(found), found.language)):
        file = catalogue_file(name)
        if file.is_file():
            return read_catalogue(file)
    return gettext.NullTranslations()


def catalogue_file(name: str) -> Path:
    """Where the catalogue of a language is, such as of "pl"; it need not exist."""
    return LOCALE_DIR / name / "LC_MESSAGES" / "ordito.po"


@cache
def catalogue_names() -> tuple[str, ...]:
    """The languages that have a catalogue, by name; English needs none."""
    return tuple(sorted(file.parents[1].name for file in LOCALE_DIR.glob("*/LC_MESSAGES/*.po")))


def read_catalogue(file: Path) -> gettext.GNUTranslations:
    """A catalogue as gettext uses it; what isn't translated yet stays English."""
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class PretendTranslations(gettext.NullTranslations):
    """Every msgid accented, lengthened and in brackets: what has none is not translatable."""

    def gettext(self, message: str) -> str:
        return pretend(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pretend(msgid1 if n == 1 else msgid2)


@cache
def pretend(text: str) -> str:
    """The text in the pretend language: "Orders" gives "[Óŕđéŕš···]"; named places stay."""
    parts = _KEPT.split(text)
    # Every second part is a place or an escape, by the group in the pattern.
    accented = [part if index % 2 else part.translate(_ACCENTS) for index, part in enumerate(parts)]
    letters = sum(len(part) for part in parts[::2])
    words = "".join(accented)
    return f"[{words}{' ······' * (letters * 2 // 5 // 7)}{'·' * (letters * 2 // 5 % 7)}]"


_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|\{\w+\}|<[^>]+>|\n)")
_ACCENTS = str.maketrans(
    "ACDEGHIJKLNORSTUWYZacdeghijklnorstuwyz", "ÁÇĐÉĜĤÍĴĶĹŃÓŔŠŤÚŴÝŽáçđéĝĥíĵķĺńóŕšťúŵýž"
)
