"""Pick: begin, take units off the shelf, put them back."""

from ordito.flows.named_lots import find_named_lots
from ordito.flows.opened_work import open_work
from ordito.fulfillment.asks import PickUnits, StartPicking, UnpickUnits
from ordito.orders.events import PickingStarted, UnitsPicked, UnitsPutBack
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command


@command(permission="fulfillment.write")
def start_picking(tx: Tx, ask: StartPicking) -> OrderState:
    """Someone has begun to pick; nothing has moved yet."""
    work = open_work(tx, ask, "start")
    work.changes.mark(work.fo, "picking")
    return work.finish(PickingStarted(ask.fo_no, work.location), "picked")


@command(permission="fulfillment.write")
def pick_units(tx: Tx, ask: PickUnits) -> OrderState:
    """Units were taken off the shelf, all or some of them; kits whole. Of items that are kept by
    lots or serial numbers it is said which; none that is blocked or too old is taken."""
    work = open_work(tx, ask, "pick")
    units = work.choose_units(ask.lines, "unpicked")
    work.changes.lots = find_named_lots(tx, work, ask.lots, as_proposed=ask.as_proposed)
    work.use_bin(ask.bin)
    for line_no, qty in units.items():
        work.changes.move(work.opened, line_no, qty, ("released", "picked"), work.fo)
    work.changes.mark(work.fo, "picking")
    return work.finish(UnitsPicked(ask.fo_no, work.location, units), "picked")


@command(permission="fulfillment.write")
def unpick_units(tx: Tx, ask: UnpickUnits) -> OrderState:
    """Picked units went back on the shelf; they stay reserved for the order and are to be picked.

    Those that are not packed yet go first; what was packed comes out of its box.
    """
    work = open_work(tx, ask, "unpick")
    units = work.choose_units(ask.lines, "in_hand")
    work.changes.lots = find_named_lots(tx, work, ask.lots)
    work.use_bin(ask.bin)
    loose = work.choose_units(None, "unpacked")
    for line_no, qty in units.items():
        unpacked = min(qty, loose.get(line_no, 0))
        if unpacked:
            work.changes.move(work.opened, line_no, unpacked, ("picked", "released"), work.fo)
        if qty > unpacked:
            packed = qty - unpacked
            work.changes.move(work.opened, line_no, packed, ("packed", "released"), work.fo)
    work.changes.mark(work.fo, "picking")
    return work.finish(UnitsPutBack(ask.fo_no, work.location, units), "put_back")
