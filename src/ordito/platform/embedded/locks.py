"""Locks on files: who may supervise, and whether any postgres process of a cluster still lives.

A flock belongs to an open file, so it ends with the last process that has the file open, however
that process ends. Nothing here trusts a process id that was written down: ids are used again.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path


def take(path: Path) -> int | None:
    """The descriptor of the exclusively locked file (made if missing), or None if it is held.

    A file made by root in somebody's folder is given to the folder's owner. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def held(path: Path) -> bool:
    """Whether someone holds the file exclusively. A missing file is held by nobody.

    Raises PermissionError for a file that we may not read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holders(path: Path) -> set[int]:
    """Ids of the other processes that have the file open, as far as we may see them."""
    found = _by_proc(path) if sys.platform == "linux" else _by_lsof(path)
    return found - {os.getpid()}


def _by_proc(path: Path) -> set[int]:
    wanted = path.stat()
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or belongs to someone else
            for entry in os.scandir(process / "fd"):
                with contextlib.suppress(OSError):
                    if os.path.samestat(entry.stat(), wanted):
                        found.add(int(process.name))
                        break
    return found


def _by_lsof(path: Path) -> set[int]:
    program = shutil.which("lsof", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        return set()
    answer = subprocess.run(  # noqa: S603
        [program, "-t", "--", str(path)], capture_output=True, text=True, timeout=10, check=False
    )
    return {int(word) for word in answer.stdout.split()}
