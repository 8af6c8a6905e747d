import pytest

from ordito.intake.columns import map_columns
from ordito.intake.presets import shipped_preset
from ordito.intake.problems import ColumnsNotUsable
from ordito.intake.tables import open_table

HEADINGS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def test_headings_are_compared_without_case_and_signs() -> None:
    table = open_table(b"invoice no.,STOCK_CODE,Quantity,Invoice Date,Price,Colour\n", "t.csv")
    columns = map_columns(table, shipped_preset("online-retail"))
    assert columns.headings == {
        "order_key": "invoice no.",
        "sku": "STOCK_CODE",
        "quantity": "Quantity",
        "placed_at": "Invoice Date",
        "unit_price": "Price",
    }
    assert columns.unmapped == ("Colour",)
    assert columns.places["sku"] == 1
    assert columns.places["country"] == 6


def test_of_two_headings_for_one_field_the_presets_first_is_read() -> None:
    table = open_table(b"Shipping Street,Shipping Address1,Name,Lineitem sku\n", "t.csv")
    with pytest.raises(ColumnsNotUsable) as caught:
        map_columns(table, shipped_preset("shopify-orders"))
    assert "'Lineitem quantity'" in caught.value.detail


def test_missing_columns_are_all_named_at_once() -> None:
    table = open_table(b"a,b\n", "t.csv")
    with pytest.raises(ColumnsNotUsable) as caught:
        map_columns(table, shipped_preset("online-retail"))
    assert [fault.detail for fault in caught.value.errors] == [
        "There is no column 'InvoiceNo' or 'Invoice'.",
        "There is no column 'Quantity'.",
        "There is no column 'StockCode'.",
        "There is no column 'InvoiceDate'.",
        "There is no column 'UnitPrice' or 'Price'.",
    ]


def test_a_mapped_heading_that_stands_there_twice_is_refused() -> None:
    table = open_table(f"{HEADINGS},Quantity\n".encode(), "t.csv")
    with pytest.raises(ColumnsNotUsable, match="'Quantity' stands there more than once"):
        map_columns(table, shipped_preset("online-retail"))
