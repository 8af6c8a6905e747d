"""The preview server with its made-up data, and pages in the session's Chromium."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.chromium import REPO


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


@pytest.fixture
def context(browser: Browser, preview: str) -> Iterator[BrowserContext]:
    """A browser without history, of a laptop's size."""
    made = browser.new_context(base_url=preview, viewport={"width": 1280, "height": 900})
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that fails its test when it complains on the console."""
    return context.new_page()
