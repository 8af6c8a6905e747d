"""How many requests an API key may make: a bucket of tries that fills up again.

Kept in the process: with several processes a key has as many buckets, and the sum is what it may
make. Counting in the database would cost every request a round trip, to be exact about a limit
that only keeps one program from crowding out all others.
"""

import math
import time
from typing import Any

import msgspec

from ordito.platform.access import Actor
from ordito.platform.problems import TooManyRequests

BURST_S = 10.0
"""A key that was quiet may make at once what it may make in so many seconds."""

KEYS_MAX = 10_000

GUESSES = 200
GUESSES_PER_S = 1.0
"""Wrong keys that an address may send before it is told to wait rather than that they are wrong."""


class Bucket(msgspec.Struct):
    """Tries left at an instant, in seconds of a clock that never goes back."""

    left: float
    at: float


class Pacer:
    """Counts requests of API keys, and wrong keys by address."""

    def __init__(self, per_s: float) -> None:
        """per_s: requests a second that a key may make for long; 0 is no limit."""
        self._per_s = per_s
        self._size = per_s * BURST_S
        self._keys: dict[Any, Bucket] = {}
        self._guesses: dict[Any, Bucket] = {}
        self._policy = (b"ratelimit-policy", b'"key";q=%d;w=%d' % (self._size, BURST_S))

    def take(self, actor: Actor, scope: Any) -> None:
        """Count a request of a key and note what is left of it for the answer's headers.

        Raises TooManyRequests. People at our own pages are not counted.
        """
        if not self._per_s or actor.kind != "key":
            return
        bucket = _filled(self._keys, actor.id, self._size, self._per_s)
        allowed = bucket.left >= 1
        if allowed:
            bucket.left -= 1
        missing_s = math.ceil((self._size - bucket.left) / self._per_s)
        left = (b"ratelimit", b'"key";r=%d;t=%d' % (bucket.left, missing_s))
        scope["rate_limit"] = (self._policy, left)
        if not allowed:
            raise _wait(
                f"This key may make {self._per_s:g} requests a second, and {self._size:g} at once."
                " Send less, or many things in one call of a bulk endpoint.",
                (1 - bucket.left) / self._per_s,
            )

    def note_wrong_key(self, address: str) -> None:
        """Raises TooManyRequests for an address that goes on sending wrong ones."""
        bucket = _filled(self._guesses, address, GUESSES, GUESSES_PER_S)
        if bucket.left < 1:
            raise _wait("Too many wrong keys came from this address.", 30)
        bucket.left -= 1


def _filled(buckets: dict[Any, Bucket], name: Any, size: float, per_s: float) -> Bucket:
    """The bucket with what has run into it until now; those that are long quiet are forgotten."""
    now = time.monotonic()
    bucket = buckets.get(name)
    if bucket is None:
        if len(buckets) >= KEYS_MAX:
            del buckets[next(iter(buckets))]
        bucket = buckets[name] = Bucket(size, now)
    bucket.left = min(size, bucket.left + (now - bucket.at) * per_s)
    bucket.at = now
    return bucket


def _wait(detail: str, seconds: float) -> TooManyRequests:
    return TooManyRequests(detail, extra={"retry_after_s": max(1, math.ceil(seconds))})
