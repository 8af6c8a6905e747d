"""Every page of the site, found by its routes.

A page that is added is looked at from then on; a name in its path that is not known here shows
the page that says that nothing is there.
"""

import json
import re
from typing import Any, Literal
from uuid import UUID

from playwright.sync_api import BrowserContext, Error, Page, ViewportSize

from ordito.flows.manage_policies import create_policy
from ordito.flows.manage_webhooks import issue_webhook
from ordito.flows.roll_out_policy import start_rollout
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.inventory.bin_types import SwitchBinStock
from ordito.platform.door import run
from ordito.sourcing.policies import Policy
from ordito.sourcing.stored_policies import CreatePolicy
from ordito.sourcing.stored_rollouts import StartRollout
from ordito.web.site import ROUTES
from ordito.webhooks.types import CreateWebhook
from tests import make
from tests.browser.conftest import EMAIL, Served
from tests.browser.test_back_office import enter, listen
from tests.chromium import RULES
from tests.flows import bulk_shop

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}
MORE = (
    "/fulfillment?location=A",
    "/orders/bulk/hold?ids=",
    "/settings/channels/-new",
    "/settings/policies/-new",
    "/nothing-here",
)

STILL = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, ::before, ::after { transition: none !important }");
    document.adoptedStyleSheets = [sheet];
}"""
"""No colour is on its way to another one while it is measured."""

COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""Another theme changes colours, nothing else."""

MARKUP = "(document.body.innerText.match(/<\\/?(time|span|a|b|strong)\\b[^>]*>/g) || [])"
"""Markup that was taken for text."""

PLAIN = """() => [...document.querySelectorAll(
    "button:not([data-set-theme]), legend, thead th, .field-label, .field-hint, .tab, h2, caption"
)].filter(one => !one.closest(".problem")).map(one => one.textContent.trim())
    .filter(text => /[a-z]{3}/i.test(text) && !text.includes("["))
"""
"""Words of ours that no catalogue was asked for: in the pretend language all are in brackets."""

CONTRAST_EACH = 8
"""Of so many pages one is seen in the theme of more contrast: it only moves colours apart."""

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
        "no": "-new",
        "rollout": str(_rollout(shop)),
    }
    run(shop.db, make.BOSS, switch_bin_stock, SwitchBinStock(location="B", on=True))
    codes = {
        "/inventory/bins/": "B",
        "/locations/": "A",
        "/settings/channels/": "web",
        "/settings/policies/": "default",
        "/settings/stock-reasons/": "lost",
    }

    def fill(path: str) -> str:
        code = next((code for start, code in codes.items() if path.startswith(start)), "none")
        known = things | {"code": code}
        if path.startswith("/customers/"):
            known["number"] = str(customer[0])
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known.get(found[1], "none"), path)

    found = [fill(route.path) for route in ROUTES if route.method == "GET"]
    return [*dict.fromkeys(path for path in found if not re.search(r"\.\w{3,4}$", path)), *MORE]


def _rollout(shop: make.Shop) -> UUID:
    """A policy that is tried on a share of the shop's orders."""
    db = shop.db
    with db.connection() as conn:
        row = conn.execute("SELECT id FROM sourcing.rollout").fetchone()
    if row is None:
        other = CreatePolicy(code="near", name="Near", policy=Policy())
        run(db, make.BOSS, create_policy, other)
        ask = StartRollout(channel="web", policy="near", percent=5)
        return run(db, make.BOSS, start_rollout, ask).id
    found: UUID = row[0]
    return found


def look_at_pages(
    context: BrowserContext, served: Served, axe: str, *, half: Literal[0, 1]
) -> None:
    """Half of the pages in the pretend language, whose words are longer and run from right to left.

    Each is accessible in every theme, quiet on the console, made of words that can be translated,
    and fits a phone and a desk in both directions of writing.
    """
    addresses = paths(served)[half::2]
    page = context.new_page()
    # Without motion: axe would measure colours half way from one theme to the other.
    page.emulate_media(reduced_motion="reduce")
    enter(page)
    with served.shop.db.connection() as conn:
        conn.execute("UPDATE platform.app_user SET locale = 'en-XB' WHERE email = %s", (EMAIL,))
    heard = listen(page)
    faults: dict[str, Any] = {}
    seen = 0
    for path in addresses:
        before = len(heard)
        if not open_page(page, path):
            del heard[before:]
            continue
        told = _look(page, path, axe, number=seen)
        if any(told.values()):
            faults[path] = {name: what for name, what in told.items() if what}
        seen += 1
    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)
    assert [words for words in heard if "404" not in words] == []
    assert seen > 40


def _look(page: Page, path: str, axe: str, *, number: int) -> dict[str, list[str]]:
    """What is wrong with the page that is open, by where it was seen."""
    told: dict[str, list[str]] = {"markup": page.evaluate(MARKUP)}
    if path != "/nothing-here":  # Nobody's page, whoever asks for it.
        assert page.evaluate("document.documentElement.dir") == "rtl", path
        told["plain"] = page.evaluate(PLAIN)
    page.evaluate(axe)
    page.evaluate(STILL)
    told["light"] = serious(page, RULES, whole=not number)
    for theme in ("dark", "contrast") if number % CONTRAST_EACH == 0 else ("dark",):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        told[theme] = serious(page, COLOURS, whole=not number)
    for direction in ("rtl", "ltr"):
        page.evaluate("way => { document.documentElement.dir = way; }", direction)
        for name, size in (("phone", PHONE), ("desk", DESK)):
            page.set_viewport_size(size)
            told[f"{name} {direction}"] = page.evaluate(CUT)
        _check_rail(page, path, direction)
    return told


def _check_rail(page: Page, path: str, direction: str) -> None:
    """The rail stands where reading begins."""
    rail, content = page.locator(".rail"), page.locator("#content")
    if rail.count():
        start, end = rail.bounding_box(), content.bounding_box()
        assert start
        assert end
        assert (start["x"] > end["x"]) == (direction == "rtl"), path


def open_page(page: Page, path: str) -> bool:
    """Whether there is a page under the address, and not a part of one or a file."""
    try:
        page.goto(path)
    except Error as error:
        # A file is saved, and not shown.
        if "ERR_ABORTED" in str(error) or "Download is starting" in str(error):
            return False
        raise
    return bool(page.evaluate("document.doctype !== null"))


def serious(page: Page, rules: dict[str, Any], *, whole: bool = False) -> list[str]:
    """Serious faults of what the page shows; the frame around it is the same on all, and is looked
    at where it is asked for as a whole."""
    asked = rules | {"resultTypes": ["violations"]}
    part = "document" if whole else "document.querySelector('#content') || document"
    found: list[dict[str, Any]] = page.evaluate(f"asked => axe.run({part}, asked)", asked)[
        "violations"
    ]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
