"""Another policy tried on a share of real orders: who is drawn, and how the two ways compare.

An order is drawn by a hash of what the channel calls it, so whoever asks again draws the same.
"""

from collections.abc import Callable
from hashlib import blake2b
from math import exp, lgamma, sqrt
from statistics import NormalDist
from typing import Literal
from uuid import UUID

import msgspec

from ordito.sourcing.comparisons import CONFIDENCE, student_quantile

ArmMeasure = Literal["cost", "parcels", "km", "days", "late", "unserved", "rejected"]
ENOUGH = 30
"""Orders on each side below which a comparison is called too thin to tell anything."""
STOPS_BELOW = 0.001
"""The guard's level. It looks every minute: a level of 5 % would soon stop what is no worse."""
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def is_drawn(rollout_id: UUID, drawn_by: str, percent: int) -> bool:
    """Whether an order is among the share. Who is in a smaller share is in a larger one too.

    drawn_by: what the channel calls the order, or its number.
    """
    digest = blake2b(drawn_by.encode(), digest_size=8, key=rollout_id.bytes).digest()
    return int.from_bytes(digest) % 10_000 < percent * 100


class Means(msgspec.Struct, frozen=True):
    """Of a measure over so many orders. spread: variance between orders, None for one or none."""

    orders: int
    mean: float | None
    spread: float | None


class ArmFigures(msgspec.Struct, frozen=True):
    """What the orders of one side came to.

    orders: that were placed. refused: that weren't, for lack of stock. unserved: of the placed,
    those with units without stock. rejected: those that a location gave back.
    late: of `timed`, those of which something leaves after the promised day.
    """

    orders: int
    refused: int
    unserved: int
    rejected: int
    timed: int
    late: int
    cost: Means
    parcels: Means
    km: Means
    days: Means


class ArmsCompared(msgspec.Struct, frozen=True):
    """One measure on both sides, per order or as a share of orders.

    low, high: between them the difference (candidate less in force) lies, with 95 % confidence:
               Welch's interval for means, Newcombe's for shares. None where there is no telling.
    enough:    whether both sides have as many orders as that takes.
    """

    measure: ArmMeasure
    orders_in_force: int
    orders_candidate: int
    in_force: float
    candidate: float
    difference: float
    low: float | None
    high: float | None
    enough: bool


def compare_arms(in_force: ArmFigures, candidate: ArmFigures) -> list[ArmsCompared]:
    """One row for each measure that is known of an order on both sides."""
    means = [
        _compare_means(measure, getattr(in_force, measure), getattr(candidate, measure))
        for measure in ("cost", "parcels", "km", "days")
    ]
    shares = [
        _compare_shares(measure, share_of(in_force), share_of(candidate))
        for measure, share_of in _SHARES.items()
    ]
    return [row for row in (*means, *shares) if row is not None]


def _late(arm: ArmFigures) -> tuple[int, int]:
    return arm.late, arm.timed


def _unserved(arm: ArmFigures) -> tuple[int, int]:
    return arm.unserved + arm.refused, arm.orders + arm.refused


def _rejected(arm: ArmFigures) -> tuple[int, int]:
    return arm.rejected, arm.orders


_SHARES: dict[ArmMeasure, Callable[[ArmFigures], tuple[int, int]]] = {
    "late": _late,
    "unserved": _unserved,
    "rejected": _rejected,
}
"""Measure → orders of which it is so, of how many."""


def _compare_means(measure: ArmMeasure, one: Means, other: Means) -> ArmsCompared | None:
    if one.mean is None or other.mean is None:
        return None
    low, high = welch_interval(one, other) or (None, None)
    return ArmsCompared(
        measure,
        one.orders,
        other.orders,
        one.mean,
        other.mean,
        other.mean - one.mean,
        low,
        high,
        min(one.orders, other.orders) >= ENOUGH,
    )


def _compare_shares(
    measure: ArmMeasure, one: tuple[int, int], other: tuple[int, int]
) -> ArmsCompared | None:
    if not one[1] or not other[1]:
        return None
    before, after = one[0] / one[1], other[0] / other[1]
    low, high = newcombe_interval(one, other)
    enough = min(one[1], other[1]) >= ENOUGH
    return ArmsCompared(measure, one[1], other[1], before, after, after - before, low, high, enough)


def welch_interval(one: Means, other: Means) -> tuple[float, float] | None:
    """Of the difference of means (other less one), at 95 %; None with one order on a side.

    Source: Welch (1947), Biometrika 34(1-2), 28-35.
    """
    if one.mean is None or other.mean is None or one.spread is None or other.spread is None:
        return None
    parts = one.spread / one.orders, other.spread / other.orders
    error = sum(parts)
    difference = other.mean - one.mean
    if error == 0:
        return difference, difference
    freedom = error**2 / (parts[0] ** 2 / (one.orders - 1) + parts[1] ** 2 / (other.orders - 1))
    # Whole degrees, rounded down: the interval is never too narrow.
    half = student_quantile(max(1, int(freedom))) * sqrt(error)
    return difference - half, difference + half


def newcombe_interval(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """Of the difference of shares (other less one), at 95 %: (hits, orders) each, some orders.

    Source: Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10.
    """
    first, second = one[0] / one[1], other[0] / other[1]
    low_1, high_1 = _wilson(*one)
    low_2, high_2 = _wilson(*other)
    difference = second - first
    return (
        difference - sqrt((second - low_2) ** 2 + (high_1 - first) ** 2),
        difference + sqrt((high_2 - second) ** 2 + (first - low_1) ** 2),
    )


def _wilson(hits: int, orders: int) -> tuple[float, float]:
    share, z = hits / orders, _Z
    middle = share + z * z / (2 * orders)
    half = z * sqrt(share * (1 - share) / orders + z * z / (4 * orders * orders))
    scale = 1 + z * z / orders
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def chance_of_worse(one: tuple[int, int], other: tuple[int, int]) -> float:
    """How likely `other` has so many hits or more by chance alone, were both sides alike.

    Fisher's exact test, one-sided: (hits, orders) each. 1.0 without orders on a side.
    """
    hits, orders = one[0] + other[0], one[1] + other[1]
    if not one[1] or not other[1] or not hits:
        return 1.0
    all_ways = _log_choose(orders, hits)
    chance = sum(
        exp(_log_choose(other[1], n) + _log_choose(one[1], hits - n) - all_ways)
        for n in range(max(other[0], hits - one[1]), min(hits, other[1]) + 1)
    )
    return min(1.0, chance)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


class Harm(msgspec.Struct, frozen=True):
    """Orders not served whole, of how many, on each side; and the chance of that by luck."""

    unserved_in_force: int
    orders_in_force: int
    unserved_candidate: int
    orders_candidate: int
    chance: float


def find_harm(in_force: ArmFigures, candidate: ArmFigures) -> Harm | None:
    """Whether the candidate leaves more orders without stock than chance explains."""
    one, other = _unserved(in_force), _unserved(candidate)
    if not one[1] or not other[1] or other[0] * one[1] <= one[0] * other[1]:
        return None
    chance = chance_of_worse(one, other)
    return Harm(*one, *other, chance) if chance < STOPS_BELOW else None
