"""Built assets, the preview server with its made-up data, and one Chromium for the session."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

REPO = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """The browser of the machine; ORDITO_TEST_CHROMIUM names another."""
    named = os.environ.get("ORDITO_TEST_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine")
        pytest.skip("no Chromium on this machine; ORDITO_TEST_CHROMIUM may name one")
    return found


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder of the asset build, built."""
    subprocess.run(
        [sys.executable, REPO / "assets" / "build_hook.py", "--with-tests"],
        check=True,
        timeout=240,
    )
    return REPO / "assets"


@pytest.fixture(scope="session")
def axe(assets: Path) -> str:
    """The accessibility checker's source."""
    return (assets / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def preview(assets: Path) -> Iterator[str]:
    """Address of a running preview server."""
    server = subprocess.Popen(
        [sys.executable, REPO / "tools" / "preview.py", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    try:
        yield server.stdout.readline().strip().removesuffix("/design")
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    chromium = find_chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser, preview: str) -> Iterator[BrowserContext]:
    """A browser without history, of a laptop's size."""
    made = browser.new_context(base_url=preview, viewport={"width": 1280, "height": 900})
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that fails its test when it complains on the console."""
    return context.new_page()
