"""Kits of kits: what one unit takes from stock, and no kit inside itself."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from ordito.catalog.types import PARTS_MAX, PER_KIT_MAX

DEPTH_MAX = 20
"""Kits inside kits inside kits."""


class KitImpossible(Exception):
    """A kit can't be made so. `code` is stable, the text says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Kits:
    """Bills of materials, as they change.

    parts: kit → item → quantity, for all kits that the changed ones are in or contain.
    """

    def __init__(self, parts: Mapping[UUID, Mapping[UUID, int]]) -> None:
        self._parts = {kit: dict(of_kit) for kit, of_kit in parts.items()}
        self._above: dict[UUID, set[UUID]] = {}
        for kit, of_kit in self._parts.items():
            for item in of_kit:
                self._above.setdefault(item, set()).add(kit)
        self._resolved: dict[UUID, tuple[dict[UUID, int], int]] = {}
        # Pieces, and how many levels of kits they are made of.
        self.changed: set[UUID] = set()
        """Kits whose resolved parts have to be written."""

    def set_parts(self, kit: UUID, parts: Mapping[UUID, int]) -> None:
        """Make a kit of these parts; raises KitImpossible and changes nothing."""
        if kit in parts or any(self._contains(part, kit) for part in parts):
            raise KitImpossible("cycle", "The kit would contain itself, by way of its parts.")
        before = self._parts.get(kit)
        if before == dict(parts):
            return
        self._put(kit, parts)
        upward = self._upward(kit)
        try:
            for id_ in upward:
                self._check(id_)
        except KitImpossible:
            self._put(kit, before)
            raise
        self.changed |= upward

    def drop(self, kit: UUID) -> None:
        """The item is no kit any more: what contains it takes its own stock."""
        self._put(kit, None)
        self.changed |= self._upward(kit)
        self.changed.discard(kit)

    def resolve(self, kit: UUID) -> dict[UUID, int]:
        """Pieces of each stocked item in one kit."""
        return self._resolve(kit)[0]

    def _resolve(self, kit: UUID) -> tuple[dict[UUID, int], int]:
        known = self._resolved.get(kit)
        if known is not None:
            return known
        pieces: dict[UUID, int] = {}
        height = 0
        for part, quantity in self._parts[kit].items():
            inner, below = self._resolve(part) if part in self._parts else ({part: 1}, 0)
            height = max(height, below + 1)
            for item, per_part in inner.items():
                pieces[item] = pieces.get(item, 0) + quantity * per_part
        self._resolved[kit] = pieces, height
        return pieces, height

    def _put(self, kit: UUID, parts: Mapping[UUID, int] | None) -> None:
        for item in self._parts.pop(kit, {}):
            self._above[item].discard(kit)
        if parts is not None:
            self._parts[kit] = dict(parts)
        for item in parts or ():
            self._above.setdefault(item, set()).add(kit)
        for id_ in self._upward(kit):
            self._resolved.pop(id_, None)

    def _check(self, kit: UUID) -> None:
        pieces, height = self._resolve(kit)
        if height > DEPTH_MAX:
            raise KitImpossible("too-deep", f"Kits may be {DEPTH_MAX} levels deep.")
        if len(pieces) > PARTS_MAX:
            raise KitImpossible(
                "too-many", f"With the kits in it resolved, a kit has at most {PARTS_MAX} parts."
            )
        if max(pieces.values(), default=0) > PER_KIT_MAX:
            raise KitImpossible(
                "too-large", f"A kit takes at most {PER_KIT_MAX} pieces of one item."
            )

    def _contains(self, kit: UUID, item: UUID) -> bool:
        return item in _reach([kit], self._parts)

    def _upward(self, kit: UUID) -> set[UUID]:
        return _reach([kit], self._above)


def _reach(start: Iterable[UUID], steps: Mapping[UUID, Iterable[UUID]]) -> set[UUID]:
    """Everything that can be reached, the start included."""
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for following in steps.get(waiting.pop(), ()):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return seen
