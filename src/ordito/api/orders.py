"""Orders over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.bulk import PlacedOrders, place_many
from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import Limit
from ordito.flows.annotate_order import add_note, mark_order, see_mentions
from ordito.flows.assign_order import assign_order, assign_orders
from ordito.flows.cancel_order import cancel_order
from ordito.flows.change_days import change_days
from ordito.flows.change_delivery import change_delivery
from ordito.flows.complete_service import complete_service
from ordito.flows.hold_order import hold_order, hold_orders, release_hold
from ordito.flows.move_open_work import move_open_work
from ordito.flows.pin_line import pin_line
from ordito.flows.place_orders import place_orders
from ordito.flows.preview_days import preview_days
from ordito.flows.preview_order import preview_order
from ordito.flows.reference import reference
from ordito.flows.resource_order import source_order
from ordito.flows.return_units import return_units
from ordito.flows.serve_backorders import serve_backorders
from ordito.flows.set_deadlines import set_deadlines
from ordito.flows.tag_order import tag_order, tag_orders
from ordito.kernel.asks import Ask, Code
from ordito.kernel.text import normal_code
from ordito.listings.order_filter import OrderFilter
from ordito.listings.order_page import read_order_page
from ordito.listings.order_types import OrderPage
from ordito.listings.order_walks import Sort
from ordito.listings.orders_list import OrderPageOfList, list_orders
from ordito.listings.places import read_names
from ordito.listings.seen_bodies import hidden_codes, seen_body
from ordito.orders.orders import read_orders, send_find_external
from ordito.orders.types import PlacedOrder, PlaceOrder
from ordito.platform.database import Tx
from ordito.platform.events import TimelineEntry, read_timeline
from ordito.platform.problems import NotFound

TAG = "Orders"
_ORDER = "/orders/{order_id}"


class OrderParams(OrderFilter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Filters, all of which must hold; how the list is sorted; which page of it."""

    sort: Sort = "placed_at"
    descending: bool = True
    limit: Limit = 50
    cursor: (
        Annotated[str, Meta(max_length=1000, description="`older` or `newer` of another page")]
        | None
    ) = None


class OrderKey(Ask, frozen=True, kw_only=True):
    order_id: UUID


class OrderNumber(Ask, frozen=True, kw_only=True):
    number: int


class ExternalKey(Ask, frozen=True, kw_only=True):
    """The channel's own id of an order; case and blanks around it don't matter."""

    channel: Code
    external_id: Annotated[str, Meta(min_length=1, max_length=200)]


