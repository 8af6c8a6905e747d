"""The dates of placed orders' lines, as the calculator of timings takes them."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from ordito.orders.dates import read_dates, read_preorders
from ordito.platform.database import Tx
from ordito.sourcing.timings import Dates


def read_line_dates(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, dict[int, Dates]]:
    """Dates by order and line; orders and lines without any are absent."""
    ids = sorted(set(order_ids))
    found: dict[UUID, dict[int, Dates]] = {}
    for row in read_dates(tx, ids):
        dates = Dates(row.not_before, row.requested_on, row.latest_on)
        found.setdefault(row.order_id, {})[row.line_no] = dates
    for part in read_preorders(tx, ids):
        lines = found.setdefault(part.order_id, {})
        dates = lines.get(part.line_no, Dates())
        # A kit waits for the last of its parts.
        if dates.released_on is None or part.released_on > dates.released_on:
            lines[part.line_no] = msgspec.structs.replace(dates, released_on=part.released_on)
    return found
