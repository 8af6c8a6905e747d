"""Transfers as they are told: with codes and SKUs, and what may be done with them."""

from collections.abc import Sequence
from uuid import UUID

from ordito.catalog.items import send_facts
from ordito.flows.reference import reference
from ordito.inventory.transfer_asks import StockTransfer, TransferLine
from ordito.inventory.transfers import ACTIONS, Transfer, lock_transfer, read_transfer
from ordito.platform.access import Actor
from ordito.platform.database import Tx
from ordito.platform.problems import ActionNotAllowed, NotFound, VersionConflict

_AT_SOURCE = frozenset(("ship",))
_AT_DESTINATION = frozenset(("receive", "close"))

UNSEEN = "There is no such transfer, or both its locations are none of those you see."

_REFUSALS = {
    "draft": "The transfer is a draft: nothing has been sent yet.",
    "requested": "The transfer has only been requested: nothing has been sent yet.",
    "shipped": "The goods have left; they can be received, or closed as missing.",
    "partly_received": "Part of the goods has arrived; receive the rest, or close the transfer.",
    "received": "The transfer is done. Book what turns up now as an adjustment.",
    "cancelled": "The transfer was cancelled. Make a new one.",
}


def sees_transfer(actor: Actor, transfer: Transfer) -> bool:
    """Whether one of its ends is among the actor's locations."""
    return actor.sees_location(transfer.from_location_id) or actor.sees_location(
        transfer.to_location_id
    )


def allowed_actions(actor: Actor, transfer: Transfer) -> list[str]:
    """What the actor may do with a transfer now: sending and receiving where it is done."""
    if "inventory.write" not in actor.permissions:
        return []
    source = actor.sees_location(transfer.from_location_id)
    destination = actor.sees_location(transfer.to_location_id)
    return [
        action
        for action in ACTIONS[transfer.state]
        if (source or action not in _AT_SOURCE) and (destination or action not in _AT_DESTINATION)
    ]


def open_transfer(tx: Tx, transfer_id: UUID, version: int | None, action: str) -> Transfer:
    """Lock a transfer for an act; raises NotFound, VersionConflict, ActionNotAllowed."""
    transfer = lock_transfer(tx, transfer_id)
    if transfer is None or not sees_transfer(tx.actor, transfer):
        raise NotFound(UNSEEN)
    if version is not None and version != transfer.version:
        raise VersionConflict(
            f"It is version {transfer.version} now, you read {version}. Read it again.",
            extra={"version": transfer.version},
        )
    allowed = allowed_actions(tx.actor, transfer)
    if action not in allowed:
        detail = _REFUSALS[transfer.state]
        if action in ACTIONS[transfer.state]:
            where = "source" if action in _AT_SOURCE else "destination"
            detail = f"This is done at the {where}, which is none of your locations."
        raise ActionNotAllowed(detail, extra={"allowed_actions": allowed})
    return transfer


def read_transfer_state(tx: Tx, transfer_id: UUID) -> StockTransfer:
    """A transfer as it is; raises NotFound."""
    transfer = read_transfer(tx, transfer_id)
    if transfer is None or not sees_transfer(tx.actor, transfer):
        raise NotFound(UNSEEN)
    return tell_transfers(tx, [transfer])[0]


def tell_transfers(tx: Tx, transfers: Sequence[Transfer]) -> list[StockTransfer]:
    """Transfers with the codes of their locations and the SKUs of their items."""
    places = reference(tx).locations_by_id
    ids = {line.item_id for transfer in transfers for line in transfer.lines}
    items = {UUID(item.id): item for item in send_facts(tx, ids)} if ids else {}
    return [
        StockTransfer(
            id=transfer.id,
            number=transfer.number,
            from_location=places[transfer.from_location_id].code,
            to_location=places[transfer.to_location_id].code,
            state=transfer.state,
            reference=transfer.reference,
            note=transfer.note,
            expected_on=transfer.expected_on,
            created_at=transfer.created_at,
            shipped_at=transfer.shipped_at,
            ended_at=transfer.ended_at,
            version=transfer.version,
            lines=[
                TransferLine(
                    line_no=line.line_no,
                    item_id=line.item_id,
                    sku=items[line.item_id].sku,
                    name=items[line.item_id].name,
                    requested=line.requested,
                    shipped=line.shipped,
                    received=line.received,
                    damaged=line.damaged,
                    surplus=line.surplus,
                    missing=line.missing,
                    open=line.open,
                )
                for line in transfer.lines
            ],
            allowed_actions=allowed_actions(tx.actor, transfer),
        )
        for transfer in transfers
    ]
