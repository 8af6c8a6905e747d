"""Webhooks as people manage them: real program, real receiver, real browser."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import make
from tests.browser.conftest import Served
from tests.browser.test_back_office import enter, listen
from tests.webhooks.receivers import Reply, receiving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def make_webhook(page: Page, url: str) -> str:
    """Make a webhook named Help desk by hand; returns its secret."""
    page.goto("/settings")
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Address").fill(url)
    page.get_by_label("Name").fill("Help desk")
    page.get_by_role("button", name="Save webhook").click()
    secret = page.get_by_label("Secret").input_value()
    page.get_by_role("link", name="Go to the webhook").click()
    return secret


def test_a_webhook_is_made_tried_out_and_sent_to_again(
    context: BrowserContext, served: Served
) -> None:
    page = context.new_page()
    heard = listen(page)
    with receiving() as receiver:
        enter(page)
        secret = make_webhook(page, receiver.url)
        page.get_by_role("button", name="Send a test").click()
        expect(page.locator("#webhook-state")).to_contain_text("webhook.pinged", timeout=20_000)
        receiver.reply = lambda _r: Reply(500, body=b"the queue is full")
        make.place(served.shop, {"tea": 1})
        expect(page.locator("#webhook-state")).to_contain_text("the queue is full", timeout=20_000)
        page.get_by_role("row", name="webhook.pinged").get_by_role("button").click()
        receiver.wait_for(3)
        page.get_by_role("button", name="Send again").first.click()
        page.get_by_role("button", name="Cancel").click()
        page.goto("/settings/webhooks")
        page.get_by_role("link", name="Help desk").click()
        page.get_by_label("More actions").click()

    assert secret.startswith("whsec_")
    assert secret not in page.content()
    assert heard == []


def test_wrong_entries_stay_in_the_form_with_their_faults(
    context: BrowserContext, served: Served
) -> None:
    page = context.new_page()
    enter(page)
    page.goto("/settings/webhooks/new")
    page.get_by_label("Address").fill("ftp://shop.example.com")
    page.get_by_role("button", name="Save webhook").click()

    expect(page.locator(".form-page")).to_contain_text("begins with https://")
    assert page.get_by_label("Address").input_value() == "ftp://shop.example.com"

    page.get_by_label("Single events").fill("order.placed Placed!")
    page.get_by_role("button", name="Save webhook").click()
    expect(page.locator(".form-page")).to_contain_text("“Placed!” is no name of an event")


def test_rotating_shows_a_new_secret_and_switching_off_says_so(
    context: BrowserContext, served: Served
) -> None:
    page = context.new_page()
    enter(page)
    old = make_webhook(page, "http://127.0.0.1:9/hooks")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Rotate secret").click()
    page.get_by_role("button", name="Rotate secret").click()
    new = page.get_by_label("Secret").input_value()
    page.get_by_role("link", name="Go to the webhook").click()
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Switch off").click()

    expect(page.locator("article")).to_contain_text("What happens meanwhile is told once it is on")
    page.get_by_label("More actions").click()
    page.get_by_role("button", name=re.compile("Delete webhook")).click()
    page.locator("dialog").get_by_role("button", name="Delete webhook").click()
    expect(page.locator("main")).to_contain_text("Nobody is told yet")
    assert new.startswith("whsec_")
    assert new != old
