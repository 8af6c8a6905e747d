"""What happens to bulk jobs. Bodies hold counts and codes."""

from typing import ClassVar

from ordito.platform.events import Event


class BulkJobStarted(Event, frozen=True):
    """A job began with so many orders; its first chunk is due."""

    kind: ClassVar[str] = "bulk_job.started"
    act: str
    total: int
    chunk: int = 0


class BulkJobAdvanced(Event, frozen=True):
    """So much is done; `chunk` is the one that is due next."""

    kind: ClassVar[str] = "bulk_job.advanced"
    chunk: int
    done: int
    refused: int


class BulkJobEnded(Event, frozen=True):
    """Nothing more is done: finished, stopped by someone, or failed as a whole."""

    kind: ClassVar[str] = "bulk_job.ended"
    state: str
    done: int
    refused: int
