"""What a customer may be told of their order: read whole, once for mails and the tracking page."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.channels.types import Channel
from ordito.customers.people import read_customers
from ordito.flows.reference import reference
from ordito.fulfillment.carriers import tracking_url
from ordito.fulfillment.fulfillment_orders import read_by_order
from ordito.fulfillment.parcels import ParcelLineUnits, read_parcel_units, read_parcels
from ordito.fulfillment.part_promises import PartPromise, read_promises
from ordito.fulfillment.stop_types import Stop
from ordito.fulfillment.stops import read_stops
from ordito.fulfillment.types import FulfillmentOrder, Parcel
from ordito.locations.types import Location
from ordito.notifications.templates import find_channel
from ordito.notifications.texts import ListedLine
from ordito.notifications.tracking import find_link
from ordito.notifications.types import (
    ORDER_MAIL_KINDS,
    ChannelMails,
    Locale,
    MailKind,
)
from ordito.notifications.wording import first_name_of, language_of, say_day, say_money
from ordito.orders.choices import Choice, find_choice
from ordito.orders.dates import read_told
from ordito.orders.orders import read_lines, read_orders
from ordito.orders.parties import read_contacts
from ordito.orders.types import Line, Order
from ordito.platform.database import Tx

TELL_THEMSELVES = frozenset(("marketplace", "amazon", "ebay", "allegro"))
"""Kinds of channels that write to their customers themselves, and mostly forbid others to."""


class OrderStory(msgspec.Struct, frozen=True):
    """An order as its customer may know it. email: "" when there is nobody to write to."""

    order: Order
    channel: Channel
    mails: ChannelMails
    locale: Locale
    email: str
    first_name: str
    city: str
    lines: list[Line]
    works: list[FulfillmentOrder]
    parcels: list[Parcel]
    units: list[ParcelLineUnits]
    places: dict[UUID, Location]
    expected: dict[int, date]
    """The days that were announced for waiting units, by line."""
    promises: dict[int, PartPromise]
    """By the number of the part."""
    path: str
    """Of the tracking page; "" when the order has no link yet."""
    choice: Choice | None = None
    """What the customer is asked to choose."""
    stop: Stop | None = None
    """When it is brought in a slot."""

    @property
    def name(self) -> str:
        """What the customer calls the order: the shop's own number where there is one."""
        return self.order.external_id or f"#{self.order.number}"

    @property
    def title(self) -> str:
        """The shop as its mails call it."""
        return self.mails.logo or self.channel.name


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of an order a mail is about. lines: units by line number, which is text as in JSON."""

    fo_no: int | None = None
    parcel_no: int | None = None
    lines: dict[str, int] = msgspec.field(default_factory=dict)


def channel_mails(tx: Tx, channel: Channel) -> ChannelMails:
    """What a channel tells its customers; as long as nobody has decided, everything, unless it is
    of a kind that does so itself.
    """
    chosen = find_channel(tx, channel.id)
    if chosen is not None:
        return msgspec.structs.replace(chosen, channel=channel.code)
    kinds = [] if channel.kind.casefold() in TELL_THEMSELVES else list(ORDER_MAIL_KINDS)
    return ChannelMails(channel.code, kinds, "", "", "", "", 0)


def read_story(tx: Tx, order_id: UUID) -> OrderStory | None:
    """The order's story; None when there is no such order."""
    order = read_orders(tx, [order_id]).get(order_id)
    if order is None:
        return None
    known = reference(tx)
    channel = known.channels_by_id[order.channel_id]
    mails = channel_mails(tx, channel)
    contacts = read_contacts(tx, order_id)
    buyers = [] if order.customer_id is None else [order.customer_id]
    buyer = next(iter(read_customers(tx, buyers).values()), None)
    emails = [*(contact.email for contact in contacts), buyer.email if buyer else ""]
    names = [*(contact.name for contact in contacts), buyer.name if buyer else ""]
    return OrderStory(
        order=order,
        channel=channel,
        mails=mails,
        locale=language_of(order.country, mails.locale),
        email=next((email for email in emails if email), ""),
        first_name=first_name_of(next((name for name in names if name), "")),
        city=next((c.city for c in contacts if c.role == "ship_to"), ""),
        lines=read_lines(tx, [order_id]).get(order_id, []),
        works=read_by_order(tx, [order_id]).get(order_id, []),
        parcels=read_parcels(tx, [order_id]),
        units=read_parcel_units(tx, order_id),
        places=known.locations_by_id,
        expected={row.line_no: row.expected_on for row in read_told(tx, [order_id])},
        promises={no: promise for (_id, no), promise in read_promises(tx, [order_id]).items()},
        path=find_link(tx, order_id),
        choice=find_choice(tx, order_id) if order.delivery == "pickup" else None,
        stop=read_stops(tx, [order_id]).get(order_id) if order.delivery == "local" else None,
    )


