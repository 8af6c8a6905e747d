"""An order that staff type in: on the phone, at the counter, or once more from an earlier one."""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale

from ordito.api.answers import Answer
from ordito.catalog.items import find_items
from ordito.customers.people import list_customers, read_customers
from ordito.flows.place_orders import place_orders
from ordito.flows.preview_order import OrderPreview, offer_items, preview_order
from ordito.flows.reference import reference
from ordito.flows.tell_slots import AskSlots, FreeSlot, get_free_slots
from ordito.listings.last_address import read_last_address
from ordito.listings.places import Names, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput, NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.stored_tariffs import read_tariff_names
from ordito.web.local_words import slot_words
from ordito.web.order_form import (
    OrderForm,
    address_fields,
    ask_of,
    clone_form,
    field_of,
    read_form,
)
from ordito.web.pages.order_page import read_page
from ordito.web.pages.order_rows import midday
from ordito.web.problem_pages import fault_words, problem_words, say_fault
from ordito.web.promise_words import Promised, tell_promise
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import HOLD_REASONS, choices

SLOTS_SHOWN = 60
FOUND_MAX = 6
TYPED_BY_STAFF = ("phone", "counter", "pos", "b2b")
"""Kinds of channels that a new order begins with, where there is one."""


def show_new(visit: Visit) -> Answer:
    """The empty form, or one that is filled from an earlier order."""
    visit.require("orders.write")
    form = OrderForm({}, [])
    number = visit.asked("from")
    if number.isascii() and number.isdigit() and len(number) < 13:
        visit.params = {"number": number}
        form = clone_form(read_page(visit)[0])
    return _answer(visit, form, [])


def change_new(visit: Visit) -> Answer:
    """Whatever is pressed in the form: look, add, take away, choose a customer, place."""
    visit.require("orders.write")
    form = read_form(visit.form)
    do, _colon, which = visit.sent("do").partition(":")
    if do == "place":
        return _place(visit, form)
    if do == "add":
        form.add(which)
        form.fields["item_query"] = ""
    elif do == "remove" and which.isdigit() and int(which) < len(form.lines):
        del form.lines[int(which)]
    elif do == "split" and which.isdigit() and int(which) < len(form.lines):
        form.split(int(which))
    elif do == "customer":
        _choose_customer(visit, form, which)
    elif do == "look" and form["item_query"]:
        _add_exact(visit, form)
    return _answer(visit, form, [])


def _place(visit: Visit, form: OrderForm) -> Answer:
    try:
        ask = ask_of(form, _currency(visit, form))
        placed = visit.act(place_orders, ask)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return _answer(visit, form, list(problem.errors) or [Fault("", "", problem.detail)])
    text = _("Order #%(number)s was placed.", number=placed.number)  # type: ignore[attr-defined]
    return visit.done(text, f"/orders/{placed.number}", go=True)  # type: ignore[attr-defined]


def _currency(visit: Visit, form: OrderForm) -> str:
    with visit.reading() as tx:
        names = read_names(tx)
    for channel in names.channels.values():
        if channel.code == form["channel"] and visit.actor.sees_channel(channel.id):
            return channel.currency
    fault = Fault("/channel", "unknown-channel", _("Choose the channel the order belongs to."))
    raise InvalidInput(fault.detail, errors=[fault])


