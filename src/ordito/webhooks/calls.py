"""Calls to receivers: what is sent, what came of it, and who makes them."""

from collections.abc import Callable

import msgspec


class Call(msgspec.Struct, frozen=True):
    """A POST to a receiver."""

    url: str
    headers: dict[str, str]
    body: bytes


class Outcome(msgspec.Struct, frozen=True):
    """What came of a call. status is None when no answer came; error is "" when it was taken.

    answer:        the first kilobyte of the body.
    retry_after_s: what the receiver asked to wait.
    """

    status: int | None
    ms: int
    answer: str
    error: str
    retry_after_s: int | None = None

    @property
    def taken(self) -> bool:
        return not self.error

    @property
    def gone(self) -> bool:
        """The receiver says that it wants no more, for ever."""
        return self.status == 410


Caller = Callable[[Call], Outcome]
"""Who calls. Never raises: whatever goes wrong is an outcome."""
