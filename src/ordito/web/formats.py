"""Amounts, quantities and times as a reader of one locale and zone expects them.

Babel takes 20 to 60 µs for each, and a list has hundreds: what repeats is remembered.
"""

import copy
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import NumberPattern, format_decimal, format_percent

from ordito.kernel.money import exponent, format_minor

MINUS = "\u2212"
LEFT_TO_RIGHT_MARK = "\u200e"

_LETTER_BEFORE_DIGIT = re.compile(r"([^\W\d_])(\d)")


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=4096)
def money(minor: int, currency: str, locale: str) -> str:
    """Minor units as an amount with its currency sign: 1999 EUR gives "€19.99" in English.

    The digits are ISO 4217's, as stored, not CLDR's, which drops the fils of Iraqi dinars.
    """
    return _with_sign(Decimal(format_minor(minor, currency)), currency, locale, exponent(currency))


def _with_sign(amount: Decimal, currency: str, locale: str, digits: int) -> str:
    pattern = _money_pattern(locale, digits)
    text = pattern.apply(amount, _locale(locale), currency=currency, currency_digits=False)
    # CLDR's rule alphaNextToNumber, which Babel doesn't apply: PLN 12.30, but £12.30.
    return _LETTER_BEFORE_DIGIT.sub("\\1\u00a0\\2", text).replace("-", _minus(locale))


@lru_cache(maxsize=64)
def _minus(locale: str) -> str:
    """A minus as wide as a plus; in right-to-left text with a mark that keeps it in place."""
    left_to_right = _locale(locale).character_order == "left-to-right"
    return MINUS if left_to_right else LEFT_TO_RIGHT_MARK + MINUS


@lru_cache(maxsize=256)
def _money_pattern(locale: str, digits: int) -> NumberPattern:
    pattern: NumberPattern = copy.copy(_locale(locale).currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(maxsize=4096)
def number(value: int | Decimal, locale: str) -> str:
    """A number with the locale's separators: 12,345 or 12 345,5, and a minus as wide as a plus."""
    return format_decimal(value, locale=locale).replace("-", _minus(locale))


def price(value: Decimal, currency: str, locale: str) -> str:
    """A unit price: never fewer digits than the currency has, never more than were given."""
    given = -int(value.as_tuple().exponent) if value.is_finite() else 0
    return _with_sign(value, currency, locale, max(exponent(currency), given))


def percent(share: float | Decimal, locale: str) -> str:
    """A share of one as a percentage without decimals: 0.125 gives "12%"."""
    return format_percent(share, locale=locale)


def percent_exact(share: Decimal, locale: str) -> str:
    """A share of one with all the decimals it has: 0.953 gives "95.3%"."""
    return format_percent(share, locale=locale, decimal_quantization=False)


def percent_at_most(share: float, locale: str) -> str:
    """A share of one rounded up to hundredths of a percent: 0.00081 gives "0.09%"."""
    hundredths = ceil(max(0.0, share) * 10_000)
    return format_percent(Decimal(hundredths).scaleb(-4), locale=locale, decimal_quantization=False)


def weight(grams: int, locale: str) -> str:
    """Grams as people say them: 850 g, 1.25 kg."""
    if abs(grams) < 1000:
        return f"{number(grams, locale)} g"
    return f"{number(Decimal(grams).scaleb(-3), locale)} kg"


def file_size(size_bytes: int, locale: str) -> str:
    """Bytes as people say them: 850 B, 12 kB, 3.4 MB."""
    if size_bytes < 1000:
        return f"{number(size_bytes, locale)} B"
    if size_bytes < 1_000_000:
        return f"{number(round(size_bytes / 1000), locale)} kB"
    return f"{number(round(Decimal(size_bytes).scaleb(-6), 1), locale)} MB"


def full_time(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """Everything about an instant, for a tooltip: weekday, date, time with seconds, zone."""
    local = at.astimezone(zone)
    day = _date_text(local.date(), "full", locale)
    second = _time_text(local.time().replace(microsecond=0), "medium", locale)
    return f"{day}, {second} {local.tzname()}"


def full_date(on: date, locale: str) -> str:
    """Everything about a day, for a tooltip: weekday and date."""
    return _date_text(on, "full", locale)


def clock(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """The time of the day: 14:20, or 2:20 PM where that is usual."""
    return _time_text(at.astimezone(zone).time().replace(second=0, microsecond=0), "short", locale)


@lru_cache(maxsize=8192)
def _time_text(at: time, form: Literal["short", "medium"], locale: str) -> str:
    return format_time(at, form, locale=locale)


@lru_cache(maxsize=2048)
def _date_text(day: date, form: str, locale: str) -> str:
    return format_date(day, form, locale=locale)


def short_date(day: date, today: date, locale: str) -> str:
    """Day and month, with the year only when it isn't this one: 17 Nov, 17 Nov 2024."""
    skeleton = "MMMd" if day.year == today.year else "yMMMd"
    pattern = _locale(locale).datetime_skeletons[skeleton]
    return _date_text(day, str(pattern.pattern), locale)


def age(at: datetime, now: datetime, locale: str) -> str:
    """How long ago or how soon, in one unit: "3 hr ago", "in 2 days"."""
    return format_timedelta(
        at - now, add_direction=True, format="short", locale=locale, threshold=1.2
    )


def span(length: timedelta, locale: str) -> str:
    """A length of time in one unit, without a direction: "4 hr"."""
    return format_timedelta(abs(length), format="short", locale=locale, threshold=1.2)


@lru_cache(maxsize=1024)
def country_name(code: str, locale: str) -> str:
    """The country as people of this language call it; its code where there is no name."""
    return str(_locale(locale).territories.get(code, code))


def month_name(on: date, locale: str) -> str:
    """The month of a day: "November 2026"."""
    return str(format_date(on, "LLLL y", locale=_locale(locale)))


def machine_time(at: datetime) -> str:
    """The instant for `<time datetime>`: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
