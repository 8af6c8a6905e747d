"""Nothing jumps: neither while a page loads nor when it follows what others do."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests import make
from tests.browser.conftest import Served
from tests.browser.test_back_office import enter
from tests.flows import acts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST = 0.02
"""Of the score that browsers give (Cumulative Layout Shift); below 0.1 counts as good elsewhere."""

WATCH = """
window.jumps = [];
window.hear = entries => entries.filter(one => !one.hadRecentInput).forEach(one => jumps.push([
    one.value, ...one.sources.map(source => (source.node?.outerHTML ?? "").slice(0, 120)
        + JSON.stringify([source.previousRect, source.currentRect]))
]));
window.watcher = new PerformanceObserver(list => hear(list.getEntries()));
window.watcher.observe({ type: "layout-shift", buffered: true });
"""

JUMPS = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    hear(watcher.takeRecords());
    return jumps;
}"""


SEEN = {
    "/home": "[data-cell=tile-placed]",
    "/orders": "[data-live-new]",
    "/orders/{number}": ".timeline",
    "/fulfillment?location=A": "#board",
    "/inventory": "#stock-rows",
}
"""The pages that people have open all day, and what on them follows an order."""


def test_nothing_jumps_on_the_pages_that_people_have_open_all_day(
    context: BrowserContext, served: Served
) -> None:
    shop = served.shop
    make.receive(shop, {"A": {"tea": 90}})
    orders = [make.place(shop, {"tea": 1}) for _ in SEEN]
    context.add_init_script(WATCH)
    page = context.new_page()
    enter(page)
    found: dict[str, Any] = {}
    for path, followed in SEEN.items():
        order = orders.pop()
        page.goto(path.format(number=order.number))
        expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live")
        page.evaluate("document.fonts.ready")
        before = page.locator(followed).text_content() or ""
        loading = len(page.evaluate(JUMPS))

        acts.release(shop, order.id)
        make.place(shop, {"tea": 1})
        expect(page.locator(followed)).not_to_have_text(before)

        jumps = page.evaluate(JUMPS)
        if sum(jump[0] for jump in jumps) > MOST:
            found[path] = {"loading": jumps[:loading], "following": jumps[loading:]}
    assert found == {}, json.dumps(found, indent=1)
