"""Signatures of messages, as the Standard Webhooks specification says. Calculators only."""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> bytes:
    """256 random bits; the specification asks for 192 to 512."""
    return os.urandom(SECRET_BYTES)


def show_secret(secret: bytes) -> str:
    """The secret as its receiver keeps it."""
    return PREFIX + base64.b64encode(secret).decode()


def sign(secrets: Sequence[bytes], message_id: str, timestamp_s: int, body: bytes) -> str:
    """The header webhook-signature: one signature for each secret, with blanks between.

    timestamp_s: seconds since 1970, of this try.
    Source: https://www.standardwebhooks.com, HMAC-SHA256 over “id.timestamp.body”, version v1.
    """
    assert secrets, "a message is signed"
    content = f"{message_id}.{timestamp_s}.".encode() + body
    return " ".join("v1," + _signature(secret, content) for secret in secrets)


def _signature(secret: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