class TimelineParams(Ask, frozen=True, kw_only=True):
    """before: seq of the last entry of the page before."""

    order_id: UUID
    before: Annotated[int, Meta(ge=1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 100


class Timeline(msgspec.Struct, frozen=True):
    """Events of one order, newest first."""

    items: list[TimelineEntry]


def list_orders_page(tx: Tx, params: OrderParams) -> OrderPageOfList:
    """Orders by any filters together, newest first. No counts; pages both ways by cursor."""
    return list_orders(
        tx,
        params,
        sort=params.sort,
        descending=params.descending,
        cursor=params.cursor,
        limit=params.limit,
    )


def get_order(tx: Tx, params: OrderKey) -> OrderPage:
    """The order whole: quantities by state, where and why, timeline, what may be done."""
    return read_order_page(tx, params.order_id)


def get_order_by_number(tx: Tx, params: OrderNumber) -> OrderPage:
    """The order that people know by this number."""
    return read_order_page(tx, params.number)


def get_order_by_external_id(tx: Tx, params: ExternalKey) -> OrderPage:
    """The order that its channel knows by this id."""
    channel = reference(tx).channels.get(params.channel)
    if channel is None or not tx.actor.sees_channel(channel.id):
        raise NotFound("There is no such channel, or you don't see it.")
    known = send_find_external(tx, [(str(channel.id), normal_code(params.external_id))]).fetchone()
    if known is None:
        raise NotFound("The channel has sent no order with this id.")
    return read_order_page(tx, known.order_id)


def get_order_timeline(tx: Tx, params: TimelineParams) -> Timeline:
    """What happened to the order, without what happened at locations that the caller doesn't see.

    A page may then hold less than its limit; the oldest entry of an order has seq 1.
    """
    if tx.actor.location_ids is not None:
        read_order_page(tx, params.order_id)
    order = read_orders(tx, [params.order_id]).get(params.order_id)
    if order is None or not tx.actor.sees_channel(order.channel_id):
        raise NotFound("There is no such order, or it belongs to a channel you don't see.")
    found = read_timeline(tx, order.id, before=params.before, limit=params.limit)
    hidden = hidden_codes(read_names(tx), tx.actor)
    seen = ((entry, seen_body(entry.kind, entry.body, hidden)) for entry in found)
    return Timeline(
        [msgspec.structs.replace(entry, body=body) for entry, body in seen if body is not None]
    )


ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/orders",
        tag=TAG,
        summary="Place an order",
        description="Sourced, reserved and promised in one commit, or refused whole. The same"
        " channel and external_id place one order, however often they are sent. One of the"
        " two is needed: external_id, or an Idempotency-Key.",
        call=place_orders,
        ask=PlaceOrder,
        answer=PlacedOrder,
        status=201,
        known_by="external_id",
        problems=(
            "out-of-stock",
            "already-exists",
            "idempotency-key-missing",
            "date-unkeepable",
            "preorder-full",
        ),
        example={
            "channel": "web",
            "external_id": "10042",
            "ship_to": {
                "country": "PL",
                "name": "Anna Nowak",
                "line1": "ul. Piotrkowska 1",
                "city": "Łódź",
                "postal_code": "90-001",
            },
            "lines": [{"sku": "TEA-100", "quantity": 2, "unit_price": "24.99"}],
            "customer": {"email": "anna@example.com"},
            "payment": {"method": "card"},
        },
    ),
    writing(
        "POST",
        "/orders/preview",
        TAG,
        "Preview an order",
        preview_order,
        description="Totals, taxes, who would ship what and what would wait, if the same order were"
        " placed now. Nothing is reserved.",
        example={
            "channel": "web",
            "ship_to": {"country": "PL", "postal_code": "90-001"},
            "lines": [{"sku": "TEA-100", "quantity": 2}],
        },
    ),
    Endpoint(
        method="POST",
        path="/orders/bulk",
        tag=TAG,
        summary="Place many orders",
        description="An array of up to 10,000 orders. Each succeeds or is refused alone; results"
        " are in the order of the array. Sent again with the same Idempotency-Key, nothing is"
        " placed twice.",
        kind="story",
        bulk=True,
        permission="orders.write",
        call=place_many,
        ask=PlaceOrder,
        answer=PlacedOrders,
        example=[{"channel": "web", "lines": [{"sku": "TEA-100", "quantity": 1}]}],
    ),
    reading("/orders", TAG, "List orders", list_orders_page, "orders.read"),
    reading(_ORDER, TAG, "Read an order", get_order, "orders.read"),
    reading("/orders/by-number/{number}", TAG, "Read an order by its number",
            get_order_by_number, "orders.read"),
    reading("/orders/by-external-id", TAG, "Read an order by its channel's id",
            get_order_by_external_id, "orders.read"),
    reading(f"{_ORDER}/timeline", TAG, "Read an order's events",
            get_order_timeline, "orders.read"),
    writing("POST", f"{_ORDER}/cancel", TAG, "Cancel an order, whole or in part", cancel_order,
            example={"reason": "customer_request", "lines": {"1": 1}},
            problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/hold", TAG, "Put an order on hold", hold_order,
            example={"holds": [{"reason": "address_check", "note": "House number is missing"}]},
            problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/release-hold", TAG, "Let go of holds", release_hold,
            example={"hold_nos": [1]}, problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/tags", TAG, "Add and take away tags", tag_order,
            example={"add": ["vip"], "remove": []}),
    writing("POST", f"{_ORDER}/assign", TAG, "Give an order to a user", assign_order,
            example={"user_id": "019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90"}),
    writing("POST", f"{_ORDER}/notes", TAG, "Add a note", add_note,
            example={"body": "Customer called: leave it with the neighbour."}),
    writing("POST", f"{_ORDER}/mentions/seen", TAG, "Mark notes that name you as seen",
            see_mentions, example={}),
    writing("POST", f"{_ORDER}/mark", TAG, "Give an order a kind or a code", mark_order,
            example={"code": "VIP"}),
    writing("POST", f"{_ORDER}/source", TAG, "Look for stock once more", source_order,
            example={}, problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/pin", TAG, "Ship a line from one location only", pin_line,
            example={"line_no": 1, "location": "WAW", "wait": False},
            problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/delivery", TAG, "Have it collected elsewhere, or shipped",
            change_delivery, example={"delivery": "pickup", "location": "MAN"},
            problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/deadlines", TAG, "Say until when lines may wait", set_deadlines,
            example={"lines": {"1": "2027-01-31"}}, problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/days", TAG, "Change the days of an order or its lines",
            change_days,
            description="What no location has begun gets other days of arrival: its work is"
            " scheduled anew and promised for the day it leaves then. The days beside `lines` are"
            " for all lines. With If-Match it is refused when the order has changed since.",
            example={"requested_on": "2027-01-15", "lines": {"2": {"cancel_after": None}}},
            problems=("action-not-allowed", "date-unkeepable")),
    writing("POST", f"{_ORDER}/days/preview", TAG, "Preview other days", preview_days,
            description="What the same ask would do: when parts begin, leave and arrive, and for"
            " which day the order is promised then. Nothing is changed.",
            example={"requested_on": "2027-01-15"}, problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/complete-service", TAG, "Complete services", complete_service,
            example={}, problems=("action-not-allowed",)),
    writing("POST", f"{_ORDER}/return", TAG, "Take shipped units back", return_units,
            example={"lines": {"1": 1}, "reason": "too_small", "disposition": "restock"},
            problems=("action-not-allowed",)),
    writing("POST", "/orders/tag", TAG, "Tag many orders", tag_orders,
            example={"order_ids": ["019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90"], "add": ["sale"]}),
    writing("POST", "/orders/assign", TAG, "Give many orders to a user", assign_orders,
            example={"order_ids": ["019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90"], "user_id": None}),
    writing("POST", "/orders/hold", TAG, "Put many orders on hold", hold_orders,
            example={"order_ids": ["019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90"],
                     "holds": [{"reason": "recall"}]}),
    writing("POST", "/locations/{location}/move-open-work", TAG,
            "Have others serve what a closed location has not begun", move_open_work,
            example={"orders_max": 50}, problems=("action-not-allowed",)),
    writing("POST", "/backorders/serve", TAG, "Give stock to waiting orders", serve_backorders,
            example={"item_ids": ["019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90"]}),
]  # fmt: skip
