from collections.abc import Callable
from decimal import Decimal

from ordito.intake.tallies import KindTally, Tally, plain_decimal
from ordito.intake.types import Entry

FILE = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A1,G,3,2011-01-31 23:00,0.10,7,EIRE
1,POST,P,1,2011-02-01 00:10,18.00,7,EIRE
C2,A1,G,-2,2011-02-01 09:00,0.10,7,EIRE
3,A1,check,-5,2011-02-01 09:00,0.00,,EIRE
4,AMAZONFEE,F,-1,2011-02-01 09:00,99.99,,EIRE
5,A1,G,x,soon,0.10,7,EIRE
5,A1,G,99999999999,2011-02-02,0.03,7,EIRE
"""


def tally_of(entries: list[Entry]) -> Tally:
    tally = Tally()
    for entry in entries:
        tally.add(entry)
    return tally


def test_every_row_counts_in_one_kind(read_text_as: Callable[..., list[Entry]]) -> None:
    tally = tally_of(read_text_as("online-retail", FILE))
    assert tally.kinds() == {
        "order": KindTally(1, {}),
        "line": KindTally(1, {"2011-01": "0.30"}),
        "cancellation": KindTally(1, {"2011-02": "-0.20"}),
        "return": KindTally(0, {}),
        "adjustment": KindTally(1, {"2011-02": "0.00"}),
        "charge": KindTally(2, {"2011-02": "-81.99"}),
        "parked": KindTally(2, {"2011-02": "2999999999.97", "undated": "0.00"}),
    }
    assert tally.rows == 7
    assert tally.months() == {
        "2011-01": Decimal("0.30"),
        "2011-02": Decimal("2999999917.78"),
        "undated": Decimal(0),
    }


def test_a_matched_cancellation_moves_to_its_kind() -> None:
    tally = Tally()
    tally.count("cancellation", "2011-02", Decimal("-3.30"), rows=2)
    tally.recount("cancellation", "return", "2011-02", Decimal("-1.10"))
    tally.recount("cancellation", "parked", "2011-02", None)
    assert {kind: told.count for kind, told in tally.kinds().items() if told.count} == {
        "return": 1,
        "parked": 1,
    }
    assert tally.kinds()["cancellation"].months == {"2011-02": "-2.20"}
    assert tally.months() == {"2011-02": Decimal("-3.30")}


def test_merged_tallies_are_those_of_the_files_together() -> None:
    first, second = Tally(), Tally()
    first.count("line", "2011-01", Decimal("1.10"))
    second.count("line", "2011-01", Decimal("2.20"))
    second.count("charge", "2011-02", Decimal("-1"))
    first.merge(second)
    assert first.rows == 3
    assert first.months() == {"2011-01": Decimal("3.30"), "2011-02": Decimal(-1)}


def test_sums_are_never_rounded() -> None:
    tally = Tally()
    tally.count("parked", "2011-01", Decimal("9" * 40))
    tally.count("parked", "2011-01", Decimal("0." + "0" * 37 + "1"))
    assert tally.months()["2011-01"] == Decimal("9" * 40 + "." + "0" * 37 + "1")


def test_decimals_are_written_in_full() -> None:
    assert plain_decimal(Decimal("1E+2")) == "100.00"
    assert plain_decimal(Decimal("-0.0")) == "0.00"
    assert plain_decimal(Decimal("-1.500")) == "-1.50"
    assert plain_decimal(Decimal("0.001")) == "0.001"
