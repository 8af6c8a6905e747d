import os
import stat
from pathlib import Path

import pytest

from ordito.platform.embedded import socket_folders


def test_a_short_plain_data_directory_holds_its_own_sockets(folder: Path) -> None:
    made = socket_folders.make(folder)
    assert made == folder / "run"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert socket_folders.make(folder) == made


@pytest.mark.parametrize("name", ["x" * 90, "with space", "a,b", "ż"])
def test_any_other_gets_a_short_private_folder_always_the_same(folder: Path, name: str) -> None:
    home = folder / name
    home.mkdir()
    made = socket_folders.make(home)
    try:
        assert made.parent == Path("/tmp")
        assert made.name.startswith(f"ordito-{os.geteuid()}-")
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        assert socket_folders.make(home) == made
    finally:
        made.rmdir()


def test_a_folder_that_others_could_look_into_is_not_used(folder: Path) -> None:
    home = folder / ("x" * 90)
    home.mkdir()
    usual = socket_folders.make(home)
    usual.chmod(0o755)
    another = socket_folders.make(home)
    usual.rmdir()
    another.rmdir()
    assert another != usual


def test_a_link_laid_by_somebody_is_not_followed(folder: Path) -> None:
    home = folder / ("x" * 90)
    home.mkdir()
    usual = socket_folders.make(home)
    usual.rmdir()
    usual.symlink_to(folder)
    another = socket_folders.make(home)
    usual.unlink()
    another.rmdir()
    assert another.parent == Path("/tmp")
    assert another != usual
    assert list(folder.iterdir()) == [home]
