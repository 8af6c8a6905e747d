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
