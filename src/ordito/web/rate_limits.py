"""How often one address may ask for public pages: a bucket of tries that fills up again.

Kept in the process and forgotten with it: with several processes the limit is as many times as
high, which is no harm.
"""

import ipaddress

import msgspec

ADDRESSES_MAX = 10_000


class Bucket(msgspec.Struct):
    left: float
    at: float


class RateLimit:
    """At most `burst` tries at once, and `per_s` more each second, for each address."""

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._buckets: dict[str, Bucket] = {}

    def take(self, address: str, now: float, cost: float = 1.0) -> bool:
        """Whether the address may go on. now: seconds of a clock that never goes back."""
        name = network_of(address)
        bucket = self._buckets.pop(name, None) or Bucket(self._burst, now)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_s)
        bucket.at = now
        allowed = bucket.left >= cost
        if allowed:
            bucket.left -= cost
        # Put at the end, so that the first one is who has been quiet longest.
        self._buckets[name] = bucket
        if len(self._buckets) > ADDRESSES_MAX:
            del self._buckets[next(iter(self._buckets))]
        return allowed


def network_of(address: str) -> str:
    """The address; of IPv6 the network that one household has."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if ip.version == 4:
        return str(ip)
    return str(ipaddress.ip_network((ip, 64), strict=False))
