"""Problems in another language: known again by their shape, whatever stands in their places."""

import re

import pytest
from babel.messages.pofile import read_po

from ordito.platform.problem_words import CONTEXT, say_problem
from ordito.platform.translations import catalogue_file

PLACE = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize(
    ("english", "polish"),
    [
        ("Not found", "Nie znaleziono"),
        ("There is no item “TEA-9”; correct the SKU.", "Nie ma towaru „TEA-9”; popraw SKU."),
        (
            "There is no item “TEA-9” on sale; correct the SKU.",
            "Towaru „TEA-9” nie ma w sprzedaży; popraw SKU.",
        ),
        (
            "More than 20,000 orders match. Narrow the filter; nothing was begun.",
            "Pasuje więcej zamówień niż 20\N{NO-BREAK SPACE}000. Zawęź filtr;"
            " niczego nie rozpoczęto.",
        ),
        ("A rate is 0 to 10 (1000 %).", "Stawka to od 0 do 10 (1000 %)."),
        (
            "The order is on hold. Nothing was changed.",
            "Zamówienie jest wstrzymane. Niczego nie zmieniono.",
        ),
        (
            "Use at least 10 characters. Don't use the e-mail address.",
            "Użyj co najmniej 10 znaków. Nie używaj adresu e-mail.",
        ),
        (
            "Of this nobody has heard. The file is empty. Of this neither.",
            "Of this nobody has heard. Plik jest pusty. Of this neither.",
        ),
        ("There is no item “”; correct the SKU.", "There is no item “”; correct the SKU."),
        ("Nobody has ever heard of this.", "Nobody has ever heard of this."),
        ("", ""),
    ],
)
def test_a_problem_is_said_in_polish_as_far_as_it_is_known(english: str, polish: str) -> None:
    assert say_problem(english, "pl_PL") == polish


def test_a_language_without_a_catalogue_hears_english() -> None:
    for locale in ("en_GB", "he"):
        assert say_problem("The file is empty.", locale) == "The file is empty."


def test_every_sentence_is_known_again_as_itself() -> None:
    """None is taken for another one whose places are wider."""
    with catalogue_file("pl").open("rb") as source:
        catalogue = read_po(source, locale="pl")
    known = {str(m.id): str(m.string) for m in catalogue if m.context == CONTEXT and m.string}
    mistaken = []
    for english, polish in known.items():
        values = {name: f"q{n}z" for n, name in enumerate(PLACE.findall(english))}
        if say_problem(english % values, "pl") != polish % values:
            mistaken.append((english, say_problem(english % values, "pl")))
    assert mistaken == []
    assert len(known) > 500
