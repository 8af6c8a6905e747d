"""Lines of a customer's earlier orders: what a cancelling invoice may mean."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.orders.types import Mode
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx


class EarlierLine(msgspec.Struct):
    """A line of which units are left. They are counted down while cancellations are matched."""

    order_id: UUID
    line_no: int
    customer_id: UUID
    item_id: UUID
    channel_id: UUID
    mode: Mode
    placed_at: datetime
    unshipped: int
    shipped: int
    """Shipped units that have not come back."""


def find_earlier(tx: Tx, pairs: Sequence[tuple[UUID, str]]) -> list[EarlierLine]:
    """Lines with units left of (customer id, item id) pairs, the latest placed first."""
    return _EARLIER.all_rows(tx, pairs)


_EARLIER = bulk_query(
    EarlierLine,
    """
    WITH asked AS (
        SELECT DISTINCT customer_id, item_id
        FROM unnest(%s::uuid[], %s::uuid[]) AS a (customer_id, item_id)
    ),
    buyer AS (SELECT DISTINCT customer_id FROM asked)
    SELECT o.id AS order_id, l.line_no, asked.customer_id, asked.item_id, o.channel_id, o.mode,
           o.placed_at, l.ordered - l.cancelled - l.shipped - l.completed AS unshipped,
           l.shipped - l.returned AS shipped
    FROM buyer
    JOIN orders.sales_order AS o ON o.customer_id = buyer.customer_id
    JOIN orders.line AS l ON l.order_id = o.id
    JOIN asked ON asked.customer_id = o.customer_id AND asked.item_id = l.item_id
    WHERE l.ordered - l.cancelled - l.completed - l.returned > 0
    ORDER BY o.placed_at DESC, o.number DESC, l.line_no DESC
    """,
)


class Taken(msgspec.Struct, frozen=True):
    """Units that a cancellation takes from an earlier line."""

    line: EarlierLine
    unshipped: int
    shipped: int


def take_back(lines: Sequence[EarlierLine], qty: int, at: datetime) -> list[Taken] | None:
    """Take units from the latest lines placed until `at`; None, and nothing, when too few are left.

    lines: the latest first. Unshipped units of a line go first: what never left need not return.
    """
    taken: list[Taken] = []
    wanted = qty
    for line in lines:
        if line.placed_at > at or not line.unshipped + line.shipped:
            continue
        unshipped = min(line.unshipped, wanted)
        shipped = min(line.shipped, wanted - unshipped)
        taken.append(Taken(line, unshipped, shipped))
        wanted -= unshipped + shipped
        if wanted == 0:
            break
    if wanted:
        return None
    for part in taken:
        part.line.unshipped -= part.unshipped
        part.line.shipped -= part.shipped
    return taken
