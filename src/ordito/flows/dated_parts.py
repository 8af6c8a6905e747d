"""Which part of an order has which lines, once lines are wanted on other days than before."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.order_changes import OrderChanges
from ordito.flows.withdraw_units import UNBEGUN
from ordito.fulfillment.types import FulfillmentOrder
from ordito.kernel.moves import LineState, Move
from ordito.sourcing.timings import Dates

DatesOf = Mapping[int, Dates]
"""By line; lines without any are absent."""


class DatedPart(msgspec.Struct):
    """Lines with the same dates at one location that nobody has begun.

    fo:    what they belong to afterwards; None is a new fulfillment order.
    units: all that it has then, by line.
    gains: of that, what other fulfillment orders give it: (fo no, line no) → units.
    """

    location_id: UUID
    dates: Dates | None
    fo: FulfillmentOrder | None
    units: dict[int, int]
    gains: dict[tuple[int, int], int] = {}

    @property
    def source(self) -> int:
        """The fulfillment order that most of it was, by number."""
        if self.fo is not None:
            return self.fo.fo_no
        return next(iter(self.gains))[0]


def part_by_dates(
    opened: OpenedOrder, dates: DatesOf, moved: frozenset[int]
) -> tuple[list[DatedPart], list[FulfillmentOrder]]:
    """The parts that the moved lines belong to, and the fulfillment orders that have nothing left.

    What is wanted on one day from one place is one parcel; what is wanted on another day is worked
    on apart, so that neither is held up by the other. dates: as they are to be.
    """
    contents = {
        fo.fo_no: {work.line_no: work.qty for work in opened.work_of(fo.fo_no) if work.qty}
        for fo in opened.fos.values()
        if fo.state in UNBEGUN
    }
    homes: dict[tuple[UUID, Dates | None], DatedPart] = {}
    touched: list[FulfillmentOrder] = []
    for fo_no, units in contents.items():
        fo = opened.fos[fo_no]
        if moved & units.keys():
            touched.append(fo)
            continue
        wanted = {dates.get(no) for no in units}
        # What is open on account of a day may have been begun early: nothing joins it.
        if len(wanted) == 1 and (fo.state == "scheduled" or None in wanted):
            home = DatedPart(fo.location_id, wanted.pop(), fo, dict(units))
            homes.setdefault((home.location_id, home.dates), home)
    concerned: list[DatedPart] = []
    for fo in touched:
        for part in _divide(fo, contents[fo.fo_no], (dates, moved), homes):
            if part not in concerned:
                concerned.append(part)
    kept = {part.fo.fo_no for part in concerned if part.fo is not None}
    # What stays behind goes on as it was.
    changed = [part for part in concerned if part.gains or moved & part.units.keys()]
    return changed, [fo for fo in touched if fo.fo_no not in kept]


def _divide(
    fo: FulfillmentOrder,
    units: Mapping[int, int],
    wanted: tuple[DatesOf, frozenset[int]],
    homes: dict[tuple[UUID, Dates | None], DatedPart],
) -> list[DatedPart]:
    """Give the lines of a fulfillment order to parts; what didn't move keeps it first."""
    dates, moved = wanted
    by_dates: dict[Dates | None, dict[int, int]] = {}
    for no, qty in units.items():
        by_dates.setdefault(dates.get(no), {})[no] = qty
    found: list[DatedPart] = []
    free = True
    for key, lines in sorted(
        by_dates.items(), key=lambda one: (one[1].keys() <= moved, -sum(one[1].values()))
    ):
        part = homes.get((fo.location_id, key))
        if part is None:
            part = DatedPart(fo.location_id, key, fo if free else None, {})
            homes[fo.location_id, key] = part
            free = False
        if part.fo is not fo:
            part.gains |= {(fo.fo_no, no): qty for no, qty in lines.items()}
        for no, qty in lines.items():
            part.units[no] = part.units.get(no, 0) + qty
        found.append(part)
    return found


def hand_on(
    changes: OrderChanges,
    opened: OpenedOrder,
    part: DatedPart,
    taker: FulfillmentOrder,
) -> None:
    """Let a fulfillment order have what others of the same location give to it.

    The units stay reserved on their shelf, so that nothing is posted.
    """
    for (giver_no, line_no), qty in part.gains.items():
        ways: tuple[tuple[FulfillmentOrder, LineState, LineState], ...] = (
            (opened.fos[giver_no], "reserved", "open"),
            (taker, "open", "reserved"),
        )
        for fo, from_, to in ways:
            changes.mark(fo, fo.state)
            changes.moves.append(
                Move(
                    order_id=opened.order.id,
                    line_no=line_no,
                    location_id=fo.location_id,
                    from_=from_,
                    to=to,
                    qty=qty,
                    parts=opened.parts[line_no],
                    fo_no=fo.fo_no,
                )
            )
