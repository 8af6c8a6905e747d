"""Takes the pictures of the README from a running demo: `python tools/take_screenshots.py URL`.

E-mail and password of the demo's login come from its data folder (demo-logins.json).
"""

import json
import os
import sys
from pathlib import Path

from find_chromium import find  # type: ignore[import-not-found]
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "images"
ORDER = "2094"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)


def main() -> None:
    url = sys.argv[1].rstrip("/")
    folder = Path(os.environ["ORDITO_DATA_DIR"])
    login = json.loads((folder / "demo-logins.json").read_text("utf-8"))[0]
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/login")
        page.fill("input[name=email]", login["email"])
        page.fill("input[name=password]", login["password"])
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/home*")
        take(page, "home")
        page.goto(f"{url}/settings")
        page.locator("a[href^='/settings/policies/']").last.click()
        page.get_by_role("link", name="Edit and try").click()
        page.locator("input[name=try_number]").fill(ORDER)
        page.get_by_role("button", name="Try it").click()
        page.locator("#trial").wait_for()
        page.evaluate("document.getElementById('trial').scrollIntoView({block: 'center'})")
        take(page, "policy")
        page.goto(f"{url}/orders")
        take(page, "orders")
        page.locator("tbody a").nth(3).click()
        page.wait_for_load_state()
        take(page, "order")
        page.goto(f"{url}/fulfillment?location=LON")
        take(page, "board")
        page.goto(f"{url}/inventory")
        take(page, "inventory")
        browser.close()


def take(page: Page, name: str) -> None:
    """One picture, after fonts and icons are there."""
    page.wait_for_timeout(800)
    page.screenshot(path=str(IMAGES / f"{name}.png"))


if __name__ == "__main__":
    main()
