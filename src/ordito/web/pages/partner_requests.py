"""What partners are asked: the list they answer from, made for a phone, and how they keep it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args
from urllib.parse import urlencode

from ordito.api.answers import Answer
from ordito.flows.answer_requests import accept_request, answer_cancellation, ship_accepted
from ordito.flows.withdraw_requests import withdraw_request
from ordito.fulfillment.asks import (
    AcceptRequest,
    AnswerCancellation,
    ShipAccepted,
    WithdrawRequest,
)
from ordito.listings.partner_figures import PartnerFigures, read_partner_figures
from ordito.listings.partner_requests import (
    MEASURES,
    Measure,
    PartnerRequest,
    Show,
    list_requests,
    partner_places,
    read_requests,
)
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.pages.order_page import order_id_of
from ordito.web.pages.work_acts import parcel_fields, read_parcel
from ordito.web.problem_pages import fault_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, postal_lines
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import REJECT_REASONS, word

LIST_URL = "/fulfillment/requests"
FIGURES_URL = "/fulfillment/partners"
_WORK = "/orders/{number:str}/work/{fo:str}"
PAGE = 30
DAYS = (7, 30, 90, 365)

SHOWN: Mapping[Show, str] = {
    "answer": N_("To answer"),
    "send": N_("To send"),
    "done": N_("Done"),
}
MEASURE_WORDS: Mapping[Measure, str] = {
    "answered_in_time": N_("Answered in time"),
    "answered_late": N_("Not answered in time"),
    "rejected": N_("Rejected, all or a part"),
    "shipped_in_time": N_("Sent in time"),
    "shipped_late": N_("Not sent in time"),
}


def show_requests(visit: Visit) -> Answer:
    """What is to be answered and sent, the oldest first."""
    visit.require("fulfillment.read")
    show: Show = visit.asked("show") if visit.asked("show") in SHOWN else "answer"  # type: ignore[assignment]
    measure: Measure | None = visit.asked("measure") or None  # type: ignore[assignment]
    if measure is not None and measure not in MEASURES:
        raise NotFound("There is no such list.")
    with visit.reading() as tx:
        places = partner_places(tx)
        location = visit.asked("location") or visit.view().scope.location or None
        if location is not None and location not in {place.code for place in places}:
            location = None
        since = None
        if measure is not None:
            since, _figures = read_partner_figures(tx, _days(visit))
        page = list_requests(
            tx,
            "done" if measure else show,
            location=location,
            measure=measure,
            since=since,
            cursor=visit.asked("cursor") or None,
            limit=PAGE,
        )
    return visit.page(
        "fulfillment/requests.html",
        title=_(MEASURE_WORDS[measure]) if measure else _("Requests to partners"),
        measured=measure is not None,
        show=show,
        location=location or "",
        places=[Choice(place.code, place.name) for place in places],
        views=[
            {
                "label": _(label),
                "url": visit.here(show=key, cursor=None, measure=None),
                "current": key == show and not measure,
                "count": None,
                "act": False,
            }
            for key, label in SHOWN.items()
        ],
        requests=[_card(visit, request) for request in page.items],
        figures_url=FIGURES_URL,
        older_url=visit.here(cursor=page.next) if page.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _days(visit: Visit) -> int:
    asked = visit.asked("days")
    return int(asked) if asked in {str(days) for days in DAYS} else 30


def _card(visit: Visit, request: PartnerRequest) -> dict[str, Any]:
    """See templates/fulfillment/requests.html."""
    open_ = request.closed_at is None
    answer_late = request.request == "submitted" and request.answer_by < visit.now
    ship_late = open_ and request.ship_by is not None and request.ship_by < visit.now
    return {
        "id": f"{request.number}-{request.fo_no}",
        "number": request.number,
        "fo_no": request.fo_no,
        "url": f"/orders/{request.number}",
        "state": request.request,
        "place": request.location.name,
        "channel": request.channel.name,
        "to": postal_lines(request.to) if request.to else [],
        "phone": request.to.phone if request.to else "",
        "lines": request.lines,
        "asked": request.units,
        "held": request.held,
        "submitted_at": request.submitted_at,
        "answer_by": request.answer_by if request.request == "submitted" else None,
        "ship_by": request.ship_by if open_ else None,
        "late": answer_late or ship_late,
        "answered_at": request.answered_at,
        "shipped_at": request.shipped_at,
        "reason": word(REJECT_REASONS, request.reason) if request.reason else "",
        "reference": request.reference,
        "actions": _actions(visit, request),
    }


def _actions(visit: Visit, request: PartnerRequest) -> list[Action]:
    url = f"/orders/{request.number}/work/{request.fo_no}"
    if "fulfillment.write" not in visit.actor.permissions:
        return []
    known = {
        "accept": Action("accept", _("Accept"), f"{url}/accept", "check"),
        "answer_cancellation": Action(
            "answer_cancellation", _("Answer"), f"{url}/answer-cancellation", "hand", "dialog"
        ),
        "ship_accepted": Action(
            "ship_accepted", _("Ship"), f"{url}/ship-accepted", "truck", "dialog"
        ),
        "reject": Action("reject", _("Reject"), f"{url}/reject", "x", "dialog", danger=True),
    }
    found = [action for code, action in known.items() if code in request.allowed_actions]
    if "withdraw" in request.allowed_actions and "orders.write" in visit.actor.permissions:
        found.append(Action("withdraw", _("Take back"), f"{url}/withdraw", "undo-2", danger=True))
    return found


def _key(visit: Visit) -> dict[str, Any]:
    return {"order_id": order_id_of(visit), "fo_no": visit.number("fo")}


def _read(visit: Visit) -> PartnerRequest:
    key = _key(visit)
    with visit.reading() as tx:
        found = read_requests(tx, [(key["order_id"], key["fo_no"])])
    if not found:
        raise NotFound("There is no such request, or its location is none you see.")
    return found[0]


def accept(visit: Visit) -> Answer:
    """The partner will do it."""
    visit.act(accept_request, AcceptRequest(**_key(visit)))
    return visit.done(_("Accepted. It is listed under “To send”."), LIST_URL)


def withdraw(visit: Visit) -> Answer:
    """What is not answered is sourced elsewhere."""
    visit.act(withdraw_request, WithdrawRequest(**_key(visit)))
    return visit.done(_("Taken back. The units were looked for elsewhere."), LIST_URL)


def ship_form(visit: Visit) -> Answer:
    visit.require("fulfillment.write")
    return _ship_form(visit, {}, [])


def _ship_form(visit: Visit, faults: dict[str, list[str]], general: list[str]) -> Answer:
    request = _read(visit)
    return visit.form_page(
        "fulfillment/_ship_accepted_form.html",
        faulty=bool(faults or general),
        url=visit.path,
        number=request.number,
        faults=general,
        lines=[
            {
                "line_no": line.line_no,
                "title": line.title,
                "sku": line.sku,
                "left": line.units - line.shipped,
                "value": _sent_units(visit, line.line_no, line.units - line.shipped - line.cancel),
                "cancel": line.cancel,
            }
            for line in request.lines
            if line.units > line.shipped
        ],
        **parcel_fields(visit, faults),
    )


def _sent_units(visit: Visit, line_no: int, default: int) -> int:
    sent = visit.sent_number(f"line-{line_no}")
    return max(0, default) if sent is None else sent


def ship(visit: Visit) -> Answer:
    """A parcel left the partner."""
    visit.require("fulfillment.write")
    fields, faults = read_parcel(visit)
    lines = {
        name.removeprefix("line-"): units
        for name, _text in visit.form
        if name.startswith("line-") and (units := visit.sent_number(name))
    }
    if faults or not lines:
        general = [] if lines else [_("Choose at least one unit.")]
        return _ship_form(visit, faults, general)
    try:
        visit.act(ship_accepted, convert(ShipAccepted, _key(visit) | fields | {"lines": lines}))
    except (InvalidInput, ActionNotAllowed) as problem:
        return _ship_form(visit, {}, fault_words(problem) or [problem.detail])
    return visit.done(_("The parcel is on its way."), f"{LIST_URL}?show=send")


def cancellation_form(visit: Visit) -> Answer:
    visit.require("fulfillment.write")
    return _cancellation_form(visit, [])


def _cancellation_form(visit: Visit, faults: list[str]) -> Answer:
    request = _read(visit)
    return visit.form_page(
        "fulfillment/_answer_cancellation_form.html",
        faulty=bool(faults),
        url=visit.path,
        number=request.number,
        lines=[line for line in request.lines if line.cancel],
        answer=visit.sent("answer"),
        faults=faults,
    )


def answer(visit: Visit) -> Answer:
    """The partner leaves units out, or can't any more."""
    visit.require("fulfillment.write")
    if visit.sent("answer") not in ("yes", "no"):
        return _cancellation_form(visit, [_("Choose an answer.")])
    accepted = visit.sent("answer") == "yes"
    try:
        visit.act(answer_cancellation, AnswerCancellation(**_key(visit), accepted=accepted))
    except ActionNotAllowed as problem:
        return _cancellation_form(visit, [problem.detail])
    text = _("Cancelled. Nothing of it may leave.") if accepted else _("It goes on as it was.")
    return visit.done(text, LIST_URL)


