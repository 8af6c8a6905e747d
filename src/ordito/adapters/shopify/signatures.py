"""Who has sent a webhook: the signature over its raw bytes."""

import base64
import hashlib
import hmac
from collections.abc import Sequence


def is_signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets has made the signature (base64 of HMAC-SHA256).

    Takes the same time whichever secret it was, and whether it was any.
    """
    given = signature.encode("utf-8", "replace")
    found = False
    for secret in secrets:
        found |= hmac.compare_digest(sign(body, secret).encode(), given)
    return found


def sign(body: bytes, secret: str) -> str:
    """The signature that Shopify sends as X-Shopify-Hmac-Sha256."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
