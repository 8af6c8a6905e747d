"""Writes the pages into ./docs, or into the folder given."""

import sys
from pathlib import Path

from ordito.platform.documents.problems import problems_page
from ordito.platform.documents.settings import settings_page


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for name, page in (("problems.md", problems_page()), ("settings.md", settings_page())):
        (folder / name).write_text(page, "utf-8")


main()
