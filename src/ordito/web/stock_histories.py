"""What happened to transfers, assemblies and counts, as sentences of a timeline."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ordito.web.rendering import date_name, money, ngettext
from ordito.web.rendering import gettext as _
from ordito.web.statuses import N_

Told = tuple[str, str]
Names = Mapping[str, str]
"""Words for ids and codes: SKUs by item id, names by location code."""


def _units(count: int) -> str:
    return ngettext("%(num)s unit", "%(num)s units", count)


def _listed(pairs: Mapping[str, int], names: Names) -> str:
    """Units by item, as "3 × TEA-100, 2 × CUP-1"."""
    return ", ".join(
        _("%(n)s × %(sku)s", n=qty, sku=names.get(item_id, item_id))
        for item_id, qty in pairs.items()
    )


def _transfer_drafted(body: Mapping[str, Any], names: Names) -> Told:
    ends = [names.get(body[end], body[end]) for end in ("from_location", "to_location")]
    units = _units(sum(body["units"].values()))
    return "plus", _("Drafted: %(units)s from %(source)s to %(destination)s",
                     units=units, source=ends[0], destination=ends[1])  # fmt: skip


def _transfer_changed(body: Mapping[str, Any], names: Names) -> Told:
    return "pencil", _("Changed; to go are %(units)s", units=_listed(body["units"], names))


def _transfer_requested(body: Mapping[str, Any], names: Names) -> Told:
    place = names.get(body["from_location"], body["from_location"])
    return "hand", _("%(place)s was asked to send it", place=place)


def _transfer_shipped(body: Mapping[str, Any], _names: Names) -> Told:
    text = _("Sent: %(units)s", units=_units(sum(qty for _item, qty in body["lines"])))
    if body["short"]:
        short = _("Not sent, though asked for: %(units)s", units=_units(body["short"]))
        return "truck", _("%(said)s. %(more)s", said=text, more=short)
    return "truck", text


def _transfer_received(body: Mapping[str, Any], names: Names) -> Told:
    sums: list[dict[str, int]] = [{}, {}, {}]
    for item_id, *quantities in body["lines"]:
        for into, qty in zip(sums, quantities, strict=True):
            if qty:
                into[item_id] = qty
    words = (_("Arrived: %(units)s"), _("Damaged: %(units)s"), _("More than was sent: %(units)s"))
    said = [
        text % {"units": _listed(pairs, names)}
        for text, pairs in zip(words, sums, strict=True)
        if pairs
    ]
    if body["last"]:
        said.append(_("This was all of it"))
    return "package-check", ". ".join(said)


def _transfer_closed(body: Mapping[str, Any], names: Names) -> Told:
    text = _("Written off as missing: %(units)s", units=_listed(dict(body["lines"]), names))
    return "package-x", f"{text}. {body['note']}" if body["note"] else text


def _transfer_cancelled(_body: Mapping[str, Any], _names: Names) -> Told:
    return "ban", _("Cancelled")


def _assembly_drafted(body: Mapping[str, Any], names: Names) -> Told:
    place = names.get(body["location"], body["location"])
    made = _listed({body["item_id"]: body["planned"]}, names)
    return "plus", _("Drafted: %(units)s at %(place)s", units=made, place=place)


def _assembly_changed(body: Mapping[str, Any], _names: Names) -> Told:
    if body["fields"] == ["step"]:
        return "list-checks", _("Step: %(step)s", step=body["step"] or "–")
    return "pencil", _("Changed; to be made are %(units)s", units=_units(body["planned"]))


def _assembly_started(body: Mapping[str, Any], names: Names) -> Told:
    said = [_("Started. Parts taken: %(units)s", units=_listed(body["parts"], names))]
    return "play", ". ".join([*said, *_lots_of(body)])


def _lots_of(body: Mapping[str, Any]) -> list[str]:
    """A sentence on the lots of an act, where it moved any."""
    lots = ", ".join(
        _("%(n)s × %(sku)s %(lot)s", n=qty, sku=sku, lot=lot)
        for sku, lot, qty in body.get("lots", ())
    )
    return [_("Lots: %(lots)s", lots=lots)] if lots else []


def _units_made(body: Mapping[str, Any], names: Names) -> Told:
    said = []
    if body["items"]:
        said.append(_("Made: %(units)s", units=_listed(body["items"], names)))
        said += _lots_of(body)
    if body["spoiled"]:
        text = _("Spoiled: %(units)s, and with them %(parts)s", units=_units(body["spoiled"]),
                 parts=_listed(body["scrapped"], names))  # fmt: skip
        said.append(text)
    if body["last"]:
        said.append(_("This was all of it"))
    return "package-check", ". ".join(said)


def _assembly_closed(body: Mapping[str, Any], names: Names) -> Told:
    said = [_("Closed; not made: %(units)s", units=_units(body["given_up"]))]
    if body["items"]:
        said.append(_("Parts given back: %(units)s", units=_listed(body["items"], names)))
        said += _lots_of(body)
    if body["scrapped"]:
        said.append(_("Thrown away: %(units)s", units=_listed(body["scrapped"], names)))
    return "package-x", ". ".join([*said, *([body["note"]] if body["note"] else [])])


def _recipe_set(body: Mapping[str, Any], names: Names) -> Told:
    if not body["parts"]:
        return "boxes", _("It isn't made of parts any more")
    return "boxes", _("One unit is made of %(units)s", units=_listed(body["parts"], names))


def _count_started(body: Mapping[str, Any], _names: Names) -> Told:
    items = ngettext("%(num)s item to count", "%(num)s items to count", body["lines"])
    return "clipboard-list", _("Started: %(items)s", items=items)


def _item_counted(body: Mapping[str, Any], names: Names) -> Told:
    sku = names.get(body["item_id"], body["item_id"])
    if body["outcome"] == "waiting":
        text = _("%(n)s × %(sku)s counted; the difference waits for approval",
                 n=body["counted"], sku=sku)  # fmt: skip
        return "hourglass", text
    return "clipboard-check", _("%(n)s × %(sku)s counted", n=body["counted"], sku=sku)


def _difference_approved(body: Mapping[str, Any], names: Names) -> Told:
    sku = names.get(body["item_id"], body["item_id"])
    return "check", _("The difference of %(sku)s was approved and booked", sku=sku)


def _recount_asked(body: Mapping[str, Any], names: Names) -> Told:
    text = _("%(sku)s is to be counted again", sku=names.get(body["item_id"], body["item_id"]))
    return "history", f"{text}. {body['note']}" if body["note"] else text


def _count_ended(body: Mapping[str, Any], _names: Names) -> Told:
    return "ban", ngettext(
        "Ended; %(num)s item was left out", "Ended; %(num)s items were left out", body["skipped"]
    )


def _limit_set(body: Mapping[str, Any], _names: Names) -> Told:
    if body["units"] is None and body["value_minor"] is None:
        return "scale", _("Every difference of a count is booked at once")
    said = []
    if body["units"] is not None:
        said.append(_("more than %(units)s", units=_units(body["units"])))
    if body["value_minor"] is not None:
        said.append(
            _("worth more than %(value)s", value=money(body["value_minor"], body["currency"]))
        )
    return "scale", _("Differences of counts wait for approval: %(when)s", when=", ".join(said))


def _lot_blocked(body: Mapping[str, Any], _names: Names) -> Told:
    return "ban", _("Blocked: %(reason)s", reason=body["reason"])


def _lot_freed(_body: Mapping[str, Any], _names: Names) -> Told:
    return "play", _("Free to sell again")


def _lot_set_aside(body: Mapping[str, Any], names: Names) -> Told:
    place = names.get(body["location"], body["location"])
    text = _("%(units)s set aside in %(place)s", units=_units(body["qty"]), place=place)
    if not body["orders"]:
        return "split", text
    orders = ngettext(
        "%(num)s order lost units and was looked for elsewhere",
        "%(num)s orders lost units and were looked for elsewhere",
        body["orders"],
    )
    return "split", _("%(said)s. %(more)s", said=text, more=orders)


def _lot_put_back(body: Mapping[str, Any], names: Names) -> Told:
    place = names.get(body["location"], body["location"])
    text = _("%(units)s can be sold again in %(place)s", units=_units(body["qty"]), place=place)
    return "undo-2", text


def _supply_expected(body: Mapping[str, Any], names: Names) -> Told:
    day = date_name(date.fromisoformat(body["expected_on"]))
    return "plus", _("Announced: %(units)s for %(day)s",
                     units=_listed(body["items"], names), day=day)  # fmt: skip


_SUPPLY_FIELDS: Mapping[str, str] = {
    "qty": N_("Units"),
    "expected_on": N_("Expected on"),
    "reference": N_("Reference"),
}


def _supply_changed(body: Mapping[str, Any], _names: Names) -> Told:
    said = [
        _("%(field)s: %(before)s → %(after)s", field=_(_SUPPLY_FIELDS[field]),
          before=before or _("none"), after=after or _("none"))
        for field, (before, after) in body["changes"].items()
    ]  # fmt: skip
    return "pencil", "; ".join(said)


def _supply_received(body: Mapping[str, Any], _names: Names) -> Told:
    said = [_("Arrived: %(units)s", units=_units(body["pieces"]))]
    if body["left"]:
        said.append(_("Still to come: %(units)s", units=_units(body["left"])))
    if body["over"]:
        said.append(_("More than announced: %(units)s", units=_units(body["over"])))
    return "package-check", ". ".join(said)


def _supply_closed(body: Mapping[str, Any], _names: Names) -> Told:
    text = _("Nothing more comes; missing are %(units)s", units=_units(body["missing"]))
    return "package-x", f"{text}. {body['note']}" if body["note"] else text


TELLERS: Mapping[str, Callable[[Mapping[str, Any], Names], Told]] = {
    "lot.blocked": _lot_blocked,
    "lot.freed": _lot_freed,
    "lot.set_aside": _lot_set_aside,
    "lot.put_back": _lot_put_back,
    "transfer.drafted": _transfer_drafted,
    "transfer.changed": _transfer_changed,
    "transfer.requested": _transfer_requested,
    "transfer.shipped": _transfer_shipped,
    "transfer.received": _transfer_received,
    "transfer.closed": _transfer_closed,
    "transfer.cancelled": _transfer_cancelled,
    "assembly.drafted": _assembly_drafted,
    "assembly.changed": _assembly_changed,
    "assembly.started": _assembly_started,
    "assembly.units_made": _units_made,
    "assembly.closed": _assembly_closed,
    "assembly.cancelled": _transfer_cancelled,
    "item.recipe_set": _recipe_set,
    "supply.expected": _supply_expected,
    "supply.changed": _supply_changed,
    "supply.received": _supply_received,
    "supply.closed": _supply_closed,
    "cycle_count.started": _count_started,
    "cycle_count.item_counted": _item_counted,
    "cycle_count.difference_approved": _difference_approved,
    "cycle_count.recount_asked": _recount_asked,
    "cycle_count.ended": _count_ended,
    "location.count_limit_set": _limit_set,
}
