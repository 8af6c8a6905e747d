"""Home, and an order typed in by keyboard alone."""

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import make
from tests.browser.conftest import EMAIL, PASSWORD, Served
from tests.browser.test_back_office import enter, listen, pytestmark  # noqa: F401
from tests.chromium import RULES
from tests.flows import acts
from tests.web.test_pages import serious


def test_home_shows_what_needs_someone_and_follows(
    context: BrowserContext,
    served: Served,
    axe: Any,
) -> None:
    order = make.place(served.shop, {"tea": 50})
    page = context.new_page()
    heard = listen(page)
    page.goto("/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/home$"))
    row = page.locator(".need").first
    expect(row).to_contain_text(f"#{order.number}")
    expect(page.get_by_role("heading", name="Orders waiting for stock")).to_be_visible()
    tile = page.locator("[data-cell=tile-placed]")
    expect(tile).to_have_text("1")
    assert serious(page, axe, RULES) == []

    make.receive(served.shop, {"A": {"tea": 90}})
    row.get_by_role("button", name="Look for stock").click()
    expect(page.locator("#toasts")).to_contain_text("Stock was found")
    expect(page.get_by_text("Nothing needs you")).to_be_visible()
    make.place(served.shop, {"tea": 1})
    expect(tile).to_have_text("2")
    assert heard == []


def type_order(page: Page) -> None:
    page.goto("/orders/new")
    page.wait_for_load_state()
    page.keyboard.type("tea")
    page.keyboard.press("Enter")
    expect(page.locator(".new-line")).to_have_count(1)
    page.get_by_label("Units of tea").fill("12")
    page.keyboard.press("Enter")


def test_an_order_is_typed_placed_and_cloned_once(
    context: BrowserContext,
    served: Served,
    axe: Any,
) -> None:
    page = context.new_page()
    heard = listen(page)
    enter(page)
    type_order(page)
    side = page.locator(".new-side")
    expect(side).to_contain_text("€120.00")
    expect(page.locator(".new-line")).to_contain_text("from")
    page.locator("#field-name").fill("Łucja Żak")
    page.get_by_label("City").fill("Łódź")
    page.get_by_label("Shipping in EUR").fill("a lot")
    assert serious(page, axe, RULES) == []

    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("alert").first).to_contain_text("not placed")
    expect(page.get_by_label("City")).to_have_value("Łódź")
    with served.shop.db.connection() as conn:
        assert conn.execute("SELECT count(*) FROM orders.sales_order").fetchone() == (0,)
    page.get_by_label("Shipping in EUR").fill("4,50")
    page.keyboard.press("Enter")
    expect(side).to_contain_text("€124.50")
    page.get_by_role("button", name="Place order").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/orders/\d+$"))
    expect(page.locator("#order")).to_contain_text("€124.50")
    expect(page.locator("#order")).to_contain_text("Łucja Żak")

    page.locator("#order").get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Place it again").click()
    expect(page.get_by_label("Units of tea")).to_have_value("12")
    expect(page.get_by_label("City")).to_have_value("Łódź")
    expect(page.get_by_label("Shipping in EUR")).to_have_value("4.50")

    # A double click sends it once: the second press is no request that the key has to catch.
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.post_data or ""))
    page.get_by_role("button", name="Place order").dblclick()
    expect(page).to_have_url(re.compile(r"/orders/\d+$"))
    assert sum("place" in body for body in sent) == 1
    with served.shop.db.connection() as conn:
        assert conn.execute("SELECT count(*) FROM orders.sales_order").fetchone() == (2,)
    # 422 is a form with its faults.
    assert [text for text in heard if "422" not in text] == []


def test_home_and_the_new_order_fit_a_phone(browser: Browser, served: Served) -> None:
    make.place(served.shop, {"tea": 50})
    context = browser.new_context(
        base_url=served.url, viewport={"width": 375, "height": 812}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    enter(page)
    for path in ("/home", "/orders/new"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path
    context.close()


def test_papers_come_from_the_order_the_board_and_the_list(
    context: BrowserContext, served: Served
) -> None:
    order = make.place(served.shop, {"tea": 2})
    code = order.fulfillment_orders[0].location
    acts.release(served.shop, order.id)
    page = context.new_page()
    enter(page)
    for path in (
        f"/orders/{order.number}/work/1/slip.pdf",
        f"/fulfillment/pick-list.pdf?location={code}",
    ):
        answer = context.request.get(path)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf"), path
    assert context.request.get(f"/fulfillment/slips.pdf?location={code}").status == 404
    page.keyboard.press("j")
    page.keyboard.press("x")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Print packing slips").click()
    expect(opened.value).to_have_url(re.compile("/orders/papers$"))
    # The list is ready for the next act.
    expect(page.locator("form[data-busy]")).to_have_count(0)
