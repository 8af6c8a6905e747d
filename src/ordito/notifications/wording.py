"""Words as they come with Ordito, by language; and days and amounts as shoppers read them."""

import re
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton, format_time
from babel.numbers import format_currency

from ordito.kernel.money import format_minor
from ordito.notifications.types import LOCALES, Locale, MailKind, Template

_FOLDER = Path(__file__).parents[1] / "data" / "mails"

_LANGUAGES: dict[str, Locale] = {"PL": "pl", "DE": "de", "AT": "de", "CH": "de", "LI": "de"}

_FORMATS: dict[Locale, str] = {"en": "en_GB", "pl": "pl_PL", "de": "de_DE"}


@cache
def _texts(locale: Locale) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{locale}.toml").read_text("utf-8"))


def default_template(kind: MailKind, locale: Locale) -> Template:
    """The text that came along: version 0."""
    text = _texts(locale)[kind]
    return Template(kind, locale, text["subject"], text["body"].strip(), 0, None, "")


def phrases(locale: Locale) -> dict[str, str]:
    """Words of the tracking page and of buttons in mails, by name."""
    words: dict[str, str] = _texts(locale)["page"]
    return words


def button_words(kind: MailKind, locale: Locale) -> str:
    """The words on the button of a mail."""
    return phrases(locale)["see_cart" if kind == "cart" else "see_order"]


def language_of(country: str, chosen: str) -> Locale:
    """The language of an order's mails: the channel's, else the country's, else English."""
    known = next((locale for locale in LOCALES if locale == chosen), None)
    return known or _LANGUAGES.get(country, "en")


_WISH = re.compile(r"([a-zA-Z]{1,8})[^,;]*(?:;\s*q=([01](?:\.\d{0,3})?))?")


def wished_language(accept_language: str, fallback: Locale) -> Locale:
    """The language a browser asks for most, of those that there are."""
    wishes: list[tuple[float, int, Locale]] = []
    for place, part in enumerate(accept_language[:500].split(",")):
        found = _WISH.match(part.strip())
        name = found[1].lower() if found else ""
        weight = float(found[2]) if found and found[2] else 1.0
        wishes += [(-weight, place, locale) for locale in LOCALES if locale == name and weight]
    return min(wishes)[2] if wishes else fallback


def say_day(day: date | None, locale: Locale) -> str:
    """A day with its weekday: “Tuesday 24 November”; "" for none."""
    return "" if day is None else str(format_skeleton("MMMMEEEEd", day, locale=_FORMATS[locale]))


def say_clock(at: datetime, zone: ZoneInfo, locale: Locale) -> str:
    """A time of the day, in a zone: “16:00”."""
    return str(format_time(at, "short", tzinfo=zone, locale=_FORMATS[locale]))


def say_money(minor: int, currency: str, locale: Locale) -> str:
    amount = Decimal(format_minor(minor, currency))
    return str(format_currency(amount, currency, locale=_FORMATS[locale], currency_digits=False))


def first_name_of(name: str) -> str:
    """The first word of a name, when it has several: a single one may be a surname or a firm."""
    words: Sequence[str] = name.split()
    return words[0][:60] if len(words) > 1 and words[0][0].isalpha() else ""
