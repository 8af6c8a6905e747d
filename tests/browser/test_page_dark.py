"""Every page can be read in the dark."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Served
from tests.browser.pages import open_page, paths, serious
from tests.browser.test_back_office import enter

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

# Another theme changes colours, nothing else.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def test_every_page_can_be_read_in_the_dark(
    context: BrowserContext, served: Served, axe: str
) -> None:
    addresses = paths(served)
    page = context.new_page()
    # Without motion: axe would measure colours half way from one theme to the other.
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    enter(page)
    faults: dict[str, Any] = {}
    seen = 0
    for path in addresses:
        if not open_page(page, path):
            continue
        page.evaluate(axe)
        if found := serious(page, COLOURS, whole=not seen):
            faults[path] = found
        seen += 1
    assert faults == {}, json.dumps(faults, indent=1)
    assert seen > 50
