"""Switch bin stock on or off at a location: from then on each unit lies in a bin by the record."""

from ordito.flows.reference import reference
from ordito.inventory.bin_events import BinStockSwitched as BinStockWasSwitched
from ordito.inventory.bin_stock import switch_off, switch_on
from ordito.inventory.bin_types import BinStockSwitched, SwitchBinStock
from ordito.inventory.replenishments import end_all
from ordito.locations.bins import read_homes
from ordito.locations.locations import LOCATION
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, NotFound
from ordito.platform.revisions import raise_revision


@command(permission="settings.write")
def switch_bin_stock(tx: Tx, ask: SwitchBinStock) -> BinStockSwitched:
    """Begin or end the record of what lies in which bin; said twice it is done once.

    Switched on, units on hand lie in no bin yet, or where their items usually lie: putting them
    away, or counting them, says where they are.
    """
    location = reference(tx).locations.get(ask.location)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    if location.kind == "history":
        raise ActionNotAllowed(
            "The place of orders taken over from elsewhere has no bins.",
            extra={"allowed_actions": []},
        )
    if location.kind == "supplier" and ask.on:
        raise ActionNotAllowed(
            "What lies at a supplier is only what it says it can send; no bins of it are known"
            " here. Keep bin stock at a place of your own.",
            extra={"allowed_actions": []},
        )
    units: int | None
    if ask.on:
        homes = read_homes(tx, location.id) if ask.at_home else []
        units = switch_on(tx, location.id, [(home.item_id, home.bin) for home in homes])
    else:
        units = 0 if switch_off(tx, location.id) else None
        end_all(tx, location.id, tx.now)
    if units is None:
        return BinStockSwitched(location.code, ask.on, 0)
    tx.emit(LOCATION, location.id, BinStockWasSwitched(location.code, ask.on, units))
    raise_revision(tx, "reference")
    return BinStockSwitched(location.code, ask.on, units)
