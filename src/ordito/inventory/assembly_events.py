"""What happens to assemblies. Parts are by item id, in pieces."""

from typing import ClassVar

from ordito.platform.events import Event


class RecipeSet(Event, frozen=True):
    """What an item is made of now: part's item id → pieces for one unit."""

    kind: ClassVar[str] = "item.recipe_set"
    parts: dict[str, int]


class AssemblyDrafted(Event, frozen=True):
    kind: ClassVar[str] = "assembly.drafted"
    number: int
    location: str
    item_id: str
    planned: int


class AssemblyChanged(Event, frozen=True):
    """What is to be made now, where the work stands, and which fields changed."""

    kind: ClassVar[str] = "assembly.changed"
    planned: int
    step: str
    fields: list[str]


class AssemblyStarted(Event, frozen=True):
    """The parts left the shelf: part's item id → pieces. lots: SKU, lot and pieces each."""

    kind: ClassVar[str] = "assembly.started"
    location: str
    parts: dict[str, int]
    lots: tuple[tuple[str, str, int], ...] = ()


class UnitsMade(Event, frozen=True):
    """Units are done. `items` can be sold. scrapped: parts lost in units that were spoiled.

    lots: SKU, lot and units that can be sold.
    """

    kind: ClassVar[str] = "assembly.units_made"
    location: str
    items: dict[str, int]
    spoiled: int
    scrapped: dict[str, int]
    last: bool
    lots: tuple[tuple[str, str, int], ...] = ()


class AssemblyClosed(Event, frozen=True):
    """No more is made. `items`: parts that went back on the shelf. given_up: units not made.

    lots: SKU, lot and pieces that went back.
    """

    kind: ClassVar[str] = "assembly.closed"
    location: str
    given_up: int
    items: dict[str, int]
    scrapped: dict[str, int]
    note: str
    lots: tuple[tuple[str, str, int], ...] = ()


class AssemblyCancelled(Event, frozen=True):
    kind: ClassVar[str] = "assembly.cancelled"
