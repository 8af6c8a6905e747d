"""An order of its heading, its lines and its charges, with the totals the channel gave."""

from collections.abc import Sequence
from decimal import Decimal

from ordito.intake.headings import Cells, Heading, HeadingReader
from ordito.intake.presets import Preset
from ordito.intake.row_readings import RowReader
from ordito.intake.types import (
    UNDATED,
    ChannelState,
    ChannelTotals,
    Charge,
    OrderDetails,
    OrderEntry,
    OrderLine,
)

_PLAIN_FIELDS = frozenset(("external_id", "customer_number", "currency", "country", "email"))

_UNTIMELY = {
    ("live", "done"): (
        "already-fulfilled",
        "The channel has shipped it already. Import it as history.",
    ),
    ("live", "partly"): (
        "partly-fulfilled",
        "The channel has shipped a part of it. Ship the rest there, then import it as history.",
    ),
    ("history", "open"): (
        "not-fulfilled-yet",
        "The channel has not shipped it yet, so it is no history. Import it live.",
    ),
    ("history", "partly"): (
        "partly-fulfilled",
        "The channel has shipped only a part of it. Ship the rest there, then import it again.",
    ),
}
_CANCELLED = ("cancelled-at-channel", "The channel has cancelled it; there is nothing to do.")


class OrderReader:
    """Makes order entries of one table."""

    def __init__(self, preset: Preset, rows: RowReader, headings: HeadingReader) -> None:
        self._preset = preset
        self._rows = rows
        self._headings = headings
        # Most rows of history files tell nothing more of an order than who bought it.
        self._is_plain = headings.mapped <= _PLAIN_FIELDS

    def order(
        self,
        heading: Heading,
        cells: Cells,
        lines: Sequence[OrderLine],
        charges: Sequence[Charge],
    ) -> OrderEntry | None:
        """The order; None, with faults added to `cells`, where it must not be taken as it is.

        lines, charges: of its rows; charges from order-level columns are added here.
        """
        totals, state, details = ChannelTotals(), ChannelState(), OrderDetails()
        ship_to = bill_to = None
        if not self._is_plain:
            totals = self._headings.totals(cells, heading.currency)
            state = self._headings.state(cells)
            details = self._headings.details(cells)
            ship_to = self._headings.address(cells, "ship")
            bill_to = self._headings.address(cells, "bill")
            charges = [*charges, *_column_charges(heading, lines, totals, details)]
            self._refuse_untimely(cells, state)
        tax_included = self._headings.tax_included(cells, totals)
        if cells.faults:
            return None
        return OrderEntry(
            external_id=heading.external_id,
            name=heading.key,
            placed_at=heading.at.at if heading.at else None,
            currency=heading.currency,
            tax_included=tax_included,
            customer=heading.customer,
            country=heading.country,
            ship_to=ship_to,
            bill_to=bill_to,
            lines=tuple(lines),
            charges=tuple(charges),
            totals=totals,
            state=state,
            details=details,
            source_lines=cells.source_lines,
            notes=tuple(cells.notes),
        )

    def _refuse_untimely(self, cells: Cells, state: ChannelState) -> None:
        """Add a fault where the channel's state doesn't suit the mode: live orders would be
        shipped a second time, history would book goods as shipped that are not."""
        if state.cancelled_at:
            cells.fault("cancelled_at", *_CANCELLED)
            return
        if not self._preset.fulfilment or not self._rows.has("fulfilment_status"):
            return
        stage = self._preset.fulfilment.get(state.fulfilment, "open")
        if stage == "cancelled":
            cells.fault("fulfilment_status", *_CANCELLED)
        elif told := _UNTIMELY.get((self._preset.mode, stage)):
            cells.fault("fulfilment_status", *told)


def _column_charges(
    heading: Heading, lines: Sequence[OrderLine], totals: ChannelTotals, details: OrderDetails
) -> list[Charge]:
    month = heading.at.month if heading.at else UNDATED
    charges = []
    if totals.shipping:
        method = details.shipping_method
        charges.append(Charge("shipping", "", method, totals.shipping, month))
    if totals.duties:
        charges.append(Charge("fee", "duties", "", totals.duties, month))
    discount = order_discount(lines, totals)
    if discount:
        charges.append(Charge("discount", details.discount_code, "", -discount, month))
    return charges


def order_discount(lines: Sequence[OrderLine], totals: ChannelTotals) -> Decimal:
    """Discount of the order beyond its lines' own discounts; zero or more.

    Channels differ in whether the discount they state for an order contains those of its lines.
    Where a subtotal is given, the reading that comes nearer to it wins; otherwise they add up.
    """
    stated = abs(totals.discount or Decimal(0))
    of_lines = sum((line.discount or Decimal(0) for line in lines), Decimal(0))
    if not stated or not of_lines or totals.subtotal is None:
        return stated
    gross = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
    if_contained = abs(gross - stated - totals.subtotal)
    if_added = abs(gross - stated - of_lines - totals.subtotal)
    return max(stated - of_lines, Decimal(0)) if if_contained <= if_added else stated
