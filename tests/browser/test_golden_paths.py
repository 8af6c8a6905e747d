"""From the list to the carrier with the keyboard alone, and with a thumb on a phone."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests import make
from tests.browser.conftest import EMAIL, PASSWORD, Served
from tests.browser.test_back_office import enter, listen

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go to it with Tab, see that its focus shows, and press."""
    expect(target).to_be_visible()
    for _step in range(120):
        if target.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail(f"the Tab key never comes to {target}")
    ring = target.evaluate(
        "one => { const style = getComputedStyle(one);"
        " return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; }"
    )
    assert ring, f"nothing shows that {target} has the focus"
    page.keyboard.press(key)


def test_an_order_is_shipped_by_keyboard_alone(context: BrowserContext, served: Served) -> None:
    order = make.place(served.shop, {"tea": 2})
    page = context.new_page()
    heard = listen(page)
    enter(page)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"#{order.number}")).to_be_visible()
    press(page, page.get_by_role("button", name="Release to picking").first)
    expect(page.locator("#toasts")).to_contain_text("Released to picking")
    press(page, page.get_by_role("link", name="Pick", exact=True).first)
    expect(page.locator(".floor-title")).to_have_text("Tea")
    page.wait_for_load_state()
    press(page, page.get_by_role("button", name="Took them"))
    expect(page.get_by_role("heading", name="All picked")).to_be_visible()
    press(page, page.get_by_role("link", name="Pack now"))
    expect(page.get_by_label(f"Pack #{order.number}")).to_be_visible()
    page.wait_for_load_state()
    press(page, page.get_by_role("button", name="All picked units are in"))
    expect(page.locator(".bench")).to_contain_text("2 of 2")
    carrier = page.get_by_label("Carrier")
    press(page, carrier, "End")
    page.keyboard.type("DHL")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/fulfillment\?location="))
    page.goto(f"/orders/{order.number}")
    expect(page.locator(".timeline")).to_contain_text("2 units shipped from")
    assert heard == []


def test_an_order_is_shipped_on_a_phone(browser: Browser, served: Served) -> None:
    order = make.place(served.shop, {"tea": 2})
    context = browser.new_context(
        base_url=served.url,
        viewport={"width": 375, "height": 760},
        is_mobile=True,
        has_touch=True,
    )
    context.set_default_timeout(8_000)
    page = context.new_page()
    heard = listen(page)
    page.goto("/orders")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").tap()
    expect(page).to_have_url(re.compile(r"/orders$"))
    more = page.locator(".bottom-more > summary")
    more.tap()
    page.get_by_role("link", name="Locations").tap()
    expect(page).to_have_url(re.compile(r"/locations$"))
    page.locator(".bottom-bar").get_by_role("link", name="Fulfillment").tap()
    page.goto("/fulfillment?location=A")
    page.get_by_role("link", name=re.compile(f"#{order.number}")).first.tap()
    page.get_by_role("button", name="Release to picking").first.tap()
    page.get_by_role("link", name="Pick", exact=True).first.tap()
    page.wait_for_load_state()
    page.get_by_role("button", name="Took them").tap()
    page.get_by_role("link", name="Pack now").tap()
    page.wait_for_load_state()
    page.get_by_role("button", name="All picked units are in").tap()
    expect(page.locator(".bench")).to_contain_text("2 of 2")
    page.get_by_label("Carrier").fill("DHL")
    page.get_by_role("button", name="Close parcel and ship").tap()
    expect(page).to_have_url(re.compile(r"/fulfillment\?location="))
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert heard == []
    context.close()
