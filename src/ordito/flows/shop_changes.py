"""What a shop says has changed of an order, carried out as far as that is still possible.

Older news move nothing back, and whatever comes twice takes effect once: the link to the shop's
order keeps what was booked.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.channels.order_links import OrderLink
from ordito.channels.shops import ShopOrder, ShopRefund
from ordito.flows.annotate_order import add_note
from ordito.flows.cancel_order import cancel_order
from ordito.flows.hold_order import hold_order
from ordito.flows.intake_log import Why
from ordito.flows.order_states import order_state
from ordito.flows.return_units import return_units
from ordito.flows.tag_order import tag_order
from ordito.orders.asks import (
    AddNote,
    CancelOrder,
    HoldOrder,
    OwnedHold,
    ReturnUnits,
    TagOrder,
)
from ordito.orders.states import LineState
from ordito.platform.database import Tx

CANCELLED = "channel_cancelled"
REFUNDED = "channel_refunded"
EDITED = "channel_edited"

BY_CHANNEL = frozenset((CANCELLED, REFUNDED, EDITED))
"""Reasons of cancellations that the shop knows of: it isn't told of them."""


def key_of(value: object) -> str:
    """A hash by which a changed address or note is seen without keeping it; "" for none."""
    if not value:
        return ""
    return hashlib.blake2b(msgspec.json.encode(value, order="sorted"), digest_size=16).hexdigest()


_PLACE = ("country", "postal_code", "city", "line1", "line2", "company", "name")


def address_key_of(order: ShopOrder) -> str:
    """The hash of where it goes. Webhook and sweep may differ in blanks, case and phone numbers."""
    address = order.ship_to or {}
    return key_of([" ".join(address.get(name, "").split()).casefold() for name in _PLACE])


