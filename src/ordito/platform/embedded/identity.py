"""Who runs postgres: it refuses root, so root steps aside, without opening a folder to others.

Root starts postgres in a user namespace of its own, where root's id has the name of an ordinary
user; the files stay root's. Where namespaces are forbidden (Docker's default), root becomes
`nobody` for good and hands the data directory over. A data directory that belongs to somebody is
always run by that somebody.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from ordito.platform.embedded.problems import EmbeddedUnavailable

LINUX = sys.platform == "linux"
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS = 1, 4, 8
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
ORPHANED = 98  # exit code of a child whose parent had died before it could watch it

_libc = ctypes.CDLL(None, use_errno=True)


class Identity(msgspec.Struct, frozen=True):
    """How to start postgres. namespace_uid: the id it sees as its own; None = ours, as it is."""

    namespace_uid: int | None = None


def check_owner(home: Path) -> None:
    """Raise EmbeddedUnavailable if the folder is somebody else's, unless we are root."""
    owner, ourselves = home.stat().st_uid, os.geteuid()
    if ourselves not in (0, owner):
        raise EmbeddedUnavailable(
            f"The data directory {home} belongs to {_shown(owner)}, and this program runs as"
            f" {_shown(ourselves)}. Run it as {_shown(owner)}, or set ORDITO_DATA_DIR to a"
            " folder of your own."
        )


def settle(home: Path, bin_dir: Path) -> Identity:
    """Become the one who may run the cluster in `home`. Changes this process when it is root's.

    The caller has checked the owner. Raises EmbeddedUnavailable where the one who must run
    postgres can't reach its programs or this folder.
    """
    owner = home.stat().st_uid
    if os.geteuid() == 0 and owner == 0:
        rooted = Identity(_uid_with_a_name())
        if _works(rooted, home, bin_dir):
            return rooted
        owner = _uid_with_a_name()
        _hand_over(home, owner)
    if os.geteuid() == 0:
        _become(owner, home, bin_dir)
    # initdb asks for the name of its user, and in containers an id may have none.
    return Identity() if _user_name(os.geteuid()) else Identity(_uid_with_a_name())


def child_setup(identity: Identity, on_parent_death: signal.Signals) -> Callable[[], None]:
    """What a child does between fork and exec: take on the identity, and die with this process.

    Call it in the main thread only: on Linux the signal comes when the thread that forked ends.
    Elsewhere there is no such signal, and whoever starts next stops what is left.
    """
    parent = os.getpid()

    def set_up() -> None:
        if identity.namespace_uid is not None:
            _enter_namespace(identity.namespace_uid)
        if LINUX:
            _libc.prctl(PR_SET_PDEATHSIG, int(on_parent_death), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(ORPHANED)

    return set_up


def _enter_namespace(uid: int) -> None:
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outside_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{uid} {outside_gid} 1")


def _works(identity: Identity, home: Path, bin_dir: Path) -> bool:
    """Try it: in the namespace root is an ordinary user, and may be shut out of others' homes."""
    if not LINUX:
        return False
    take_on = child_setup(identity, signal.SIGKILL)

    def set_up() -> None:
        take_on()
        os.chdir(home)

    try:
        command = [str(bin_dir / "postgres"), "--version"]
        subprocess.run(  # noqa: S603
            command, capture_output=True, timeout=20, check=True, preexec_fn=set_up
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _become(uid: int, home: Path, bin_dir: Path) -> None:
    """Be that user for good, keeping at most the right to pass through folders shut to it.

    The right is kept only where the user couldn't reach the programs or the data without it,
    such as below /root in a container. The alternative, opening the folders, is worse.
    """
    gid = pwd.getpwuid(uid).pw_gid if _user_name(uid) else home.stat().st_gid
    if LINUX:
        _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if LINUX:
        _keep_capability(None if _reaches(home, bin_dir) else CAP_DAC_OVERRIDE)
        _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self/uid_map would be root's
    if not _reaches(home, bin_dir):
        raise EmbeddedUnavailable(
            f"PostgreSQL can't run as root, and {_shown(uid)} can't reach {home} and {bin_dir}."
            " Start Ordito as an ordinary user, or set ORDITO_DATA_DIR to a folder that"
            f" {_shown(uid)} can reach, such as one below /var/lib."
        )


def _reaches(home: Path, bin_dir: Path) -> bool:
    # Tried, not asked: access() disregards a capability that a user other than root holds.
    try:
        (bin_dir / "postgres").stat()
        os.listdir(home)
    except PermissionError:
        return False
    return True


def _keep_capability(capability: int | None) -> None:
    """Drop all capabilities but this one, which children inherit too."""
    mask = 0 if capability is None else 1 << capability
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable
    if _libc.capset(header, sets) == 0 and capability is not None:
        _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def _hand_over(home: Path, uid: int) -> None:
    gid = pwd.getpwuid(uid).pw_gid if _user_name(uid) else home.stat().st_gid
    for folder, _folders, files in os.walk(home):
        for entry in (folder, *(os.path.join(folder, name) for name in files)):
            with contextlib.suppress(FileNotFoundError):
                os.chown(entry, uid, gid, follow_symlinks=False)


def _uid_with_a_name() -> int:
    users = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0}
    return users.get("nobody") or next(iter(users.values()), 65534)


def _user_name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _shown(uid: int) -> str:
    return _user_name(uid) or f"user {uid}"
