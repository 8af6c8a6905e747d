"""Finds the Chromium of the browser tests, or installs it; prints its path.

ORDITO_TEST_CHROMIUM names one. Debian and Ubuntu have a package; elsewhere Playwright fetches its
own build.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """Path of a Chromium on this machine; None when there is none."""
    given = os.environ.get("ORDITO_TEST_CHROMIUM")
    if given:
        return given
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (str(MAC) if MAC.exists() else _of_playwright())


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Debian's package where that is possible, else Playwright's build."""
    if shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*sudo, "apt-get", "update", "-q"], env=environment, check=False)
        done = subprocess.run(
            [*sudo, "apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
            env=environment,
            check=False,
        )
        if done.returncode == 0:
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    if find() is None:
        install()
    path = find()
    if path is None:
        sys.exit(
            "The browser tests need Chromium. Install it (on Debian: apt-get install chromium), or"
            " set ORDITO_TEST_CHROMIUM to the path of one."
        )
    print(path)


if __name__ == "__main__":
    main()
