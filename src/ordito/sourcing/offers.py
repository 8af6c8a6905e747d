"""What each place offers to an order, and the best use of a given set of places."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

Take = tuple[int, int]
"""(offer, units)."""


class Cover(NamedTuple):
    """A way to serve an order from some places.

    Compared by: most units, least cost, fewest places, then the places' ties.
    """

    shortfall: int
    """Units not served of those wanted."""
    cost: int
    parcels: int
    ties: tuple[int, ...]
    takes: list[list[Take]]
    """Per group: which offer serves how many units."""

    @property
    def offers(self) -> list[int]:
        return sorted({offer for group in self.takes for offer, _ in group})


class Offers:
    """Places that have something, numbered from 0 in order of fixed cost. Groups share no stock.

    fixed:  cost of a parcel from the place.
    unit:   cost of handling one unit there.
    ties:   decides between equal costs, smaller first.
    rows:   per place, units of each group that it could serve, at most `wanted`.
    wanted: units per group.
    """

    def __init__(
        self,
        fixed: Sequence[int],
        unit: Sequence[int],
        ties: Sequence[int],
        rows: Sequence[Sequence[int]],
        wanted: Sequence[int],
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

    def serve(self, offer: int, left: Sequence[int]) -> list[int]:
        """Units per group that the place would serve of those left."""
        return list(map(min, self.rows[offer], left))

    def count(self, chosen: Sequence[int]) -> int:
        """Units that the places serve together."""
        sums = map(sum, zip(*[self.rows[offer] for offer in chosen], strict=True))
        return sum(map(min, sums, self.wanted))

    def fill(self, chosen: Iterable[int]) -> Cover:
        """The cheapest use of the places; within equal handling costs with fewest divided lines."""
        places = list(chosen)
        takes = []
        for group, wanted in enumerate(self.wanted):
            have = {offer: self.rows[offer][group] for offer in places}
            takes.append(self._divide(wanted, have))
        return self.cover(takes)

    def _divide(self, wanted: int, have: dict[int, int]) -> list[Take]:
        takes: list[Take] = []
        for offer in sorted(have, key=lambda o: (self.unit[o], -have[o], self.ties[o])):
            if wanted == 0 or have[offer] == 0:
                continue
            units = min(wanted, have[offer])
            takes.append((offer, units))
            wanted -= units
        return takes

    def cover(self, takes: list[list[Take]]) -> Cover:
        used = {offer for group in takes for offer, _ in group}
        served = sum(units for group in takes for _, units in group)
        handling = sum(units * self.unit[offer] for group in takes for offer, units in group)
        return Cover(
            shortfall=self.units_wanted - served,
            cost=sum(self.fixed[offer] for offer in used) + handling,
            parcels=len(used),
            ties=tuple(sorted(self.ties[offer] for offer in used)),
            takes=takes,
        )


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
        stocks: Sequence[Sequence[int]],
        needs: Sequence[Sequence[tuple[int, int]]],
        *,
        whole: bool,
    ) -> None:
        super().__init__(offers.fixed, offers.unit, offers.ties, offers.rows, offers.wanted)
        self.stocks = stocks
        self.needs = needs
        self.whole = whole
        groups = range(len(needs))
        self.orders = (
            sorted(groups, key=lambda g: (-len(needs[g]), -sum(per for _, per in needs[g]))),
            sorted(groups, key=lambda g: sum(per for _, per in needs[g])),
        )

    def serve(self, offer: int, left: Sequence[int]) -> list[int]:
        best: list[int] = []
        for order in self.orders:
            stock = list(self.stocks[offer])
            served = [0] * len(left)
            for group in order:
                # A pinned line finds nothing elsewhere, whatever the stock.
                units = min(left[group], self.rows[offer][group], self._most(stock, group))
                if self.whole and units < left[group] and units < self._most_anywhere(group):
                    units = 0
                self._use(stock, group, units)
                served[group] = units
            if not best or sum(served) > sum(best):
                best = served
        return best

    def count(self, chosen: Sequence[int]) -> int:
        return self.units_wanted - self.fill(chosen).shortfall

    def fill(self, chosen: Iterable[int]) -> Cover:
        places = list(chosen)
        return min(self._fill_in(order, places) for order in self.orders)

    def _fill_in(self, order: Sequence[int], places: Sequence[int]) -> Cover:
        stocks = {offer: list(self.stocks[offer]) for offer in places}
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
        return self.cover(takes)

    def _most(self, stock: Sequence[int], group: int) -> int:
        return min(stock[item] // per for item, per in self.needs[group])

    def _most_anywhere(self, group: int) -> int:
        return max(row[group] for row in self.rows)

    def _use(self, stock: list[int], group: int, units: int) -> None:
        for item, per in self.needs[group]:
            stock[item] -= per * units