def _choose_customer(visit: Visit, form: OrderForm, which: str) -> None:
    """Fill in a known customer with the address of the last order."""
    visit.require("orders.read")
    try:
        customer_id = UUID(which)
    except ValueError as fault:
        raise NotFound("There is no such customer.") from fault
    with visit.reading() as tx:
        customer = read_customers(tx, [customer_id]).get(customer_id)
        address = read_last_address(tx, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.")
    form.fields |= {
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "customer_query": "",
    }
    if address is not None:
        form.fields |= address_fields(address)


def _add_exact(visit: Visit, form: OrderForm) -> None:
    """A whole SKU or barcode, typed or scanned, needs no choosing."""
    with visit.reading() as tx:
        found = [item for item in find_items(tx, form["item_query"]) if item.active]
    if found:
        form.add(found[0].sku)
        form.fields["item_query"] = ""


def _answer(visit: Visit, form: OrderForm, faults: list[Fault]) -> Answer:
    with visit.reading() as tx:
        names = read_names(tx)
        channels = _channels(visit, names)
        known = {choice.value for choice in channels}
        form.fields["channel"] = form["channel"] if form["channel"] in known else _first(channels)
        if form["country"] == "":
            form.fields["country"] = _home_country(visit, names)
        context = _context(visit, tx, form, names)
    by_field: defaultdict[str, list[str]] = defaultdict(list)
    for fault in faults:
        by_field[field_of(fault)].append(say_fault(fault))
    template = "orders/_new_form.html" if visit.by_script else "orders/new.html"
    answer = visit.fragment if visit.by_script else visit.page
    return answer(
        template,
        status=422 if faults else 200,
        form=form,
        faults=dict(by_field),
        said=[say_fault(fault) for fault in faults],
        channels=channels,
        **context,
    )


def _channels(visit: Visit, names: Names) -> list[Choice]:
    """Channels that take orders, those for staff first."""
    seen = [c for c in names.channels.values() if c.active and visit.actor.sees_channel(c.id)]
    wanted = visit.view().scope.channel
    seen.sort(key=lambda c: (c.code != wanted, c.kind not in TYPED_BY_STAFF, c.name))
    return [Choice(channel.code, channel.name) for channel in seen]


def _first(channels: list[Choice]) -> str:
    if not channels:
        raise NotFound("You see no channel that takes orders. Ask whoever manages access.")
    return channels[0].value


def _home_country(visit: Visit, names: Names) -> str:
    wanted = visit.view().scope.location
    places = sorted(names.locations.values(), key=lambda p: (p.code != wanted, p.priority, p.no))
    return next((p.country for p in places if p.kind != "history" and p.active), "")


def _context(visit: Visit, tx: Tx, form: OrderForm, names: Names) -> dict[str, Any]:
    actor = visit.actor
    channel = next(c for c in names.channels.values() if c.code == form["channel"])
    preview, hints = _preview(tx, form, channel.currency)
    query = form["customer_query"]
    customers = []
    if query and "orders.read" in actor.permissions:
        customers = list_customers(tx, search=query[:200], limit=FOUND_MAX)
    offers = []
    if form["item_query"]:
        offers = offer_items(tx, channel.code, form["item_query"][:200], limit=FOUND_MAX)
    return {
        "currency": channel.currency,
        "tax_included": channel.tax_included,
        "offers": [(o, Decimal(o.price) if o.price else None) for o in offers],
        "customers": customers,
        "preview": preview,
        "hints": hints,
        "promise_at": midday(preview.promised_on) if preview else None,
        "promised": _promised(tx, preview, names) if preview else [],
        "priced": {line.line_no: line for line in preview.lines} if preview else {},
        "pickups": [
            Choice(p.code, p.name)
            for p in names.locations.values()
            if p.can_pickup and p.active and p.kind != "history" and actor.sees_location(p.id)
        ],
        "brings": bool(reference(tx).local),
        **_slots(tx, form, channel.code),
        "countries": country_choices(visit.view().locale),
        "holds": choices(HOLD_REASONS),
        "may_discount": "orders.discount" in actor.permissions,
        "searches_customers": "orders.read" in actor.permissions,
    }


def _slots(tx: Tx, form: OrderForm, channel: str) -> dict[str, Any]:
    """Slots in which the typed address can be brought what was typed."""
    if form["delivery"] != "local":
        return {"slots": [], "slots_hint": ""}
    if not form["country"] or not form["postal_code"]:
        return {"slots": [], "slots_hint": _("Fill in the address; then slots can be chosen.")}
    known = [line for line in form.lines if line.quantity.isascii() and line.quantity.isdigit()]
    asked = {
        "channel": channel,
        "country": form["country"],
        "postal_code": form["postal_code"],
        "sku": [line.sku for line in known if int(line.quantity[:9])],
        "quantity": [int(line.quantity[:9]) for line in known if int(line.quantity[:9])],
    }
    try:
        found = get_free_slots(tx, convert(AskSlots, asked))
    except InvalidInput as problem:
        return {"slots": [], "slots_hint": problem_words(problem)}
    if not found.in_zone:
        hint = _("No location brings orders to this address.")
    elif not found.items:
        hint = _("No slot of the next 14 days has room.")
    else:
        hint = ""
    slots = [Choice(f"{one.on.isoformat()} {one.location} {one.slot}", _slot_words(one))
             for one in found.items[:SLOTS_SHOWN]]  # fmt: skip
    return {"slots": slots, "slots_hint": hint}


def _slot_words(one: FreeSlot) -> str:
    words = f"{slot_words(one.starts_at, one.ends_at)} · {one.name}"
    return words if one.has_stock else _("%(slot)s (not everything is there)", slot=words)


def _promised(tx: Tx, preview: OrderPreview, names: Names) -> list[dict[str, Any]]:
    """What each location would promise, in words."""
    services = read_tariff_names(tx) if preview.promises else {}
    zones = {p.code: (ZoneInfo(p.time_zone), p.cut_off) for p in names.locations.values()}
    found = []
    for part in preview.promises:
        zone, cut_off = zones[part.location]
        came, ready = tx.now.astimezone(zone), part.ready_at.astimezone(zone)
        late = cut_off is not None and came.strftime("%H:%M") > cut_off
        told = Promised(
            delivery=part.delivery,
            ready_at=ready,
            ships_at=part.ships_at.astimezone(zone),
            ships_on=part.ships_on,
            delivers_on=part.delivers_on,
            calendar_on=part.calendar_on,
            calendar_delivers_on=part.calendar_delivers_on,
            service=services.get(part.tariff, part.tariff),
            cut_off=cut_off or "" if late else "",
            begins_later=ready.date() > came.date(),
            queue_minutes=part.queue_minutes,
            probability=part.probability,
            observations=part.observations,
            shop=part.brought_to or "",
        )
        found.append({"name": part.name, "told": tell_promise(told)})
    return found


def _preview(tx: Tx, form: OrderForm, currency: str) -> tuple[OrderPreview | None, list[str]]:
    """What would become of it, or what is missing until that can be said."""
    if not form.lines:
        return None, []
    try:
        return preview_order(tx, ask_of(form, currency)), []
    except Problem as problem:
        return None, fault_words(problem) or [problem_words(problem)]


def country_choices(locale: str) -> list[Choice]:
    """Countries by their names in the reader's language."""
    names = Locale.parse(locale).territories
    found = [
        Choice(code, name)
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "XA", "XB", "ZZ")
    ]
    return sorted(found, key=lambda choice: choice.label)


ROUTES = [
    Route("GET", "/orders/new", show_new),
    Route("POST", "/orders/new", change_new),
]
