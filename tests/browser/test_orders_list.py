"""The orders list as people live in it: by keyboard alone, on a phone, with a screen reader."""

import csv
import io
import json
import re
import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from python_calamine import CalamineWorkbook

from tests import make
from tests.browser.conftest import Served
from tests.browser.test_back_office import enter, listen
from tests.chromium import RULES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def place(served: Served, count: int, **fields: object) -> list[int]:
    return [make.place(served.shop, {"tea": 1}, **fields).number for _ in range(count)]


def shown(page: Page, count: int) -> None:
    """The list has so many rows: its search follows a moment behind."""
    expect(page.locator("tbody [data-row]")).to_have_count(count)


def focus(page: Page, name: str) -> None:
    """Tab to what has this name."""
    for _ in range(60):
        page.keyboard.press("Tab")
        text = page.evaluate(
            "(document.activeElement.textContent || document.activeElement.ariaLabel || '').trim()"
        )
        if text.startswith(name):
            return
    raise AssertionError(f"{name} can't be reached by Tab")


def test_orders_are_selected_tagged_and_saved_as_a_view_by_keyboard_alone(
    context: BrowserContext, served: Served
) -> None:
    numbers = place(served, 4)
    page = context.new_page()
    heard = listen(page)
    enter(page)
    page.wait_for_load_state()
    shown(page, 4)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    bar = page.locator("[data-selection-bar]")
    expect(bar).to_contain_text("3 selected")
    expect(bar).to_contain_text("€30.00")

    focus(page, "Tag")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tag orders")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_label("Tag").focus()
    page.keyboard.type("sale")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/orders/jobs/"))
    expect(page.locator("#job")).to_contain_text("Finished")
    expect(page.locator("#job")).to_contain_text("3 orders done")

    page.goto("/orders?view=all&edited=1&tag=sale")
    shown(page, 3)
    assert str(numbers[0]) not in page.locator("tbody").inner_text()
    focus(page, "Save as a new view")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_visible()
    page.get_by_label("Name").focus()
    page.keyboard.type("On sale")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"view=[0-9a-f-]{36}$"))
    tab = page.locator(".tab[aria-current=page]")
    expect(tab).to_contain_text("On sale")
    expect(tab).to_contain_text("3")
    assert heard == []


def test_all_that_match_on_every_page_are_held(context: BrowserContext, served: Served) -> None:
    place(served, 3)
    place(served, 2, tags=["gift"])
    page = context.new_page()
    heard = listen(page)
    enter(page)
    page.goto("/orders?view=all&edited=1&tag=gift")
    shown(page, 2)
    page.get_by_label("Select all rows of this page").check()
    page.get_by_label("All that match, on every page").check()
    page.get_by_role("button", name="Hold", exact=True).click()
    expect(page.get_by_text("all that match the filter")).to_be_visible()
    page.get_by_label("Reason").select_option("recall")
    page.get_by_role("button", name="Put orders on hold").click()
    expect(page.locator("#job")).to_contain_text("2 orders done")
    # The list follows a moment behind, and rows that come don't jump in: it is loaded anew.
    rows, ends = page.locator("tbody [data-row]"), time.monotonic() + 15
    page.goto("/orders?view=held")
    while rows.count() != 2 and time.monotonic() < ends:
        page.reload()
    shown(page, 2)
    assert heard == []


def test_what_was_refused_is_told_and_can_be_tried_again(
    context: BrowserContext, served: Served
) -> None:
    (number,) = place(served, 1)
    page = context.new_page()
    enter(page)
    page.wait_for_load_state()
    shown(page, 1)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="Release holds").click()
    page.get_by_role("button", name="Release holds").click()
    expect(page.locator("#job")).to_contain_text("1 refused")
    expect(page.get_by_role("row", name=f"#{number}")).to_contain_text("No hold is open")
    page.get_by_role("button", name="Try the refused again").click()
    expect(page.locator("#job")).to_contain_text("orders that were refused before")


def test_chips_say_what_is_filtered_and_are_edited_in_place(
    context: BrowserContext, served: Served
) -> None:
    place(served, 2)
    page = context.new_page()
    heard = listen(page)
    enter(page)
    page.goto("/orders?view=all&edited=1&assignee=nobody&add=value")
    shown(page, 2)
    expect(page.locator(".chip", has_text="Assignee")).to_contain_text("Nobody")
    page.get_by_label("From").fill("5")
    page.get_by_role("button", name="Apply").last.click()
    expect(page.locator(".chip", has_text="Value")).to_contain_text("5 – … EUR")
    shown(page, 2)
    page.get_by_role("link", name="Remove filter Value").click()
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".chip-words")).to_have_count(0)
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Assignee").check()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="Assignee")).to_be_visible()
    assert heard == []


def test_an_order_is_assigned_on_its_page(context: BrowserContext, served: Served) -> None:
    (number,) = place(served, 1)
    page = context.new_page()
    enter(page)
    page.goto(f"/orders/{number}")
    page.locator("#order summary", has_text="More").click()
    page.get_by_role("button", name="Assign…").click()
    page.get_by_role("dialog").get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator(".timeline")).to_contain_text("Assigned to Kasia Nowak")
    expect(page.locator(".order-meta")).to_contain_text("Kasia Nowak")
    page.goto("/orders?view=mine")
    shown(page, 1)


def test_files_are_safe_to_open_and_hold_numbers(context: BrowserContext, served: Served) -> None:
    address = {"country": "PL", "name": "=1+1", "city": "Łódź"}
    (number,) = place(served, 1, ship_to=address)
    page = context.new_page()
    enter(page)
    shown(page, 1)
    text = page.request.get("/orders.csv?view=all").body().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["number"], row["customer"], row["total"]) == (str(number), "'=1+1", "10.00")
    book = page.request.get("/orders.xlsx?view=all").body()
    head, cells = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    found = dict(zip(head, cells, strict=True))
    assert (found["number"], found["customer"], found["total"]) == (number, "=1+1", 10.0)


def test_the_list_and_its_jobs_are_accessible_light_and_fit_a_phone(
    context: BrowserContext, served: Served, axe: str
) -> None:
    place(served, 50)
    page = context.new_page()
    heard = listen(page)
    enter(page)
    shown(page, 50)
    assert len(page.request.get("/orders").body()) < 150_000
    faults: dict[str, object] = {}
    for path in (
        "/orders?view=all&edited=1&life=open&tag=x&add=placed", "/orders?view=mine&add=country",
        "/orders/bulk/export?view=all", "/orders/jobs", "/orders/views/new?view=late",
        "/orders/views/arrange",
    ):  # fmt: skip
        page.goto(path)
        page.evaluate(axe)
        found = page.evaluate(f"axe.run(document, {json.dumps(RULES)})")["violations"]
        serious = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found
                   if v["impact"] in ("serious", "critical")]  # fmt: skip
        page.set_viewport_size({"width": 375, "height": 812})
        width = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size({"width": 1280, "height": 900})
        if serious or width > 375:
            faults[path] = (serious, width)
    assert faults == {}
    assert heard == []
