"""The pages that the program writes are those that are committed."""

from pathlib import Path

import msgspec

from ordito.platform.documents.problems import problems_page
from ordito.platform.documents.settings import field_docstrings, settings_page
from ordito.platform.problems import Problem
from ordito.platform.settings import Settings

DOCS = Path(__file__).parents[3] / "docs"
AGAIN = "run: python -m ordito.platform.documents"


def test_the_page_of_problems_is_current() -> None:
    assert (DOCS / "problems.md").read_text("utf-8") == problems_page(), AGAIN


def test_the_page_of_settings_is_current() -> None:
    assert (DOCS / "settings.md").read_text("utf-8") == settings_page(), AGAIN


def test_every_problem_says_in_words_what_it_means() -> None:
    problems_page()
    ours = [c for c in Problem.classes.values() if c.__module__.startswith("ordito.")]
    assert len(ours) > 20
    assert [c.slug for c in ours if not (c.__dict__.get("__doc__") or "").strip()] == []
    assert [c.slug for c in ours if not 400 <= c.status < 600] == []


def test_every_setting_says_in_words_what_it_does() -> None:
    names = [field.name for field in msgspec.structs.fields(Settings)]
    assert list(field_docstrings()) == names
    assert all(words.endswith(".") for words in field_docstrings().values())


def test_the_page_of_settings_names_defaults_choices_and_bounds() -> None:
    page = settings_page()
    assert "| `ORDITO_PORT` | `8000` | Port to listen on; 0 takes a free one. From 0 to" in page
    assert "One of `console`, `json`." in page
