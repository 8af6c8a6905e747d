"""Files under addresses that change with their content."""

import gzip
import json
from pathlib import Path

import pytest

from ordito.web.static_files import FOREVER, REVALIDATE, AssetsMissing, StaticFiles


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("a { color: red }\n" * 200)
    vendor = tmp_path / "vendor"
    (vendor / "lib" / "1.0").mkdir(parents=True)
    (vendor / "lib" / "1.0" / "lib.js").write_text("1")
    (vendor / "manifest.json").write_text(json.dumps({"files": {"lib.js": "lib/1.0/lib.js"}}))
    return tmp_path


def split(url: str) -> tuple[str, str]:
    _, _, version, path = url.split("/", 3)
    return version, path


def test_a_file_is_found_at_its_address_and_kept_for_ever(root: Path) -> None:
    files = StaticFiles(root)
    found = files.find(*split(files.url("css/a.css")))
    assert found is not None
    assert found.content_type == "text/css; charset=utf-8"
    assert found.cache_control == FOREVER
    assert found.gzipped is not None
    assert gzip.decompress(found.gzipped) == found.body


def test_changing_any_file_changes_every_address(root: Path) -> None:
    before = StaticFiles(root).url("css/a.css")
    (root / "vendor" / "lib" / "1.0" / "lib.js").write_text("2")
    assert StaticFiles(root).url("css/a.css") != before


def test_an_address_of_another_version_is_served_but_not_kept(root: Path) -> None:
    files = StaticFiles(root)
    old = files.find("000000000000", "css/a.css")
    assert old is not None
    assert old.cache_control == REVALIDATE


@pytest.mark.parametrize("path", ["../secret", "css/../../secret", "/etc/passwd", "", "css"])
def test_nothing_outside_the_folder_is_served(root: Path, path: str) -> None:
    (root.parent / "secret").write_text("no")
    files = StaticFiles(root)
    assert files.find(files.version, path) is None


def test_vendored_files_are_named_without_their_version(root: Path) -> None:
    files = StaticFiles(root)
    assert split(files.vendor_url("lib.js"))[1] == "vendor/lib/1.0/lib.js"


def test_a_missing_file_is_a_defect_of_the_template(root: Path) -> None:
    with pytest.raises(KeyError, match=r"no static file css/b\.css"):
        StaticFiles(root).url("css/b.css")


def test_without_the_build_the_message_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissing, match=r"python assets/build_hook\.py"):
        StaticFiles(tmp_path)
