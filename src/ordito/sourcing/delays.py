"""How late parts of orders leave and arrive, as learned from history.

Two distributions, each per group of parts and backing off to coarser groups where there are few
observations: days on which the place is open between the day by its calendar and the day of
sending, and days of the carrier beyond those of its tariff (all of its days, where no tariff says
any). Each of n observations has the chance 1/(n + 1); the rest is that of a delay longer than any
seen, so that a promise from few observations is a careful one.

Source: Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, chapter 2; Lei,
G'Sell, Rinaldo, Tibshirani and Wasserman (2018), Journal of the American Statistical Association
113(523), 1094-1111.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

Stage = Literal["dispatch", "transit"]
GroupKey = tuple[Stage, int | None, str | None, str | None]
"""(stage, place, tariff, country); None is all. tariff "" is what goes without a known one."""

OBSERVATIONS_LEAST = 30
"""A group with fewer says nothing of its own."""


class Spread(msgspec.Struct, frozen=True):
    """A distribution of whole days. chances: of `first` days, `first` + 1, …; they sum to less than
    1. observations: parts it was learned of."""

    first: int
    chances: tuple[float, ...]
    observations: int


class Delays:
    """What one night's learning knows. Safe to share between threads."""

    def __init__(
        self, version: int, learned_at: datetime, groups: Mapping[GroupKey, Spread]
    ) -> None:
        self.version = version
        self.learned_at = learned_at
        self.groups = groups

    def find_dispatch(self, no: int, tariff: str, level: int) -> Spread | None:
        """Open days after the day by calendar at a place, for a service of it."""
        keys: list[GroupKey] = [("dispatch", no, None, None), ("dispatch", None, None, None)]
        if tariff:
            keys.insert(0, ("dispatch", no, tariff, None))
        return self._find(keys, level)

    def find_transit(self, no: int, tariff: str, country: str, level: int) -> Spread | None:
        """The carrier's days beyond the tariff's, or all of them without one."""
        keys: list[GroupKey] = [
            ("transit", no, tariff, country),
            ("transit", None, tariff, country),
        ]
        if tariff:
            keys += [("transit", None, tariff, None), ("transit", None, None, None)]
        return self._find(keys, level)

    def _find(self, keys: Iterable[GroupKey], level: int) -> Spread | None:
        least = observations_needed(level)
        for key in keys:
            spread = self.groups.get(key)
            if spread is not None and spread.observations >= least:
                return spread
        return None


def observations_needed(level: int) -> int:
    """Of each of the two distributions, so that a promise of that percentage can be made."""
    return max(OBSERVATIONS_LEAST, -(-2 * level // (100 - level)))


def make_spread(first: int, counts: Sequence[int], observations: int) -> Spread:
    """The distribution of counted days. observations: those that took longer included."""
    return Spread(first, tuple(count / (observations + 1) for count in counts), observations)
