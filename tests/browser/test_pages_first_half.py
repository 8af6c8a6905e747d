"""One half of the pages: accessible, quiet, ready for other languages, fit for a phone.

Two files, since two test processes share them.
"""

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Served
from tests.browser.pages import look_at_pages

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]


def test_the_first_half_of_the_pages_is_accessible_quiet_translatable_and_fits_a_phone(
    context: BrowserContext, served: Served, axe: str
) -> None:
    look_at_pages(context, served, axe, half=0)
