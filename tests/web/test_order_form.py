"""The form of a new order."""

from decimal import Decimal

import pytest

from ordito.platform.problems import InvalidInput
from ordito.web.order_form import OrderForm, TypedLine, ask_of, field_of, read_form


def form(**fields: str) -> OrderForm:
    given = {"channel": "phone", "country": "PL"} | fields
    return OrderForm(given, [TypedLine("tea", "2")])


def faults(asked: OrderForm) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        ask_of(asked, "EUR")
    return {field_of(fault): fault.code for fault in refused.value.errors}


def test_the_form_becomes_an_order() -> None:
    ask = ask_of(
        form(
            name="Anna Nowak", city="Łódź", shipping="4,50", discount="1.5", tax="23",
            tags="gift, , urgent", hold="payment", code="VIP-1",
        ),
        "EUR",
    )  # fmt: skip
    assert ask.ship_to
    assert (ask.ship_to.name, ask.ship_to.city, ask.ship_to.country) == ("Anna Nowak", "Łódź", "PL")
    assert [(a.kind, a.amount_minor) for a in ask.adjustments] == [
        ("shipping", 450),
        ("discount", 150),
    ]
    assert [tax.rate for tax in ask.lines[0].taxes] == [Decimal("0.23")]
    assert (ask.tags, ask.code) == (("gift", "urgent"), "VIP-1")
    assert [hold.reason for hold in ask.holds] == ["payment"]


def test_everything_wrong_is_told_at_once_beside_its_field() -> None:
    asked = form(shipping="a lot", discount="1.005")
    asked.lines.append(TypedLine("cup", "0"))
    assert faults(asked) == {
        "shipping": "no-number",
        "discount": "too-exact",
        "line-1": "out-of-range",
    }


def test_an_order_without_items_is_no_order() -> None:
    assert faults(OrderForm({"channel": "phone"}, [])) == {"item_query": "required"}


@pytest.mark.parametrize("text", ["-1", "NaN", "inf", "1e999", "²", "9" * 40])
def test_odd_amounts_are_refused(text: str) -> None:
    assert faults(form(shipping=text)) == {"shipping": "no-number"}


def test_what_was_typed_is_read_back_whatever_it_is() -> None:
    sent = [("sku", "tea"), ("quantity", "x"), ("sku", "cup"), ("quantity", "3"), ("note", " hi "),
            ("do", "place"), ("unknown", "1")]  # fmt: skip
    read = read_form(sent)
    assert [(line.sku, line.quantity) for line in read.lines] == [("tea", "x"), ("cup", "3")]
    assert read.fields == {"note": "hi"}


def test_the_same_item_again_is_one_more() -> None:
    asked = form()
    asked.add("tea")
    asked.add("cup")
    assert [(line.sku, line.quantity) for line in asked.lines] == [("tea", "3"), ("cup", "1")]


def test_a_line_is_parted_in_deliveries_with_days_of_their_own() -> None:
    asked = form(requested_on="2026-12-24")
    asked.lines[0].quantity = "21"
    asked.split(0)
    assert [(line.sku, line.quantity) for line in asked.lines] == [("tea", "11"), ("tea", "10")]
    assert asked.keys() == ["tea", "tea-2"]
    assert asked.dated() == [True, True]
    asked.lines[1].day = "2027-01-01"
    ask = ask_of(asked, "EUR")
    assert [str(line.requested_on) for line in ask.lines] == ["None", "2027-01-01"]
    assert str(ask.requested_on) == "2026-12-24", "of the line that says none itself"
    sent = [("sku", "tea"), ("quantity", "1"), ("day", ""), ("sku", "tea"), ("quantity", "2"),
            ("day", "2027-01-01")]  # fmt: skip
    assert [line.day for line in read_form(sent).lines] == ["", "2027-01-01"]
    asked.lines[1].day = "soon"
    assert faults(asked) == {"line-1": "date"}
    asked.lines[0].quantity = "many"
    asked.split(0)
    assert [line.quantity for line in asked.lines] == ["many", "10"], "nothing typed is lost"
    assert form().dated() == [False]
