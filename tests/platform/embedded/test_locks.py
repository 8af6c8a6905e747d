import os
import subprocess
import sys
from pathlib import Path

import pytest

from ordito.platform.embedded import locks

HOLD = "import sys; print('open', flush=True); sys.stdin.read()"


def test_a_lock_is_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not locks.held(path)
    descriptor = locks.take(path)
    assert descriptor is not None
    assert locks.held(path)
    assert locks.take(path) is None
    os.close(descriptor)
    assert not locks.held(path)


def test_a_lock_handed_down_ends_with_the_last_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    descriptor = locks.take(path)
    assert descriptor is not None
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(descriptor,),
    ) as heir:
        assert heir.stdout
        assert heir.stdout.readline() == b"open\n"
        os.close(descriptor)
        assert locks.held(path)
        assert locks.holders(path) == {heir.pid}
        heir.kill()
    assert not locks.held(path)
    assert locks.holders(path) == set()


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        locks.take(tmp_path / "lock")
    assert not (tmp_path / "elsewhere").exists()
