"""What a bulk job can do with the orders of a chunk, and what each act needs to be told."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.desk.jobs import write_export_part
from ordito.desk.types import BulkAct, BulkJob
from ordito.flows.assign_order import assign_orders
from ordito.flows.cancel_order import cancel_orders
from ordito.flows.hold_order import hold_orders, release_all_holds
from ordito.flows.release_to_pick import release_orders
from ordito.flows.tag_order import tag_orders
from ordito.fulfillment.types import WORK
from ordito.listings.order_columns import cells_of
from ordito.listings.orders_list import read_rows
from ordito.listings.papers import find_parts, read_slips
from ordito.orders.asks import (
    AssignOrders,
    CancelOrders,
    HoldOrders,
    OwnedHold,
    ReleaseHolds,
    ReleaseOrders,
    TagOrders,
)
from ordito.orders.states import BulkOutcome
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

Problems = dict[UUID, dict[str, Any] | None]
"""Why each order was refused, as a problem body; None for those that were done."""


class Act(msgspec.Struct, frozen=True):
    """needs: fields of the ask that must be given; permission: what the act itself asks for."""

    permission: str
    carry_out: Callable[[Tx, BulkJob, tuple[UUID, ...]], Problems]
    needs: tuple[str, ...] = ()


def _problems(outcome: BulkOutcome) -> Problems:
    return {
        UUID(item.id): None if item.problem is None else dict(item.problem.body)
        for item in outcome.items
    }


def _tag(tx: Tx, job: BulkJob, ids: tuple[UUID, ...]) -> Problems:
    return _problems(tag_orders(tx, TagOrders(order_ids=ids, add=(job.ask["tag"],))))


def _untag(tx: Tx, job: BulkJob, ids: tuple[UUID, ...]) -> Problems:
    return _problems(tag_orders(tx, TagOrders(order_ids=ids, remove=(job.ask["tag"],))))


def _hold(tx: Tx, job: BulkJob, ids: tuple[UUID, ...]) -> Problems:
    holds = (OwnedHold(reason=job.ask["reason"]),)
    return _problems(hold_orders(tx, HoldOrders(order_ids=ids, holds=holds)))


def _release_hold(tx: Tx, _job: BulkJob, ids: tuple[UUID, ...]) -> Problems:
    return _problems(release_all_holds(tx, ReleaseHolds(order_ids=ids)))


def _release_to_pick(tx: Tx, _job: BulkJob, ids: tuple[UUID, ...]) -> Problems:
    return _problems(release_orders(tx, ReleaseOrders(order_ids=ids)))


def _cancel(tx: Tx, job: BulkJob, ids: tuple[UUID, ...]) -> Problems:
    return _problems(cancel_orders(tx, CancelOrders(order_ids=ids, reason=job.ask["reason"])))


def _assign(tx: Tx, job: BulkJob, ids: tuple[UUID, ...]) -> Problems:
    user_id = job.ask.get("user_id")
    ask = AssignOrders(order_ids=ids, user_id=UUID(user_id) if user_id else None)
    return _problems(assign_orders(tx, ask))


def _export(tx: Tx, job: BulkJob, ids: Sequence[UUID]) -> Problems:
    """The rows as they are now go into the file; those that are out of reach are refused."""
    rows = read_rows(tx, ids)
    write_export_part(tx, job.id, job.chunks_done, cells_of(rows, job.ask["columns"]))
    found = {row.id for row in rows}
    gone = NotFound("There is no such order, or it is none of those you see.").body()
    return {id_: None if id_ in found else gone for id_ in ids}


def _print(tx: Tx, job: BulkJob, ids: Sequence[UUID]) -> Problems:
    """Slips of what is still to leave, as it is now; orders without any are refused."""
    keys = find_parts(tx, ids, states=WORK)
    slips = read_slips(tx, keys) if keys else ()
    write_export_part(tx, job.id, job.chunks_done, [[msgspec.to_builtins(s)] for s in slips])
    found = {slip.order_id for slip in slips}
    none = NotFound("Nothing of it is still to leave, or it is none of what you see.").body()
    return {id_: None if id_ in found else none for id_ in ids}


ACTS: dict[BulkAct, Act] = {
    "tag": Act("orders.write", _tag, ("tag",)),
    "untag": Act("orders.write", _untag, ("tag",)),
    "hold": Act("orders.write", _hold, ("reason",)),
    "release_hold": Act("orders.write", _release_hold),
    "release_to_pick": Act("fulfillment.write", _release_to_pick),
    "cancel": Act("orders.write", _cancel, ("reason",)),
    "assign": Act("orders.write", _assign),
    "export": Act("orders.read", _export, ("columns",)),
    "print": Act("fulfillment.read", _print),
}
