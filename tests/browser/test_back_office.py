"""The back office as people use it: real program, real database, real browser."""

import re

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, expect

from tests import make
from tests.browser.conftest import EMAIL, PASSWORD, Served

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAUGHTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{7*7}}"


def enter(page: Page) -> None:
    """Sign in by keyboard alone."""
    page.goto("/orders")
    expect(page).to_have_url(re.compile(r"/login\?next=/orders$"))
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/orders$"))


def listen(page: Page) -> list[str]:
    """What the page complains about from now on."""
    heard: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            heard.append(message.text)

    def dialog_(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("console", console)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", dialog_)
    return heard


def scan(page: Page, code: str) -> None:
    """Type as a wedge scanner does, wherever the focus is."""
    page.evaluate(
        """code => {
            const type = key => document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            for (const letter of code) type(letter);
            type("Enter");
        }""",
        code,
    )


def test_an_order_goes_from_the_list_to_the_carrier(
    context: BrowserContext, served: Served
) -> None:
    with served.shop.db.connection() as conn:
        conn.execute(
            "INSERT INTO catalog.barcode (code, code_key, item_id)"
            " VALUES ('5012345678900', '5012345678900', %s)",
            (served.shop.items["tea"],),
        )
    order = make.place(served.shop, {"tea": 2})
    page = context.new_page()
    heard = listen(page)
    enter(page)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"#{order.number}")).to_be_visible()

    page.get_by_role("button", name="Release to picking").first.click()
    expect(page.locator("#toasts")).to_contain_text("Released to picking")
    # The page follows by itself: the next step is offered without a reload.
    page.get_by_role("link", name="Pick", exact=True).first.click()
    expect(page.locator(".floor-title")).to_have_text("Tea")
    page.wait_for_load_state()
    scan(page, "0000000000000")
    expect(page.locator("[data-outcome=wrong]")).to_contain_text("No item has the code")
    scan(page, "5012345678900")
    expect(page.locator("[data-outcome=right]")).to_contain_text("1 of 2 taken")
    scan(page, "5012345678900")
    expect(page.get_by_role("heading", name="All picked")).to_be_visible()

    page.get_by_role("link", name="Pack now").click()
    expect(page.get_by_label(f"Pack #{order.number}")).to_be_visible()
    page.wait_for_load_state()  # A person takes longer to scan than the script to load.
    for packed in (1, 2):
        scan(page, "5012345678900")
        expect(page.locator("[data-outcome=right]")).to_contain_text(f"{packed} of 2")
    page.get_by_label("Carrier").fill("DHL")
    page.get_by_label("Tracking number").fill("JJD0003")
    page.get_by_role("button", name="Close parcel and ship").click()
    expect(page).to_have_url(re.compile(r"/fulfillment\?location="))
    page.goto(f"/orders/{order.number}")
    expect(page.locator(".timeline")).to_contain_text("2 units shipped from")
    expect(page.locator(".timeline")).to_contain_text("JJD0003")
    assert heard == []


def test_a_second_page_follows_and_the_list_tells_of_new_orders(
    context: BrowserContext, served: Served
) -> None:
    order = make.place(served.shop, {"tea": 1})
    acting, watching = context.new_page(), context.new_page()
    enter(acting)
    watching.goto(f"/orders/{order.number}")
    expect(watching.locator("[data-connection]")).to_have_attribute("data-state", "live")
    acting.goto(f"/orders/{order.number}")
    watching.bring_to_front()
    acting.get_by_label("Note for your colleagues").fill("Call before noon")
    acting.get_by_role("button", name="Add note").click()
    expect(watching.locator(".timeline")).to_contain_text("Call before noon")


def test_what_people_write_is_shown_as_text(context: BrowserContext, served: Served) -> None:
    address = {"country": "PL", "name": NAUGHTY[:300], "city": NAUGHTY[:60]}
    order = make.place(served.shop, {"tea": 1}, ship_to=address)
    page = context.new_page()
    heard = listen(page)
    enter(page)
    page.goto(f"/orders/{order.number}")
    page.get_by_label("Note for your colleagues").fill(NAUGHTY)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".timeline")).to_contain_text("{{7*7}}")
    expect(page.locator("address")).to_contain_text("<script>alert(1)</script>")
    page.goto("/orders")
    expect(page.locator("tbody")).to_contain_text("<script>")
    assert heard == []
