"""What happens to locations. Addresses are left out: a timeline is kept for ever."""

from typing import Any, ClassVar

from ordito.platform.events import Event


class LocationCreated(Event, frozen=True):
    kind: ClassVar[str] = "location.created"
    code: str
    location_kind: str


class LocationChanged(Event, frozen=True):
    """Field → what it was and what it is; the address is only named."""

    kind: ClassVar[str] = "location.changed"
    code: str
    changes: dict[str, tuple[Any, Any]]
    address_changed: bool = False


class BinsChanged(Event, frozen=True):
    """Bins were added, left out, or have another place on the picker's way."""

    kind: ClassVar[str] = "location.bins_changed"
    code: str
    added: list[str]
    removed: list[str]
    bins: int


class ItemsBinned(Event, frozen=True):
    """Items lie elsewhere now (item id → bins)."""

    kind: ClassVar[str] = "location.items_binned"
    code: str
    items: dict[str, list[str]]


class EndlessChanged(Event, frozen=True):
    """Items (ids) that a supplier never runs out of any more, or not any longer; `count` of all."""

    kind: ClassVar[str] = "location.endless_changed"
    location: str
    items: list[str]
    ended: list[str]
    count: int


class LocalDeliveryChanged(Event, frozen=True):
    """Where it brings orders to, and when: zones by name, slots by code.

    zones: → (country, entries of postal codes, kilometres, on); slots: → (weekdays as bits, start,
    end, places, minutes of the cut-off, on).
    """

    kind: ClassVar[str] = "location.local_delivery_changed"
    code: str
    zones: dict[str, tuple[str, int, int | None, bool]]
    slots: dict[str, tuple[int, str, str, int, int, bool]]


class ServicesChanged(Event, frozen=True):
    """The carriers that collect there, by tariff: weekdays (bit 0 is Monday) and local times."""

    kind: ClassVar[str] = "location.services_changed"
    code: str
    services: dict[str, tuple[int, list[str]]]