class Changes:
    """Books what a shop tells of one order, in one transaction.

    whys: what could not be done and waits for someone. done: whether anything was.
    """

    def __init__(self, tx: Tx, link: OrderLink, order_id: UUID) -> None:
        self.tx = tx
        self.link = link
        self.order_id = order_id
        self.whys: list[Why] = []
        self.done = False

    def apply_order(self, order: ShopOrder) -> None:
        """Everything that a newer state of the order differs in."""
        for refund in order.refunds:
            self.apply_refund(refund)
        self._apply_edits(order)
        if order.cancelled:
            self._cancel_all()
        self._apply_tags(order.tags)
        self._apply_note(order.note)
        self._apply_address(order)
        if order.fulfilled:
            self._see_fulfilled()
        self.link = msgspec.structs.replace(
            self.link, changed_at=max(self.link.changed_at, order.changed_at)
        )

    def apply_refund(self, refund: ShopRefund) -> None:
        """Units that are paid back: not sent are cancelled, those that came back are returned."""
        if refund.id in self.link.refunds:
            return
        cancelled: Counter[int] = Counter()
        returned: Counter[int] = Counter()
        for row in refund.lines:
            line_no = self.link.lines.get(row.line)
            if line_no is None:
                # A gift card, or a line that was added later: there are no units of it here.
                continue
            if row.goods == "returned":
                returned[line_no] += row.quantity
            else:
                cancelled[line_no] += row.quantity
        kept = {row.line for row in refund.lines if row.goods == "kept"}
        kept_lines = {no for line, no in self.link.lines.items() if line in kept}
        self._return(returned, cancelled, refund.id)
        late = self._cancel(cancelled, REFUNDED)
        if any(units for no, units in late.items() if no not in kept_lines):
            self._wait(
                "shipped-before-refund",
                f"The shop cancelled {sum(late.values())} unit(s) that have left already."
                " Ask for them back, and book the return when they come.",
            )
        self.link = msgspec.structs.replace(self.link, refunds=[*self.link.refunds, refund.id])

    def _apply_edits(self, order: ShopOrder) -> None:
        before, removed = self.link.removed, dict(self.link.removed)
        units: Counter[int] = Counter()
        for line in order.lines:
            line_no = self.link.lines.get(line.id)
            if line_no is not None and line.removed > before.get(line.id, 0):
                units[line_no] += line.removed - before.get(line.id, 0)
                removed[line.id] = line.removed
        late = self._cancel(units, EDITED)
        if late:
            self._wait(
                "shipped-before-edit",
                f"The shop took off {sum(late.values())} unit(s) that have left already."
                " Ask for them back, and book the return when they come.",
            )
        added = [line for line in order.lines if line.goods and line.id not in self.link.lines]
        if added:
            self._wait(
                "lines-added",
                f"The shop added {len(added)} line(s) after the order was placed:"
                f" {', '.join(line.sku or line.title[:60] for line in added[:5])}. Lines can't be"
                " added to a placed order; place them as an order of their own.",
            )
        self.link = msgspec.structs.replace(self.link, removed=removed)

    def _cancel_all(self) -> None:
        left = {line.line_no: _unshipped(line) for line in self._lines()}
        self._cancel({no: units for no, units in left.items() if units}, CANCELLED)
        shipped = sum(line.shipped - line.returned for line in self._lines())
        if shipped:
            self._wait(
                "shipped-before-cancel",
                f"The shop cancelled the order when {shipped} unit(s) had left. What was not"
                " sent is cancelled; ask for the rest back and book the return when it comes.",
            )

    def _cancel(self, wanted: Mapping[int, int], reason: str) -> dict[int, int]:
        """Cancel what was not shipped; gives the units that were too late."""
        free = {line.line_no: _unshipped(line) for line in self._lines()}
        units = {no: min(qty, free.get(no, 0)) for no, qty in wanted.items()}
        lines = {str(no): qty for no, qty in units.items() if qty}
        if lines:
            cancel_order(self.tx, CancelOrder(order_id=self.order_id, reason=reason, lines=lines))
            self.done = True
        return {no: qty - units[no] for no, qty in wanted.items() if qty > units[no]}

    def _return(self, returned: Counter[int], cancelled: Counter[int], refund_id: str) -> None:
        """Take back what was shipped; what never was is added to what is cancelled."""
        lines: dict[str, int] = {}
        for line in self._lines():
            asked = returned[line.line_no]
            back = min(asked, line.shipped - line.returned)
            if back:
                lines[str(line.line_no)] = back
            if asked > back:
                cancelled[line.line_no] += asked - back
        if lines:
            ask = ReturnUnits(
                order_id=self.order_id, lines=lines, reason=REFUNDED, external_id=refund_id
            )
            return_units(self.tx, ask)
            self.done = True

    def _apply_tags(self, tags: Sequence[str]) -> None:
        add = tuple(tag for tag in tags if tag not in self.link.tags)
        remove = tuple(tag for tag in self.link.tags if tag not in tags)
        if add or remove:
            tag_order(self.tx, TagOrder(order_id=self.order_id, add=add, remove=remove))
            self.link = msgspec.structs.replace(self.link, tags=list(tags))
            self.done = True

    def _apply_note(self, note: str) -> None:
        key = key_of(note)
        if key != self.link.note_key:
            if note:
                add_note(self.tx, AddNote(order_id=self.order_id, body=note))
                self.done = True
            self.link = msgspec.structs.replace(self.link, note_key=key)

    def _apply_address(self, order: ShopOrder) -> None:
        key = address_key_of(order)
        if key == self.link.address_key:
            return
        if self._hold("address_changed"):
            self._wait(
                "address-changed",
                "The shop changed the address, and the order is on hold for it. Cancel it and"
                " place it again with the address below, or release the hold.",
            )
        self.link = msgspec.structs.replace(self.link, address_key=key)

    def _see_fulfilled(self) -> None:
        """The shop says all was sent, and nothing left from here: it would be sent twice."""
        lines = self._lines()
        if any(line.shipped or line.completed for line in lines):
            return
        if any(_unshipped(line) for line in lines) and self._hold("fulfilled_elsewhere"):
            self._wait(
                "fulfilled-elsewhere",
                "The shop says that all of it was sent, but nothing left from here. It is on hold;"
                " cancel it here, or correct the shop and release the hold.",
            )

    def _hold(self, reason: str) -> bool:
        """Put what has not left on hold, once for the reason."""
        state = order_state(self.tx, self.order_id)
        if not any(_unshipped(line) for line in state.lines):
            return False
        if "hold" in state.allowed_actions and all(hold.reason != reason for hold in state.holds):
            ask = HoldOrder(order_id=self.order_id, holds=(OwnedHold(reason=reason),))
            hold_order(self.tx, ask)
            self.done = True
        return True

    def _wait(self, reason: str, words: str) -> None:
        self.whys.append(Why(reason, words))

    def _lines(self) -> tuple[LineState, ...]:
        return order_state(self.tx, self.order_id).lines


def _unshipped(line: LineState) -> int:
    return line.ordered - line.cancelled - line.shipped - line.completed
