"""Every page of the site, found by its routes.

A page that is added is looked at from then on; a name in its path that is not known here shows
the page that says that nothing is there.
"""

import re
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, ViewportSize

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
from tests.browser.conftest import Served
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


def open_page(page: Page, path: str) -> bool:
    """Whether there is a page under the address, and not a part of one or a file."""
    answer = page.request.get(path, headers={"accept": "text/html"})
    if "text/html" not in answer.headers.get("content-type", ""):
        return False
    if not answer.text().lstrip().lower().startswith("<!doctype html"):
        return False
    page.goto(path)
    return True


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
