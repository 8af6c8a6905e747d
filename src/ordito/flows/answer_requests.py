"""What a partner answers: yes, that a parcel has left, and whether it leaves units out."""

from datetime import timedelta

from ordito.flows.cancel_order import Cut, cancel_units, unpicked_state
from ordito.flows.opened_work import OpenedWork, open_work
from ordito.flows.reference import reference
from ordito.flows.sent_parcels import state_after, tell_left
from ordito.fulfillment.asks import AcceptRequest, AnswerCancellation, ShipAccepted
from ordito.fulfillment.parcels import insert_parcel, next_parcel_no
from ordito.fulfillment.requests import (
    answer_cancellation_ask,
    find_cancellation_ask,
    write_answer,
)
from ordito.fulfillment.types import Parcel
from ordito.kernel.moves import LineState
from ordito.orders.events import CancellationAnswered, RequestAccepted
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command


@command(permission="fulfillment.write")
def accept_request(tx: Tx, ask: AcceptRequest) -> OrderState:
    """The partner will do all that it is still asked for, within its hours to send."""
    work = open_work(tx, ask, "accept")
    location = reference(tx).locations_by_id[work.fo.location_id]
    ship_by = tx.now + timedelta(hours=location.ship_hours)
    reference_no = ask.reference.strip()
    write_answer(tx, ask.order_id, ask.fo_no, "accepted", reference=reference_no, ship_by=ship_by)
    work.changes.mark_request(work.fo, "accepted")
    return work.finish(RequestAccepted(ask.fo_no, work.location, ship_by), "accepted")


@command(permission="fulfillment.write")
def ship_accepted(tx: Tx, ask: ShipAccepted) -> OrderState:
    """A parcel left the partner, who picked and packed it in its own way.

    What it was asked to leave out and has sent is no question any more.
    """
    work = open_work(tx, ask, "ship_accepted")
    units = work.choose_units(ask.lines, "unsent")
    for line_no, qty in units.items():
        for state, part in _furthest_first(work, line_no, qty):
            way = (state, state_after(work.fo))
            work.changes.move(work.opened, line_no, part, way, work.fo)
    parcel = Parcel(
        order_id=ask.order_id,
        fo_no=ask.fo_no,
        parcel_no=next_parcel_no(tx, ask.order_id, ask.fo_no),
        carrier=ask.carrier,
        service=ask.service,
        tracking_number=ask.tracking_number.strip(),
        weight_g=ask.weight_g,
        shipped_at=tx.now,
        delivered_at=None,
        destination_id=work.fo.destination_id,
    )
    insert_parcel(tx, parcel, work.pieces(units))
    work.changes.send_in(work.fo, parcel.parcel_no)
    return work.finish(tell_left(tx, work.fo, parcel, units), "shipped")


def _furthest_first(work: OpenedWork, line_no: int, qty: int) -> list[tuple[LineState, int]]:
    """From which states so many units of a line leave: (state, units), packed ones first."""
    there = work.opened.work[work.fo.fo_no, line_no]
    stages: list[tuple[LineState, int]] = [
        ("packed", there.packed - there.shipped),
        ("picked", there.picked - there.packed),
        (unpicked_state(work.fo), there.qty - there.picked),
    ]
    return _take(stages, qty)


def _take(stages: list[tuple[LineState, int]], qty: int) -> list[tuple[LineState, int]]:
    """So many units off the stages, in their order."""
    taken = []
    for state, units in stages:
        part = min(units, qty)
        if part:
            taken.append((state, part))
            qty -= part
    assert qty == 0, "caller takes what is there at most"
    return taken


@command(permission="fulfillment.write")
def answer_cancellation(tx: Tx, ask: AnswerCancellation) -> OrderState:
    """The partner leaves out what it was asked to, as far as it has not left; or it will not."""
    work = open_work(tx, ask, "answer_cancellation")
    asked = find_cancellation_ask(tx, ask.order_id, ask.fo_no)
    assert asked is not None, "the state says that one is open"
    cuts = _cuts(work, asked.units) if ask.accepted else []
    accepted = bool(cuts)
    answer_cancellation_ask(tx, ask.order_id, ask.fo_no, "accepted" if accepted else "rejected")
    units: dict[int, int] = {}
    for cut in cuts:
        units[cut.line_no] = units.get(cut.line_no, 0) + cut.qty
    if cuts:
        cancel_units(work.changes, work.opened, cuts, reason=asked.reason)
    if not accepted:
        work.changes.mark_request(work.fo, "cancellation_rejected")
    elif sum(units.values()) == work.facts.unsent:
        work.changes.mark_request(work.fo, "cancellation_accepted")
    else:
        work.changes.mark_request(work.fo, "accepted")
    event = CancellationAnswered(ask.fo_no, work.location, accepted, units or asked.units)
    return work.finish(event, "cancelled")


def _cuts(work: OpenedWork, asked: dict[int, int]) -> list[Cut]:
    """What of the asked units is still there, those with the least work done first."""
    cuts: list[Cut] = []
    for line_no, qty in sorted(asked.items()):
        there = work.opened.work[work.fo.fo_no, line_no]
        stages: list[tuple[LineState, int]] = [
            (unpicked_state(work.fo), there.qty - there.picked),
            ("picked", there.picked - there.packed),
            ("packed", there.packed - there.shipped),
        ]
        wanted = min(qty, there.qty - there.shipped)
        cuts += [Cut(line_no, state, part, work.fo) for state, part in _take(stages, wanted)]
    return cuts
