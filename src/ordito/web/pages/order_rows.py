"""A row of the orders list, as its template asks for it."""

from datetime import UTC, date, datetime, time
from typing import Literal
from urllib.parse import urlencode

import msgspec

from ordito.kernel.money import exponent
from ordito.listings.orders_list import OrderRow
from ordito.web.words import HOLD_REASONS, word

Kept = Literal["on_time", "due", "late", "met"]


class ShownRow(msgspec.Struct, frozen=True):
    """See templates/orders/_row.html."""

    id: str
    number: int
    external_number: str
    url: str
    placed_at: datetime
    customer_name: str
    country: str
    channel_name: str
    life: str
    fulfilment: str
    money: str
    return_state: str
    promise_at: datetime | None
    promise_state: str
    units: int
    units_done: int
    total_minor: int
    currency: str
    exponent: int
    on_hold: str
    backordered: bool
    special_code: str
    tags: list[str]
    assignee: str
    locations: str


def order_address(number: int, kept: str = "") -> str:
    """The address of an order's page. kept: the list that it belongs to, see ListAsk.kept."""
    return f"/orders/{number}?{urlencode({'list': kept})}" if kept else f"/orders/{number}"


def show_row(row: OrderRow, today: date, kept: str = "") -> ShownRow:
    """An order in the list. A promise that was kept, or that nobody waits for, is not shown.

    kept: the list, so that its neighbours can be walked to from the order's page.
    """
    open_ = row.life in ("open", "draft") and row.fulfilment != "fulfilled"
    return ShownRow(
        id=str(row.id),
        number=row.number,
        external_number=row.external_id or "",
        url=order_address(row.number, kept),
        placed_at=row.placed_at,
        customer_name=row.customer or "",
        country=row.country,
        channel_name=row.channel.name,
        life=row.life,
        fulfilment=row.fulfilment,
        money=row.money,
        return_state=row.return_state,
        promise_at=midday(row.promised_on) if row.promised_on and open_ else None,
        promise_state=promise_state(row.promised_on, late=row.late, today=today),
        units=row.units - row.units_cancelled,
        units_done=row.units_done,
        total_minor=row.total_minor,
        currency=row.currency,
        exponent=exponent(row.currency),
        on_hold=", ".join(word(HOLD_REASONS, reason) for reason in row.holds),
        backordered=row.backordered and open_,
        special_code=row.code or "",
        tags=row.tags,
        assignee=row.assignee or "",
        locations=", ".join(row.locations),
    )


def promise_state(promised: date | None, *, late: bool, today: date) -> str:
    """What is said of a promise: late, due today, or nothing."""
    if late:
        return "late"
    return "due" if promised == today else "on_time"


def midday(on: date) -> datetime:
    """A day as an instant that is on that day in almost every zone, to be shown as a day."""
    return datetime.combine(on, time(12), UTC)
