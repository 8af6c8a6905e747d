"""What happens to files that people bring in. Bodies hold counts and codes."""

from typing import ClassVar

from ordito.platform.events import Event


class ImportRead(Event, frozen=True):
    """A file was read; somebody says next what its columns mean."""

    kind: ClassVar[str] = "data_import.read"
    of: str


class ImportStarted(Event, frozen=True):
    """A check, a run or an undo began; its first chunk is due."""

    kind: ClassVar[str] = "data_import.started"
    phase: str
    total: int
    chunk: int = 0


class ImportAdvanced(Event, frozen=True):
    """So much is done; `chunk` is the one that is due next."""

    kind: ClassVar[str] = "data_import.advanced"
    phase: str
    chunk: int
    done: int


class ImportRested(Event, frozen=True):
    """Nothing more is done for now: checked, finished, stopped, failed or undone."""

    kind: ClassVar[str] = "data_import.rested"
    state: str
    counts: dict[str, int]
