"""What each place offers to an order, and the best use of a given set of places."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import add
from typing import NamedTuple

Row = tuple[int, ...]
Take = tuple[int, int]
"""(offer, units)."""
Extra = Callable[[int, Sequence[tuple[int, int]]], int]
"""(offer, its takes as (group, units)) -> what the parcel costs beyond fixed cost and units."""


class Verdict(NamedTuple):
    """How good a choice of places is; the smaller the better."""

    shortfall: int
    """Units not served of those wanted."""
    cost: int
    parcels: int
    ties: tuple[int, ...]
    """Of the places used, sorted: priority, then code."""


class Cover(NamedTuple):
    """A way to serve an order from some places."""

    verdict: Verdict
    takes: list[list[Take]]
    """Per group: which offer serves how many units."""


def drop_repeated(rows: Sequence[Row], units: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """The offers that are of use beside cheaper ones with the very same row and handling cost.

    Of places with equal rows as many are of use as it takes to saturate every group that they
    have something of: the rest could be exchanged for cheaper ones. Nothing is lost by it.
    A place with an empty row is of no use.
    """
    left: dict[tuple[Row, int], int] = {}
    kept: list[int] = []
    for offer, key in enumerate(zip(rows, units, strict=True)):
        more = left.get(key)
        if more is None:
            uses = [-(-most // have) for have, most in zip(key[0], wanted, strict=True) if have]
            left[key] = more = max(uses, default=0)
        if more:
            kept.append(offer)
            left[key] = more - 1
    return kept


class Offers:
    """Places that have something, numbered from 0 in order of fixed cost. Groups share no stock.

    fixed:  cost of a parcel from the place.
    unit:   cost of handling one unit there.
    ties:   decides between equal costs, smaller first.
    rows:   per place, units of each group that it could serve, at most `wanted`.
    wanted: units per group.
    surcharge: None when parcels cost nothing beside `fixed` and `unit`; never negative.
    """

    def __init__(
        self,
        fixed: Sequence[int],
        unit: Sequence[int],
        ties: Sequence[int],
        rows: Sequence[Row],
        wanted: Sequence[int],
        surcharge: Extra | None = None,
    ) -> None:
        self.fixed = fixed
        self.unit = unit
        self.ties = ties
        self.rows = rows
        self.wanted = wanted
        self.units_wanted = sum(wanted)
        self.totals = list(map(sum, rows))
        """Most units each place could serve."""
        self.unit_least = min(unit)
        self.surcharge = surcharge
        self.unit_same = self.unit_least == max(unit) and surcharge is None

    def serve(self, offer: int, left: Sequence[int]) -> list[int]:
        """Units per group that the place would serve of those left."""
        return list(map(min, self.rows[offer], left))

    def count_most(self, chosen: Sequence[int]) -> int:
        """Units that the places can serve together at the very most."""
        sums: Iterable[int] = self.rows[chosen[0]]
        for offer in chosen[1:]:
            sums = map(add, sums, self.rows[offer])
        return sum(map(min, sums, self.wanted))

    def reaches(self, chosen: Sequence[int], units: int) -> bool:
        """Whether the places together serve so many units."""
        return self.count_most(chosen) >= units

    def judge(self, chosen: Sequence[int]) -> Verdict:
        """How good the choice is; a place of it that turns out to be idle may be counted."""
        if not self.unit_same:
            return self.fill(chosen).verdict
        served = self.count_most(chosen)
        cost = sum([self.fixed[offer] for offer in chosen]) + served * self.unit_least
        ties = sorted([self.ties[offer] for offer in chosen])
        return Verdict(self.units_wanted - served, cost, len(chosen), tuple(ties))

    def fill(self, chosen: Sequence[int]) -> Cover:
        """The cheapest use of the places; within equal handling costs with fewest divided lines."""
        takes = []
        for group, wanted in enumerate(self.wanted):
            have = {offer: self.rows[offer][group] for offer in chosen}
            takes.append(self._divide(wanted, have))
        return self._cover(takes)

    def _divide(self, wanted: int, have: dict[int, int]) -> list[Take]:
        takes: list[Take] = []
        for offer in sorted(have, key=lambda o: (self.unit[o], -have[o], self.ties[o])):
            units = min(wanted, have[offer])
            if units > 0:
                takes.append((offer, units))
                wanted -= units
        return takes

    def _cover(self, takes: list[list[Take]]) -> Cover:
        used = {offer for group in takes for offer, _ in group}
        served = sum(units for group in takes for _, units in group)
        handling = sum(units * self.unit[offer] for group in takes for offer, units in group)
        verdict = Verdict(
            shortfall=self.units_wanted - served,
            cost=sum(self.fixed[offer] for offer in used) + handling + self._price_extra(takes),
            parcels=len(used),
            ties=tuple(sorted(self.ties[offer] for offer in used)),
        )
        return Cover(verdict, takes)

    def _price_extra(self, takes: list[list[Take]]) -> int:
        if self.surcharge is None:
            return 0
        of_offer: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for group, parts in enumerate(takes):
            for offer, units in parts:
                of_offer[offer].append((group, units))
        return sum(self.surcharge(offer, parts) for offer, parts in of_offer.items())


class SharedOffers(Offers):
    """Offers where groups share stock: a kit beside one of its parts, or two undivided lines.

    rows and totals are upper bounds then. How much can be served is a packing problem; it is tried
    in two orders of the groups, the ones with most items first and the ones with fewest pieces
    first, and the better one counts.

    stocks: per place, pieces of each item.
    needs:  per group, (item's index in `stocks`, pieces per unit).
    whole:  each group from one place only.
    """

    def __init__(
        self,
        offers: Offers,
        stocks: Sequence[Row],
        needs: Sequence[Sequence[tuple[int, int]]],
        *,
        whole: bool,
    ) -> None:
        super().__init__(
            offers.fixed, offers.unit, offers.ties, offers.rows, offers.wanted, offers.surcharge
        )
        self.stocks = stocks
        self.needs = needs
        self.whole = whole
        self._most_anywhere = [max(column) for column in zip(*offers.rows, strict=True)]
        groups = range(len(needs))
        self._orders = (
            sorted(groups, key=lambda g: (-len(needs[g]), -sum(per for _, per in needs[g]))),
            sorted(groups, key=lambda g: sum(per for _, per in needs[g])),
        )

    def serve(self, offer: int, left: Sequence[int]) -> list[int]:
        best: list[int] = []
        for order in self._orders:
            served = self._pack(order, offer, left)
            if not best or sum(served) > sum(best):
                best = served
        return best

    def _pack(self, order: Sequence[int], offer: int, left: Sequence[int]) -> list[int]:
        stock = list(self.stocks[offer])
        served = [0] * len(left)
        for group in order:
            # The row too: a pinned line finds nothing elsewhere, whatever the stock.
            units = min(left[group], self.rows[offer][group], self._most(stock, group))
            if self.whole and units < min(left[group], self._most_anywhere[group]):
                units = 0
            self._use(stock, group, units)
            served[group] = units
        return served

    def reaches(self, chosen: Sequence[int], units: int) -> bool:
        if self.count_most(chosen) < units:
            return False
        return self.units_wanted - self.fill(chosen).verdict.shortfall >= units

    def judge(self, chosen: Sequence[int]) -> Verdict:
        return self.fill(chosen).verdict

    def fill(self, chosen: Sequence[int]) -> Cover:
        covers = [self._fill_in(order, chosen) for order in self._orders]
        return min(covers, key=lambda cover: cover.verdict)

    def _fill_in(self, order: Sequence[int], chosen: Sequence[int]) -> Cover:
        stocks = {offer: list(self.stocks[offer]) for offer in chosen}
        takes: list[list[Take]] = [[] for _ in self.wanted]
        for group in order:
            have = {
                offer: min(self.rows[offer][group], self._most(stock, group))
                for offer, stock in stocks.items()
            }
            if self.whole:
                most = min(max(have.values()), self.wanted[group])
                have = {offer: units for offer, units in have.items() if units >= most}
            takes[group] = self._divide(self.wanted[group], have)
            for offer, units in takes[group]:
                self._use(stocks[offer], group, units)
        return self._cover(takes)

    def _most(self, stock: Sequence[int], group: int) -> int:
        return min([stock[item] // per for item, per in self.needs[group]])

    def _use(self, stock: list[int], group: int, units: int) -> None:
        for item, per in self.needs[group]:
            stock[item] -= per * units
