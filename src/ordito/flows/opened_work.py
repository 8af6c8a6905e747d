"""A fulfillment order opened for change: seen, current, and the act allowed."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import msgspec

from ordito.flows.binned_places import find_bin_faults
from ordito.flows.opened_orders import OpenedOrder, by_line_no, open_order, require_work
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.fulfillment.actions import (
    WorkAction,
    WorkFacts,
    refuse_work_action,
    require_work_action,
)
from ordito.fulfillment.asks import WorkAsk
from ordito.fulfillment.states import LineWork
from ordito.fulfillment.types import FulfillmentOrder
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.events import Event
from ordito.platform.problems import Fault, InvalidInput

Stage = Literal["unpicked", "unpacked", "unshipped", "in_hand", "unsent"]

_STAGE_WORDS: dict[Stage, str] = {
    "unpicked": "left to pick",
    "unpacked": "picked and not packed",
    "unshipped": "packed and not shipped",
    "in_hand": "picked",
    "unsent": "left to ship",
}


class OpenedWork(msgspec.Struct, frozen=True):
    """A fulfillment order, its order, and the changes that the act will make."""

    opened: OpenedOrder
    fo: FulfillmentOrder
    changes: OrderChanges
    location: str
    """The location's code."""

    @property
    def facts(self) -> WorkFacts:
        return self.opened.work_facts(self.fo.fo_no)

    def choose_units(self, asked: Mapping[str, int] | None, stage: Stage) -> dict[int, int]:
        """Units by line that are at a stage: those asked for, or all.

        Raises InvalidInput for lines that the fulfillment order doesn't have, ActionNotAllowed
        when fewer units are at that stage.
        """
        there = {
            work.line_no: _count_at(work, stage) for work in self.opened.work_of(self.fo.fo_no)
        }
        if asked is None:
            return {no: units for no, units in there.items() if units}
        lines = by_line_no(asked)
        unknown = [no for no in lines if no not in there]
        if unknown:
            raise InvalidInput(
                "Nothing was changed.",
                errors=[
                    Fault(
                        f"/lines/{no}",
                        "unknown-line",
                        f"Line {no} is not in this fulfillment order.",
                    )
                    for no in unknown
                ],
            )
        for no, units in sorted(lines.items()):
            if units > there[no]:
                raise refuse_work_action(
                    f"Line {no} has {there[no]} units {_STAGE_WORDS[stage]}, not {units}.",
                    self.facts,
                )
        return lines

    def pieces(self, units: Mapping[int, int]) -> list[tuple[int, UUID, int]]:
        """Units by line as pieces of items: (line no, item id, pieces)."""
        return [
            (line_no, part.item_id, qty * part.per_unit)
            for line_no, qty in sorted(units.items())
            for part in self.opened.parts[line_no]
        ]

    def use_bin(self, code: str | None) -> None:
        """Take units from a bin first, or lay them there; raises InvalidInput for an unknown one.

        Nothing comes of it where no bin stock is kept.
        """
        if code is None:
            return
        named = {"/bin": code}
        faults = find_bin_faults(self.changes.tx, self.fo.location_id, named, picked=True)
        if faults:
            raise InvalidInput("Nothing was changed.", errors=faults)
        self.changes.bin = code

    def finish(self, event: Event, reason: str) -> OrderState:
        """Write the changes with what happened; how the order stands then."""
        self.changes.tx.emit(ORDER, self.fo.order_id, event)
        self.changes.write(reason)
        return order_state(self.changes.tx, self.fo.order_id)


def _count_at(work: LineWork, stage: Stage) -> int:
    match stage:
        case "unpicked":
            return work.qty - work.picked
        case "unpacked":
            return work.picked - work.packed
        case "unshipped":
            return work.packed - work.shipped
        case "in_hand":
            return work.picked - work.shipped
        case "unsent":
            return work.qty - work.shipped


def open_work(tx: Tx, ask: WorkAsk, action: WorkAction) -> OpenedWork:
    """Lock an order and look at one of its fulfillment orders.

    Raises NotFound (also for what the actor doesn't see), VersionConflict, ActionNotAllowed.
    """
    opened = open_order(tx, ask.order_id)
    fo = require_work(tx, opened, ask.fo_no, ask.version)
    require_work_action(action, opened.work_facts(ask.fo_no))
    changes = OrderChanges(tx, {ask.order_id: opened})
    return OpenedWork(opened, fo, changes, reference(tx).locations_by_id[fo.location_id].code)
