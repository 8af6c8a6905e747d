"""Texts are checked when they are saved, and filled in without a way out."""

from typing import Any

import pytest

from ordito.notifications.texts import (
    VARIABLES,
    Look,
    check_text,
    fill_text,
    ink_on,
    make_html,
    read_blocks,
)
from ordito.notifications.types import LOCALES, MAIL_KINDS, Locale, MailKind
from ordito.notifications.wording import (
    default_template,
    first_name_of,
    phrases,
    wished_language,
)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", MAIL_KINDS)
def test_every_text_that_comes_along_is_sound(kind: MailKind, locale: Locale) -> None:
    template = default_template(kind, locale)

    assert check_text(kind, template.subject, template.body) == []


def test_every_language_has_the_same_phrases() -> None:
    assert {frozenset(phrases(locale)) for locale in LOCALES} == {frozenset(phrases("en"))}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Hello\n{{ frist_name }}", "Line 2: there is no “frist_name”"),
        ("{{ first_name", "Line 1: "),
        ("{% if first_name %}x", "Line 1: "),
        ("{{ first_name.__class__ }}", "Line 1: only entries of a list have parts"),
        ("{{ 'a' * 999999999 }}", "Line 1: only names"),
        ("{{ lines|length }}", "Line 1: only names"),
        ("{{ total() }}", "Line 1: only names"),
        ("\n\n{% for x in range(9) %}{% endfor %}", "Line 3: “for” goes over one of lines"),
        ("{% for a in lines %}{% for b in lines %}x{% endfor %}{% endfor %}", "Line 1: “for” goes"),
        ("{% set x = 1 %}", "Line 1: only names"),
        ("{% include 'x' %}", "Line 1: only names"),
        ("{% for line in lines %}{{ line.price }}{% endfor %}", "Line 1: only entries"),
        ("{{ pickup_code }}", "Line 1: there is no “pickup_code”"),
    ],
)
def test_a_faulty_text_is_refused_with_its_place(body: str, words: str) -> None:
    faults = check_text("confirmed", "Subject", body)

    assert len(faults) == 1
    assert faults[0].pointer == "/body"
    assert faults[0].detail.startswith(words)


def test_blocks_are_paragraphs_lists_and_links_that_stand_alone() -> None:
    text = "Hi\nyou\n\n- one\n- two\nand\n\nhttps://x.example/t\n\nhttps://y.example"

    blocks = [(b.kind, b.lines) for b in read_blocks(text, ["https://x.example/t"])]

    assert blocks == [
        ("paragraph", ["Hi", "you"]),
        ("list", ["one", "two"]),
        ("paragraph", ["and"]),
        ("button", ["https://x.example/t"]),
        ("paragraph", ["https://y.example"]),
    ]


def test_a_missing_value_leaves_no_gap() -> None:
    values: dict[str, Any] = dict.fromkeys(VARIABLES["confirmed"], "") | {"lines": []}
    template = default_template("confirmed", "en")

    filled = fill_text(template.subject, template.body, values)

    assert filled.text.startswith("Hello,\n\nthank you")
    assert "\n\n\n" not in filled.text


def test_html_escapes_everything() -> None:
    look = Look("en", '"><script>', "#ffffff", "<i>")
    html = make_html(read_blocks("<img src=x onerror=1>"), look)

    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.parametrize(
    ("header", "locale"),
    [("", "de"), ("fr", "de"), ("en-GB,pl;q=0.9", "en"), ("fr;q=1, pl-PL;q=0.8, en;q=0.5", "pl")],
)
def test_the_browser_chooses_the_language(header: str, locale: str) -> None:
    assert wished_language(header, "de") == locale


def test_first_names() -> None:
    assert [first_name_of(n) for n in ("Anna Nowak", "Acme", "", "  ")] == ["Anna", "", "", ""]


def test_ink_reads_on_any_colour() -> None:
    assert [ink_on(c) for c in ("#000000", "#ffffff", "#ffff00", "#0b6660")] == [
        "#ffffff",
        "#000000",
        "#000000",
        "#ffffff",
    ]
