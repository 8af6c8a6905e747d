"""The connection to a shop as people set it up."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_back_office import enter, listen
from tests.chromium import RULES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def keep(page: Page, name: str) -> None:
    """A picture of the page where ORDITO_TEST_PICTURES names a folder."""
    folder = os.environ.get("ORDITO_TEST_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_channel_is_connected_and_its_secrets_are_not_shown(
    context: BrowserContext, served: Served, axe: str
) -> None:
    page = context.new_page()
    enter(page)
    heard = listen(page)
    page.goto("/settings/channels/web")
    page.get_by_role("link", name="Shopify").click()
    expect(page.get_by_role("heading", name="Shopify connection")).to_be_visible()
    page.get_by_label("Address of the shop").fill("example.com")
    page.get_by_label("Admin API access token").fill("a-token-for-the-test")
    page.get_by_label("Secret that signs the webhooks").fill("a-secret-for-the-test")
    page.get_by_role("button", name="Save connection").click()
    expect(page.get_by_text("Write the address as name.myshopify.com.")).to_be_visible()
    heard.clear()
    page.get_by_label("Address of the shop").fill("tea.myshopify.com")
    page.get_by_label("Admin API access token").fill("a-token-for-the-test")
    page.get_by_label("Secret that signs the webhooks").fill("a-secret-for-the-test")
    page.get_by_role("button", name="Save connection").click()
    expect(page.get_by_role("heading", name="How it goes")).to_be_visible()
    assert "a-token-for-the-test" not in page.content()
    assert "a-secret-for-the-test" not in page.content()
    expect(page.get_by_label("Webhook address")).to_have_value(f"{served.url}/hooks/shopify/web")
    keep(page, "shop-1280")
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert found["violations"] == []
    page.set_viewport_size({"width": 375, "height": 800})
    keep(page, "shop-375")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 375
    page.emulate_media(color_scheme="dark")
    keep(page, "shop-375-dark")
    assert heard == []
