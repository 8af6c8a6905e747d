"""Mails in the back office, and the page that a shopper sees, in a real browser."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from ordito.notifications.tracking import ensure_link
from ordito.platform.access import SYSTEM
from tests import make
from tests.browser.conftest import Served
from tests.browser.test_back_office import NAUGHTY, enter, listen
from tests.chromium import RULES
from tests.flows import acts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ANNA = {"email": "anna@example.com", "name": "Anna Nowak"}
ADDRESS = {"country": "GB", "name": "Anna Nowak", "city": "Leeds", "postal_code": "LS1"}


def test_a_text_is_edited_with_a_preview_of_a_real_order(
    context: BrowserContext, served: Served
) -> None:
    order = make.place(served.shop, {"tea": 2}, customer=ANNA, ship_to=ADDRESS)
    page = context.new_page()
    heard = listen(page)
    enter(page)
    page.goto("/settings")
    page.get_by_role("link", name="Mails", exact=True).click()
    expect(page.get_by_text("No mail server is set up")).to_be_visible()
    page.get_by_role("link", name="Edit Order confirmed, English").click()
    preview = page.locator("#mail-preview")
    expect(preview).to_contain_text("Earl Grey")

    page.get_by_label("Preview with order").fill(str(order.number))
    expect(preview).to_contain_text("2 × Tea")
    page.get_by_label("Text", exact=True).fill("Hi {{ first_name }}, {{ nothing }}")
    expect(preview).to_contain_text("there is no “nothing”")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing was saved")).to_be_visible()
    page.get_by_label("Text", exact=True).fill(f"Hi {{{{ first_name }}}}, {NAUGHTY[:40]}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Version 1")).to_be_visible()
    page.get_by_role("button", name="Send me a test").click()
    expect(page.locator("#toasts")).to_contain_text("no mail server")

    # The refused text was answered with 422, of which the browser tells.
    assert [words for words in heard if "422" not in words] == []


def test_a_customer_is_written_to_from_the_order(context: BrowserContext, served: Served) -> None:
    order = make.place(served.shop, {"tea": 2}, customer=ANNA, ship_to=ADDRESS)
    page = context.new_page()
    heard = listen(page)
    enter(page)
    page.goto(f"/orders/{order.number}")
    page.get_by_role("button", name="Write").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("anna@example.com")
    dialog.get_by_label("Begin with").select_option("delayed")
    expect(dialog.get_by_label("Subject")).to_have_value(re.compile("takes longer"))
    dialog.get_by_label("Text").fill(f"Sorry!\n\n{NAUGHTY}")
    dialog.get_by_role("button", name="Send mail").click()

    expect(page.locator("#toasts")).to_contain_text("The mail waits")
    expect(page.locator(".timeline")).to_contain_text("Wrote to the customer")
    expect(page.locator(".timeline")).to_contain_text("<script>")
    assert heard == []


def test_a_shopper_sees_the_order_on_a_phone(
    context: BrowserContext,
    served: Served,
    axe: str,
) -> None:
    order = make.place(served.shop, {"tea": 2}, customer=ANNA, ship_to=ADDRESS)
    acts.release(served.shop, order.id)
    acts.pick(served.shop, order.id)
    acts.pack(served.shop, order.id)
    acts.ship(served.shop, order.id, {1: 1})
    with served.shop.db.transaction(SYSTEM) as tx:
        path = ensure_link(tx, order.id)
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    heard = listen(page)
    page.goto(path)

    expect(page.get_by_role("heading", level=1)).to_contain_text("A part of your order is on its")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    assert [fault["id"] for fault in found["violations"]] == []
    assert heard == []

    gone = page.goto("/t/" + "a" * 32)
    assert gone is not None
    assert gone.status == 404
    expect(page.get_by_role("heading", name="There is no order here")).to_be_visible()
