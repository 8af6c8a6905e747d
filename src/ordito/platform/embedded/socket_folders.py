"""Where the sockets of a data directory are: in a private folder whose path is short enough.

A socket's path may have 103 bytes on macOS and 107 on Linux, and libpq reads commas in it. Where
the data directory doesn't suit, a folder below /tmp is used. Not XDG_RUNTIME_DIR: it is taken away
when the user logs out, and the database of a detached program would go with it.
"""

import contextlib
import hashlib
import os
import re
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

PORT = "5432"  # PostgreSQL names its socket by it; nothing listens on the network
SOCKET_NAME = f".s.PGSQL.{PORT}"
CONTROL_NAME = "supervisor.sock"
PATH_BYTES_MAX = 100
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


def make(home: Path) -> Path:
    """The folder for the sockets of `home`: ours, 0700, and able to hold sockets.

    The same one each time, unless somebody else has taken its name. Raises OSError.
    """
    for folder in _candidates(home):
        if not PLAIN.fullmatch(str(folder)) or _longest(folder) > PATH_BYTES_MAX:
            continue
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            if _is_private(folder) and _holds_sockets(folder):
                return folder
    return Path(tempfile.mkdtemp(prefix="ordito-", dir="/tmp"))


def _candidates(home: Path) -> Iterator[Path]:
    yield home / "run"
    name = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    yield Path(f"/tmp/ordito-{os.geteuid()}-{name}")  # noqa: S108


def _longest(folder: Path) -> int:
    return max(len(os.fsencode(folder / name)) for name in (SOCKET_NAME, CONTROL_NAME))


def _is_private(folder: Path) -> bool:
    entry = folder.lstat()
    ours = stat.S_ISDIR(entry.st_mode) and entry.st_uid == os.geteuid()
    return ours and stat.S_IMODE(entry.st_mode) & 0o077 == 0


def _holds_sockets(folder: Path) -> bool:
    """Some network and Windows folders can't. Raises OSError then."""
    trial = folder / "trial.sock"
    trial.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        probe.bind(str(trial))
    trial.unlink()
    return True
