"""What was promised for the parts of one order, and what it rested on."""

from collections.abc import Iterable, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from ordito.fulfillment.part_promises import PartPromise
from ordito.fulfillment.types import FulfillmentOrder, Parcel
from ordito.listings.order_types import PromiseOutcome, PromiseView
from ordito.locations.types import Location


def view_promises(
    promises: Iterable[PartPromise],
    fos: Iterable[FulfillmentOrder],
    parcels: Iterable[Parcel],
    locations: Mapping[UUID, Location],
) -> dict[int, PromiseView]:
    """The promises of fulfillment orders, by their numbers. locations: by id."""
    known = {promise.fo_no: promise for promise in promises}
    boxes = list(parcels)
    return {
        fo.fo_no: _view(known[fo.fo_no], fo, boxes, locations[fo.location_id])
        for fo in fos
        if fo.fo_no in known
    }


def _view(
    promise: PartPromise, fo: FulfillmentOrder, parcels: list[Parcel], location: Location
) -> PromiseView:
    zone = ZoneInfo(location.time_zone)
    came = fo.created_at.astimezone(zone)
    late = location.cut_off is not None and came.strftime("%H:%M") > location.cut_off
    ready_at = promise.ready_at.astimezone(zone)
    return PromiseView(
        ready_at=ready_at,
        ships_at=promise.ships_at.astimezone(zone),
        ships_on=promise.ships_on,
        delivers_on=promise.delivers_on,
        tariff=promise.tariff,
        basis="calendar" if promise.model is None else "learned",
        probability=None if promise.probability is None else promise.probability / 10,
        level=promise.level,
        model=promise.model,
        observations=promise.observations,
        calendar_on=promise.calendar_on,
        calendar_delivers_on=promise.calendar_delivers_on,
        queue_minutes=promise.queue_minutes,
        cut_off=location.cut_off if late else None,
        begins_later=ready_at.date() > came.date(),
        outcome=_judge(promise, fo, parcels, zone),
    )


def _judge(
    promise: PartPromise, fo: FulfillmentOrder, parcels: list[Parcel], zone: ZoneInfo
) -> PromiseOutcome:
    """Whether it was kept, as far as the part has arrived."""
    own = [parcel for parcel in parcels if parcel.fo_no == fo.fo_no]
    arrivals = [parcel.delivered_at for parcel in own if parcel.delivered_at is not None]
    if fo.delivery != "ship" or fo.state != "delivered" or len(arrivals) < len(own) or not own:
        return "open"
    arrived_on = max(arrivals).astimezone(zone).date()
    return "kept" if arrived_on <= promise.delivers_on else "broken"
