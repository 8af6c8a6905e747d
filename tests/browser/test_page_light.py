"""Every page is accessible, quiet on the console, and fits a phone."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Served
from tests.browser.pages import CUT, DESK, PHONE, open_page, paths, serious
from tests.browser.test_back_office import enter, listen
from tests.chromium import RULES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

MARKUP = "(document.body.innerText.match(/<\\/?(time|span|a|b|strong)\\b[^>]*>/g) || [])"
"""Markup that was taken for text."""


def test_every_page_is_accessible_quiet_and_fits_a_phone(
    context: BrowserContext, served: Served, axe: str
) -> None:
    addresses = paths(served)
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    enter(page)
    heard = listen(page)
    faults: dict[str, Any] = {}
    seen = 0
    for path in addresses:
        if not open_page(page, path):
            continue
        page.evaluate(axe)
        found = {"axe": serious(page, RULES, whole=not seen), "markup": page.evaluate(MARKUP)}
        page.set_viewport_size(PHONE)
        found["phone"] = page.evaluate(CUT)
        page.set_viewport_size(DESK)
        found["desk"] = page.evaluate(CUT)
        if any(found.values()):
            faults[path] = {name: told for name, told in found.items() if told}
        seen += 1
    assert faults == {}, json.dumps(faults, indent=1)
    assert [words for words in heard if "404" not in words] == []
    assert seen > 50
