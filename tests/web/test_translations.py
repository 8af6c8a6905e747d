"""Catalogues hold every text of the pages, and nothing that a page could break on."""

import re
import sys
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po

import ordito
import ordito.app.program  # Every problem is a class by then.
from ordito.platform.problems import Problem
from ordito.platform.translations import (
    PSEUDO_TAGS,
    catalogue_file,
    catalogue_names,
    pretend,
    translations,
)
from ordito.web.view_context import NOBODY

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from write_messages import TEMPLATE, files  # type: ignore[import-not-found]

SOURCE = Path(ordito.__file__).parent
RAISED = re.compile(r'raise ([A-Z]\w+)\(\s*"([^"{\\]+)"\s*[,)]')
"""A problem that is raised with plain words."""
PLACES = re.compile(r"%\(\w+\)[sd]|%%")


def test_the_catalogues_hold_the_texts_of_the_pages() -> None:
    stale = [path.name for path, text in files().items() if path.read_bytes() != text]
    assert stale == [], "run .venv/bin/python tools/write_messages.py"


@pytest.mark.parametrize("name", catalogue_names())
def test_a_translation_names_the_same_places_as_its_text(name: str) -> None:
    with catalogue_file(name).open("rb") as source:
        catalogue = read_po(source, locale=name)
    forms = len(Locale.parse(name).plural_form.tags) + 1
    faults = []
    for message in catalogue:
        if not message.id or not message.string:
            continue
        counted = not isinstance(message.id, str)
        msgid = message.id if isinstance(message.id, str) else message.id[-1]
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if counted and not any(texts):
            continue
        # A form for one thing may leave the number out: "an order" for "1 order".
        wanted = set(PLACES.findall(msgid)) - {"%%"}
        told = [set(PLACES.findall(text)) - {"%%"} for text in texts]
        may_lack = {"%(num)s"} | wanted - set(PLACES.findall(message.id[0])) if counted else set()
        whole = all(found <= wanted and wanted - found <= may_lack for found in told)
        if not whole or not all(texts) or (counted and len(texts) > forms):
            faults.append(message.id)
    assert faults == []


def test_a_language_without_a_catalogue_is_english() -> None:
    assert translations("en_GB").gettext("Orders") == "Orders"
    assert translations("he").ngettext("%(num)s order", "%(num)s orders", 2) == "%(num)s orders"


def test_a_pretend_language_lengthens_words_and_keeps_named_places() -> None:
    text = "Ship %(num)s units to %(place)s by <b>noon</b>, 100%% sure"
    shown = pretend(text)
    assert PLACES.findall(shown) == PLACES.findall(text)
    assert "<b>" in shown
    assert shown.startswith("[Šĥíp %(num)s")
    assert shown.endswith("·]")
    assert 1.2 < len(shown) / len(text) < 1.6
    assert translations("en_GB", "long").ngettext("one", "many", 1) == pretend("one")


def test_the_mirrored_language_runs_from_right_to_left() -> None:
    class_of = type(NOBODY)
    made = {
        pseudo: class_of(now=NOBODY.now, pseudo=pseudo).direction for pseudo in PSEUDO_TAGS.values()
    }
    assert made == {"long": "ltr", "mirrored": "rtl"}


def test_every_problem_of_pages_has_its_words_in_the_template() -> None:
    with TEMPLATE.open("rb") as source:
        told = {str(message.id) for message in read_po(source) if message.context == "problem"}
    assert {kind.title for kind in Problem.classes.values()} <= told
    names = {kind.__name__ for kind in Problem.classes.values()}
    raised = {
        text
        for part in ("api", "flows", "orders", "web")
        for file in (SOURCE / part).rglob("*.py")
        for name, text in RAISED.findall(file.read_text("utf-8"))
        if name in names
    }
    assert raised <= told
    assert len(raised) > 100


def test_polish_says_nearly_everything() -> None:
    with catalogue_file("pl").open("rb") as source:
        messages = [message for message in read_po(source, locale="pl") if message.id]
    silent = [message.id for message in messages if not any(message.string or ())]
    assert len(silent) <= len(messages) // 20, silent
