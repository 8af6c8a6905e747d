"""Element strings as GS1's General Specifications print them, and what is none."""

from datetime import date

import pytest

from ordito.kernel.gs1 import Elements, NotGs1, gtin_forms, looks_like_gs1, read_elements

TODAY = date(2026, 11, 22)
GS = "\x1d"

READ = [
    # As printed: GTIN with batch; with expiry, batch and serial number.
    ("(01)09506000134352(10)ABC123", Elements("09506000134352", lot="ABC123")),
    (
        "(01)09506000134376(17)201225(10)ABC(21)5678",
        Elements("09506000134376", lot="ABC", serial="5678", expires_on=date(2020, 12, 25)),
    ),
    # As scanned: a DataMatrix, a GS1-128 with a weight between.
    (
        f"]d201095060001343761727033110ABC{GS}215678",
        Elements("09506000134376", lot="ABC", serial="5678", expires_on=date(2027, 3, 31)),
    ),
    (
        f"]C101095060001343521126010231030012501{'0A'}{GS}3724",
        Elements("09506000134352", lot="A", made_on=date(2026, 1, 2), count=24),
    ),
    # A day of 00 is the month's last; identifiers that aren't asked for are passed over.
    (
        f"{GS}0109506000134352172702002401X{GS}10A-1",
        Elements("09506000134352", lot="A-1", expires_on=date(2027, 2, 28)),
    ),
    ("01095060001343521728020", None),
    ("(01)09506000134352(17)270230", None),
    ("(01)09506000134353(10)A", None),
    ("(01)09506000134352(10)", None),
    ("(01)09506000134352(10)A(10)B", None),
    ("(01)950600013435(10)A", None),
    ("(01)09506000134352(10)" + "A" * 21, None),
    ("]C1010950600013435", None),
    ("]C1XX", None),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_an_element_string_says_what_it_says(text: str, expected: Elements | None) -> None:
    assert looks_like_gs1(text)
    if expected is None:
        with pytest.raises(NotGs1):
            read_elements(text, today=TODAY)
    else:
        assert read_elements(text, today=TODAY) == expected


@pytest.mark.parametrize("text", ["A17", "4006381333931", "LOT(1)", "01-2026", "", "(A)1"])
def test_an_ordinary_code_is_no_element_string(text: str) -> None:
    assert not looks_like_gs1(text)


@pytest.mark.parametrize(
    ("digits", "expected"),
    [("270101", date(2027, 1, 1)), ("760101", date(2076, 1, 1)), ("770101", date(1977, 1, 1))],
)
def test_a_year_of_two_digits_is_of_the_nearest_century(digits: str, expected: date) -> None:
    read = read_elements(f"(01)09506000134352(17){digits}(10)A", today=TODAY)

    assert read.expires_on == expected


def test_an_item_number_is_known_in_its_shorter_forms() -> None:
    assert gtin_forms("09506000134352") == ["09506000134352", "9506000134352"]
    assert gtin_forms("00000096385074") == [
        "00000096385074",
        "0000096385074",
        "000096385074",
        "96385074",
    ]
