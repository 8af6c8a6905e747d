"""A parcel leaves: to the customer, or to the shop where the customer collects it."""

from collections.abc import Mapping

from ordito.flows.reference import reference
from ordito.fulfillment.types import FulfillmentOrder, Parcel
from ordito.kernel.moves import LineState
from ordito.orders.events import UnitsSentToShop, UnitsShipped
from ordito.platform.database import Tx


def state_after(fo: FulfillmentOrder) -> LineState:
    """What units are once they have left: the customer's, or on their way to the shop."""
    return "shipped" if fo.destination_id is None else "sent"


def tell_left(
    tx: Tx, fo: FulfillmentOrder, parcel: Parcel, units: Mapping[int, int]
) -> UnitsShipped | UnitsSentToShop:
    """The event of a parcel that left with units by line."""
    places = reference(tx).locations_by_id
    location = places[fo.location_id].code
    carriage = (parcel.parcel_no, parcel.carrier, parcel.service, parcel.tracking_number)
    if fo.destination_id is None:
        return UnitsShipped(fo.fo_no, location, dict(units), *carriage)
    shop = places[fo.destination_id].code
    return UnitsSentToShop(fo.fo_no, location, shop, dict(units), *carriage)
