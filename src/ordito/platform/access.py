"""Who acts, and what they may do: permissions by name, scopes by channel and location."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

import msgspec

from ordito.platform.problems import NotFound, NotPermitted

PERMISSIONS: dict[str, str] = {
    "orders.read": "See orders",
    "orders.write": "Place orders, cancel, hold, tag and note them",
    "views.share": "Share saved views of the orders list with everybody",
    "orders.discount": "Give discounts on orders that are typed in",
    "fulfillment.read": "See fulfillment work",
    "fulfillment.write": "Release, pick, pack, ship and hand over",
    "inventory.read": "See stock and its ledger",
    "inventory.write": "Receive, adjust and count stock, hold stock for carts",
    "inventory.approve": "Approve differences of counts above a location's limit",
    "catalog.read": "See items",
    "catalog.write": "Create and change items",
    "settings.read": "See channels, locations and sourcing policies",
    "settings.write": "Change channels, locations and sourcing policies",
    "intake.read": "See incoming messages",
    "intake.write": "Import files, replay parked messages",
    "access.write": "Manage users, roles and API keys",
    "audit.read": "Search the audit log: who did what when",
    "events.read": "Read the event feed",
    "webhooks.write": "See and manage webhooks (with the event feed)",
}

EVERYTHING = frozenset(PERMISSIONS)

ALL = "*"
"""In a role: every permission, those of later versions too."""


class Actor(msgspec.Struct, frozen=True):
    """A user, an API key or the system itself. None as a scope means all."""

    kind: Literal["user", "key", "system"]
    id: UUID
    name: str
    permissions: frozenset[str]
    channel_ids: frozenset[UUID] | None = None
    location_ids: frozenset[UUID] | None = None

    def require(self, permission: str) -> None:
        """Raises NotPermitted, naming the permission."""
        assert permission in PERMISSIONS, f"unknown permission {permission}"
        if permission not in self.permissions:
            raise NotPermitted(
                f"{self.name} may not do this: the permission “{permission}” is missing.",
                extra={"permission": permission},
            )

    def sees_channel(self, channel_id: UUID) -> bool:
        return self.channel_ids is None or channel_id in self.channel_ids

    def sees_location(self, location_id: UUID) -> bool:
        return self.location_ids is None or location_id in self.location_ids

    def require_channel(self, channel_id: UUID) -> None:
        """Raises NotFound: what lies outside the scope looks as if it didn't exist."""
        if not self.sees_channel(channel_id):
            raise NotFound("There is no such thing, or it belongs to a channel you don't see.")

    def require_location(self, location_id: UUID) -> None:
        """Raises NotFound: what lies outside the scope looks as if it didn't exist."""
        if not self.sees_location(location_id):
            raise NotFound("There is no such thing, or it belongs to a location you don't see.")


SYSTEM = Actor(kind="system", id=UUID(int=0), name="Ordito", permissions=EVERYTHING)
"""The program itself: schedules, followers, migrations."""


def permission_set(names: Iterable[str]) -> frozenset[str]:
    """Known permissions only: one that was dropped in an upgrade grants nothing."""
    found = frozenset(names)
    return EVERYTHING if ALL in found else found & EVERYTHING
