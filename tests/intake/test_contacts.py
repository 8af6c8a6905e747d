import pytest

from ordito.intake.contacts import read_country, read_email, read_phone, read_postal_code
from ordito.intake.values import Unreadable


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United Kingdom", "GB"),
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("Channel Islands", "JE"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("gb", "GB"),
        ("UK", "GB"),
        ("DEU", "DE"),
        ("Czech Republic", "CZ"),
        ("Hong Kong", "HK"),
        ("Polska", "PL"),
        ("Österreich", "AT"),
        ("España", "ES"),
        (" united arab emirates ", "AE"),
        ("Unspecified", ""),
        ("European Community", ""),
        ("", ""),
        ("n/a", ""),
    ],
)
def test_countries_are_known_by_code_and_by_name(name: str, code: str) -> None:
    assert read_country(name) == code


@pytest.mark.parametrize("name", ["Narnia", "XX", "ZZ", "QQQ", "12", "Europe"])
def test_an_unknown_country_is_refused(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_country(name)
    assert caught.value.code == "country-unknown"


def test_phone_numbers_become_e164() -> None:
    assert read_phone("601 234 567", "PL") == "+48601234567"
    assert read_phone("'+48 601 234 567", "") == "+48601234567"
    assert read_phone("020 7946 0018", "GB") == "+442079460018"
    for text, country in (("601 234 567", ""), ("call me", "PL"), ("1" * 80, "PL"), ("", "PL")):
        with pytest.raises(Unreadable):
            read_phone(text, country)


def test_emails() -> None:
    assert read_email(" Jan.Kowalski+x@Example.com ") == "Jan.Kowalski+x@Example.com"
    for text in ("", "jan", "jan@", "@x.pl", "a@b@c", "a b@c.pl", "x" * 250 + "@a.pl"):
        with pytest.raises(Unreadable):
            read_email(text)


def test_postal_codes_get_their_lost_zeros_back() -> None:
    assert read_postal_code("'75008", "FR") == "75008"
    assert read_postal_code("2134", "US") == "02134"
    assert read_postal_code("501", "US") == "00501"
    assert read_postal_code("1067", "DE") == "01067"
    assert read_postal_code("1234 AB", "NL") == "1234 AB"
    assert read_postal_code("1010", "AT") == "1010"
    assert read_postal_code("12", "US") == "12"
    with pytest.raises(Unreadable):
        read_postal_code("x" * 21, "PL")
