"""Collects every text that pages show: src/ordito/locale/ordito.pot, and each language's ordito.po.

    python tools/write_messages.py           # after changing a text; translations stay
    python tools/write_messages.py --check   # only compares

A text whose English changed is a new one: its translation is empty until someone writes it.
Places in files are left out, so that a moved line changes nothing here.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from problem_texts import problem_texts

SOURCE = Path(__file__).parents[1] / "src" / "ordito"
LOCALE = SOURCE / "locale"
TEMPLATE = LOCALE / "ordito.pot"

_METHODS = [("web/templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {
    "web/templates/**.html": {
        "newstyle_gettext": "true",
        "trim_blocks": "true",
        "silent": "false",
        "extensions": "jinja2.ext.do",
    }
}
_COUNTED = dict.fromkeys(("ngettext", "NN_", "plural_forms"), (1, 2))
_CALLS = dict.fromkeys(("_", "gettext", "N_")) | _COUNTED


def collect() -> Catalog:
    """Every text of the pages and of problems, with the files that show it, by the alphabet."""
    catalog = Catalog(project="Ordito", charset="utf-8", fuzzy=False)
    for path, _line, message, comments, _context in sorted(
        extract_from_dir(SOURCE, _METHODS, _OPTIONS, keywords=_CALLS),  # type: ignore[arg-type]
        key=lambda found: str(found[2]),
    ):
        catalog.add(message, locations=[(path, 1)], auto_comments=comments)
    for text, path in sorted(problem_texts(SOURCE).items()):
        catalog.add(text, locations=[(path, 1)], context="problem")
    return catalog


def files() -> dict[Path, bytes]:
    """What the template and each language's catalogue should hold."""
    template = collect()
    found = {TEMPLATE: _write(template)}
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/ordito.po")):
        with path.open("rb") as source:
            catalogue = read_po(source, locale=path.parents[1].name)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        found[path] = _write(catalogue)
    return found


def _write(catalog: Catalog) -> bytes:
    """Without what the header says of dates, people and tools: the history of changes knows it."""
    written = BytesIO()
    catalog.fuzzy = False
    catalog.header_comment = "# Texts of Ordito's pages. Written by tools/write_messages.py."
    write_po(written, catalog, width=100, include_lineno=False, sort_output=True)
    lines = written.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_LEFT_OUT))


_LEFT_OUT = (
    b'"Project-Id',
    b'"Report-Msgid',
    b'"Last-Translator',
    b'"Language-Team',
    b'"POT-Creation',
    b'"PO-Revision',
    b'"Generated-By',
)


def main() -> None:
    stale = False
    for path, text in files().items():
        if "--check" in sys.argv:
            stale |= not path.is_file() or path.read_bytes() != text
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
    sys.exit("run .venv/bin/python tools/write_messages.py" if stale else 0)


if __name__ == "__main__":
    main()
