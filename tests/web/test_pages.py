"""Every page in a real browser, under the product's content security policy."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = (
    "/design",
    "/orders",
    "/orders/none",
    "/orders/1042",
    "/fulfillment",
    "/fulfillment/pick/wrong",
    "/fulfillment/pick/done",
    "/fulfillment/pack",
    "/inventory",
    "/inventory/1",
    "/login",
    "/problem",
)
FRAMED = ("/orders", "/orders/1042", "/fulfillment", "/inventory/1", "/design")
ALL_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# Another theme changes colours, nothing else.
COLOUR_RULES = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def complaints(page: Page) -> list[str]:
    """Collects what a page complains about from now on."""
    heard: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            heard.append(message.text)

    def response(answer: Response) -> None:
        if answer.status >= 400:
            heard.append(f"{answer.status} {answer.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("response", response)
    return heard


def serious(page: Page, axe: str, rules: dict[str, Any]) -> list[str]:
    """What axe calls serious or critical, with the first place of each."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate(f"axe.run(document, {json.dumps(rules)})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary'][:200]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible_and_quiet(
    browser: Browser, preview: str, axe: str, theme: Any
) -> None:
    context = browser.new_context(
        base_url=preview, viewport={"width": 1280, "height": 900}, color_scheme=theme
    )
    page = context.new_page()
    heard = complaints(page)
    faults: dict[str, list[str]] = {}
    for path in PAGES:
        page.goto(f"{path}?theme={theme}", wait_until="load")
        if found := serious(page, axe, ALL_RULES if theme == "light" else COLOUR_RULES):
            faults[path] = found
    context.close()
    assert faults == {}, json.dumps(faults, indent=1)
    assert heard == []


def test_the_high_contrast_theme_is_accessible(page: Page, axe: str) -> None:
    page.goto("/orders/1042?theme=contrast")
    assert serious(page, axe, COLOUR_RULES) == []


def test_no_page_is_wider_than_a_phone(browser: Browser, preview: str) -> None:
    context = browser.new_context(
        base_url=preview,
        viewport={"width": 375, "height": 812},
        is_mobile=True,
        has_touch=True,
    )
    page = context.new_page()
    wide = {}
    for path in PAGES:
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 375:
            wide[path] = width
    context.close()
    assert wide == {}


def test_right_to_left_mirrors_every_frame(page: Page) -> None:
    for path in FRAMED:
        page.goto(f"{path}?locale=he")
        rail = page.locator(".rail").bounding_box()
        content = page.locator("#content").bounding_box()
        assert rail
        assert content
        assert rail["x"] > content["x"], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path


def test_the_api_reference_works_under_the_policy(page: Page) -> None:
    heard = complaints(page)
    page.goto("/api/docs")
    page.get_by_text("Place an order").click()
    expect(page.get_by_role("button", name="Execute")).to_be_visible()
    assert heard == []


def announce(page: Page, **change: str) -> None:
    """Lets the server say on its event stream that something changed."""
    page.request.post("/_change", form=change)  # type: ignore[arg-type]


def test_a_changed_row_is_fetched_and_a_new_one_waits(page: Page) -> None:
    page.goto("/orders")
    expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live")
    page.locator("#order-01981066 [data-select]").check()
    announce(page, kind="order", id="01981066")
    cell = page.locator('[data-cell="fulfilment-01981066"]')
    expect(cell).to_have_text("Fulfilled")
    expect(page.locator("#order-01981066 [data-select]")).to_be_checked()
    banner = page.locator("[data-live-new=order]")
    expect(banner).to_be_hidden()
    announce(page, kind="order", id="new-1", new="1")
    announce(page, kind="order", id="new-2", new="1")
    expect(banner).to_have_text("Show 2 new orders")
    expect(page.locator("[data-row]")).to_have_count(16)


