"""What happens to transfers. Lines are by item id, in pieces."""

from typing import ClassVar

from ordito.platform.events import Event


class TransferDrafted(Event, frozen=True):
    kind: ClassVar[str] = "transfer.drafted"
    number: int
    from_location: str
    to_location: str
    units: dict[str, int]


class TransferChanged(Event, frozen=True):
    """The lines as they are now, and which other fields changed."""

    kind: ClassVar[str] = "transfer.changed"
    units: dict[str, int]
    fields: list[str]


class TransferRequested(Event, frozen=True):
    kind: ClassVar[str] = "transfer.requested"
    from_location: str


class TransferShipped(Event, frozen=True):
    """Units left the source: (item id, pieces) each. short: pieces that were asked for and
    stayed there."""

    kind: ClassVar[str] = "transfer.shipped"
    from_location: str
    to_location: str
    lines: list[tuple[str, int]]
    short: int


class TransferReceived(Event, frozen=True):
    """Units arrived: (item id, fit for sale, damaged, surplus) each. `items` can be sold."""

    kind: ClassVar[str] = "transfer.received"
    location: str
    lines: list[tuple[str, int, int, int]]
    items: dict[str, int]
    last: bool


class TransferClosed(Event, frozen=True):
    """Nothing more comes: (item id, missing pieces) each."""

    kind: ClassVar[str] = "transfer.closed"
    lines: list[tuple[str, int]]
    note: str


class TransferCancelled(Event, frozen=True):
    kind: ClassVar[str] = "transfer.cancelled"
