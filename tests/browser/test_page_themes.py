"""Every page is accessible in light and dark, quiet on the console, and fits a phone."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import Served
from tests.browser.pages import CUT, DESK, PHONE, open_page, paths
from tests.browser.test_back_office import enter, listen
from tests.chromium import RULES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

# Another theme changes colours, nothing else.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
IN_MORE_CONTRAST = 20
"""Pages that are looked at in that theme, too: its colours are the same on all."""

MARKUP = "(document.body.innerText.match(/<\\/?(time|span|a|b|strong)\\b[^>]*>/g) || [])"
"""Markup that was taken for text."""


def serious(page: Page, rules: dict[str, Any]) -> list[str]:
    asked = rules | {"resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate("asked => axe.run(document, asked)", asked)[
        "violations"
    ]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_every_page_is_accessible_in_every_theme_and_fits_a_phone(
    context: BrowserContext, served: Served, axe: str
) -> None:
    addresses = paths(served)
    page = context.new_page()
    # Without motion: axe would measure colours half way from one theme to the other.
    page.emulate_media(reduced_motion="reduce")
    enter(page)
    heard = listen(page)
    faults: dict[str, Any] = {}
    seen = 0
    for path in addresses:
        if not open_page(page, path):
            continue
        seen += 1
        page.emulate_media(color_scheme="light", contrast="no-preference")
        page.evaluate(axe)
        found = {"light": serious(page, RULES)}
        page.emulate_media(color_scheme="dark")
        found["markup"] = page.evaluate(MARKUP)
        found["dark"] = serious(page, COLOURS)
        if seen <= IN_MORE_CONTRAST:
            page.emulate_media(contrast="more")
            found["contrast"] = serious(page, COLOURS)
        page.set_viewport_size(PHONE)
        found["phone"] = page.evaluate(CUT)
        page.set_viewport_size(DESK)
        found["desk"] = page.evaluate(CUT)
        if any(found.values()):
            faults[path] = {name: told for name, told in found.items() if told}
    assert faults == {}, json.dumps(faults, indent=1)
    assert [words for words in heard if "404" not in words] == []
    assert seen > 50
