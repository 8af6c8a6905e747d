"""Templates: safe, complete, and told in the reader's language and zone."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import UndefinedError

from ordito.web import rendering
from ordito.web.navigation import PLACES
from ordito.web.rendering import environment, render
from ordito.web.statuses import STATUSES
from ordito.web.view_context import ViewContext

NOW = datetime(2026, 11, 20, 13, 20, tzinfo=UTC)
EVERYTHING = frozenset(place.permission for place in PLACES)


def view(**values: Any) -> ViewContext:
    return ViewContext(now=NOW, **{"timezone": "Europe/Warsaw"} | values)


def shown(source: str, reader: ViewContext, **context: Any) -> str:
    """A few words of template, rendered for a reader."""
    token = rendering._view.set(reader)
    try:
        return environment().from_string(source).render(**context)
    finally:
        rendering._view.reset(token)


LOGIN: dict[str, Any] = {"email": "", "faults": [], "next_path": "/", "demo_login": None}


@pytest.mark.usefixtures("assets")
def test_what_people_wrote_is_text_never_markup() -> None:
    html = render("login.html", view(), **LOGIN | {"email": '"><script>alert(1)</script>'})
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.usefixtures("assets")
def test_translated_sentences_escape_what_is_put_into_them() -> None:
    html = shown('{{ _("Nothing found for “%(query)s”.", query=query) }}', view(), query="<b>")
    assert html == "Nothing found for “&lt;b&gt;”."


@pytest.mark.usefixtures("assets")
def test_a_missing_value_raises_instead_of_leaving_a_gap() -> None:
    with pytest.raises(UndefinedError, match="email"):
        render("login.html", view(), faults=[], next_path="/", demo_login=None)


@pytest.mark.usefixtures("assets")
def test_the_reader_of_one_page_is_not_the_reader_of_the_next() -> None:
    render("login.html", view(locale="he"), **LOGIN)
    assert 'lang="en-GB" dir="ltr"' in render("login.html", view(), **LOGIN)
    assert 'lang="he" dir="rtl"' in render("login.html", view(locale="he"), **LOGIN)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "Today 14:20"),
        (-14, "Today 00:20"),
        (-15, "Yesterday 23:20"),
        (10, "Tomorrow 00:20"),
        (-72, "17 Nov 14:20"),
        (24 * 60, "19 Jan 2027 14:20"),
    ],
)
def test_days_are_named_in_the_readers_zone(hours: int, words: str) -> None:
    at = NOW + timedelta(hours=hours)
    html = shown("{{ at|when }}", view(), at=at)
    assert f">{words}</time>" in html
    assert 'title="' in html
    inside = shown(
        "{{ _('Placed %(when)s', when=at|when(inside=true)) }}",
        view(),
        at=NOW + timedelta(hours=hours),
    )
    assert f">{words[0].lower()}{words[1:]}</time>" in inside


def test_by_day_keeps_the_order_and_names_each_day_once() -> None:
    entries = [SimpleNamespace(at=NOW - timedelta(hours=hours)) for hours in (0, 1, 20, 21)]
    html = shown(
        "{% for day, run in entries|by_day %}{{ day }}:{{ run|length }} {% endfor %}",
        view(),
        entries=entries,
    )
    assert html == "Today:2 Yesterday:2 "


@pytest.mark.usefixtures("assets")
def test_a_bare_date_is_named_as_that_day_whatever_the_zone() -> None:
    source = "{{ on|day }}"
    honolulu = view(timezone="Pacific/Honolulu")
    html = shown(source, honolulu, on=date(2026, 11, 24))
    day = '<time datetime="2026-11-24" title="Tuesday, 24 November 2026">24 Nov</time>'
    assert html == day
    assert "Today" in shown(source, honolulu, on=date(2026, 11, 20))


def test_every_axis_that_a_template_names_has_states() -> None:
    named = {
        axis
        for path in rendering.TEMPLATES.rglob("*.html")
        for axis in re.findall(r'badge\("([a-z_]+)"', path.read_text())
    }
    assert named - set(STATUSES) == set()
    assert len(named) > 10


def test_every_plural_form_of_the_language_is_handed_to_scripts() -> None:
    source = '{{ plural_forms("%(num)s order", "%(num)s orders")|tojson }}'
    assert shown(source, view()) == '{"one": "%(num)s order", "other": "%(num)s orders"}'
    assert set(eval(shown(source, view(locale="pl")))) == {"one", "few", "many"}


def test_initials_are_two_letters_at_most() -> None:
    words = {"Anna Maria Kowalska": "AK", "Ordito": "O", "": "", "  ": "", "名 前": "名前"}
    for name, letters in words.items():
        assert rendering.initials(name) == letters


def test_the_rail_offers_only_what_the_reader_may_open() -> None:
    source = "{% for entry in rail() %}{{ entry.place.key }}{{ '*' if entry.current }} {% endfor %}"
    reader = view(permissions=EVERYTHING, path="/orders/1042")
    assert shown(source, reader) == (
        "home orders* fulfillment inventory customers products locations inbox settings "
    )
    assert shown(source, view(permissions=frozenset(["inventory.read"]))) == "home inventory "
    assert shown(source, view()) == ""


def templates() -> list[str]:
    return [name for name in environment().list_templates() if name.endswith(".html")]


@pytest.mark.parametrize("name", templates())
def test_a_template_compiles_and_obeys_the_content_security_policy(name: str) -> None:
    environment().get_template(name)
    source = (Path(rendering.TEMPLATES) / name).read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|js:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', source)


@pytest.mark.parametrize("name", templates())
def test_a_template_leaves_no_words_outside_of_translation(name: str) -> None:
    source = (Path(rendering.TEMPLATES) / name).read_text("utf-8")
    markup = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
    bare = re.sub(r'<[^>]*>| [a-z-]+="[^"]*"| (?:required|data-scan)\b', " ", markup)
    proper = {"Ordito", "SKU", "button"}  # the last is part of a class name
    words = set(re.findall(r"[A-Za-z]{3,}", bare)) - proper
    assert words == set() or name == "design.html", words
    told = r'\b(?:placeholder|title|aria-label|alt|label)="([^"]*[A-Za-z]{3}[^"]*)"'
    assert [text for text in re.findall(told, markup) if text not in proper] == []


# A customer on the tracking page has neither script nor session: a choice is decided once.
@pytest.mark.parametrize("name", [name for name in templates() if not name.startswith("track/")])
def test_a_form_that_posts_is_sent_once(name: str) -> None:
    source = (Path(rendering.TEMPLATES) / name).read_text("utf-8")
    for form in re.findall(r'<form\b[^>]*method="post".*?</form>', source, re.DOTALL):
        head = form[: form.index(">")]
        # Each scan is an act of its own: two in a row are two units.
        assert "data-once" in head or "data-scan-form" in head, head
        assert "form_tokens()" in form, "the key that makes sending twice one act"
