"""The built assets and one Chromium for the session: playwright runs once in a process."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

REPO = Path(__file__).parents[1]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
"""What the accessibility checker looks for."""
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
def browser() -> Iterator[Browser]:
    """Chromium."""
    chromium = find_chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()
