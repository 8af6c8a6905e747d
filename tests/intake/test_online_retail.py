"""The whole UCI sample: every line in exactly one kind, sums equal to an independent count."""

import csv
import gzip
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from ordito.intake.catalogue import Catalogue
from ordito.intake.presets import shipped_preset
from ordito.intake.readings import read_entries
from ordito.intake.tables import open_table
from ordito.intake.tallies import Tally
from ordito.intake.types import Entry, OrderEntry, StockAdjustmentEntry

FOLDER = Path(__file__).parents[3] / "shared/data/uci-online-retail/data/retail-data/by-day"

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(
        not FOLDER.is_dir() and not os.environ.get("CI"),
        reason="the recorded data is not beside the checkout",
    ),
]


def entries() -> Iterator[Entry]:
    preset = shipped_preset("online-retail")
    for path in sorted(FOLDER.glob("*.csv.gz")):
        with path.open("rb") as file:
            yield from read_entries(open_table(file, path.name), preset)


def _id(entry: Entry) -> str:
    return entry.external_id if isinstance(entry, OrderEntry) else ""


@pytest.fixture(scope="module")
def read() -> tuple[Tally, Catalogue, list[Entry]]:
    tally, catalogue, kept = Tally(), Catalogue(), list[Entry]()
    for entry in entries():
        tally.add(entry)
        catalogue.add(entry)
        if isinstance(entry, StockAdjustmentEntry) or "542806" in _id(entry):
            kept.append(entry)
    return tally, catalogue, kept


def plain_rows() -> Iterator[dict[str, str]]:
    for path in sorted(FOLDER.glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def test_sums_per_month_equal_the_files_own(read: tuple[Tally, Catalogue, list[Entry]]) -> None:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    count = 0
    for row in plain_rows():
        sums[row["InvoiceDate"][:7]] += Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
        count += 1
    assert read[0].months() == dict(sums)
    assert read[0].rows == count == 142_083


def test_each_kind_holds_what_the_data_was_seen_to_hold(
    read: tuple[Tally, Catalogue, list[Entry]],
) -> None:
    assert {kind: told.count for kind, told in read[0].kinds().items()} == {
        "order": 5_170,
        "line": 138_266,
        "cancellation": 2_437,
        "return": 0,
        "adjustment": 552,
        "charge": 828,
        "parked": 0,
    }


def test_stock_corrections_are_the_priceless_single_rows_without_customer(
    read: tuple[Tally, Catalogue, list[Entry]],
) -> None:
    rows = list(plain_rows())
    alone = Counter(row["InvoiceNo"] for row in rows)
    expected = {
        (row["InvoiceNo"], row["StockCode"], int(row["Quantity"]))
        for row in rows
        if Decimal(row["UnitPrice"]) == 0
        and not row["CustomerID"]
        and alone[row["InvoiceNo"]] == 1
        and row["StockCode"] not in ("POST", "DOT")
    }
    found = {
        (entry.invoice, entry.sku_given, entry.quantity)
        for entry in read[2]
        if isinstance(entry, StockAdjustmentEntry)
    }
    assert found == expected


def test_an_invoice_with_rows_between_is_one_order(
    read: tuple[Tally, Catalogue, list[Entry]],
) -> None:
    orders = [
        entry
        for entry in read[2]
        if isinstance(entry, OrderEntry) and entry.external_id == "542806"
    ]
    assert [len(order.source_lines) for order in orders] == [39]


def test_the_catalogue_has_one_item_for_each_spelling_of_a_sku(
    read: tuple[Tally, Catalogue, list[Entry]],
) -> None:
    items = {item.sku: item for item in read[1].items()}
    spelled = Counter(len(item.spellings) for item in items.values())
    assert spelled[2] == 81
    assert set(spelled) == {1, 2}
    heart = items["85123A"]
    assert (heart.title, heart.unit_price) == (
        "WHITE HANGING HEART T-LIGHT HOLDER",
        Decimal("2.95"),
    )
    assert heart.spellings == ("85123A", "85123a")
    assert not {"POST", "DOT", "M", "D", "GIFT_0001_20"} & set(items)
