"""What acts on bins name: a location that keeps bin stock, an item, bins."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items_by_sku
from ordito.catalog.types import Item
from ordito.flows.reference import reference
from ordito.inventory.bin_types import BUILT_IN
from ordito.inventory.problems import NoBinStock
from ordito.inventory.types import CellKey
from ordito.kernel.text import normal_code
from ordito.listings.put_away_work import unit_mm3
from ordito.locations.bins import find_bins
from ordito.locations.types import Bin, Location
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput, NotFound


class BinnedCell(msgspec.Struct, frozen=True):
    """An item at a location that keeps bin stock, with the bins that were named of it."""

    location: Location
    item: Item
    bins: dict[str, Bin]

    @property
    def key(self) -> CellKey:
        return str(self.item.id), str(self.location.id)

    @property
    def unit_mm3(self) -> int | None:
        """The volume of one unit, if its sizes are known."""
        return unit_mm3(self.item)

    def purpose(self, code: str) -> str:
        """What a bin is for; of a built-in place its own code."""
        return code if code in BUILT_IN else self.bins[code].purpose


def find_binned(tx: Tx, code: str) -> Location:
    """A location that keeps bin stock; raises NotFound, NoBinStock."""
    location = reference(tx).locations.get(code)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    if location.id not in reference(tx).binned:
        raise NoBinStock(
            f"{location.code} keeps no record of what lies in which bin. Switch bin stock on at"
            " the location first. Nothing was changed."
        )
    return location


def open_cell(tx: Tx, location: str, sku: str, bins: dict[str, str | None]) -> BinnedCell:
    """The item, and the bins by the fields that name them; raises InvalidInput with all faults."""
    place = find_binned(tx, location)
    item = read_items_by_sku(tx, [normal_code(sku)]).get(normal_code(sku))
    faults = []
    if item is None:
        detail = f"There is no item “{sku[:60]}”; correct the SKU."
        faults.append(Fault("/sku", "unknown-sku", detail))
    elif item.kind != "stocked":
        detail = f"No stock is kept of “{item.sku}”: it is a {item.kind}."
        faults.append(Fault("/sku", "not-stocked", detail))
    named = {field: code for field, code in bins.items() if code is not None}
    known = find_bins(tx, place.id, named.values())
    for field, code in named.items():
        if code not in known and code not in BUILT_IN:
            detail = f"{place.code} has no bin “{code}”; correct it, or add it to the bins."
            faults.append(Fault(f"/{field}", "unknown-bin", detail))
    if faults:
        raise InvalidInput(f"{len(faults)} thing(s) to correct; nothing was moved.", errors=faults)
    assert item is not None, "without a fault it was found"
    return BinnedCell(place, item, known)


def find_bin_faults(
    tx: Tx, location_id: UUID, named: Mapping[str, str], *, picked: bool = False
) -> list[Fault]:
    """What is wrong with bins (pointer → code); nothing where no bin stock is kept.

    picked: orders are picked from them, and what is set aside lies elsewhere.
    """
    if not named or location_id not in reference(tx).binned:
        return []
    known = find_bins(tx, location_id, named.values())
    faults = []
    for pointer, code in named.items():
        bin_ = known.get(code)
        if bin_ is None and code not in BUILT_IN:
            detail = f"There is no bin “{code}” there; correct it."
            faults.append(Fault(pointer, "unknown-bin", detail))
        elif picked and bin_ is not None and bin_.purpose == "quality":
            detail = f"In “{code}” lies what is set aside; take the units from another bin."
            faults.append(Fault(pointer, "bin-refused", detail))
    return faults
