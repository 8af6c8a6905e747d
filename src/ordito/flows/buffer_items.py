"""Buffer items: say for single items how many units a channel isn't told of."""

from uuid import UUID

from ordito.catalog.items import send_facts, send_find_facts
from ordito.channels.channels import CHANNEL, lock_channel
from ordito.channels.events import ItemBuffersSet
from ordito.channels.item_buffers import (
    BuffersSet,
    NamedBuffer,
    SetItemBuffers,
    list_buffers,
    put_buffers,
    read_buffers,
)
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotFound


@command(permission="settings.write")
def set_item_buffers(tx: Tx, ask: SetItemBuffers) -> BuffersSet:
    """Set buffers of some items; an item without one has the channel's."""
    channel = lock_channel(tx, ask.code)
    if channel is None or not tx.actor.sees_channel(channel.id):
        raise NotFound(f"There is no channel “{ask.code[:60]}”, or you don't see it.")
    items = {i.sku_key: i for i in send_find_facts(tx, {normal_code(x.sku) for x in ask.buffers})}
    wanted: dict[str, int | None] = {}
    faults = []
    for n, line in enumerate(ask.buffers):
        item = items.get(normal_code(line.sku))
        if item is None:
            detail = f"There is no item “{line.sku[:60]}”; correct the SKU."
            faults.append(Fault(f"/buffers/{n}/sku", "unknown-sku", detail))
        elif item.id in wanted:
            detail = f"“{item.sku}” is named twice."
            faults.append(Fault(f"/buffers/{n}/sku", "duplicate", detail))
        else:
            wanted[item.id] = line.units
    if faults:
        raise InvalidInput(f"{len(faults)} thing(s) to correct; nothing is set.", errors=faults)
    before = read_buffers(tx, channel.id, wanted)
    changed = {id_: units for id_, units in wanted.items() if units != before.get(id_)}
    if changed:
        put_buffers(tx, channel.id, changed)
        tx.emit(CHANNEL, channel.id, ItemBuffersSet(channel.code, changed))
    return BuffersSet(channel.code, len(changed))


def tell_buffers(
    tx: Tx, channel_id: UUID, *, after: UUID | None = None, limit: int
) -> list[NamedBuffer]:
    """The item buffers of a channel with the items' names, by item id."""
    rows = list_buffers(tx, channel_id, after=after, limit=limit)
    items = {UUID(item.id): item for item in send_facts(tx, [row.item_id for row in rows])}
    return [
        NamedBuffer(row.item_id, items[row.item_id].sku, items[row.item_id].name, row.units)
        for row in rows
    ]
