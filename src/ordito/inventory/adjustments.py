"""Adjustments, counts and moves: documents of one event.

The event is all there is of them beside their postings, which carry its stream's id as their
source.
"""

from ordito.platform.bulk import bulk_query
from ordito.platform.events import RaisedVersion, Stream


def documents(kind: str) -> Stream:
    # The whole document is written at once, so its version is the number of its events.
    return Stream(
        kind,
        bulk_query(
            RaisedVersion,
            "SELECT d.id, d.n AS version FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)",
        ),
    )


ADJUSTMENT = documents("adjustment")
COUNT = documents("count")
STOCK_MOVE = documents("stock_move")
