"""Partners over HTTP: what they are asked, what they answer; and what customers choose."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import reading, writing
from ordito.api.paging import PageParams
from ordito.flows.answer_requests import accept_request, answer_cancellation, ship_accepted
from ordito.flows.choose_delivery import (
    DeliveryChoice,
    choose_delivery,
    offer_choice,
    read_choice,
)
from ordito.flows.withdraw_requests import withdraw_request
from ordito.kernel.asks import Ask, Code, Instant
from ordito.listings.partner_figures import PartnerFigures, read_partner_figures
from ordito.listings.partner_requests import Measure, RequestPage, Show, list_requests
from ordito.platform.database import Tx

TAG = "Partners"
_WORK = "/fulfillment-orders/{fulfillment_order_id}"
_ORDER = "/orders/{order_id}"


class RequestParams(PageParams, frozen=True, kw_only=True):
    """show: what is to be answered, what was accepted and is to be sent, or what is done.
    measure: instead, those of the figures, submitted at or after `since`.
    """

    location: Code | None = None
    show: Show = "answer"
    measure: Measure | None = None
    since: Instant | None = None


class FigureParams(Ask, frozen=True, kw_only=True):
    """days: so far back."""

    days: Annotated[int, Meta(ge=1, le=3650)] = 30


class Figures(msgspec.Struct, frozen=True):
    """What partners were asked since a moment, and how they kept it."""

    since: datetime
    items: list[PartnerFigures]


class ChoiceKey(Ask, frozen=True, kw_only=True):
    """An order."""

    order_id: UUID


def list_partner_requests(tx: Tx, params: RequestParams) -> RequestPage:
    """What partners are asked, the oldest first; what is done the newest first."""
    return list_requests(
        tx,
        "done" if params.measure else params.show,
        location=params.location,
        measure=params.measure,
        since=params.since,
        cursor=params.cursor,
        limit=params.limit,
    )


def get_partner_figures(tx: Tx, params: FigureParams) -> Figures:
    """Answered in time, rejected, shipped in time: of each partner that the caller sees."""
    since, items = read_partner_figures(tx, params.days)
    return Figures(since, items)


def get_delivery_choice(tx: Tx, params: ChoiceKey) -> DeliveryChoice:
    """What a customer is asked about a pick-up that its shop can't serve, and the options now."""
    return read_choice(tx, params.order_id)


_REFUSED = ("action-not-allowed",)

ENDPOINTS = [
    reading("/partner-requests", TAG, "List requests to partners", list_partner_requests,
            "fulfillment.read"),
    reading("/partners", TAG, "Read how partners keep what they are asked", get_partner_figures,
            "fulfillment.read"),
    writing("POST", f"{_WORK}/accept", TAG, "Accept a request", accept_request,
            example={"reference": "WO-5512"}, problems=_REFUSED),
    writing("POST", f"{_WORK}/ship-accepted", TAG, "Ship what was accepted", ship_accepted,
            example={"carrier": "DPD", "tracking_number": "JJD000390007827"}, problems=_REFUSED),
    writing("POST", f"{_WORK}/answer-cancellation", TAG, "Answer whether units are left out",
            answer_cancellation, example={"accepted": True}, problems=_REFUSED),
    writing("POST", f"{_WORK}/withdraw", TAG, "Take an unanswered request back", withdraw_request,
            example={}, problems=_REFUSED),
    reading(f"{_ORDER}/delivery-choice", TAG, "Read what a customer can choose",
            get_delivery_choice, "orders.read"),
    writing("POST", f"{_ORDER}/delivery-choice/offer", TAG, "Ask the customer to choose",
            offer_choice, example={}, problems=_REFUSED),
    writing("POST", f"{_ORDER}/delivery-choice", TAG, "Choose for the customer", choose_delivery,
            example={"choice": "pickup", "location": "MANCHESTER"}, problems=_REFUSED),
]  # fmt: skip
