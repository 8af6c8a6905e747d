"""Passwords: argon2id, a few at a time; weak ones are refused with the reason."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import argon2
from argon2 import Type
from argon2.exceptions import InvalidHashError, VerificationError

from ordito.platform.common_passwords import COMMON, KEYBOARD_ROWS
from ordito.platform.problems import Busy, Fault, Problem

LENGTH_MIN = 10
LENGTH_MAX = 128

MEMORY_KIB = 47_104
"""46 MiB a hash (OWASP's first choice for argon2id), at most two at once in a process."""

_AT_ONCE = 2
_WAIT_S = 10.0
_DISTINCT_MIN = 5

_hasher = argon2.PasswordHasher(
    time_cost=2, memory_cost=MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)
NOBODYS_HASH = (
    "$argon2id$v=19$m=47104,t=2,p=1$5frPC1b3I137DBIOD8go8w"
    "$Kf2OGcIbLJ7YxFU5jdr+zvScCNllUUa9Un5fmOU6/FQ"
)
"""Of random bytes that were thrown away: no password matches, and to find out costs the same."""

_turns = threading.BoundedSemaphore(_AT_ONCE)


class PasswordTooWeak(Problem):
    """The password is too short, too long, among the common ones, or made of the e-mail address.

    Choose another one: three or four unrelated words are easy to remember and hard to guess.
    """

    slug = "password-too-weak"
    title = "Choose a stronger password"
    status = 422


def hash_password(password: str) -> str:
    """The encoded hash to store. Takes about a tenth of a second of a core; call it in a thread.

    Raises Busy when many others wait.
    """
    assert len(password) <= LENGTH_MAX, "check_strength comes first"
    with _turn():
        return _hasher.hash(_normal(password))


def verify(encoded: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed. Costs the same for whatever answer.

    encoded: None for a user who doesn't exist or has no password. Raises Busy when many wait.
    """
    stored = encoded if encoded and len(password) <= LENGTH_MAX else NOBODYS_HASH
    with _turn():
        try:
            _hasher.verify(stored, _normal(password[:LENGTH_MAX]))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not NOBODYS_HASH


def needs_rehash(encoded: str) -> bool:
    """Whether it was hashed with other parameters than today's: hash anew at the next login."""
    try:
        return _hasher.check_needs_rehash(encoded)
    except InvalidHashError:
        return True


def check_strength(password: str, *, email: str = "", pointer: str = "/password") -> None:
    """Raises PasswordTooWeak with every reason."""
    faults = [Fault(pointer, code, detail) for code, detail in _weaknesses(password, email)]
    if faults:
        raise PasswordTooWeak(" ".join(fault.detail for fault in faults), errors=faults)


def _weaknesses(password: str, email: str) -> Iterator[tuple[str, str]]:
    length = len(_normal(password))
    plain = _normal(password).casefold()
    if length < LENGTH_MIN:
        yield "too-short", f"Use at least {LENGTH_MIN} characters."
    if max(length, len(password)) > LENGTH_MAX:
        yield "too-long", f"Use at most {LENGTH_MAX} characters."
        return
    address = email.strip().casefold()
    own = {address, address.partition("@")[0]} - {""}
    if plain in own or stem(plain) in own | {stem(part) for part in own}:
        yield "is-email", "Don't use the e-mail address."
    elif is_common(plain):
        yield "common", "This is among the passwords that are guessed first."
    elif len(set(plain)) < min(_DISTINCT_MIN, length):
        yield "repetitive", f"Use at least {_DISTINCT_MIN} different characters."
    elif is_sequence(plain):
        yield "sequence", "Don't use a row of the keyboard, the alphabet or the digits."


_LEET = str.maketrans("0134578@$!", "oieastbasi")


def stem(text: str) -> str:
    """What is left without figures and signs around it: "!password123" is guessed as password."""
    start, end = 0, len(text)
    while start < end and not text[start].isalpha():
        start += 1
    while end > start and not text[end - 1].isalpha():
        end -= 1
    return text[start:end]


def is_common(plain: str) -> bool:
    """Whether a password in small letters is a common one, possibly dressed up or repeated."""
    for word in (plain, stem(plain), plain.translate(_LEET), stem(plain).translate(_LEET)):
        unit = _smallest_unit(word)
        if word in COMMON or unit in COMMON or stem(unit) in COMMON:
            return True
    return False


def _smallest_unit(text: str) -> str:
    """ "abcabc" is made of "abc"."""
    at = (text + text).find(text, 1)
    return text[:at]


def is_sequence(plain: str) -> bool:
    """Whether it is a run of neighbours in a keyboard's row or in the order of characters."""
    if any(plain in row or plain[::-1] in row for row in KEYBOARD_ROWS):
        return True
    steps = {ord(b) - ord(a) for a, b in pairwise(plain)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


@contextmanager
def _turn() -> Iterator[None]:
    # Each hash takes 46 MiB: a flood of logins must not take all memory and cores.
    if not _turns.acquire(timeout=_WAIT_S):
        raise Busy("Too many logins at this moment; try again.")
    try:
        yield
    finally:
        _turns.release()


def _normal(password: str) -> str:
    # Keyboards write the same letter in different ways. Source: NIST SP 800-63B, 5.1.1.2.
    return unicodedata.normalize("NFKC", password)
