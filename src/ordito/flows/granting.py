"""What may be granted: nobody grants what they don't have, or changes who may do more."""

from collections.abc import Iterable, Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from ordito.flows.reference import reference
from ordito.kernel.asks import Code
from ordito.platform.access import PERMISSIONS, Actor
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput, NotPermitted
from ordito.platform.roles import Role

Codes = Annotated[tuple[Code, ...], Meta(max_length=1000)]


def require_grantable(actor: Actor, names: Sequence[str], grantee: Actor) -> None:
    """Raises InvalidInput for unknown permissions, NotPermitted for what the actor lacks."""
    require_known(names)
    missing = sorted(grantee.permissions - actor.permissions)
    if missing:
        raise NotPermitted(
            f"You can't grant what you don't have: {', '.join(missing)}.",
            extra={"permission": missing[0]},
        )
    if not covers(actor, grantee):
        raise NotPermitted("You can't grant channels or locations that you don't see yourself.")


def covers(actor: Actor, other: Actor) -> bool:
    """Whether the actor may do, and sees, all that the other one does."""
    return (
        other.permissions <= actor.permissions
        and _within(other.channel_ids, actor.channel_ids)
        and _within(other.location_ids, actor.location_ids)
    )


def _within(inner: frozenset[UUID] | None, outer: frozenset[UUID] | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)


def channel_ids_of(tx: Tx, codes: Codes | None) -> list[UUID] | None:
    if codes is None:
        return None
    known = {code: channel.id for code, channel in reference(tx).channels.items()}
    return _ids_of("channels", "channel", codes, known)


def location_ids_of(tx: Tx, codes: Codes | None) -> list[UUID] | None:
    if codes is None:
        return None
    known = {code: location.id for code, location in reference(tx).locations.items()}
    return _ids_of("locations", "location", codes, known)


def _ids_of(field: str, noun: str, codes: Sequence[str], known: dict[str, UUID]) -> list[UUID]:
    faults = [
        Fault(f"/{field}/{i}", f"unknown-{noun}", f"There is no {noun} “{code}”.")
        for i, code in enumerate(codes)
        if code not in known
    ]
    if faults:
        raise InvalidInput(faults[0].detail, errors=faults)
    return sorted({known[code] for code in codes})


def require_known(names: Iterable[str]) -> None:
    """Raises InvalidInput for names of permissions that don't exist."""
    faults = [
        Fault("/permissions", "not-a-choice", f"There is no permission “{name[:40]}”.")
        for name in names
        if name not in PERMISSIONS
    ]
    if faults:
        known = ", ".join(PERMISSIONS)
        raise InvalidInput(f"{faults[0].detail} There are: {known}.", errors=faults)


def roles_of(codes: Iterable[str], roles: Sequence[Role]) -> list[Role]:
    """The roles with these codes, each once. Raises InvalidInput for unknown ones."""
    known = {role.code: role for role in roles}
    wanted = list(dict.fromkeys(codes))
    faults = [
        Fault(f"/roles/{i}", "unknown-role", f"There is no role “{code}”.")
        for i, code in enumerate(wanted)
        if code not in known
    ]
    if faults:
        raise InvalidInput(faults[0].detail, errors=faults)
    return sorted((known[code] for code in wanted), key=lambda role: role.id)
