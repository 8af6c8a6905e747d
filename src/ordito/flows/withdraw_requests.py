"""Requests that partners don't answer: they are reminded, then it is taken back, once."""

import contextlib
import html

from ordito.flows.opened_work import open_work
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.flows.resource_order import source_units
from ordito.flows.stock_searches import Search
from ordito.fulfillment.asks import ChaseRequest, WithdrawRequest
from ordito.fulfillment.requests import (
    find_unanswered,
    find_unchased,
    write_answer,
    write_chased,
)
from ordito.locations.types import Location
from ordito.notifications.mails import queue_mail
from ordito.notifications.types import NewMail
from ordito.orders.events import PartWithdrawn, RequestChased
from ordito.orders.orders import ORDER
from ordito.orders.refusals import Refusal, keep_refusal
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import ActionNotAllowed, NotFound

UNANSWERED = "unanswered"
AT_ONCE = 200
"""Requests that one run of the job reminds of, and takes back."""


@command(permission="orders.write")
def withdraw_request(tx: Tx, ask: WithdrawRequest) -> OrderState:
    """Take back what a partner has not answered; the units are sourced at another place.

    An answer that comes in this moment comes before it or after it: the one that is later is
    refused. The order is not offered to this partner again by itself.
    """
    work = open_work(tx, ask, "withdraw")
    units = work.choose_units(None, "unpicked")
    for line_no, qty in units.items():
        work.changes.move(work.opened, line_no, qty, ("released", "open"), work.fo)
    keep_refusal(tx, Refusal(ask.order_id, work.fo.location_id, ask.fo_no, ask.reason, tx.now))
    write_answer(tx, ask.order_id, ask.fo_no, "withdrawn", reason=ask.reason)
    work.changes.mark(work.fo, "cancelled")
    work.changes.mark_request(work.fo, "withdrawn")
    tx.emit(ORDER, ask.order_id, PartWithdrawn(ask.fo_no, work.location, ask.reason, units))
    search = Search(
        work.opened,
        units,
        "withdrawn",
        excluded=frozenset((str(work.fo.location_id),)),
        promised=True,
    )
    source_units(work.changes, [search], reason="withdrawn")
    return order_state(tx, ask.order_id)


@command(permission="fulfillment.write")
def chase_request(tx: Tx, ask: ChaseRequest) -> OrderState:
    """Remind the partner of what it has not answered in time, once."""
    work = open_work(tx, ask, "accept")
    if not write_chased(tx, ask.order_id, ask.fo_no):
        return order_state(tx, ask.order_id)
    place = reference(tx).locations_by_id[work.fo.location_id]
    if place.partner_email:
        number = work.opened.order.number
        queue_mail(tx, _reminder(place, number, f"{ask.order_id}.{ask.fo_no}", ask.base_url))
    work.changes.touch(ask.order_id)
    event = RequestChased(ask.fo_no, work.location, bool(place.partner_email))
    return work.finish(event, "chased")


def _reminder(place: Location, number: int, request_id: str, base_url: str) -> NewMail:
    """The mail to a partner; it names no customer."""
    url = f"{base_url}/fulfillment/requests" if base_url else ""
    first = f"order #{number} waits at {place.name} for your answer, and its time is over."
    last = (
        f"Please accept or reject it. In {place.withdraw_hours} hours it is taken back and given"
        " to another place."
    )
    link = f'<p><a href="{html.escape(url)}">{html.escape(url)}</a></p>' if url else ""
    return NewMail(
        kind="partner.reminder",
        to=place.partner_email,
        subject=f"Order #{number} waits for your answer",
        text="\n\n".join(part for part in ("Hello,", first, url, last) if part) + "\n",
        html=f"<p>Hello,</p><p>{html.escape(first)}</p>{link}<p>{last}</p>",
        locale="en",
        key=f"partner.reminder:{request_id}",
    )


def chase_partners(db: Database, base_url: str) -> int:
    """The scheduled job: remind partners, take back what they still don't answer; how many."""
    with db.reading(SYSTEM) as tx:
        late = find_unchased(tx, limit=AT_ONCE)
        overdue = find_unanswered(tx, limit=AT_ONCE)
    done = 0
    for due in late:
        ask = ChaseRequest(order_id=due.order_id, fo_no=due.fo_no, base_url=base_url)
        # Whoever answers in this moment is faster.
        with contextlib.suppress(ActionNotAllowed, NotFound):
            run(db, SYSTEM, chase_request, ask)
            done += 1
    for due in overdue:
        back = WithdrawRequest(order_id=due.order_id, fo_no=due.fo_no, reason=UNANSWERED)
        with contextlib.suppress(ActionNotAllowed, NotFound):
            run(db, SYSTEM, withdraw_request, back)
            done += 1
    return done
