"""The whole UCI sample, imported: every line in one kind, to the penny, twice without a change."""

import csv
import gzip
import os
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from ordito.flows.import_orders import ImportReport, Source, import_orders
from ordito.platform.database import Database
from tests.flows.invariants import assert_sound
from tests.flows.order_files import counts, everything, rows, settings
from tests.make import BOSS

FOLDER = Path(__file__).parents[3] / "shared/data/uci-online-retail/data/retail-data/by-day"

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(
        not FOLDER.is_dir() and not os.environ.get("CI"),
        reason="the recorded data is not beside the checkout",
    ),
]


def sources() -> list[Source]:
    def of(path: Path) -> Source:
        return Source(path.name, lambda: path.open("rb"))

    return [of(path) for path in sorted(FOLDER.glob("*.csv.gz"))]


def plain_rows() -> Iterator[dict[str, str]]:
    for path in sorted(FOLDER.glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def own_sums() -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in plain_rows():
        sums[row["InvoiceDate"][:7]] += Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
    return dict(sums)


def sums_of(report: ImportReport) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for told in report.tallies.values():
        for month, amount in told.months.items():
            sums[month] += Decimal(amount)
    return dict(sums)


@pytest.mark.timeout(300)
def test_the_whole_sample_is_accounted_for_and_changes_nothing_twice(db: Database) -> None:
    report = import_orders(db, BOSS, settings(channel="uci"), sources())
    assert counts(report) == {
        "order": 5_170,
        "line": 138_266,
        "return": 1_639,
        "adjustment": 552,
        "charge": 828,
        "parked": 798,
    }
    assert sum(n for kind, n in counts(report).items() if kind != "order") == 142_083
    assert sums_of(report) == own_sums()
    booked = rows(db, "SELECT count(*) FROM orders.line")[0][0]
    assert booked == 138_266
    reasons = dict(
        rows(db, "SELECT reason, count(*) FROM intake.message WHERE reason <> '' GROUP BY 1")
    )
    assert reasons.keys() == {"no-customer", "no-earlier-order"}
    assert_sound(db)
    before = everything(db)

    again = import_orders(db, BOSS, settings(channel="uci"), sources())
    assert again.repeated
    assert again.tallies == report.tallies
    # The same content in other files: each entry is known by itself.
    single = import_orders(db, BOSS, settings(channel="uci"), sources()[:3])
    assert not single.repeated
    after = everything(db)
    assert {name: n for name, n in after.items() if n != before[name]} == {
        "intake.import_run": before["intake.import_run"] + 1
    }
