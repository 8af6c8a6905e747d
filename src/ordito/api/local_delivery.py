"""Local delivery over HTTP: zones and slots, what is free, rounds, and stops with their proof."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from ordito.adapters.papers.sheets import round_sheet
from ordito.adapters.papers.typesetting import typeset
from ordito.api.answers import Document
from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.papers import Language, Zone, make_paper, paper_reader
from ordito.flows.local_rounds import arrange_round, start_round
from ordito.flows.manage_local_delivery import read_local_delivery, set_local_delivery
from ordito.flows.stop_acts import deliver_stop, fail_stop, move_stop, try_again
from ordito.flows.tell_slots import get_free_slots
from ordito.kernel.asks import Ask, Code
from ordito.listings.local_rounds import DayRounds, StopView, read_day, read_stop
from ordito.locations.local_types import LocalDelivery
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.problems import NotFound

TAG = "Local delivery"
_STOP = "/orders/{order_id}/stop"
_ROUND = "/locations/{location}/rounds/{on}/{slot}"
_BODY_MAX = 21_000_000

AnyCode = Annotated[str, Meta(min_length=1, max_length=100)]


class LocationKey(Ask, frozen=True, kw_only=True):
    location: AnyCode


class RoundsParams(Ask, frozen=True, kw_only=True):
    location: Code
    on: date


class StopKey(Ask, frozen=True, kw_only=True):
    order_id: UUID


class RoundPaper(Ask, frozen=True, kw_only=True):
    location: Code
    on: date
    slot: Code
    language: Language = "en_GB"
    time_zone: Zone = "UTC"


def get_local_delivery(tx: Tx, params: LocationKey) -> LocalDelivery:
    """Zones and slots of a location; the ETag is the location's version."""
    return read_local_delivery(tx, params.location)


def get_day_rounds(tx: Tx, params: RoundsParams) -> DayRounds:
    """The rounds of a location on one of its days, stops in the order in which to drive."""
    return read_day(tx, params.location, params.on)


def get_stop(tx: Tx, params: StopKey) -> StopView:
    """When an order is brought, and what happened at its door."""
    return read_stop(tx, params.order_id)


def print_round(db: Database, actor: Actor, params: RoundPaper) -> Document:
    """The stops of a round to take along, in the order in which to drive."""
    with db.reading(actor) as tx:
        reader = paper_reader(tx, params.language, params.time_zone)
        day = read_day(tx, params.location, params.on)
    found = [one for one in day.rounds if one.slot == params.slot]
    if not found:
        raise NotFound("There is nothing to print: nothing is booked in this slot on that day.")
    name = f"round-{params.location}-{params.on.isoformat()}-{params.slot}"
    return make_paper(typeset("round", round_sheet(day.location, found, reader)), name)


_NOT_NOW = ("action-not-allowed",)
_SLOTS = {
    "zones": [{"name": "City", "country": "DE", "postal_codes": ["803*", "80801..80809"]},
              {"name": "Nearby", "country": "DE", "radius_km": 15}],
    "slots": [{"code": "EVENING", "weekdays": "mon-fri", "starts": "17:00", "ends": "20:00",
               "places": 12, "cut_off_minutes": 120}],
}  # fmt: skip

ENDPOINTS = [
    reading("/locations/{location}/local-delivery", TAG, "Read where and when a location brings",
            get_local_delivery, "settings.read"),
    writing("PUT", "/locations/{location}/local-delivery", TAG,
            "Say where and when a location brings", set_local_delivery, example=_SLOTS),
    reading("/delivery-slots", TAG, "List free slots for an address", get_free_slots,
            "inventory.read",
            description="Slots of today and the next 14 days that have room, of locations whose"
            " zones hold the address, and whether everything is in stock there. Several items:"
            " `?sku=TEA-100&quantity=2&sku=CUP-1&quantity=1`."),
    reading("/locations/{location}/rounds/{on}", TAG, "Read the rounds of a day", get_day_rounds,
            "fulfillment.read"),
    writing("PUT", f"{_ROUND}/order", TAG, "Put the stops of a round in order", arrange_round,
            example={"order_ids": ["019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90"]}),
    writing("POST", f"{_ROUND}/start", TAG, "Start a round: what is packed leaves", start_round,
            example={}, problems=_NOT_NOW),
    Endpoint(
        method="GET",
        path=f"{_ROUND}/list.pdf",
        tag=TAG,
        summary="Print a round",
        call=print_round,
        ask=RoundPaper,
        answer=None,
        kind="document",
        permission="fulfillment.read",
        media_type="application/pdf",
        problems=("papers-missing",),
    ),
    reading(_STOP, TAG, "Read an order's stop", get_stop, "fulfillment.read"),
    writing("POST", f"{_STOP}/deliver", TAG, "Delivered, with proof", deliver_stop,
            example={"taken_by": "Mrs Kowalska", "note": "Rang twice"},
            body_max=_BODY_MAX, problems=(*_NOT_NOW, "file-kind-refused")),
    writing("POST", f"{_STOP}/fail", TAG, "Not delivered", fail_stop,
            example={"reason": "nobody_home"}, body_max=_BODY_MAX,
            problems=(*_NOT_NOW, "file-kind-refused")),
    writing("POST", f"{_STOP}/move", TAG, "Bring it in another slot", move_stop,
            example={"slot": "EVENING", "on": "2027-01-15"},
            problems=(*_NOT_NOW, "slot-unavailable")),
    writing("POST", f"{_STOP}/try-again", TAG, "After a failed attempt, in another slot",
            try_again, example={"slot": "EVENING", "on": "2027-01-15"},
            problems=(*_NOT_NOW, "slot-unavailable")),
]  # fmt: skip
