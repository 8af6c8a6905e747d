"""From data and a template to a PDF."""

import importlib.util
import io
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from ordito.adapters.papers.problems import PapersMissing

_FONTS = ("manimgx_fonts", "pylopdf_fonts_zh_cn")
"""Packages of fonts: only their files are used."""

_encode = msgspec.json.Encoder().encode


def typeset(template: str, data: Any) -> bytes:
    """The PDF of a template (a name without ending) filled with data; raises PapersMissing."""
    made = (files("ordito.adapters.papers") / "templates" / f"{template}.typ").read_bytes()
    found: bytes = _compiler().compile(
        made, sys_inputs={"data": _encode(data).decode()}, format="pdf", pdf_tags=False
    )
    return found


PART = 100
"""Slips typeset at once. A thousand in one go took 1.2 GB, since every page is held until the last;
in parts they take a tenth of it."""


def typeset_slips(data: dict[str, Any]) -> bytes:
    """The PDF of packing slips, however many: typeset in parts, then put together.

    data: for packing_slips.typ. Raises PapersMissing.
    """
    slips = data["slips"]
    if len(slips) <= PART:
        return typeset("packing_slips", data)
    try:
        from pypdf import PdfWriter
    except ImportError as fault:
        raise PapersMissing('Install them with: pip install "ordito[pdf]".') from fault
    whole = PdfWriter()
    for start in range(0, len(slips), PART):
        part = typeset("packing_slips", data | {"slips": slips[start : start + PART]})
        whole.append(io.BytesIO(part), import_outline=False)
    out = io.BytesIO()
    whole.write(out)
    return out.getvalue()


@lru_cache(maxsize=1)
def _compiler() -> Any:
    try:
        import typst
    except ImportError as fault:
        raise PapersMissing('Install them with: pip install "ordito[pdf]".') from fault
    folder = Path(str(files("ordito.adapters.papers") / "templates"))
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(path) for path in _font_folders()],
    )
    return typst.Compiler(font_paths=fonts, root=str(folder))


def _font_folders() -> list[Path]:
    folders = []
    for package in _FONTS:
        found = importlib.util.find_spec(package)
        if found is None or not found.submodule_search_locations:
            raise PapersMissing('Fonts are missing: pip install "ordito[pdf]".')
        folders += [Path(path) for path in found.submodule_search_locations]
    return folders