def test_two_tabs_share_one_stream(page: Page) -> None:
    opened: list[str] = []
    page.context.on("request", lambda request: opened.append(request.url))
    page.goto("/orders")
    expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live")
    other = page.context.new_page()
    other.goto("/fulfillment")
    expect(other.locator("[data-connection]")).to_have_attribute("data-state", "live")
    # The worker's own request is not of any page.
    assert [url for url in opened if url.endswith("/events/stream")] == []


def test_an_open_order_keeps_what_is_being_typed(page: Page) -> None:
    page.goto("/orders/1042")
    expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live")
    page.locator("#note").fill("Call her before no")
    with page.expect_response(lambda answer: answer.url.endswith("/orders/1042")):
        announce(page, kind="order", id="1042")
    page.locator("#note").press_sequentially("on")
    expect(page.locator("#note")).to_have_value("Call her before noon")


def test_a_form_in_the_dialog_shows_its_faults_and_closes_when_done(page: Page) -> None:
    page.goto("/orders/1042")
    page.locator("#order").get_by_text("More", exact=True).click()
    page.get_by_text("Cancel units…").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Cancel these units").click()
    expect(dialog.get_by_role("alert")).to_contain_text("3 units were packed meanwhile")
    dialog.get_by_label("Reason").select_option("stock")
    dialog.get_by_role("button", name="Cancel these units").click()
    expect(dialog).to_be_hidden()
    toast = page.locator("#toasts [data-toast]")
    expect(toast).to_contain_text("Done.")
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts [data-toast]")).to_have_count(1)


def test_an_act_is_sent_once_however_often_it_is_pressed(page: Page) -> None:
    page.goto("/orders/1042")
    sent: list[str] = []

    def hold(route: Any) -> None:
        sent.append(route.request.post_data)

    page.route("**/orders/1042/resource", hold)
    button = page.get_by_role("button", name="Try again now")
    button.dblclick()
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    assert len(sent) == 1
    assert "_key=" in sent[0]


def test_a_refused_request_says_so(page: Page) -> None:
    page.goto("/orders/1042")
    page.route("**/orders/1042/resource", lambda route: route.fulfill(status=500, body="no"))
    page.get_by_role("button", name="Try again now").click()
    expect(page.locator("#toasts [role=alert]")).to_contain_text("Nothing was changed")


def test_lists_are_worked_by_keyboard(page: Page) -> None:
    page.goto("/orders")
    for key in ("j", "x", "j", "j", "x"):
        page.keyboard.press(key)
    bar = page.locator("[data-selection-bar]")
    expect(bar).to_contain_text("2 selected")
    expect(bar).to_contain_text("£84.50 · €1,289.40")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/orders/1042$"))
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page).to_have_url(re.compile("/inventory$"))
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def test_the_palette_goes_where_the_arrows_point(page: Page) -> None:
    page.goto("/inventory")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/fulfillment$"))


def scan(page: Page, code: str) -> bool:
    """Types as a wedge scanner does, wherever the focus is; True when the Enter pressed nothing.

    In the page itself: sent from here, on a busy machine, the letters would come too slowly.
    """
    pressed: bool = page.evaluate(
        """code => {
            const type = key => document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            for (const letter of code) type(letter);
            return type("Enter");
        }""",
        code,
    )
    return not pressed


def test_a_scan_needs_no_focus_and_presses_no_button(page: Page) -> None:
    page.goto("/fulfillment/pick")
    page.get_by_role("button", name="Took them").focus()
    assert scan(page, "5012345678900")
    expect(page.get_by_role("alert")).to_contain_text("Right")
    expect(page.locator(".floor-quantity b")).to_have_text("2")
    assert scan(page, "xgjk0000")
    expect(page.get_by_role("alert")).to_contain_text("Put it back")
    expect(page.locator("body")).to_have_attribute("data-flash", "wrong")
    page.evaluate("document.activeElement.blur()")
    assert not scan(page, "x")


def test_a_theme_stays_chosen(page: Page) -> None:
    page.goto("/orders")
    page.get_by_title("Kasia Nowak").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    assert cookies["ordito_theme"] == "dark"
