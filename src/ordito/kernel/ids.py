"""Identifiers made by the application: the rows of a batch are known before the first write."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last_ms = 0
_counter = 0


def new_id() -> UUID:
    """A UUIDv7: sortable by its millisecond and, inside one process, strictly rising.

    It is no secret (the time can be read from it) and no order of events across processes.
    Source: RFC 9562, section 5.7, with the 12 bits after the version as a counter (method 1).
    """
    global _last_ms, _counter  # noqa: PLW0603 (guarded by the lock)
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if now_ms > _last_ms:
            _last_ms, _counter = now_ms, 0
        else:
            _counter += 1
            if _counter > 0xFFF:
                # The counter is used up, or the clock went back: borrow from the next millisecond.
                _last_ms, _counter = _last_ms + 1, 0
        high = (_last_ms << 16) | 0x7000 | _counter
    low = (int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
    return UUID(int=(high << 64) | low)


def new_token() -> str:
    """160 random bits as lower-case base 32: for links and keys that must not be guessed."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "".join(alphabet[byte & 31] for byte in os.urandom(32))
