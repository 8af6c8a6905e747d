"""What is to be put away at a location, each item with the bins that it should go to."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items
from ordito.catalog.types import Item
from ordito.inventory.put_away_plans import Proposal, propose
from ordito.listings.bin_contents import ToPutAway, list_to_put_away
from ordito.listings.bin_rooms import read_rooms
from ordito.platform.database import Tx


class PutAwayTask(msgspec.Struct, frozen=True):
    """An item to be put away. units: of all kinds together: came in, lie in no bin, or lie with
    what is set aside though they may be sold.

    proposals: bins for all of them, as far as room is known; empty when nothing has room.
    barcodes:  what scans as the item, beside its SKU.
    """

    item_id: UUID
    sku: str
    name: str
    barcodes: list[str]
    units: int
    receiving: int
    unplaced: int
    released: int
    since: datetime | None
    proposals: list[Proposal]


def list_put_away_work(
    tx: Tx, location_id: UUID, *, after: str = "", limit: int = 50
) -> tuple[list[PutAwayTask], str]:
    """Tasks by SKU, and after which the next page begins; "" on the last."""
    rows = list_to_put_away(tx, location_id, after=after, limit=limit + 1)
    shown = rows[:limit]
    return propose_all(tx, location_id, shown), shown[-1].sku_key if len(rows) > limit else ""


def propose_all(tx: Tx, location_id: UUID, rows: Sequence[ToPutAway]) -> list[PutAwayTask]:
    """Each of the items with its proposals."""
    ids = [row.item_id for row in rows]
    items = read_items(tx, ids)
    rooms = read_rooms(tx, location_id, ids)
    tasks = []
    for row in rows:
        units = row.receiving + row.unplaced + row.released
        item = items[row.item_id]
        tasks.append(
            PutAwayTask(
                item_id=row.item_id,
                sku=row.sku,
                name=row.name,
                barcodes=item.barcodes,
                units=units,
                receiving=row.receiving,
                unplaced=row.unplaced,
                released=row.released,
                since=row.since,
                proposals=propose(rooms[row.item_id], units, unit_mm3(item)),
            )
        )
    return tasks


def unit_mm3(item: Item) -> int | None:
    """The volume of one unit, if its sizes are known."""
    sizes = [size for size in (item.length_mm, item.width_mm, item.height_mm) if size]
    return sizes[0] * sizes[1] * sizes[2] if len(sizes) == 3 else None
