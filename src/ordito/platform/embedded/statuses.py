"""What a supervisor says about its database: to programs over its socket, and in a file."""

import contextlib
from pathlib import Path
from typing import Literal

import msgspec

State = Literal["stopped", "starting", "ready", "stopping", "failed"]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """State of one embedded database.

    state:    starting covers recovery after a crash; stopping is said to leases only when
              somebody asked for it; failed means the supervisor gave up.
    reason:   why it failed, in words for people.
    leases:   programs that hold it right now.
    restarts: how often postgres was started again by this supervisor.
    """

    state: State
    reason: str = ""
    supervisor_pid: int | None = None
    postgres_pid: int | None = None
    leases: int = 0
    restarts: int = 0
    version: str = ""
    bin_dir: str = ""
    socket_dir: str = ""


def lock_file(home: Path) -> Path:
    return home / "supervisor.lock"


def read(home: Path) -> Status | None:
    """The status written last, which may be of a supervisor that is gone."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((home / "supervisor.json").read_bytes(), type=Status)
    return None


def write(home: Path, status: Status) -> None:
    """Replace the status file at once, so that nobody reads half of it."""
    fresh = home / "supervisor.json.new"
    fresh.write_bytes(msgspec.json.encode(status) + b"\n")
    fresh.rename(home / "supervisor.json")
