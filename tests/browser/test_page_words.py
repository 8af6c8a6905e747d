"""Every page bears longer words, and a script that runs from right to left."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import EMAIL, Served
from tests.browser.pages import CUT, DESK, PHONE, open_page, paths
from tests.browser.test_back_office import enter

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

PLAIN = """() => [...document.querySelectorAll(
    "button:not([data-set-theme]), legend, thead th, .field-label, .field-hint, .tab, h2, caption"
)].filter(one => !one.closest(".problem")).map(one => one.textContent.trim())
    .filter(text => /[a-z]{3}/i.test(text) && !text.includes("["))
"""
"""Words of ours that no catalogue was asked for: in the pretend language all are in brackets."""


def test_every_page_bears_longer_words_and_a_script_that_runs_from_right_to_left(
    context: BrowserContext, served: Served
) -> None:
    addresses = paths(served)
    page = context.new_page()
    enter(page)
    with served.shop.db.connection() as conn:
        conn.execute("UPDATE platform.app_user SET locale = 'en-XB' WHERE email = %s", (EMAIL,))
    faults: dict[str, Any] = {}
    for path in addresses:
        if not open_page(page, path):
            continue
        found: dict[str, list[str]] = {}
        if path != "/nothing-here":  # Nobody's page, whoever asks for it.
            assert page.evaluate("document.documentElement.dir") == "rtl", path
            found["plain"] = page.evaluate(PLAIN)
        for direction in ("rtl", "ltr"):
            page.evaluate("way => { document.documentElement.dir = way; }", direction)
            for name, size in (("phone", PHONE), ("desk", DESK)):
                page.set_viewport_size(size)
                found[f"{name} {direction}"] = page.evaluate(CUT)
            rail, content = page.locator(".rail"), page.locator("#content")
            if rail.count():
                start, end = rail.bounding_box(), content.bounding_box()
                assert start
                assert end
                assert (start["x"] > end["x"]) == (direction == "rtl"), path
        if any(found.values()):
            faults[path] = {name: told for name, told in found.items() if told}
    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)
