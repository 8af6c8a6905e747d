"""Every input line counted in exactly one kind, with exact sums per month of its own date."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ordito.intake.row_readings import EXACT
from ordito.intake.types import (
    CancellationEntry,
    ChargeEntry,
    Entry,
    Kind,
    OrderEntry,
    OrderLine,
    ParkedRow,
    StockAdjustmentEntry,
)

KINDS: tuple[Kind, ...] = (
    "order",
    "line",
    "cancellation",
    "return",
    "adjustment",
    "charge",
    "parked",
)


_NOTHING = Decimal(0)


class KindTally(msgspec.Struct, frozen=True):
    """How many of one kind, and per month the sum of quantity × price as a decimal string.

    Orders are counted without sums, since their lines carry them.
    """

    count: int
    months: dict[str, str]


class Tally:
    """Counts per kind and exact sums per kind and month.

    The kinds' sums of a month add up to the file's own sum of quantity × price of that month. A
    row without a price, or parked and unreadable as a number, counts but adds nothing.
    """

    def __init__(self) -> None:
        self.counts: Counter[Kind] = Counter()
        self.sums: defaultdict[tuple[Kind, str], Decimal] = defaultdict(Decimal)

    def count(self, kind: Kind, month: str, amount: Decimal | None, rows: int = 1) -> None:
        """Count `rows` rows of a kind that are worth `amount` together."""
        self.counts[kind] += rows
        place = (kind, month)
        self.sums[place] = EXACT.add(self.sums[place], amount or _NOTHING)

    def recount(self, before: Kind, after: Kind, month: str, amount: Decimal | None) -> None:
        """Move one row from one kind to another, as when a cancellation turns out a return."""
        self.count(before, month, None if amount is None else EXACT.minus(amount), rows=-1)
        self.count(after, month, amount)

    def add(self, entry: Entry) -> None:
        """Count an entry's rows: those of a cancelling invoice as cancellations, until matched."""
        match entry:
            case OrderEntry():
                self.counts["order"] += 1
                self._add_lines(entry.lines)
                for charge in entry.charges:
                    if charge.source_line is not None:
                        self.count("charge", charge.month, charge.amount)
            case CancellationEntry():
                for cancelled in entry.lines:
                    self.count("cancellation", cancelled.month, cancelled.amount)
            case StockAdjustmentEntry():
                self.count("adjustment", entry.month, entry.amount)
            case ChargeEntry():
                self.count("charge", entry.charge.month, entry.charge.amount)
            case ParkedRow():
                self.count("parked", entry.month, entry.amount)

    def _add_lines(self, lines: Sequence[OrderLine]) -> None:
        """Count an order's lines: summed first, since nearly all orders lie in one month."""
        sums: dict[str, Decimal] = {}
        for line in lines:
            sums[line.month] = EXACT.add(sums.get(line.month, _NOTHING), line.amount or _NOTHING)
        for month, amount in sums.items():
            self.count("line", month, amount, rows=0)
        self.counts["line"] += len(lines)

    def merge(self, other: "Tally") -> None:
        """Add another tally's counts and sums to this one's."""
        self.counts.update(other.counts)
        for place, amount in other.sums.items():
            self.sums[place] = EXACT.add(self.sums[place], amount)

    @property
    def rows(self) -> int:
        """Input lines counted: all kinds except orders."""
        return sum(count for kind, count in self.counts.items() if kind != "order")

    def months(self) -> dict[str, Decimal]:
        """Month → sum over all kinds: to be compared with the file's own."""
        total: defaultdict[str, Decimal] = defaultdict(Decimal)
        for (_, month), amount in sorted(self.sums.items()):
            total[month] = EXACT.add(total[month], amount)
        return dict(total)

    def kinds(self) -> dict[Kind, KindTally]:
        """Every kind, those with nothing in them too."""
        return {
            kind: KindTally(
                self.counts[kind],
                {
                    month: plain_decimal(amount)
                    for (of_kind, month), amount in sorted(self.sums.items())
                    if of_kind == kind
                },
            )
            for kind in KINDS
        }


def plain_decimal(amount: Decimal) -> str:
    """A decimal in full with at least two decimals and no needless ones: 1E+2 is "100.00"."""
    whole, _, decimals = f"{amount:f}".partition(".")
    text = f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
    return text.removeprefix("-") if not amount else text
