"""The build of the vendored files."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ordito.web.static_files import ROOT

TEMPLATES = ROOT.parent / "templates"


def test_a_second_run_does_nothing(assets: Path) -> None:
    manifest = ROOT / "vendor" / "manifest.json"
    before = manifest.stat().st_mtime_ns
    told = subprocess.run(
        [sys.executable, assets / "build_hook.py", "--with-tests"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert told.stdout.strip().endswith("up to date")
    assert manifest.stat().st_mtime_ns == before


def test_the_lock_names_no_host(assets: Path) -> None:
    assert "://" not in (assets / "package-lock.json").read_text("utf-8")


def test_every_package_brings_its_licence(assets: Path) -> None:
    manifest = json.loads((ROOT / "vendor" / "manifest.json").read_text("utf-8"))
    for package, version in manifest["versions"].items():
        assert (ROOT / "vendor" / package / version / "LICENSE").is_file(), package


def test_every_icon_that_a_template_names_is_in_the_sprite(assets: Path) -> None:
    sprite = (ROOT / "vendor").glob("lucide-static/*/icons.svg")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', next(sprite).read_text("utf-8")))
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text("utf-8")
        named = set(re.findall(r'\bicon(?:_name|_end)?[(=]"([a-z0-9-]+)"', text))
        assert named <= drawn, template.name


@pytest.mark.parametrize("sheet", ["glyphs.svg"])
def test_every_status_has_its_shape(sheet: str) -> None:
    from ordito.web.statuses import STATUSES

    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "img" / sheet).read_text("utf-8")))
    used = {state.glyph for axis in STATUSES.values() for state in axis.values()}
    assert used <= drawn
