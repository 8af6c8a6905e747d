"""What happened to items, locations, channels and policies, as sentences of a timeline."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ordito.listings.histories import HistoryEntry
from ordito.web import stock_histories
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.statuses import N_
from ordito.web.timeline_words import Entry
from ordito.web.words import CAPACITY_UNITS, ITEM_KINDS, LOCATION_KINDS, TRACKINGS, word

FIELDS: Mapping[str, str] = {
    "tracking": N_("Told apart by"),
    "expires": N_("Has a last day"),
    "sell_days": N_("Days it must keep to be sold"),
    "expires_on": N_("Last day"),
    "made_on": N_("Made on"),
    "supplier_reference": N_("Supplier’s reference"),
    "sku": N_("SKU"),
    "name": N_("Name"),
    "kind": N_("Kind"),
    "weight_g": N_("Weight in g"),
    "length_mm": N_("Length in mm"),
    "width_mm": N_("Width in mm"),
    "height_mm": N_("Height in mm"),
    "prices": N_("Prices"),
    "active": N_("In use"),
    "barcodes": N_("Barcodes"),
    "parts": N_("Made of"),
    "country": N_("Country"),
    "latitude": N_("Latitude"),
    "longitude": N_("Longitude"),
    "time_zone": N_("Time zone"),
    "market": N_("Market"),
    "owner": N_("Owner of the stock"),
    "can_ship": N_("Ships"),
    "can_pickup": N_("Hands out"),
    "takes_brought": N_("Takes in what is brought"),
    "capacity_daily": N_("Capacity a day"),
    "capacity_unit": N_("Capacity counts"),
    "closes_at": N_("Work ends at"),
    "units_hourly": N_("Pieces an hour"),
    "priority": N_("Priority"),
    "working_days": N_("Working days"),
    "holidays": N_("Holidays"),
    "capabilities": N_("What it can handle"),
    "calendar": N_("Public holidays of"),
    "opens_at": N_("Work begins at"),
    "cut_off": N_("Cut-off"),
    "pick_minutes": N_("Time to pick and pack"),
    "answer_hours": N_("Hours to answer"),
    "withdraw_hours": N_("Hours until it is taken back"),
    "ship_hours": N_("Hours to send"),
    "tags": N_("Tags"),
    "currency": N_("Currency"),
    "base_currency": N_("Currency of reports"),
    "tax_included": N_("Prices include tax"),
    "rounding": N_("Rounding"),
    "shortage": N_("When stock is short"),
    "stock_buffer": N_("Kept back per item"),
    "cart_minutes": N_("Carts keep stock for"),
    "cart_units_max": N_("Units one shopper may keep"),
    "cart_units_told": N_("Carts told to staff from"),
    "promise_days": N_("Days to ship"),
    "promise_level": N_("Promises to keep"),
    "pickup_days": N_("Days to collect"),
    "choice_hours": N_("Hours to choose"),
    "uncollected": N_("What nobody collected"),
    "bring_to_shop": N_("Brought to the shop"),
    "bring_days": N_("Days to bring it"),
    "unkept_dates": N_("Dates that can’t be kept"),
    "released_on": N_("Sold from"),
    "preorder_max": N_("Ordered before at most"),
    "location_ids": N_("Locations"),
    "policy_id": N_("Sourcing policy"),
    "on_hand": N_("On hand"),
    "received": N_("Received"),
    "walk_order": N_("Place on the picker’s way"),
    "bins": N_("Lies in"),
    "email": N_("E-mail"),
    "groups": N_("Groups"),
    "phone": N_("Phone"),
    "line1": N_("Street"),
    "line2": N_("Street, second line"),
    "city": N_("City"),
    "region": N_("Region"),
    "postal_code": N_("Postal code"),
    "company": N_("Company"),
    "code": N_("Code"),
    "words": N_("Name"),
    "more_from": N_("More come from"),
    "fewer_to": N_("Fewer go to"),
    "moves": N_("Setting aside"),
    "note_required": N_("Note required"),
}
SHOWN_MAX = 12
"""Values of a list that are named; of more, how many there are."""

Told = tuple[str, str]
Names = Mapping[str, str]


def tell_history(entries: Sequence[HistoryEntry], names: Names | None = None) -> list[Entry]:
    """Events as entries of a timeline. names: words for ids, such as of locations and policies."""
    return [_tell(entry, names or {}) for entry in entries]


def _tell(entry: HistoryEntry, names: Names) -> Entry:
    teller = _TELLERS.get(entry.kind)
    icon, text = teller(entry.body, names) if teller else ("history", entry.kind)
    by = entry.actor
    if entry.actor_kind == "key" and by:
        by = _("API key “%(name)s”", name=by)
    note = _("Import of %(file)s", file=entry.file_name) if entry.file_name else ""
    return Entry(entry.at, icon, "", text, by, note, "")


def change_words(changes: Mapping[str, Any], names: Names) -> str:
    """Every change as "Name: before → after"."""
    return "; ".join(
        _(
            "%(field)s: %(before)s → %(after)s",
            field=word(FIELDS, field),
            before=value_words(field, before, names),
            after=value_words(field, after, names),
        )
        for field, (before, after) in changes.items()
    )


def value_words(field: str, value: Any, names: Names) -> str:
    """A value of a field as people read it."""
    if value is None or value in ("", [], {}):
        return _("everywhere") if field == "location_ids" and value is None else _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and len(value) > SHOWN_MAX:
        return ngettext("%(num)s entry", "%(num)s entries", len(value))
    return ", ".join(_parts(field, value, names))


def _parts(field: str, value: Any, names: Names) -> list[str]:
    if isinstance(value, dict):
        return [f"{key} {amount}" for key, amount in value.items()]
    if isinstance(value, list):
        return [_one(each, names) for each in value]
    if field == "tracking":
        return [word(TRACKINGS, str(value))]
    if field == "capacity_unit":
        return [word(CAPACITY_UNITS, str(value))]
    if field == "kind":
        return [word({**ITEM_KINDS, **LOCATION_KINDS}, str(value))]
    return [day_words(int(value)) if field == "working_days" else _one(value, names)]


def _one(value: Any, names: Names) -> str:
    if isinstance(value, dict) and "sku" in value:
        return f"{value.get('quantity', 1)} × {value['sku']}"
    return names.get(str(value), str(value))


DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def day_words(days: int) -> str:
    """The days of a week of a location's calendar; bit 0 is Monday."""
    if days == 127:
        return _("every day")
    found = [_(name) for bit, name in enumerate(DAYS) if days >> bit & 1]
    return ", ".join(found) or _("never")


