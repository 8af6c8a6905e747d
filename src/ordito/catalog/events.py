"""What happens to items."""

from typing import Any, ClassVar

from ordito.platform.events import Event


class ItemCreated(Event, frozen=True):
    kind: ClassVar[str] = "item.created"
    sku: str
    item_kind: str


class ItemChanged(Event, frozen=True):
    """Field → what it was and what it is."""

    kind: ClassVar[str] = "item.changed"
    changes: dict[str, tuple[Any, Any]]


class ReleaseSet(Event, frozen=True):
    """From when on the item is sold, before and now: channel code ("" for all others) → day, and
    `most` → pieces that may be ordered before. Empty: from always."""

    kind: ClassVar[str] = "item.release_set"
    before: dict[str, str]
    after: dict[str, str]
