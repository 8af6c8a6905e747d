"""Cells into countries, phone numbers, e-mail addresses and postal codes."""

import re
from functools import lru_cache

import phonenumbers
from babel.core import Locale, get_global

from ordito.intake.values import Unreadable, shortened

EMAIL_CHARS_MAX = 254

_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,250}")
_WORD = re.compile(r"[^\w]+")

# Names that people write and CLDR does not list. The Channel Islands have two codes and no common
# one; Jersey, the larger, stands for both: same currency, no VAT, same postal zone.
_ALIASES = {
    "uk": "GB",
    "great britain": "GB",
    "britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "eire": "IE",
    "republic of ireland": "IE",
    "rsa": "ZA",
    "channel islands": "JE",
    "el": "GR",
    "u s a": "US",
    "u s": "US",
    "united states of america": "US",
    "america": "US",
    "holland": "NL",
    "the netherlands": "NL",
    "czech republic": "CZ",
    "korea": "KR",
    "republic of korea": "KR",
    "russian federation": "RU",
    "uae": "AE",
    "burma": "MM",
    "turkey": "TR",
    "hong kong": "HK",
    "macau": "MO",
    "ivory coast": "CI",
    "macedonia": "MK",
    "swaziland": "SZ",
    "cape verde": "CV",
    "vatican": "VA",
    "viet nam": "VN",
    "taiwan roc": "TW",
}

_NO_COUNTRY = frozenset(
    ("", "unspecified", "unknown", "none", "n a", "other", "european community", "eu", "null")
)

# CLDR lists these beside countries: groupings, private use and unknown.
_NOT_COUNTRIES = frozenset(("EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "AC", "CP", "CQ", "DG"))

# Languages whose country names are understood beside English.
_LANGUAGES = [
    "pl",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "pt",
    "cs",
    "sk",
    "sv",
    "da",
    "nb",
    "fi",
    "hu",
    "ro",
    "lt",
    "lv",
    "et",
    "sl",
    "hr",
    "el",
    "bg",
    "uk",
    "ru",
    "tr",
    "he",
]

# Digits of a postal code that consists of digits only and may begin with zeros, which
# spreadsheets drop.
_POSTAL_DIGITS = {
    "US": 5, "DE": 5, "FR": 5, "IT": 5, "ES": 5, "FI": 5, "MX": 5, "TR": 5, "HR": 5, "EE": 5,
}  # fmt: skip


def _comparable(name: str) -> str:
    return _WORD.sub(" ", name.casefold()).strip()


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    territories = map(str, Locale.parse("en").territories)
    return (
        frozenset(code for code in territories if len(code) == 2 and code.isalpha())
        - _NOT_COUNTRIES
    )


def _names(language: str) -> dict[str, str]:
    territories = Locale.parse(language).territories.items()
    return {_comparable(str(name)): str(code) for code, name in territories if code in _codes()}


@lru_cache(maxsize=1)
def _english() -> dict[str, str]:
    return _names("en") | _ALIASES


@lru_cache(maxsize=1)
def _other_languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in reversed(_LANGUAGES):
        found |= _names(language)
    return found


@lru_cache(maxsize=4096)
def read_country(text: str) -> str:
    """ISO 3166-1 alpha-2 code of a country given by code (two or three letters) or by name.

    "" for what names no country: blank, "Unspecified", "European Community". Raises Unreadable
    for a name that isn't known.
    """
    name = _comparable(text)
    if name in _NO_COUNTRY:
        return ""
    code = name.upper()
    if code in _codes():
        return code
    known = _english().get(name) or _other_languages().get(name)
    if known:
        return known
    alias = get_global("territory_aliases").get(code, ())
    if len(code) == 3 and len(alias) == 1 and alias[0] in _codes():
        return str(alias[0])
    raise Unreadable(
        "country-unknown",
        f"'{shortened(text)}' is not a country that is known. "
        "Write its English name or its two-letter code.",
    )


def read_email(text: str) -> str:
    """An e-mail address as given, trimmed; its domain may be local. Raises Unreadable."""
    email = text.strip().removeprefix("mailto:")
    if len(email) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(email):
        raise Unreadable("not-an-email", f"'{shortened(text)}' is not an e-mail address.")
    return email


@lru_cache(maxsize=4096)
def read_phone(text: str, country: str) -> str:
    """A phone number as E.164 (+48601234567). `country` is assumed where no +code is given."""
    number = text.strip().lstrip("'")
    try:
        parsed = phonenumbers.parse(number[:50], country or None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or len(number) > 50 or not phonenumbers.is_possible_number(parsed):
        raise Unreadable(
            "not-a-phone",
            f"'{shortened(text)}' is not a phone number"
            f"{' of ' + country if country else ' with its country code'}.",
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def read_postal_code(text: str, country: str) -> str:
    """A postal code without a leading apostrophe and with the zeros that spreadsheets drop.

    Zeros are put back only where the country's codes have a fixed number of digits: "1067" in
    DE becomes "01067".
    """
    code = text.strip().lstrip("'").strip()
    digits = _POSTAL_DIGITS.get(country)
    if digits and code.isascii() and code.isdigit() and digits - 2 <= len(code) < digits:
        return code.zfill(digits)
    if len(code) > 20:
        raise Unreadable("too-long", f"'{shortened(code)}' is too long for a postal code.")
    return code