def show_figures(visit: Visit) -> Answer:
    """How each partner keeps what it is asked."""
    visit.require("fulfillment.read")
    days = _days(visit)
    with visit.reading() as tx:
        _since, figures = read_partner_figures(tx, days)
    return visit.page(
        "fulfillment/partners.html",
        views=[
            {
                "label": ngettext("%(num)s day", "%(num)s days", one),
                "url": visit.here(days=str(one)),
                "current": one == days,
            }
            for one in DAYS
        ],
        rows=[_row(one, days) for one in figures],
        list_url=LIST_URL,
    )


def _row(figures: PartnerFigures, days: int) -> dict[str, Any]:
    code = figures.location.code

    def linked(measure: Measure) -> dict[str, Any]:
        query = urlencode({"location": code, "measure": measure, "days": days})
        return {"count": getattr(figures, measure), "url": f"{LIST_URL}?{query}"}

    return {
        "name": figures.location.name,
        "url": f"{LIST_URL}?{urlencode({'location': code})}",
        "asked": figures.asked,
        "answered_part": _part(figures.answered_in_time, figures.answered_late),
        "shipped_part": _part(figures.shipped_in_time, figures.shipped_late),
        "answer_hours": None
        if figures.answer_hours is None
        else Decimal(f"{figures.answer_hours:.1f}"),
        **{measure: linked(measure) for measure in get_args(Measure)},
    }


def _part(kept: int, missed: int) -> float | None:
    return kept / (kept + missed) if kept + missed else None


ROUTES = [
    Route("GET", LIST_URL, show_requests),
    Route("GET", FIGURES_URL, show_figures),
    Route("POST", _WORK + "/accept", accept),
    Route("POST", _WORK + "/withdraw", withdraw),
    Route("GET", _WORK + "/ship-accepted", ship_form),
    Route("POST", _WORK + "/ship-accepted", ship),
    Route("GET", _WORK + "/answer-cancellation", cancellation_form),
    Route("POST", _WORK + "/answer-cancellation", answer),
]
