"""How rows are judged: the rules of the online-retail preset, and what is parked."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ordito.intake import grouping
from ordito.intake.problems import ColumnsNotUsable
from ordito.intake.types import (
    CancellationEntry,
    CancellationLine,
    Charge,
    ChargeEntry,
    Customer,
    Entry,
    OrderEntry,
    OrderLine,
    ParkedRow,
    StockAdjustmentEntry,
)

HEADINGS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

Read = Callable[[str], list[Entry]]


@pytest.fixture
def read(read_text_as: Callable[..., list[Entry]]) -> Read:
    return lambda rows: read_text_as("online-retail", HEADINGS + rows)


def kinds(entries: list[Entry]) -> list[str]:
    return [
        entry.reason if isinstance(entry, ParkedRow) else type(entry).__name__ for entry in entries
    ]


def test_rows_of_one_invoice_are_one_order(read: Read) -> None:
    entries = read(
        "536365,85123a,WHITE HEART ,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
        "536365,POST,POSTAGE,1,2010-12-01 08:27:00,18.0,17850.0,United Kingdom\n"
        "536365,22086,GIFT,1,2010-12-01 08:25:00,0.0,17850.0,United Kingdom\n"
    )
    (order,) = entries
    assert isinstance(order, OrderEntry)
    assert order.external_id == order.name == "536365"
    assert order.placed_at == datetime(2010, 12, 1, 8, 25, tzinfo=UTC)
    assert (order.currency, order.country, order.tax_included) == ("GBP", "GB", True)
    assert order.customer == Customer(number="17850")
    assert order.lines == (
        OrderLine(2, "2010-12", "85123A", "85123a", "WHITE HEART", 6, Decimal("2.55")),
        OrderLine(4, "2010-12", "22086", "22086", "GIFT", 1, Decimal("0.0")),
    )
    assert order.charges == (
        Charge("shipping", "POST", "POSTAGE", Decimal("18.0"), "2010-12", 3, 1, Decimal("18.0")),
    )
    assert order.source_lines == (2, 3, 4)
    assert order.ship_to is None
    assert order.notes == ()


def test_an_order_without_customer_is_a_guests(read: Read) -> None:
    (order,) = read(
        "1,A1,GOODS,1,2010-12-01,2.5,,Unspecified\n1,A2,ZERO,1,2010-12-01,0,,Unspecified\n"
    )
    assert isinstance(order, OrderEntry)
    assert not order.customer
    assert order.country == ""
    assert [line.sku for line in order.lines] == ["A1", "A2"]


def test_a_cancelling_invoice_takes_back_goods_and_charges(read: Read) -> None:
    entries = read(
        "C536391,22556,PLASTERS,-12,2010-12-01 10:24:00,1.65,17548.0,EIRE\n"
        "C536391,POST,POSTAGE,-1,2010-12-01 10:24:00,18.0,17548.0,EIRE\n"
        "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,EIRE\n"
    )
    cancellation, postage, discount = entries
    assert cancellation == CancellationEntry(
        invoice="C536391",
        at=datetime(2010, 12, 1, 10, 24, tzinfo=UTC),
        currency="GBP",
        customer=Customer(number="17548"),
        country="IE",
        lines=(CancellationLine(2, "2010-12", "22556", "22556", "PLASTERS", 12, Decimal("1.65")),),
        source_lines=(2,),
    )
    assert isinstance(cancellation, CancellationEntry)
    assert cancellation.lines[0].amount == Decimal("-19.80")
    assert isinstance(postage, ChargeEntry)
    assert (postage.charge.kind, postage.charge.amount) == ("shipping", Decimal("-18.0"))
    assert isinstance(discount, ChargeEntry)
    assert (discount.invoice, discount.charge.kind, discount.charge.amount) == (
        "C536379",
        "discount",
        Decimal("-27.5"),
    )


@pytest.mark.parametrize(
    ("quantity", "words", "reason"),
    [
        ("-10", "", "unexplained"),
        ("-3", "Damages/Display", "damaged"),
        ("56", "Found", "found"),
        ("-1", "wrong barcode (22467)", "wrong_barcode"),
        ("-1", "dotcom sold sets", "sold_as_set"),
        ("-1", "thrown away-can't sell", "written_off"),
        ("-9", "?lost", "lost"),
        ("-2", "check", "recount"),
        ("2", "amazon", "other_channel"),
    ],
)
def test_a_priceless_invoice_without_customer_is_a_stock_correction(
    read: Read, quantity: str, words: str, reason: str
) -> None:
    (entry,) = read(f"536589,21777,{words},{quantity},2010-12-01 16:50:00,0.0,,United Kingdom\n")
    assert entry == StockAdjustmentEntry(
        invoice="536589",
        at=datetime(2010, 12, 1, 16, 50, tzinfo=UTC),
        month="2010-12",
        sku="21777",
        sku_given="21777",
        quantity=int(quantity),
        unit_price=Decimal("0.0"),
        currency="GBP",
        reason=reason,
        words=words,
        source_line=2,
    )


def test_a_correction_among_a_guests_goods_is_told_apart(read: Read) -> None:
    entries = read("1,A1,GOODS,1,2010-12-01,2.5,,EIRE\n1,A2,damaged,-4,2010-12-01,0,,EIRE\n")
    assert kinds(entries) == ["OrderEntry", "StockAdjustmentEntry"]


def test_a_gift_alone_to_a_customer_is_an_order(read: Read) -> None:
    assert kinds(read("543599,84535B,NOTEBOOK,16,2011-02-10,0.0,17560.0,EIRE\n")) == ["OrderEntry"]


def test_priceless_non_stock_codes_are_charges_of_zero(read: Read) -> None:
    (entry,) = read("540699,POST,,1000,2011-01-11 09:32:00,0.0,,United Kingdom\n")
    assert isinstance(entry, ChargeEntry)
    assert entry.charge.amount == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("POST", "shipping"),
        ("DOT", "shipping"),
        ("C2", "shipping"),
        ("M", "manual"),
        ("m", "manual"),
        ("D", "discount"),
        ("S", "samples"),
        ("BANK CHARGES", "fee"),
        ("AMAZONFEE", "fee"),
        ("CRUK", "donation"),
        ("PADS", "other"),
        ("ADJUST2", "correction"),
        ("gift_0001_20", "gift_card"),
    ],
)
def test_an_invoice_of_non_stock_codes_only_is_charges(read: Read, code: str, kind: str) -> None:
    (entry,) = read(f"1,{code},words,2,2010-12-01,7.25,,EIRE\n")
    assert isinstance(entry, ChargeEntry)
    assert (entry.charge.kind, entry.charge.amount) == (kind, Decimal("14.50"))


def test_codes_that_only_begin_like_a_charge_are_goods(read: Read) -> None:
    for code in ("DCGS0003", "DOTS", "MUG", "POSTER", "C2X"):
        assert kinds(read(f"1,{code},words,1,2010-12-01,2,,EIRE\n")) == ["OrderEntry"]


def test_bad_debt_is_a_charge_of_either_sign(read: Read) -> None:
    entries = read(
        "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom\n"
        "A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom\n"
    )
    assert [
        (entry.charge.kind, entry.charge.amount)
        for entry in entries
        if isinstance(entry, ChargeEntry)
    ] == [("bad_debt", Decimal("11062.06")), ("bad_debt", Decimal("-11062.06"))]


def test_a_prefix_counts_only_before_a_digit(read: Read) -> None:
    assert kinds(read("CASH-1,A1,GOODS,1,2010-12-01,2,,EIRE\n")) == ["OrderEntry"]
    assert kinds(read("c1,A1,GOODS,-1,2010-12-01,2,,EIRE\n")) == ["CancellationEntry"]


def test_one_bad_row_parks_its_whole_order_and_nothing_else(read: Read) -> None:
    entries = read(
        "1,A1,GOODS,1,2010-12-01,2.00,7,EIRE\n"
        "1,A2,GOODS,x,2010-12-01,3.00,7,EIRE\n"
        "2,A1,GOODS,1,2010-12-01,2.00,7,EIRE\n"
    )
    assert kinds(entries) == ["order-waits", "not-a-number", "OrderEntry"]
    waiting, bad, _ = entries
    assert isinstance(waiting, ParkedRow)
    assert waiting.amount == Decimal("2.00")
    assert "Line 3, column Quantity: 'x' is not a number." in waiting.words
    assert isinstance(bad, ParkedRow)
    assert (bad.source_line, bad.external_id, bad.month, bad.amount) == (3, "1", "2010-12", None)
    assert bad.cells["Quantity"] == "x"
    assert list(bad.cells) == HEADINGS.strip().split(",")
    assert bad.words.startswith("Line 3, column Quantity: 'x' is not a number.")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",A1,GOODS,1,2010-12-01,2,7,EIRE", "required"),
        ("1,,GOODS,1,2010-12-01,2,7,EIRE", "required"),
        ("1,A1,GOODS,,2010-12-01,2,7,EIRE", "required"),
        ("1,A1,GOODS,1,,2,7,EIRE", "required"),
        ("1,A1,GOODS,1,2010-12-01,,7,EIRE", "required"),
        ("1,A1,GOODS,0,2010-12-01,2,7,EIRE", "zero-quantity"),
        ("1,A1,GOODS,-1,2010-12-01,2,7,EIRE", "negative-quantity"),
        ("1,A1,GOODS,-1,2010-12-01,0,7,EIRE", "negative-quantity"),
        ("1,A1,GOODS,0,2010-12-01,0,,EIRE", "zero-quantity"),
        ("1,A1,GOODS,1,2010-12-01,-2,7,EIRE", "negative-price"),
        ("1,A1,GOODS,1.5,2010-12-01,2,7,EIRE", "fraction"),
        ("1,A1,GOODS,1e5,2010-12-01,2,7,EIRE", "exponent"),
        ("1,A1,GOODS,99999999999,2010-12-01,2,7,EIRE", "too-large"),
        ("1,A1,GOODS,1,2010-12-01,NaN,7,EIRE", "not-finite"),
        ("1,A1,GOODS,1,1 Dec 2010,2,7,EIRE", "not-a-date"),
        ('1,"5,90123E+12",GOODS,1,2010-12-01,2,7,EIRE', "mangled-number"),
        ('"1,2E+05",A1,GOODS,1,2010-12-01,2,7,EIRE', "mangled-number"),
        ("1,A1,GOODS,1,2010-12-01,2,7,Narnia", "country-unknown"),
        ("1,A1,GOODS,1,2010-12-01,2,7", "too-few-cells"),
        ("C1,A1,GOODS,1,2010-12-01,2,7,EIRE", "not-negative"),
        ("C1,A1,GOODS,-1,2010-12-01,-2,7,EIRE", "negative-price"),
    ],
)
def test_what_cannot_be_booked_is_parked_with_its_line(read: Read, row: str, reason: str) -> None:
    (entry,) = read(row + "\n")
    assert isinstance(entry, ParkedRow)
    assert entry.reason == reason
    assert entry.source_line == 2
    assert "ine 2" in entry.words


def test_numbers_too_large_to_book_still_count_in_the_sums(read: Read) -> None:
    (entry,) = read("1,A1,GOODS,99999999999,2010-12-01,0.03,7,EIRE\n")
    assert isinstance(entry, ParkedRow)
    assert entry.amount == Decimal("2999999999.97")


def test_rows_that_name_different_customers_park_the_order(read: Read) -> None:
    entries = read("1,A1,G,1,2010-12-01,2,7,EIRE\n1,A2,G,1,2010-12-01,2,8,EIRE\n")
    assert kinds(entries) == ["rows-disagree", "rows-disagree"]


def test_a_blank_customer_or_another_country_does_not(read: Read) -> None:
    (order,) = read(
        "1,A1,G,1,2010-12-01,2,,EIRE\n1,A2,G,1,2010-12-01,2,7.0,EIRE\n1,A3,G,1,2010-12-01,2,7.0,France\n"
    )
    assert isinstance(order, OrderEntry)
    assert (order.customer.number, order.country) == ("7", "IE")
    assert [(note.line, note.column, note.code) for note in order.notes] == [
        (4, "Country", "rows-differ")
    ]


def test_an_hour_that_never_was_is_noted(read: Read) -> None:
    (order,) = read("1,A1,G,1,2011-03-27 01:30:00,2,7,EIRE\n")
    assert isinstance(order, OrderEntry)
    assert order.placed_at == datetime(2011, 3, 27, 1, 30, tzinfo=UTC)
    assert [note.code for note in order.notes] == ["clock-change"]


def test_a_row_keeps_the_month_of_its_own_date(read: Read) -> None:
    (order,) = read("1,A1,G,1,2011-01-01 00:00,2,7,EIRE\n1,A1,G,1,2010-12-31 23:59,2,7,EIRE\n")
    assert isinstance(order, OrderEntry)
    assert [line.month for line in order.lines] == ["2011-01", "2010-12"]


def test_a_damaged_row_parks_the_order_it_names(read: Read) -> None:
    entries = read('1,A1,G,1,2010-12-01,2,7,EIRE\n1,A2,"G,1,2010-12-01,2,7,EIRE\n')
    assert kinds(entries) == ["order-waits", "stray-quote"]


def test_a_scattered_row_is_parked(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "GAP_ROWS_MAX", 1)
    row = "{},A1,G,1,2010-12-01,2,7,EIRE\n"
    entries = read("".join(row.format(key) for key in "1231"))
    assert kinds(entries) == ["OrderEntry", "order-scattered", "OrderEntry", "OrderEntry"]


def test_a_file_for_another_preset_is_refused_before_any_entry(read_text_as: Read) -> None:
    with pytest.raises(ColumnsNotUsable):
        read_text_as("online-retail", "a,b\n1,2\n")  # type: ignore[call-arg]
