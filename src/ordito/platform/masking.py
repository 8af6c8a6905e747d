"""What must not be repeated: secrets, personal data and card numbers, by name and by shape."""

import re
from functools import lru_cache

MASK = "***"

# Parts of names, so that `stripe_api_key`, `newPassword` and `X-CSRF-Token` are met too.
_SECRET = re.compile(
    r"pass(word|wd|phrase)|secret|token|authori[sz]ation|cookie|csrf|signature|credential|totp"
    r"|cvv|cvc|(^|[_\W])(key|keys|pin|otp|dsn|session|card|pan)($|[_\W])|session_?id"
    r"|(api|access|private|webhook)_?key|(database|owner|smtp)_?url|conninfo",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"e[_-]?mail|phone|address|(first|last|full|customer|contact|person|user|street)_?name"
    r"|recipient|(^|_)line_?[12]$|street|post(al)?_?code|(^|_)zip($|_)|birth|iban"
    r"|(ship|bill)_?to|(^|_)notes?$",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"key_id", "key_no", "key_requests_per_s", "token_count"})


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a value under such a name must never be repeated, not even to its sender."""
    return name not in _HARMLESS and _SECRET.search(name) is not None


@lru_cache(maxsize=4096)
def is_personal(name: str) -> bool:
    """Whether a value under such a name tells of a person and has no place in a log."""
    return _PERSONAL.search(name) is not None


# Digits with single blanks or dashes between them, not glued to letters or further digits.
_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ -]?[0-9]){12,}(?![0-9A-Za-z])")
_GROUP = re.compile(r"[0-9]+")

_EMAIL = re.compile(r"[^\s@<>\"'=:,;()]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}\.[A-Za-z]{2,24}")
_URL_LOGIN = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")
_BEARER = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE)
_PAIR = re.compile(
    r"\b(\w*(?:password|passwd|secret|token|api_?key|signature|code|email|phone))"
    r"(=|%3D)[^&\s\"']+",
    re.IGNORECASE,
)
# How PostgreSQL quotes the row that broke a rule.
_ROW = re.compile(r"(Key \([^)]*\)=|Failing row contains )\(.*\)")


# Whatever the patterns above can begin with; most texts have nothing of it.
_SUSPECT = re.compile(r"[@=(%]|[0-9][0-9 -]{12}|[Bb](?:earer|asic)|BEARER|BASIC")


def mask_text(text: str) -> str:
    """Free text as it may be logged: without card numbers, e-mail addresses, bearer tokens,
    passwords in URLs and `name=value` pairs, and without the row values that PostgreSQL quotes.
    """
    if _SUSPECT.search(text) is None:
        return text
    if "@" in text:
        text = _EMAIL.sub(MASK, _URL_LOGIN.sub(rf"\1{MASK}@", text))
    text = _PAIR.sub(rf"\1\2{MASK}", text)
    text = _ROW.sub(rf"\1({MASK})", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    return mask_cards(text)


def mask_cards(text: str) -> str:
    """`text` with each payment card number cut to its first six and last four digits.

    A card number is 13 to 19 digits, alone or in groups, with a right Luhn check digit; one in ten
    other numbers of that length has one too and is masked by mistake.
    """
    if len(text) < 13:
        return text
    return _DIGIT_RUN.sub(lambda match: _mask_run(match[0]), text)


def _mask_run(run: str) -> str:
    # "4111 1111 1111 1111 12 28" holds a card and its expiry: every span of groups is tried.
    groups = list(_GROUP.finditer(run))
    first = 0
    while first < len(groups):
        digits = ""
        for last in range(first, len(groups)):
            digits += groups[last][0]
            if len(digits) > 19:
                break
            if len(digits) >= 13 and passes_luhn(digits):
                start, end = groups[first].start(), groups[last].end()
                hidden = f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"
                return run[:start] + hidden + _mask_run(run[end:])
        first += 1
    return run


def passes_luhn(digits: str) -> bool:
    """Whether the last digit checks the others. Source: ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
