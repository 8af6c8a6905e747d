"""The second factor: one-time passwords of an app (RFC 6238), and recovery codes for a lost one."""

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

import msgspec

from ordito.platform.database import Tx, beyond_scope, query, statement

STEP_S = 30
DRIFT_STEPS = 1
"""Codes of the step before and after are taken too: clocks of phones go wrong by seconds."""
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """160 random bits in Base32, as apps read them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The six digits of a step of 30 seconds since 1970 (RFC 6238, HMAC-SHA-1 as apps use it)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"


def matching_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The step whose code this is; None when it is none, or one no newer than `after`."""
    digits = code.replace(" ", "")
    current = int(now.timestamp()) // STEP_S
    found = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), digits.encode())
        if same and step > after and found is None:
            found = step
    return found


def enrolment_uri(secret: str, email: str) -> str:
    """What the QR code says (the Key URI format of authenticator apps)."""
    return f"otpauth://totp/Ordito:{quote(email)}?secret={secret}&issuer=Ordito"


def new_recovery_codes() -> list[str]:
    """Ten codes of about 49 random bits, as two groups of five letters and digits."""
    return ["-".join(_letters() for _ in range(2)) for _ in range(RECOVERY_CODES)]


def _letters() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(5))


def hash_recovery_code(user_id: UUID, code: str) -> bytes:
    """The hash under which a code is stored; blanks, dashes and capitals don't matter.

    The codes are random and trying them is slowed down, so a slow hash would add nothing.
    """
    normal = "".join(code.lower().replace("-", "").split())
    return hashlib.sha256(user_id.bytes + normal.encode("utf-8", "replace")).digest()


class Factor(msgspec.Struct, frozen=True):
    """A user's second factor; it counts once it is confirmed. Never encoded: it is the secret."""

    user_id: UUID
    secret: str
    confirmed_at: datetime | None
    last_step: int


def read_factor(tx: Tx, user_id: UUID) -> Factor | None:
    with beyond_scope(tx):
        return _READ.first(tx, user_id=user_id)


_READ = query(
    Factor,
    """
    SELECT user_id, secret, confirmed_at, last_step
    FROM platform.user_factor
    WHERE user_id = %(user_id)s
    """,
)


def lock_factor(tx: Tx, user_id: UUID) -> Factor | None:
    """The factor, locked: the same code, sent twice at once, is taken once."""
    return _LOCK.first(tx, user_id=user_id)


_LOCK = query(
    Factor,
    """
    SELECT user_id, secret, confirmed_at, last_step
    FROM platform.user_factor
    WHERE user_id = %(user_id)s
    FOR NO KEY UPDATE
    """,
)


def begin_factor(tx: Tx, user_id: UUID, secret: str) -> None:
    """Store the secret of a factor that is not confirmed yet; a confirmed one stays."""
    _BEGIN.run(tx, user_id=user_id, secret=secret)


_BEGIN = statement("""
    INSERT INTO platform.user_factor (user_id, secret)
    VALUES (%(user_id)s, %(secret)s)
    ON CONFLICT (user_id)
    DO UPDATE SET secret = excluded.secret, created_at = now()
    WHERE platform.user_factor.confirmed_at IS NULL
""")


def use_step(tx: Tx, user_id: UUID, step: int) -> None:
    """The step's code is used up; the first one confirms the factor."""
    _USE.run(tx, user_id=user_id, step=step, at=tx.now)


_USE = statement("""
    UPDATE platform.user_factor
    SET last_step = %(step)s, confirmed_at = coalesce(confirmed_at, %(at)s)
    WHERE user_id = %(user_id)s
""")


def remove_factor(tx: Tx, user_id: UUID) -> bool:
    """Forget the factor with its recovery codes; False when there was none."""
    return _REMOVE.run(tx, user_id=user_id) == 1


_REMOVE = statement("DELETE FROM platform.user_factor WHERE user_id = %(user_id)s")


def write_recovery_codes(tx: Tx, user_id: UUID, hashes: Sequence[bytes]) -> None:
    """Recovery codes in place of those before."""
    _FORGET_CODES.run(tx, user_id=user_id)
    _WRITE_CODES.run(tx, user_id=user_id, hashes=list(hashes))


_FORGET_CODES = statement("DELETE FROM platform.recovery_code WHERE user_id = %(user_id)s")

_WRITE_CODES = statement("""
    INSERT INTO platform.recovery_code (user_id, code_hash)
    SELECT %(user_id)s, code_hash
    FROM unnest(%(hashes)s::bytea[]) AS code_hash
""")


def use_recovery_code(tx: Tx, user_id: UUID, code_hash: bytes) -> bool:
    """Use up a recovery code; False when it is none of the user's."""
    return _USE_CODE.run(tx, user_id=user_id, code_hash=code_hash) == 1


_USE_CODE = statement("""
    DELETE FROM platform.recovery_code
    WHERE user_id = %(user_id)s AND code_hash = %(code_hash)s
""")


def count_recovery_codes(tx: Tx, user_id: UUID) -> int:
    with beyond_scope(tx):
        return _COUNT.one(tx, user_id=user_id)


_COUNT = query(int, "SELECT count(*) FROM platform.recovery_code WHERE user_id = %(user_id)s")


def users_with_factor(tx: Tx, user_ids: Sequence[UUID]) -> set[UUID]:
    """Which of the users sign in with a second factor."""
    with beyond_scope(tx):
        return set(_HAVE.all(tx, user_ids=list(user_ids)))


_HAVE = query(
    UUID,
    """
    SELECT user_id
    FROM platform.user_factor
    WHERE user_id = ANY(%(user_ids)s::uuid[]) AND confirmed_at IS NOT NULL
    """,
)
