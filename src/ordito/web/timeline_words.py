"""What happened, in words: an entry of a timeline for each event."""

from collections.abc import Mapping
from typing import Any

import msgspec
from markupsafe import Markup

from ordito.listings.order_types import TimelineItem
from ordito.sourcing.sentences import plain_money
from ordito.web.arrival_words import ARRIVAL_TELLERS
from ordito.web.local_words import LOCAL_TELLERS
from ordito.web.partner_words import PARTNER_TELLERS
from ordito.web.rendering import day, money, ngettext
from ordito.web.rendering import gettext as _
from ordito.web.sourcing_words import (
    SOURCING_TELLERS,
    Told,
    count_units,
    name_place,
    noon_of,
)
from ordito.web.statuses import N_, NN_
from ordito.web.words import (
    CANCEL_REASONS,
    HOLD_REASONS,
    REJECT_REASONS,
    RETURN_REASONS,
    SHORT_REASONS,
    TASKS,
    word,
)


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


def _replanned(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    """Moved by a joint plan: from where, to where, and what it is good for."""
    no, saving = body["plan_no"], int(body["saving"])
    gives, takes = _by_place(body["gives"], places), _by_place(body["takes"], places)
    if gives:
        text = _(
            "Joint plan %(no)s moved units: %(gives)s → %(takes)s", no=no, gives=gives, takes=takes
        )
    else:
        text = _("Joint plan %(no)s found stock: %(takes)s", no=no, takes=takes)
    if saving > 0:
        text = _("%(moved)s; saves %(cost)s", moved=text, cost=plain_money(saving))
    elif gives:
        text = _("%(moved)s; makes room for other orders", moved=text)
    return ("route", "", text)


def _by_place(units: Mapping[str, int], places: Mapping[str, str]) -> str:
    return ", ".join(f"{places.get(code, code)} {n}" for code, n in units.items())


def _cancelled(body: Mapping[str, Any], _places: Mapping[str, str], currency: str) -> Told:
    units = ngettext(
        "%(num)s unit cancelled", "%(num)s units cancelled", count_units(body["lines"])
    )
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


def _file_added(_body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    return ("file-up", "", _("File added"))


def _file_removed(_body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    return ("x", "", _("File removed"))


def _marked(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    code = body.get("code")
    kind = body.get("order_kind", "")
    if code:
        return ("tag", "", _("Marked %(code)s (%(kind)s)", code=code, kind=kind))
    return ("tag", "", _("Marked as %(kind)s, without a code", kind=kind))


def _at_work(icon: str, tone: str, counted: tuple[str, str]) -> Any:
    def tell(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
        units = int(body["units"]) if "units" in body else count_units(body.get("lines"))
        return (icon, tone, ngettext(*counted, units, place=name_place(body, places)))

    return tell


def _started(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    return ("hand", "", _("Picking began in %(place)s", place=name_place(body, places)))


def _short(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "%(num)s unit short in %(place)s: %(reason)s",
        "%(num)s units short in %(place)s: %(reason)s",
        count_units(body["lines"]),
        place=name_place(body, places),
        reason=word(SHORT_REASONS, str(body.get("reason", ""))),
    )
    return ("triangle-alert", "critical", text)


_LOT_WORDS: Mapping[str, str] = {
    "picked": N_("Lots picked in %(place)s: %(lots)s"),
    "put_back": N_("Lots put back on the shelf in %(place)s: %(lots)s"),
    "shipped": N_("Lots shipped from %(place)s: %(lots)s"),
    "sent": N_("Lots sent to the shop from %(place)s: %(lots)s"),
    "lost": N_("Lots short in %(place)s: %(lots)s"),
}


def _lots_moved(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    lots = ", ".join(
        _("%(n)s × %(sku)s %(lot)s", n=qty, sku=sku, lot=lot) for _no, sku, lot, qty in body["lots"]
    )
    text = _(_LOT_WORDS[body["how"]], place=name_place(body, places), lots=lots)
    return ("tag", "attention" if body["how"] in ("lost", "put_back") else "", text)


_tell_left = _at_work(
    "truck",
    "success",
    NN_("%(num)s unit shipped from %(place)s", "%(num)s units shipped from %(place)s"),
)


def _shipped(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    carrier = " ".join(part for part in (body.get("carrier"), body.get("service")) if part)
    if not carrier:
        return _tell_left(body, places, _currency)  # type: ignore[no-any-return]
    text = ngettext(
        "%(num)s unit shipped from %(place)s with %(carrier)s",
        "%(num)s units shipped from %(place)s with %(carrier)s",
        count_units(body["lines"]),
        place=name_place(body, places),
        carrier=carrier,
    )
    number = body.get("tracking_number")
    return ("truck", "success", f"{text} · {number}" if number else text)


def _delivered(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "Parcel %(no)s with %(num)s unit was delivered",
        "Parcel %(no)s with %(num)s units was delivered",
        count_units(body["lines"]),
        no=body["parcel_no"],
    )
    return ("circle-check-big", "success", text)


def _ready(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _("Ready for pick-up in %(place)s", place=name_place(body, places))
    if body.get("collect_by"):
        told = Markup(_("%(ready)s until %(day)s"))  # noqa: S704
        text = told % {"ready": text, "day": day(noon_of(body["collect_by"]))}
    return ("shopping-bag", "", text)


def _rejected(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _(
        "%(place)s said no: %(reason)s",
        place=name_place(body, places),
        reason=word(REJECT_REASONS, str(body.get("reason", ""))),
    )
    return ("x", "critical", text)


def _returned(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "%(num)s unit came back: %(reason)s",
        "%(num)s units came back: %(reason)s",
        count_units(body["lines"]),
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
    "order.replanned": _replanned,
    "order.units_cancelled": _cancelled,
    "order.held": _held,
    "order.hold_released": _unheld,
    "order.tagged": _tagged,
    "order.assigned": _assigned,
    "order.note_added": _noted,
    "order.file_added": _file_added,
    "order.file_removed": _file_removed,
    "order.marked": _marked,
    "order.units_released": _at_work(
        "play",
        "",
        NN_(
            "%(num)s unit released to picking in %(place)s",
            "%(num)s units released to picking in %(place)s",
        ),
    ),
    "order.picking_started": _started,
    "order.units_picked": _at_work(
        "hand",
        "",
        NN_("%(num)s unit picked in %(place)s", "%(num)s units picked in %(place)s"),
    ),
    "order.units_put_back": _at_work(
        "undo-2",
        "attention",
        NN_(
            "%(num)s unit put back on the shelf in %(place)s",
            "%(num)s units put back on the shelf in %(place)s",
        ),
    ),
    "order.units_short": _short,
    "order.lots_moved": _lots_moved,
    "order.units_packed": _at_work(
        "package",
        "",
        NN_("%(num)s unit packed in %(place)s", "%(num)s units packed in %(place)s"),
    ),
    "order.units_shipped": _shipped,
    "order.channel_told": _told,
    "order.channel_not_told": _not_told,
    "order.units_delivered": _delivered,
    "order.pickup_ready": _ready,
    "order.units_handed_over": _at_work(
        "circle-check-big",
        "success",
        NN_("%(num)s unit handed over in %(place)s", "%(num)s units handed over in %(place)s"),
    ),
    "order.pickup_not_collected": _at_work(
        "triangle-alert",
        "attention",
        NN_(
            "%(num)s unit was not collected in %(place)s",
            "%(num)s units were not collected in %(place)s",
        ),
    ),
    "order.part_rejected": _rejected,
    **SOURCING_TELLERS,
    **PARTNER_TELLERS,
    **LOCAL_TELLERS,
    **ARRIVAL_TELLERS,
    "order.units_returned": _returned,
    "order.service_completed": _at_work(
        "check",
        "success",
        NN_("%(num)s service completed", "%(num)s services completed"),
    ),
    "order.task_closed": _task_closed,
    "order.customer_written": _written,
}
"""Every kind of event on an order, and who tells it; a test looks that none is missing."""
