"""Every page of the site, found by its routes: accessible, quiet, and wide enough for any words.

A page that is added is looked at from then on; a name in its path that is not known here shows
the page that says that nothing is there.
"""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize

from ordito.flows.manage_webhooks import issue_webhook
from ordito.web.site import ROUTES
from ordito.webhooks.types import CreateWebhook
from tests import make
from tests.browser.conftest import EMAIL, Served
from tests.browser.test_back_office import enter, listen
from tests.chromium import RULES
from tests.flows import bulk_shop

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

# Another theme changes colours, nothing else.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}
MORE = (
    "/fulfillment?location=A",
    "/orders/bulk/hold?ids=",
    "/settings/channels/-new",
    "/settings/policies/-new",
    "/nothing-here",
)

CUT = """() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const cut = [...document.querySelectorAll(
        "button, .button:not(.hidden), label, legend, h1, h2, h3, .tab, .tag, .badge,"
        + " .menu-item, .field-hint"
    )].filter(one => {
        const style = getComputedStyle(one);
        const within = one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1;
        return within && style.overflowX !== "visible" && style.textOverflow !== "ellipsis";
    }).map(one => one.outerHTML.slice(0, 120));
    return wide > 0 ? [`${wide} px too wide`, ...cut] : cut;
}"""
"""What is wider than the window, and words that end where their box ends."""

PLAIN = """() => [...document.querySelectorAll(
    "button:not([data-set-theme]), legend, thead th, .field-label, .field-hint, .tab, h2, caption"
)].filter(one => !one.closest(".problem")).map(one => one.textContent.trim())
    .filter(text => /[a-z]{3}/i.test(text) && !text.includes("["))
"""
"""Words of ours that no catalogue was asked for: in the pretend language all are in brackets."""


def paths(served: Served) -> list[str]:
    """The address of every page, with things that are there."""
    shop = served.shop
    order = make.place(shop, {"tea": 2}, customer={"name": "Ada Gray", "email": "ada@example.com"})
    hook = issue_webhook(
        shop.db, make.BOSS, CreateWebhook(url="https://hooks.example.com", kinds=("order.*",))
    )
    job = bulk_shop.start(
        shop.db, bulk_shop.person(shop.db, "Ben"), act="tag", order_ids=(order.id,), tag="gift"
    )
    with shop.db.connection() as conn:
        user = conn.execute("SELECT id FROM platform.app_user WHERE name = 'Ben'").fetchone()
        customer = conn.execute("SELECT number FROM customers.customer").fetchone()
    assert user
    assert customer
    things = {
        "number": str(order.number),
        "fo": "1",
        "item": str(shop.items["tea"]),
        "column": "open",
        "act": "tag",
        "channel": "web",
        "kind": "shipped",
        "locale": "en",
        "user": str(user[0]),
        "role": "01990000-0000-7000-8000-000000000002",
        "webhook": str(hook.webhook.id),
        "job": str(job.id),
        "view": "late",
    }
    codes = {"/locations/": "A", "/settings/channels/": "web", "/settings/policies/": "default"}

    def fill(path: str) -> str:
        code = next((code for start, code in codes.items() if path.startswith(start)), "none")
        known = things | {"code": code}
        if path.startswith("/customers/"):
            known["number"] = str(customer[0])
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known.get(found[1], "none"), path)

    found = [fill(route.path) for route in ROUTES if route.method == "GET"]
    return [*dict.fromkeys(path for path in found if not re.search(r"\.\w{3,4}$", path)), *MORE]


MARKUP = "(document.body.innerText.match(/<\\/?(time|span|a|b|strong)\\b[^>]*>/g) || [])"
"""Markup that was taken for text."""


def open_page(page: Page, path: str) -> bool:
    """Whether there is a page under the address, and not a part of one or a file."""
    answer = page.request.get(path, headers={"accept": "text/html"})
    if "text/html" not in answer.headers.get("content-type", ""):
        return False
    if not answer.text().lstrip().lower().startswith("<!doctype html"):
        return False
    page.goto(path)
    return True


def serious(page: Page, rules: dict[str, Any]) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(f"axe.run(document, {json.dumps(rules)})")[
        "violations"
    ]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_every_page_is_accessible_in_every_theme_and_fits_a_phone(
    context: BrowserContext, served: Served, axe: str
) -> None:
    addresses = paths(served)
    page = context.new_page()
    # Without motion: axe would measure colours half way from one theme to the other.
    page.emulate_media(reduced_motion="reduce")
    enter(page)
    heard = listen(page)
    faults: dict[str, Any] = {}
    seen = 0
    for path in addresses:
        if not open_page(page, path):
            continue
        seen += 1
        page.emulate_media(color_scheme="light", contrast="no-preference")
        page.evaluate(axe)
        found = {"light": serious(page, RULES)}
        page.emulate_media(color_scheme="dark")
        found["markup"] = page.evaluate(MARKUP)
        found["dark"] = serious(page, COLOURS)
        page.emulate_media(contrast="more")
        found["contrast"] = serious(page, COLOURS)
        page.set_viewport_size(PHONE)
        found["phone"] = page.evaluate(CUT)
        page.set_viewport_size(DESK)
        found["desk"] = page.evaluate(CUT)
        if any(found.values()):
            faults[path] = {name: told for name, told in found.items() if told}
    assert faults == {}, json.dumps(faults, indent=1)
    assert [words for words in heard if "404" not in words] == []
    assert seen > 50


def test_every_page_bears_longer_words_and_a_script_that_runs_from_right_to_left(
    context: BrowserContext, served: Served
) -> None:
    addresses = paths(served)
    page = context.new_page()
    enter(page)
    with served.shop.db.connection() as conn:
        conn.execute("UPDATE platform.app_user SET locale = 'en-XB' WHERE email = %s", (EMAIL,))
    faults: dict[str, Any] = {}
    for path in addresses:
        if not open_page(page, path):
            continue
        found: dict[str, list[str]] = {}
        if path != "/nothing-here":  # Nobody's page, whoever asks for it.
            assert page.evaluate("document.documentElement.dir") == "rtl", path
            found["plain"] = page.evaluate(PLAIN)
        for direction in ("rtl", "ltr"):
            page.evaluate("way => { document.documentElement.dir = way; }", direction)
            for name, size in (("phone", PHONE), ("desk", DESK)):
                page.set_viewport_size(size)
                found[f"{name} {direction}"] = page.evaluate(CUT)
            rail, content = page.locator(".rail"), page.locator("#content")
            if rail.count():
                start, end = rail.bounding_box(), content.bounding_box()
                assert start
                assert end
                assert (start["x"] > end["x"]) == (direction == "rtl"), path
        if any(found.values()):
            faults[path] = {name: told for name, told in found.items() if told}
    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)
