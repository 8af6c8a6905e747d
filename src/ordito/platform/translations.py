"""Message catalogues: `ordito/locale/<language>/LC_MESSAGES/ordito.mo`, else the English msgids."""

import gettext
from functools import cache
from pathlib import Path

from babel import Locale

LOCALE_DIR = Path(__file__).parents[1] / "locale"


@cache
def translations(locale: str) -> gettext.NullTranslations:
    """The catalogue for a locale, falling back from en_GB to en to the msgids themselves."""
    found = Locale.parse(locale)
    names = [str(found), found.language]
    return gettext.translation("ordito", LOCALE_DIR, names, fallback=True)