def _item_created(body: Mapping[str, Any], _names: Names) -> Told:
    kind = word(ITEM_KINDS, str(body.get("item_kind", "")))
    return "package-plus", _("Created as %(sku)s (%(kind)s)", sku=body.get("sku", ""), kind=kind)


def _changed(body: Mapping[str, Any], names: Names) -> Told:
    parts = [change_words(body.get("changes", {}), names)]
    if body.get("address_changed"):
        parts.append(_("Address changed"))
    return "pencil", ". ".join(part for part in parts if part)


def _release_words(told: Mapping[str, str], names: Names) -> str:
    """A release as "2026-11-20, B2B 2026-12-01"."""
    days = [
        f"{names.get(code, code)} {day}" if code else day
        for code, day in told.items()
        if code != "most"
    ]
    if "most" in told:
        days.append(_("at most %(n)s before", n=told["most"]))
    return ", ".join(days) or _("always")


def _release_set(body: Mapping[str, Any], names: Names) -> Told:
    before, after = (_release_words(body[side], names) for side in ("before", "after"))
    return "calendar", _("Sold from: %(before)s → %(after)s", before=before, after=after)


def _created(body: Mapping[str, Any], _names: Names) -> Told:
    return "plus", _("Created as %(code)s", code=body.get("code", ""))


def _bins(body: Mapping[str, Any], _names: Names) -> Told:
    added, removed = len(body.get("added", ())), len(body.get("removed", ()))
    text = _("Bins: %(added)s added, %(removed)s removed", added=added, removed=removed)
    return "boxes", text


def _binned(body: Mapping[str, Any], _names: Names) -> Told:
    count = len(body.get("items", ()))
    return "boxes", ngettext(
        "%(num)s item lies elsewhere now", "%(num)s items lie elsewhere now", count
    )


def _bin_stock(body: Mapping[str, Any], _names: Names) -> Told:
    if not body.get("on"):
        return "layers", _("Bin stock switched off")
    units = body.get("units", 0)
    return "layers", ngettext(
        "Bin stock switched on, %(num)s unit to put away",
        "Bin stock switched on, %(num)s units to put away",
        units,
    )


def _pick_level(body: Mapping[str, Any], names: Names) -> Told:
    sku = names.get(body["item_id"], body["item_id"])
    if body.get("bin") is None:
        return "layers", _("%(sku)s has no level any more", sku=sku)
    text = _(
        "%(sku)s is filled in %(bin)s from %(min)s up to %(max)s units",
        sku=sku, bin=body["bin"], min=body["units_min"], max=body["units_max"],
    )  # fmt: skip
    return "layers", text


def _markets(body: Mapping[str, Any], _names: Names) -> Told:
    codes = sorted(body.get("markets", {}))
    return "pencil", _("Markets: %(codes)s", codes=", ".join(codes) or _("none"))


