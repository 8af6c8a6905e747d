"""Adjustments: why stock may differ, and between which buckets each reason books.

An adjustment, a count and a move are documents of one event: the event is all there is of them
beside their postings, which carry its stream's id as their source.
"""

import msgspec

from ordito.inventory.asks import Reason
from ordito.kernel.moves import Bucket
from ordito.platform.bulk import bulk_query
from ordito.platform.events import RaisedVersion, Stream


class ReasonRule(msgspec.Struct, frozen=True):
    """Where units come from when there are more, and go to when there are fewer. None: never."""

    more_from: Bucket | None
    fewer_to: Bucket | None
    words: str
    note_required: bool = False


REASONS: dict[Reason, ReasonRule] = {
    "correction": ReasonRule("adjustment", "adjustment", "The record was wrong"),
    "opening": ReasonRule("supplier", None, "Opening stock"),
    "found": ReasonRule("adjustment", None, "Found"),
    "lost": ReasonRule(None, "adjustment", "Lost"),
    "theft": ReasonRule(None, "adjustment", "Stolen"),
    "damaged": ReasonRule(None, "scrapped", "Damaged beyond sale and thrown away"),
    "expired": ReasonRule(None, "scrapped", "Past its date"),
    "internal_use": ReasonRule(None, "scrapped", "Used by ourselves"),
    "sample": ReasonRule(None, "scrapped", "Given away as a sample"),
    "customer_return": ReasonRule("customer", None, "Came back from a customer"),
    "to_supplier": ReasonRule(None, "supplier", "Sent back to the supplier"),
    "other": ReasonRule("adjustment", "adjustment", "Other; the note says what", True),
}


def find_side(reason: Reason, quantity: int) -> Bucket | None:
    """The bucket on the other side of an adjustment; None when the reason doesn't go that way."""
    rule = REASONS[reason]
    return rule.more_from if quantity > 0 else rule.fewer_to


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
