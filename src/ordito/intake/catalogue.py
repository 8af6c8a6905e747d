"""The items a file implies, so that an import into an empty database can create them first."""

from collections import Counter
from decimal import Decimal

import msgspec

from ordito.intake.types import (
    CancellationEntry,
    CancellationLine,
    Entry,
    OrderEntry,
    OrderLine,
    StockAdjustmentEntry,
)
from ordito.kernel.text import normal_code

VARIANTS_MAX = 20
"""Different titles and prices remembered per item; the most frequent come early in real files."""


class ImpliedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item as the file's rows describe it.

    title:      the most frequent title of its sold rows, else of its returned ones, else "".
    unit_price: the most frequent positive price, of several the one seen last; None if never sold.
    spellings:  its SKU as written in the file, the most frequent first.
    """

    sku: str
    title: str
    unit_price: Decimal | None
    currency: str
    barcode: str
    requires_shipping: bool
    spellings: tuple[str, ...]


class _Seen:
    def __init__(self, sku: str, currency: str) -> None:
        self.sku = sku
        self.currency = currency
        self.barcode = ""
        self.requires_shipping = True
        self.titles: Counter[str] = Counter()
        self.titles_returned: Counter[str] = Counter()
        self.prices: Counter[Decimal] = Counter()
        self.spellings: Counter[str] = Counter()


class Catalogue:
    """Gathers what entries tell of items. Non-stock codes are charges and no items."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def add(self, entry: Entry) -> None:
        """Remember the items of an entry; parked rows and charges imply none."""
        match entry:
            case OrderEntry():
                for line in entry.lines:
                    self._add_sold(line, entry.currency)
            case CancellationEntry():
                for cancelled in entry.lines:
                    self._add_returned(cancelled, entry.currency)
            case StockAdjustmentEntry():
                # Its words say why stock was corrected; they name no goods.
                _count(self._item(entry.sku, entry.currency).spellings, entry.sku_given)

    def _item(self, sku: str, currency: str) -> _Seen:
        code = normal_code(sku)
        item = self._seen.get(code)
        if item is None:
            item = self._seen[code] = _Seen(sku, currency)
        return item

    def _add_sold(self, line: OrderLine, currency: str) -> None:
        if not line.sku:
            return
        item = self._item(line.sku, currency)
        item.barcode = item.barcode or line.barcode
        item.requires_shipping = line.requires_shipping
        if line.title:
            _count(item.titles, line.title)
        if line.unit_price and currency == item.currency:
            # Taken out and put back, so that of equally frequent prices the latest stands last.
            times = item.prices.pop(line.unit_price, 0)
            if len(item.prices) < VARIANTS_MAX:
                item.prices[line.unit_price] = times + 1
        _count(item.spellings, line.sku_given)

    def _add_returned(self, line: CancellationLine, currency: str) -> None:
        item = self._item(line.sku, currency)
        if line.title:
            _count(item.titles_returned, line.title)
        _count(item.spellings, line.sku_given)

    def items(self) -> list[ImpliedItem]:
        """The items in order of their SKUs."""
        return [
            ImpliedItem(
                sku=seen.sku,
                title=_most_frequent(seen.titles) or _most_frequent(seen.titles_returned) or "",
                unit_price=_latest_of_most_frequent(seen.prices),
                currency=seen.currency,
                barcode=seen.barcode,
                requires_shipping=seen.requires_shipping,
                spellings=tuple(spelling for spelling, _ in seen.spellings.most_common()),
            )
            for _, seen in sorted(self._seen.items())
        ]


def _count(counter: Counter[str], text: str) -> None:
    if text in counter or len(counter) < VARIANTS_MAX:
        counter[text] += 1


def _most_frequent(counter: Counter[str]) -> str | None:
    return max(counter, key=counter.__getitem__, default=None)


def _latest_of_most_frequent(prices: Counter[Decimal]) -> Decimal | None:
    return max(reversed(prices), key=prices.__getitem__, default=None)