def _rates(body: Mapping[str, Any], _names: Names) -> Told:
    count = body.get("count", 0)
    return "pencil", ngettext("%(num)s exchange rate set", "%(num)s exchange rates set", count)


def _policy_changed(body: Mapping[str, Any], _names: Names) -> Told:
    renamed = bool(body.get("renamed"))
    return "route", _("New version, renamed") if renamed else _("New version")


def _services(body: Mapping[str, Any], _names: Names) -> Told:
    told = [
        _("%(tariff)s at %(times)s", tariff=tariff, times=", ".join(pickups))
        for tariff, (_days, pickups) in body.get("services", {}).items()
    ]
    return "truck", _("Carriers: %(list)s", list="; ".join(told) or _("none"))


def _local_delivery(body: Mapping[str, Any], _names: Names) -> Told:
    zones, slots = sorted(body.get("zones", {})), sorted(body.get("slots", {}))
    text = _(
        "Local delivery: zones %(zones)s; slots %(slots)s",
        zones=", ".join(zones) or _("none"),
        slots=", ".join(slots) or _("none"),
    )
    return "map-pin", text


def _buffers(body: Mapping[str, Any], _names: Names) -> Told:
    items = ngettext("%(num)s item changed", "%(num)s items changed", len(body["buffers"]))
    return "lock", _("Kept back of single items: %(items)s", items=items)


def _rollout_started(body: Mapping[str, Any], _names: Names) -> Told:
    return "percent", _(
        "Roll-out on %(channel)s begun: %(candidate)s, version %(no)s, sources %(percent)s%% of"
        " new orders instead of %(policy)s",
        channel=body["channel"],
        candidate=body["candidate"],
        no=body["candidate_version"],
        percent=body["percent"],
        policy=body["policy"],
    )


def _rollout_share(body: Mapping[str, Any], _names: Names) -> Told:
    return "pencil", _(
        "Roll-out on %(channel)s: from %(before)s%% to %(percent)s%% of new orders",
        channel=body["channel"],
        before=body["before"],
        percent=body["percent"],
    )


def _rollout_back(body: Mapping[str, Any], _names: Names) -> Told:
    if not body["before"]:
        return "check", _("Stopped roll-out on %(channel)s seen", channel=body["channel"])
    return "undo-2", _(
        "Roll-out on %(channel)s rolled back from %(before)s%%",
        channel=body["channel"],
        before=body["before"],
    )


def _rollout_stopped(body: Mapping[str, Any], _names: Names) -> Told:
    return "triangle-alert", _(
        "Roll-out on %(channel)s stopped by itself at %(before)s%%: %(bad)s of %(all)s orders of"
        " the candidate were not served whole, against %(bad_before)s of %(all_before)s",
        channel=body["channel"],
        before=body["before"],
        bad=body["unserved_candidate"],
        all=body["orders_candidate"],
        bad_before=body["unserved_in_force"],
        all_before=body["orders_in_force"],
    )


def _rollout_adopted(body: Mapping[str, Any], _names: Names) -> Told:
    return "check", _(
        "Adopted: %(policy)s sources all new orders of %(channel)s",
        policy=body["policy"],
        channel=body["channel"],
    )


def _endless(body: Mapping[str, Any], _names: Names) -> Told:
    return "boxes", ngettext(
        "%(num)s item never runs out here", "%(num)s items never run out here", int(body["count"])
    )


_TELLERS: Mapping[str, Callable[[Mapping[str, Any], Names], Told]] = {
    "item.release_set": _release_set,
    "item.created": _item_created,
    "item.changed": _changed,
    "lot.changed": _changed,
    "location.created": _created,
    "location.changed": _changed,
    "location.bins_changed": _bins,
    "location.items_binned": _binned,
    "location.endless_changed": _endless,
    "location.bin_stock_switched": _bin_stock,
    "location.pick_level_set": _pick_level,
    "channel.created": _created,
    "channel.changed": _changed,
    "channel.item_buffers_set": _buffers,
    "markets.changed": _markets,
    "rates.changed": _rates,
    "policy.created": _created,
    "policy.changed": _policy_changed,
    "rollout.started": _rollout_started,
    "rollout.share_set": _rollout_share,
    "rollout.rolled_back": _rollout_back,
    "rollout.stopped": _rollout_stopped,
    "rollout.adopted": _rollout_adopted,
    **stock_histories.TELLERS,
    "tariff.created": _created,
    "tariff.changed": _policy_changed,
    "location.services_changed": _services,
    "location.local_delivery_changed": _local_delivery,
    "stock_reason.created": _created,
    "stock_reason.changed": _changed,
}