def choose_part(story: OrderStory, kind: MailKind) -> Part:
    """What a mail of this kind would be about if it were written now, such as the last parcel."""
    sent = [parcel for parcel in story.parcels if parcel.destination_id is None]
    if kind in ("shipped", "delivered") and sent:
        parcel = max(sent, key=lambda parcel: parcel.shipped_at)
        return Part(parcel.fo_no, parcel.parcel_no)
    if kind == "ready":
        works = [work for work in story.works if work.delivery == "pickup"]
        return Part(works[-1].fo_no) if works else Part()
    if kind == "cancelled":
        cancelled = {str(line.line_no): line.cancelled for line in story.lines if line.cancelled}
        return Part(lines=cancelled)
    return Part()


def mail_values(story: OrderStory, kind: MailKind, part: Part, base_url: str) -> dict[str, Any]:
    """Everything that a text of this kind can name.

    base_url: how people reach Ordito; without it a mail holds no link to the tracking page.
    """
    order, locale = story.order, story.locale
    values: dict[str, Any] = {
        "first_name": story.first_name,
        "order_number": story.name,
        "channel": story.title,
        "city": story.city,
        "lines": _listed(story, {line.line_no: line.ordered for line in story.lines}),
        "total": say_money(order.total_minor, order.currency, locale),
        "promised_on": say_day(order.promised_on, locale),
        "tracking_link": f"{base_url}{story.path}" if base_url and story.path else "",
    }
    if kind in ("shipped", "delivered"):
        values |= _parcel_values(story, part)
    elif kind == "delayed":
        expected = max(story.expected.values(), default=None)
        if story.stop is not None:
            expected = story.stop.on_day
        values |= {"expected_on": say_day(expected, locale)}
    elif kind == "ready":
        values |= _pickup_values(story, part)
    elif kind == "choice":
        values |= _choice_values(story)
    elif kind == "cancelled":
        values |= {
            "cancelled_lines": _listed(story, {int(no): n for no, n in part.lines.items()}),
            "whole": order.life == "cancelled",
        }
    return values


def _listed(story: OrderStory, units: Mapping[int, int]) -> list[ListedLine]:
    return [
        ListedLine(units[line.line_no], line.title or line.sku, line.sku)
        for line in story.lines
        if units.get(line.line_no)
    ]


def _parcel_values(story: OrderStory, part: Part) -> dict[str, Any]:
    key = (part.fo_no, part.parcel_no)
    parcel = next((p for p in story.parcels if (p.fo_no, p.parcel_no) == key), None)
    units = {row.line_no: row.units for row in story.units if (row.fo_no, row.parcel_no) == key}
    carrier = parcel.carrier if parcel else ""
    number = parcel.tracking_number if parcel else ""
    return {
        "parcel_lines": _listed(story, units),
        "carrier": carrier,
        "tracking_number": number,
        "carrier_link": tracking_url(carrier, number),
    }


def _pickup_values(story: OrderStory, part: Part) -> dict[str, Any]:
    work = next((work for work in story.works if work.fo_no == part.fo_no), None)
    place = story.places[work.location_id] if work else None
    return {
        "pickup_place": place.name if place else "",
        "pickup_address": address_line(place) if place else "",
        "pickup_code": (work.pickup_code or "") if work else "",
        "collect_by": say_day(work.collect_by if work else None, story.locale),
    }


def _choice_values(story: OrderStory) -> dict[str, Any]:
    choice = story.choice
    place = story.places[choice.location_id] if choice else None
    zone = ZoneInfo(story.channel.time_zone)
    by = choice.expires_at.astimezone(zone).date() if choice else None
    return {"pickup_place": place.name if place else "", "choose_by": say_day(by, story.locale)}


def address_line(place: Location) -> str:
    """Where a place is, on one line."""
    town = " ".join(part for part in (place.address.postal_code, place.address.city) if part)
    return ", ".join(part for part in (place.address.line1, town) if part)
