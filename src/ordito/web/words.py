"""Words for what the system tells in codes: events, reasons, stock moves, tasks, roles."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ordito.listings.order_types import TimelineItem
from ordito.platform.roles import Role
from ordito.web.rendering import gettext as _
from ordito.web.rendering import money, ngettext
from ordito.web.statuses import N_, Tone
from ordito.web.view_context import Choice

HOLD_REASONS: Mapping[str, str] = {
    "address_check": N_("Check the address"),
    "address": N_("Check the address"),
    "fraud": N_("Check for fraud"),
    "payment": N_("Check the payment"),
    "fraud_check": N_("Check for fraud"),
    "payment_check": N_("Check the payment"),
    "customer_request": N_("The customer asked to wait"),
    "stock_check": N_("Check the stock"),
    "recall": N_("Recall of a product"),
    "other": N_("Other"),
}
CANCEL_REASONS: Mapping[str, str] = {
    "customer_request": N_("The customer changed their mind"),
    "out_of_stock": N_("Out of stock"),
    "payment_failed": N_("The payment failed"),
    "fraud": N_("Fraud"),
    "wrong_price": N_("Wrong price"),
    "duplicate": N_("Ordered twice"),
    "other": N_("Other"),
}
RETURN_REASONS: Mapping[str, str] = {
    "too_small": N_("Too small"),
    "too_large": N_("Too large"),
    "not_as_described": N_("Not as described"),
    "faulty": N_("Faulty"),
    "changed_mind": N_("Changed their mind"),
    "wrong_item": N_("Wrong item sent"),
    "other": N_("Other"),
}
REASONS_OF_SHOPS: Mapping[str, str] = {
    "address_changed": N_("The shop changed the address"),
    "fulfilled_elsewhere": N_("The shop says it was sent"),
    "channel_cancelled": N_("Cancelled in the shop"),
    "channel_refunded": N_("Refunded in the shop"),
    "channel_edited": N_("Taken off in the shop"),
}
"""Reasons that nobody chooses: they come with what a shop tells."""
REJECT_REASONS: Mapping[str, str] = {
    "out_of_stock": N_("The items are not here"),
    "closed": N_("Closed"),
    "too_busy": N_("Too much to do"),
    "damaged": N_("The items are damaged"),
    "other": N_("Other"),
}
SHORT_REASONS: Mapping[str, str] = {
    "missing": N_("not there"),
    "damaged": N_("damaged"),
    "wrong_location": N_("somewhere else"),
}
STOCK_REASONS: Mapping[str, str] = {
    "correction": N_("Correction"),
    "found": N_("Found"),
    "lost": N_("Lost"),
    "theft": N_("Stolen"),
    "damaged": N_("Damaged"),
    "expired": N_("Expired"),
    "internal_use": N_("Used by ourselves"),
    "sample": N_("Given as a sample"),
    "customer_return": N_("Customer return"),
    "to_supplier": N_("Back to the supplier"),
    "opening": N_("Opening stock"),
    "other": N_("Other"),
}
LEDGER_REASONS: Mapping[str, str] = {
    "opening": N_("Opening stock"),
    "order": N_("Reserved for"),
    "placed": N_("Reserved for"),
    "placing": N_("Reserved for"),
    "released": N_("Released for"),
    "picked": N_("Picked for"),
    "put_back": N_("Put back from"),
    "packed": N_("Packed for"),
    "shipped": N_("Shipped with"),
    "handed_over": N_("Handed over with"),
    "cancelled": N_("Freed by cancelling"),
    "returned": N_("Came back from"),
    "received": N_("Received with"),
    "receipt": N_("Received with"),
    "counted": N_("Counted"),
    "count": N_("Counted"),
    "short_pick": N_("Missing when picking"),
    "rejected": N_("Rejected by the location"),
    "backorder": N_("Given to a waiting order"),
    "hold": N_("Kept for a cart"),
    "not_collected": N_("Not collected"),
}
BUCKETS: Mapping[str, str] = {
    "supplier": N_("supplier"),
    "customer": N_("customer"),
    "adjustment": N_("adjustment"),
    "available": N_("free"),
    "reserved": N_("reserved"),
    "picked": N_("picked"),
    "quality_control": N_("quality control"),
    "damaged": N_("damaged"),
    "safety": N_("safety stock"),
    "transit": N_("in transit"),
    "in_transit": N_("in transit"),
    "scrap": N_("scrap"),
}
TASKS: Mapping[str, str] = {
    "count": N_("Count"),
    "put_back": N_("Put back"),
    "shortage": N_("Find a way to supply"),
}
ITEM_KINDS: Mapping[str, str] = {
    "stocked": N_("Stocked"),
    "kit": N_("Kit"),
    "service": N_("Service"),
    "custom": N_("Custom"),
}
LOCATION_KINDS: Mapping[str, str] = {
    "warehouse": N_("Warehouse"),
    "store": N_("Store"),
    "3pl": N_("Fulfillment partner"),
    "history": N_("The past"),
}
MAIL_KINDS: Mapping[str, str] = {
    "confirmed": N_("Order confirmed"),
    "shipped": N_("Parcel shipped"),
    "ready": N_("Ready for pick-up"),
    "delivered": N_("Parcel delivered"),
    "cancelled": N_("Order cancelled"),
    "delayed": N_("Order delayed"),
    "written": N_("Letter"),
    "test": N_("Test of a text"),
}
MAIL_STATES: Mapping[str, str] = {
    "waiting": N_("Waiting"),
    "sent": N_("Sent"),
    "failed": N_("Failed"),
}
LANGUAGES: Mapping[str, str] = {
    "en": N_("English"),
    "pl": N_("Polish"),
    "de": N_("German"),
}
MESSAGE_STATES: Mapping[str, str] = {
    "received": N_("Received"),
    "done": N_("Done"),
    "duplicate": N_("Sent before"),
    "parked": N_("Waiting"),
    "refused": N_("Refused"),
}

WEBHOOK_KINDS: Mapping[str, str] = {
    "order.*": N_("Orders and their fulfillment"),
    "stock.*": N_("Stock"),
    "hold.*": N_("Stock held for carts"),
    "item.*": N_("Items"),
    "location.*": N_("Locations"),
    "channel.*": N_("Channels"),
    "*": N_("Everything"),
}


ROLES: Mapping[str, str] = {
    "admin": N_("Administrator"),
    "order-desk": N_("Order desk"),
    "warehouse": N_("Warehouse"),
    "store": N_("Store"),
    "viewer": N_("Viewer"),
}
AUDIT_GROUPS: Mapping[str, str] = {
    "sign_in": N_("Signing in"),
    "access": N_("Users, roles and keys"),
    "orders": N_("Orders"),
    "stock": N_("Receipts and kept stock"),
    "items": N_("Items"),
    "settings": N_("Channels, locations, policies"),
}
AUDIT_KINDS: Mapping[str, str] = {
    "user.created": N_("User added"),
    "user.changed": N_("User changed"),
    "user.password_changed": N_("Password changed"),
    "user.invited": N_("Invitation sent"),
    "user.password_reset_asked": N_("New password asked for"),
    "user.signed_in": N_("Signed in"),
    "user.sign_in_failed": N_("Failed to sign in"),
    "user.second_factor_set": N_("Second factor set up"),
    "user.second_factor_removed": N_("Second factor taken away"),
    "user.recovery_code_used": N_("Recovery code used"),
    "key.created": N_("API key made"),
    "key.revoked": N_("API key revoked"),
    "role.created": N_("Role made"),
    "role.changed": N_("Role changed"),
    "role.removed": N_("Role removed"),
    "order.placed": N_("Order placed"),
    "order.sourced": N_("Stock found for the order"),
    "order.units_cancelled": N_("Units cancelled"),
    "order.held": N_("Put on hold"),
    "order.hold_released": N_("Hold released"),
    "order.tagged": N_("Tags changed"),
    "order.note_added": N_("Note written"),
    "order.marked": N_("Order marked"),
    "order.units_released": N_("Released to picking"),
    "order.picking_started": N_("Picking began"),
    "order.units_picked": N_("Units picked"),
    "order.units_put_back": N_("Units put back"),
    "order.units_short": N_("Units missing"),
    "order.units_packed": N_("Units packed"),
    "order.units_shipped": N_("Units shipped"),
    "order.units_delivered": N_("Units delivered"),
    "order.pickup_ready": N_("Ready for pick-up"),
    "order.units_handed_over": N_("Units handed over"),
    "order.part_rejected": N_("Rejected by the location"),
    "order.units_returned": N_("Units returned"),
    "order.task_closed": N_("Task done"),
}


def role_name(role: Role) -> str:
    """A role's name: those that come with Ordito in the reader's words."""
    return word(ROLES, role.code) if role.built_in else role.name


def word(words: Mapping[str, str], code: str) -> str:
    """The word for a code; codes of others, which nobody named, are shown as they are."""
    if code in words or code in REASONS_OF_SHOPS:
        return _(words[code] if code in words else REASONS_OF_SHOPS[code])
    return code.replace("_", " ")


def choices(words: Mapping[str, str]) -> list[Choice]:
    """The codes with their words, for a select."""
    return [Choice(code, _(label)) for code, label in words.items()]


class Entry(msgspec.Struct, frozen=True):
    """An entry of a timeline, ready to show; `group` is what it is filtered by."""

    at: Any
    icon: str
    tone: str
    text: str
    actor: str
    note: str
    group: str


def tell_event(item: TimelineItem, places: Mapping[str, str], currency: str) -> Entry:
    """An event of an order as a sentence. places: names of locations by code."""
    teller = _TELLERS.get(item.kind)
    icon, tone, text = teller(item.body, places, currency) if teller else ("history", "", item.kind)
    return Entry(
        item.at,
        icon,
        tone,
        text,
        _who(item),
        item.note or str(item.body.get("note", "")),
        _group(item),
    )


def _who(item: TimelineItem) -> str:
    if item.actor_kind == "system":
        return ""
    if item.actor_kind == "key":
        return _("API key “%(name)s”", name=item.actor)
    return item.actor


def _group(item: TimelineItem) -> str:
    if item.kind == "order.note_added":
        return "notes"
    return "people" if item.actor_kind == "user" else "system"


Told = tuple[str, Tone | str, str]


def _units(lines: Any) -> int:
    return sum(int(n) for n in lines.values()) if isinstance(lines, dict) else 0


def _place(body: Mapping[str, Any], places: Mapping[str, str]) -> str:
    code = str(body.get("location", ""))
    return places.get(code, code)


def _placed(body: Mapping[str, Any], _places: Mapping[str, str], currency: str) -> Told:
    total = money(int(body["total_minor"]), str(body.get("currency", currency)))
    units = ngettext("%(num)s unit", "%(num)s units", int(body["units"]))
    text = _("Placed: %(units)s for %(total)s", units=units, total=total)
    return ("inbox", "", text)


def _sourced(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    reserved = body.get("reserved", {})
    short = int(body.get("backordered", 0))
    parts = [f"{places.get(code, code)} {n}" for code, n in reserved.items() if n]
    if parts:
        text = _("Reserved: %(places)s", places=", ".join(parts))
        if short:
            text += " · " + ngettext("%(num)s backordered", "%(num)s backordered", short)
        return ("route", "attention" if short else "", text)
    if short:
        return (
            "hourglass",
            "attention",
            ngettext(
                "No location has stock: %(num)s unit backordered",
                "No location has stock: %(num)s units backordered",
                short,
            ),
        )
    return ("route", "", _("Looked for stock; nothing had to be reserved"))


def _cancelled(body: Mapping[str, Any], _places: Mapping[str, str], currency: str) -> Told:
    units = ngettext("%(num)s unit cancelled", "%(num)s units cancelled", _units(body["lines"]))
    reason = word(CANCEL_REASONS, str(body.get("reason", "")))
    value = money(int(body.get("value_minor", 0)), currency)
    return (
        "ban",
        "",
        _("%(units)s (%(value)s): %(reason)s", units=units, value=value, reason=reason),
    )


def _held(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    reason = word(HOLD_REASONS, str(body["reason"]))
    return ("pause", "attention", _("Put on hold: %(reason)s", reason=reason))


def _unheld(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    reason = word(HOLD_REASONS, str(body["reason"]))
    return ("play", "", _("Hold released: %(reason)s", reason=reason))


def _tagged(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    added, removed = body.get("added", []), body.get("removed", [])
    parts = []
    if added:
        parts.append(_("Tagged %(tags)s", tags=", ".join(added)))
    if removed:
        parts.append(_("Tag taken away: %(tags)s", tags=", ".join(removed)))
    return ("tag", "", ". ".join(parts))


def _assigned(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    if not body.get("user_id"):
        return ("user", "", _("Nobody looks after it any more"))
    name = str(body.get("user_name") or _("someone who has left"))
    return ("user", "", _("Assigned to %(name)s", name=name))


def _noted(_body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    return ("message-square", "", _("Note"))


def _marked(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    code = body.get("code")
    kind = body.get("order_kind", "")
    if code:
        return ("tag", "", _("Marked %(code)s (%(kind)s)", code=code, kind=kind))
    return ("tag", "", _("Marked as %(kind)s, without a code", kind=kind))


def _at_work(icon: str, tone: str, one: str, many: str) -> Any:
    def tell(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
        units = int(body["units"]) if "units" in body else _units(body.get("lines"))
        return (icon, tone, ngettext(one, many, units, place=_place(body, places)))

    return tell


def _started(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    return ("hand", "", _("Picking began in %(place)s", place=_place(body, places)))


def _short(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "%(num)s unit short in %(place)s: %(reason)s",
        "%(num)s units short in %(place)s: %(reason)s",
        _units(body["lines"]),
        place=_place(body, places),
        reason=word(SHORT_REASONS, str(body.get("reason", ""))),
    )
    return ("triangle-alert", "critical", text)


def _shipped(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    carrier = " ".join(part for part in (body.get("carrier"), body.get("service")) if part) or _(
        "no carrier"
    )
    text = ngettext(
        "%(num)s unit shipped from %(place)s with %(carrier)s",
        "%(num)s units shipped from %(place)s with %(carrier)s",
        _units(body["lines"]),
        place=_place(body, places),
        carrier=carrier,
    )
    number = body.get("tracking_number")
    return ("truck", "success", f"{text} · {number}" if number else text)


def _delivered(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "Parcel %(no)s with %(num)s unit was delivered",
        "Parcel %(no)s with %(num)s units was delivered",
        _units(body["lines"]),
        no=body["parcel_no"],
    )
    return ("circle-check-big", "success", text)


def _ready(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    return ("shopping-bag", "", _("Ready for pick-up in %(place)s", place=_place(body, places)))


def _rejected(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _(
        "%(place)s said no: %(reason)s",
        place=_place(body, places),
        reason=word(REJECT_REASONS, str(body.get("reason", ""))),
    )
    return ("x", "critical", text)


def _returned(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "%(num)s unit came back: %(reason)s",
        "%(num)s units came back: %(reason)s",
        _units(body["lines"]),
        reason=word(RETURN_REASONS, str(body.get("reason", ""))),
    )
    return ("undo-2", "attention", text)


def _task_closed(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    return ("check", "", _("Task done: %(task)s", task=word(TASKS, str(body.get("task", "")))))


def _written(_body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    return ("mail", "", _("Wrote to the customer"))


def _told(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    """The shop was told of what happened here."""
    if body["what"] == "cancellation":
        text = _("%(channel)s was told of the cancellation", channel=body["channel"])
    else:
        text = ngettext(
            "%(channel)s was told that %(num)s unit has left",
            "%(channel)s was told that %(num)s units have left",
            int(body["units"]),
            channel=body["channel"],
        )
    return ("store", "", text)


def _not_told(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    if body["what"] == "cancellation":
        text = _("%(channel)s could not be told of the cancellation", channel=body["channel"])
    else:
        text = _("%(channel)s could not be told of the shipment", channel=body["channel"])
    return ("triangle-alert", "critical", text)


_TELLERS: dict[str, Any] = {
    "order.placed": _placed,
    "order.sourced": _sourced,
    "order.units_cancelled": _cancelled,
    "order.held": _held,
    "order.hold_released": _unheld,
    "order.tagged": _tagged,
    "order.assigned": _assigned,
    "order.note_added": _noted,
    "order.marked": _marked,
    "order.units_released": _at_work(
        "play",
        "",
        N_("%(num)s unit released to picking in %(place)s"),
        N_("%(num)s units released to picking in %(place)s"),
    ),
    "order.picking_started": _started,
    "order.units_picked": _at_work(
        "hand",
        "",
        N_("%(num)s unit picked in %(place)s"),
        N_("%(num)s units picked in %(place)s"),
    ),
    "order.units_put_back": _at_work(
        "undo-2",
        "attention",
        N_("%(num)s unit put back on the shelf in %(place)s"),
        N_("%(num)s units put back on the shelf in %(place)s"),
    ),
    "order.units_short": _short,
    "order.units_packed": _at_work(
        "package",
        "",
        N_("%(num)s unit packed in %(place)s"),
        N_("%(num)s units packed in %(place)s"),
    ),
    "order.units_shipped": _shipped,
    "order.channel_told": _told,
    "order.channel_not_told": _not_told,
    "order.units_delivered": _delivered,
    "order.pickup_ready": _ready,
    "order.units_handed_over": _at_work(
        "circle-check-big",
        "success",
        N_("%(num)s unit handed over in %(place)s"),
        N_("%(num)s units handed over in %(place)s"),
    ),
    "order.pickup_not_collected": _at_work(
        "triangle-alert",
        "attention",
        N_("%(num)s unit was not collected in %(place)s"),
        N_("%(num)s units were not collected in %(place)s"),
    ),
    "order.part_rejected": _rejected,
    "order.units_returned": _returned,
    "order.service_completed": _at_work(
        "check",
        "success",
        N_("%(num)s service completed"),
        N_("%(num)s services completed"),
    ),
    "order.task_closed": _task_closed,
    "order.customer_written": _written,
}
"""Every kind of event on an order, and who tells it; a test looks that none is missing."""
