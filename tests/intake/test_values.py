import contextlib
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordito.intake import values
from ordito.intake.values import (
    DecimalMark,
    Memo,
    Unreadable,
    looks_mangled,
    read_code,
    read_decimal,
    read_flag,
    read_money,
    read_price,
    read_quantity,
    read_rate,
    read_text,
)


def code_of(read: Callable[[], object]) -> str:
    with pytest.raises(Unreadable) as caught:
        read()
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("2.55", "point", "2.55"),
        (" -3 ", "point", "-3"),
        ("+3", "point", "3"),
        ("\u22123", "point", "-3"),
        (".5", "point", "0.5"),
        ("1,234.56", "point", "1234.56"),
        ("1,234,567", "point", "1234567"),
        ("1 234.56", "point", "1234.56"),
        ("2,55", "comma", "2.55"),
        ("1.234,56", "comma", "1234.56"),
        ("1\u00a0234\u202f567,8", "comma", "1234567.8"),
        ("1'234,50", "comma", "1234.50"),
        ("2.55", "either", "2.55"),
        ("2,55", "either", "2.55"),
        ("1.234,56", "either", "1234.56"),
        ("1,234.56", "either", "1234.56"),
        ("0.125", "either", "0.125"),
        ("1234.567", "either", "1234.567"),
        ("1.234.567", "either", "1234567"),
        ("0.1", "point", "0.1"),
    ],
)
def test_decimals_are_read_exactly(text: str, mark: DecimalMark, number: str) -> None:
    assert read_decimal(text, mark) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "mark", "code"),
    [
        ("", "point", "required"),
        ("abc", "point", "not-a-number"),
        ("1.234,56", "point", "not-a-number"),
        ("1,234.56", "comma", "not-a-number"),
        ("2,55", "point", "not-a-number"),
        ("12,34,567", "point", "not-a-number"),
        ("1.2.3", "either", "not-a-number"),
        ("£2.55", "point", "not-a-number"),
        ("(5.00)", "point", "not-a-number"),
        ("5-", "point", "not-a-number"),
        ("--5", "point", "not-a-number"),
        ("1_000", "point", "not-a-number"),
        ("\u0661\u0662", "point", "not-a-number"),
        ("1,234", "either", "ambiguous-number"),
        ("-1.234", "either", "ambiguous-number"),
        ("1e5", "point", "exponent"),
        ("5,90123E+12", "comma", "exponent"),
        ("NaN", "point", "not-finite"),
        ("-Infinity", "point", "not-finite"),
        ("inf", "either", "not-finite"),
        ("sNaN12", "point", "not-finite"),
        ("9" * 41, "point", "too-large"),
    ],
)
def test_what_is_no_plain_number_is_refused(text: str, mark: DecimalMark, code: str) -> None:
    assert code_of(lambda: read_decimal(text, mark)) == code


@given(st.text(max_size=60), st.sampled_from(["point", "comma", "either"]))
def test_any_text_is_a_finite_number_or_refused(text: str, mark: DecimalMark) -> None:
    with contextlib.suppress(Unreadable):
        assert read_decimal(text, mark).is_finite()


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12
    )
)
def test_a_plain_decimal_comes_back_as_it_was(number: Decimal) -> None:
    assert read_decimal(f"{number:f}", "point") == number
    assert read_decimal(f"{number:,f}", "point") == number
    assert read_decimal(f"{number:f}".replace(".", ","), "comma") == number


def test_quantities_are_whole_and_bounded() -> None:
    assert read_quantity("6.0") == 6
    assert read_quantity("-74215") == -74215
    assert read_quantity("1000000000") == 1_000_000_000
    assert code_of(lambda: read_quantity("1000000001")) == "too-large"
    assert code_of(lambda: read_quantity("99999999999999999999")) == "too-large"
    assert code_of(lambda: read_quantity("1.5")) == "fraction"
    assert code_of(lambda: read_quantity("1e5")) == "exponent"


def test_prices_have_up_to_six_decimals() -> None:
    assert read_price("0.001") == Decimal("0.001")
    assert read_price("-11062.06") == Decimal("-11062.06")
    assert read_price("2.5500000000") == Decimal("2.55")
    assert code_of(lambda: read_price("0.0000001")) == "too-many-decimals"
    assert code_of(lambda: read_price("1000000000000")) == "too-large"


def test_money_fits_its_currency() -> None:
    assert read_money("19.990", "EUR") == Decimal("19.99")
    assert read_money("1.234", "KWD") == Decimal("1.234")
    assert code_of(lambda: read_money("19.995", "EUR")) == "too-many-decimals"
    assert code_of(lambda: read_money("1.5", "JPY")) == "too-many-decimals"
    assert code_of(lambda: read_money("100000000000000000", "EUR")) == "too-large"


def test_rates_are_percent() -> None:
    assert read_rate("23 %") == Decimal(23)
    assert read_rate("8,5", "either") == Decimal("8.5")
    assert code_of(lambda: read_rate("123")) == "not-a-rate"
    assert code_of(lambda: read_rate("-1")) == "not-a-rate"


def test_codes_that_a_spreadsheet_mangled_are_recognised() -> None:
    assert looks_mangled("5,90123E+12")
    assert looks_mangled("5.90123412345712E+16")
    assert not looks_mangled("12E10")
    assert not looks_mangled("1E5")
    assert code_of(lambda: read_code("5,90123E+12")) == "mangled-number"


def test_codes_are_trimmed_and_bounded() -> None:
    assert read_code(" 85123A ") == "85123A"
    assert read_code("") == ""
    assert read_code("Ω-1") == "Ω-1"
    assert code_of(lambda: read_code("x" * 101)) == "too-long"
    assert code_of(lambda: read_code("a\nb")) == "control-character"


def test_texts_are_never_cut() -> None:
    assert read_text("  two\nlines ") == "two\nlines"
    assert code_of(lambda: read_text("x" * 301)) == "too-long"


def test_flags() -> None:
    assert read_flag("TRUE") is True
    assert read_flag(" no ") is False
    assert code_of(lambda: read_flag("maybe")) == "not-a-flag"


def test_a_memo_reads_each_text_once_and_keeps_why_it_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def read(text: str) -> int:
        asked.append(text)
        return read_quantity(text)

    memo = Memo(read)
    assert [memo["1"], memo["1"], memo["x"], memo["x"], memo[""], memo[" "]] == [1, 1] + [None] * 4
    assert asked == ["1", "x"]
    assert memo.faults["x"].code == "not-a-number"
    monkeypatch.setattr(values, "MEMO_MAX", 4)
    assert memo["2"] == 2
    assert dict(memo) == {"2": 2}
    assert memo.faults == {}
