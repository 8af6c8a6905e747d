"""What the map names exists, so that it can be trusted."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(set(re.findall(r"`([\w./-]+)`", (ROOT / "docs" / "map.md").read_text("utf-8"))))


@pytest.mark.parametrize("path", [name for name in NAMED if "/" in name or "." in name])
def test_what_the_map_names_exists(path: str) -> None:
    known = [ROOT / path, *ROOT.glob(f"src/ordito/*/{path}")]

    assert any(place.exists() for place in known), f"docs/map.md names {path}"
