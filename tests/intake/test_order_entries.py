"""Orders with addresses, totals and states: the presets ordito and shopify-orders."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ordito.intake.order_entries import order_discount
from ordito.intake.types import (
    ChannelTotals,
    Charge,
    ChargeEntry,
    Customer,
    Entry,
    OrderEntry,
    OrderLine,
    OrderTax,
    ParkedRow,
)
from ordito.kernel.addresses import Address

Read = Callable[..., list[Entry]]

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,"
    "Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem requires shipping,"
    "Lineitem fulfillment status,Shipping Name,Shipping Street,Shipping Address1,Shipping City,"
    "Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Cancelled at,Id,Tags,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Phone\n"
)


def shopify_row(**cells: str) -> str:
    """One row; cells are given by heading, with underscores for blanks."""
    names = SHOPIFY.strip().split(",")
    given = {name.replace(" ", "_"): name for name in names}
    values = {given[key]: value for key, value in cells.items()}
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([values.get(name, "") for name in names])
    return text.getvalue()


def first_row(**changes: str) -> str:
    return shopify_row(
        **{
            "Name": "#1001",
            "Email": "Ann@Example.com",
            "Financial_Status": "paid",
            "Paid_at": "2025-10-07 09:51:00 +0200",
            "Fulfillment_Status": "unfulfilled",
            "Currency": "EUR",
            "Subtotal": "54.00",
            "Shipping": "5.00",
            "Taxes": "9.83",
            "Total": "59.00",
            "Discount_Code": "WELCOME10",
            "Discount_Amount": "6.00",
            "Shipping_Method": "Standard",
            "Created_at": "2025-10-07 09:50:26 +0200",
            "Lineitem_quantity": "2",
            "Lineitem_name": "Mug - Blue",
            "Lineitem_price": "25.00",
            "Lineitem_sku": "MUG-B",
            "Lineitem_requires_shipping": "true",
            "Lineitem_fulfillment_status": "pending",
            "Shipping_Name": "Ann Lee",
            "Shipping_Address1": "1 rue de Berri",
            "Shipping_City": "Paris",
            "Shipping_Zip": "'75008",
            "Shipping_Country": "FR",
            "Shipping_Phone": "06 12 34 56 78",
            "Id": "7410991464714",
            "Tags": "vip; b, gift, vip; b",
            "Lineitem_discount": "0.00",
            "Tax_1_Name": "TVA 20%",
            "Tax_1_Value": "9.83",
        }
        | changes
    )


SECOND_ROW = shopify_row(
    Name="#1001",
    Email="ann@example.com",
    Created_at="",
    Lineitem_quantity="1",
    Lineitem_name="Gift wrap",
    Lineitem_price="10.00",
    Lineitem_requires_shipping="false",
)


def test_a_shopify_order_takes_its_heading_from_its_first_row(read_text_as: Read) -> None:
    (order,) = read_text_as("shopify-orders", SHOPIFY + first_row() + SECOND_ROW)
    assert isinstance(order, OrderEntry)
    assert (order.external_id, order.name) == ("7410991464714", "#1001")
    assert order.placed_at == datetime(2025, 10, 7, 7, 50, 26, tzinfo=UTC)
    assert order.customer == Customer("", "Ann@Example.com", "+33612345678", "Ann Lee")
    assert order.ship_to == Address(
        country="FR",
        name="Ann Lee",
        line1="1 rue de Berri",
        city="Paris",
        postal_code="75008",
        phone="06 12 34 56 78",
    )
    assert order.bill_to is None
    assert order.tax_included is True
    assert order.totals == ChannelTotals(
        subtotal=Decimal("54.00"),
        discount=Decimal("6.00"),
        shipping=Decimal("5.00"),
        tax=Decimal("9.83"),
        total=Decimal("59.00"),
        taxes=(OrderTax("TVA 20%", Decimal("9.83")),),
    )
    assert order.lines == (
        OrderLine(
            2,
            "2025-10",
            "MUG-B",
            "MUG-B",
            "Mug - Blue",
            2,
            Decimal("25.00"),
            discount=Decimal("0.00"),
            fulfilled=False,
        ),
    )
    assert order.charges == (
        Charge("service", "", "Gift wrap", Decimal("10.00"), "2025-10", 3, 1, Decimal("10.00")),
        Charge("shipping", "", "Standard", Decimal("5.00"), "2025-10"),
        Charge("discount", "WELCOME10", "", Decimal("-6.00"), "2025-10"),
    )
    assert order.state.payment == "paid"
    assert order.state.paid_at == datetime(2025, 10, 7, 7, 51, tzinfo=UTC)
    assert order.details.tags == ("vip; b", "gift")
    assert order.notes == ()


def test_without_ids_the_name_is_the_external_id(read_text_as: Read) -> None:
    (order,) = read_text_as("shopify-orders", SHOPIFY + first_row(Id=""))
    assert isinstance(order, OrderEntry)
    assert order.external_id == "#1001"


def test_tax_on_top_is_told_by_the_totals(read_text_as: Read) -> None:
    (order,) = read_text_as("shopify-orders", SHOPIFY + first_row(Total="68.83"))
    assert isinstance(order, OrderEntry)
    assert order.tax_included is False


@pytest.mark.parametrize(
    ("mode", "changes", "reason"),
    [
        ("live", {"Fulfillment_Status": "fulfilled"}, "already-fulfilled"),
        ("live", {"Fulfillment_Status": "partial"}, "partly-fulfilled"),
        ("live", {"Fulfillment_Status": "restocked"}, "cancelled-at-channel"),
        ("live", {"Cancelled_at": "2025-10-08 10:00:00 +0200"}, "cancelled-at-channel"),
        ("history", {}, "not-fulfilled-yet"),
        ("history", {"Fulfillment_Status": ""}, "not-fulfilled-yet"),
        ("history", {"Fulfillment_Status": "partial"}, "partly-fulfilled"),
        ("live", {"Lineitem_sku": ""}, "sku-missing"),
        ("live", {"Email": "not an address"}, "not-an-email"),
        ("live", {"Total": "many"}, "not-a-number"),
        ("live", {"Total": "59.005"}, "too-many-decimals"),
        ("live", {"Currency": ""}, "required"),
        ("live", {"Currency": "EURO"}, "not-a-currency"),
        ("live", {"Shipping_Country": ""}, "required"),
        ("live", {"Lineitem_discount": "50.01"}, "discount-too-large"),
        ("live", {"Lineitem_discount": "-1"}, "negative-amount"),
        ("live", {"Paid_at": "today"}, "not-a-date"),
        ("live", {"Shipping_City": "x" * 301}, "too-long"),
    ],
)
def test_an_order_that_must_not_be_taken_is_parked(
    read_text_as: Read, mode: str, changes: dict[str, str], reason: str
) -> None:
    (entry,) = read_text_as("shopify-orders", SHOPIFY + first_row(**changes), mode=mode)
    assert isinstance(entry, ParkedRow)
    assert entry.reason == reason
    assert entry.words.startswith("Line 2")
    assert entry.amount == Decimal("50.00")


def test_a_fulfilled_order_is_history(read_text_as: Read) -> None:
    (order,) = read_text_as(
        "shopify-orders", SHOPIFY + first_row(Fulfillment_Status="fulfilled"), mode="history"
    )
    assert isinstance(order, OrderEntry)


def test_a_phone_that_cannot_be_read_is_only_noted(read_text_as: Read) -> None:
    (order,) = read_text_as("shopify-orders", SHOPIFY + first_row(Shipping_Phone="ask the porter"))
    assert isinstance(order, OrderEntry)
    assert order.customer.phone == ""
    assert order.ship_to is not None
    assert order.ship_to.phone == "ask the porter"
    assert [note.code for note in order.notes] == ["not-a-phone"]


ORDITO = (
    "external_id,placed_at,currency,email,name,address,city,postal_code,country,sku,quantity,"
    "unit_price,discount,tax_rate,shipping,tags,note\n"
)


def test_our_own_columns_with_decimal_commas(read_text_as: Read) -> None:
    (order,) = read_text_as(
        "ordito",
        ORDITO.replace(",", ";")
        + "B-1;31.03.2026 14:05;PLN;jan@example.pl;Jan;Długa 1;Łódź;90-001;Polska;K-1;2;1.234,56;"
        "10,00;23;19,99;a, b;ostrożnie\n"
        "b-1;;;;;;;;;K-2;3;;;;;;\n",
        timezone="Europe/Warsaw",
    )
    assert isinstance(order, OrderEntry)
    assert order.external_id == "B-1"
    assert order.placed_at == datetime(2026, 3, 31, 12, 5, tzinfo=UTC)
    assert order.ship_to == Address(
        country="PL", name="Jan", line1="Długa 1", city="Łódź", postal_code="90-001"
    )
    assert order.lines == (
        OrderLine(
            2,
            "2026-03",
            "K-1",
            "K-1",
            "",
            2,
            Decimal("1234.56"),
            discount=Decimal("10.00"),
            tax_rate=Decimal(23),
        ),
        OrderLine(3, "2026-03", "K-2", "K-2", "", 3, None),
    )
    assert [(charge.kind, charge.amount) for charge in order.charges] == [
        ("shipping", Decimal("19.99"))
    ]
    assert (order.details.tags, order.details.note) == (("a", "b"), "ostrożnie")
    assert order.tax_included is True


def test_an_order_may_come_without_date_and_takes_the_channels_currency(
    read_text_as: Read,
) -> None:
    (order,) = read_text_as("ordito", "order,sku,quantity\n1,K-1,1\n", currency="JPY")
    assert isinstance(order, OrderEntry)
    assert (order.placed_at, order.currency) == (None, "JPY")
    assert order.lines[0].month == "undated"


def test_tax_included_may_stand_in_the_file(read_text_as: Read) -> None:
    (order,) = read_text_as(
        "ordito", "order,sku,quantity,tax_included\n1,K-1,1,no\n", currency="EUR"
    )
    assert isinstance(order, OrderEntry)
    assert order.tax_included is False


def test_goods_without_sku_that_need_no_shipping_stand_alone_as_a_charge(
    read_text_as: Read,
) -> None:
    (entry,) = read_text_as(
        "shopify-orders",
        SHOPIFY
        + first_row(Lineitem_sku="", Lineitem_name="Tip", Lineitem_requires_shipping="false"),
    )
    assert isinstance(entry, ChargeEntry)
    assert (entry.charge.kind, entry.charge.amount) == ("service", Decimal("50.00"))


def a_line(amount: str, discount: str) -> OrderLine:
    return OrderLine(2, "2026-01", "A", "A", "", 1, Decimal(amount), discount=Decimal(discount))


@pytest.mark.parametrize(
    ("stated", "subtotal", "rest"),
    [
        ("15", "85", "5"),
        ("15", "75", "15"),
        ("15", None, "15"),
        (None, "90", "0"),
        ("10", "90", "0"),
    ],
)
def test_a_discount_of_the_order_may_or_may_not_contain_those_of_its_lines(
    stated: str | None, subtotal: str | None, rest: str
) -> None:
    totals = ChannelTotals(
        discount=Decimal(stated) if stated else None,
        subtotal=Decimal(subtotal) if subtotal else None,
    )
    assert order_discount([a_line("100", "10")], totals) == Decimal(rest)
