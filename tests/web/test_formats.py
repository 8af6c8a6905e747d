"""Amounts and times as readers expect them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ordito.web import formats

LRM = "\u200e"
NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (123450, "EUR", "en_GB", "€1,234.50"),
        (-1999, "GBP", "en_GB", "−£19.99"),
        (5980, "JPY", "en_GB", "JP¥5,980"),
        (12345, "KWD", "en_GB", f"KWD{NBSP}12.345"),
        (1500, "IQD", "en_GB", f"IQD{NBSP}1.500"),
        (1234550, "PLN", "pl", f"12{NBSP}345,50{NBSP}zł"),
        (0, "PLN", "en_GB", f"PLN{NBSP}0.00"),
    ],
)
def test_money_has_the_digits_of_its_currency(
    minor: int, currency: str, locale: str, shown: str
) -> None:
    assert formats.money(minor, currency, locale) == shown


def test_a_minus_stays_at_its_number_in_right_to_left_text() -> None:
    assert formats.number(-3, "he").endswith("−3")
    assert LRM in formats.number(-3, "he")
    assert formats.number(-3, "en_GB") == "−3"


def test_a_price_keeps_every_digit_it_was_given() -> None:
    assert formats.price(Decimal("0.0125"), "EUR", "en_GB") == "€0.0125"
    assert formats.price(Decimal("12"), "EUR", "en_GB") == "€12.00"


def test_weights_change_unit_at_a_kilogram() -> None:
    assert formats.weight(999, "en_GB") == "999 g"
    assert formats.weight(1250, "en_GB") == "1.25 kg"


def test_a_date_names_its_year_only_when_it_is_another() -> None:
    today = datetime(2026, 11, 20, tzinfo=UTC).date()
    assert formats.short_date(today - timedelta(days=3), today, "en_GB") == "17 Nov"
    assert formats.short_date(today - timedelta(days=400), today, "en_GB") == "16 Oct 2025"


def test_clock_is_told_in_the_readers_zone() -> None:
    at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert formats.clock(at, ZoneInfo("Europe/Warsaw"), "pl") == "00:30"
    assert formats.machine_time(at.astimezone(ZoneInfo("Asia/Tokyo"))) == "2026-11-20T23:30:00Z"


def test_ages_have_one_unit_and_a_direction() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert formats.age(now - timedelta(hours=3), now, "en_GB") == "3 hr ago"
    assert formats.age(now + timedelta(days=2), now, "en_GB") == "in 2 days"
