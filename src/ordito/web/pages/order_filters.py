"""Filters of the orders list as addresses have them: read, written, and shown as chips."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ordito.kernel.money import exponent, format_minor
from ordito.listings.order_filter import OrderFilter
from ordito.listings.places import Names
from ordito.platform.access import Actor
from ordito.platform.accounts import list_assignable
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput
from ordito.platform.validation import convert
from ordito.web.formats import short_date
from ordito.web.readers import seen_channels, seen_places
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.statuses import FULFILMENT, LIFE, MONEY, N_, RETURN, Status
from ordito.web.view_context import Choice, ViewContext
from ordito.web.words import HOLD_REASONS, choices

Pairs = Sequence[tuple[str, str]]

SEVERAL: Mapping[str, str] = {
    "life": "life",
    "fulfilment": "fulfilment",
    "money": "money",
    "return_state": "return_state",
    "channel": "channels",
    "location": "locations",
    "country": "countries",
    "hold": "hold_reasons",
    "tag": "tags",
}
"""Parameters that may be there several times, and their fields of the filter."""

SINGLE = ("delivery", "currency", "sku", "code", "kind", "mode", "assignee")
FLAGS = ("late", "held", "backordered", "unserved", "preorder")


class Chip(msgspec.Struct, frozen=True):
    """A filter as people see it. params: the parameters of the address that it is made of."""

    name: str
    params: tuple[str, ...]
    kind: str = "several"


CHIPS: Mapping[str, Chip] = {
    "life": Chip(N_("Order"), ("life",)),
    "fulfilment": Chip(N_("Fulfillment"), ("fulfilment",)),
    "money": Chip(N_("Payment"), ("money",)),
    "return_state": Chip(N_("Return"), ("return_state",)),
    "late": Chip(N_("Late"), ("late",), "one"),
    "held": Chip(N_("On hold"), ("held",), "one"),
    "hold": Chip(N_("Hold reason"), ("hold",)),
    "backordered": Chip(N_("Backordered"), ("backordered",), "one"),
    "unserved": Chip(N_("Nobody can serve it"), ("unserved",), "one"),
    "preorder": Chip(N_("Pre-order"), ("preorder",), "one"),
    "assignee": Chip(N_("Assignee"), ("assignee",), "one"),
    "channel": Chip(N_("Channel"), ("channel",)),
    "location": Chip(N_("Location"), ("location",)),
    "country": Chip(N_("Country"), ("country",), "words"),
    "delivery": Chip(N_("Delivery"), ("delivery",), "one"),
    "placed": Chip(N_("Placed"), ("placed", "placed_from", "placed_to"), "days"),
    "value": Chip(N_("Value"), ("currency", "total_min", "total_max"), "value"),
    "tag": Chip(N_("Tag"), ("tag",), "words"),
    "sku": Chip(N_("SKU"), ("sku",), "text"),
    "code": Chip(N_("Special code"), ("code",), "text"),
    "kind": Chip(N_("Kind"), ("kind",), "text"),
    "mode": Chip(N_("Origin"), ("mode",), "one"),
    "customer": Chip(N_("Customer number"), ("customer",), "text"),
}
"""Every filter there is, in the order in which they are offered."""

PARAMS = frozenset(("q", *(name for chip in CHIPS.values() for name in chip.params)))


def read_filter(pairs: Pairs, zone: ZoneInfo) -> OrderFilter:
    """The filter that the parameters make; raises InvalidInput. Days are those of the zone."""
    one = dict(pairs)
    values: dict[str, Any] = {
        field: tuple(dict.fromkeys(found))
        for name, field in SEVERAL.items()
        if (found := _split(pairs, name))
    }
    values |= {name: one[name].strip() for name in SINGLE if one.get(name, "").strip()}
    values |= {name: one[name] == "yes" for name in FLAGS if one.get(name) in ("yes", "no")}
    if one.get("customer", "").isdigit():
        values["customer_number"] = int(one["customer"][:15])
    if one.get("placed", "").isdigit():
        values["placed_within_days"] = int(one["placed"][:5])
    if first := _day(one.get("placed_from", "")):
        values["placed_from"] = datetime.combine(first, time(), zone)
    if last := _day(one.get("placed_to", "")):
        values["placed_before"] = datetime.combine(last + timedelta(days=1), time(), zone)
    for name in ("total_min", "total_max"):
        if one.get(name, "").strip():
            values[f"{name}_minor"] = _minor(name, one[name], values.get("currency"))
    values["text"] = one.get("q", "").strip().removeprefix("#")[:200]
    return convert(OrderFilter, values)


def _split(pairs: Pairs, name: str) -> list[str]:
    """Values of a parameter; what is typed may hold several with commas."""
    found = [value for key, value in pairs if key == name]
    if CHIPS[name].kind == "words":
        found = [part.strip() for value in found for part in value.split(",")]
    if name == "country":
        found = [value.upper() for value in found]
    return [value for value in found if value]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _minor(name: str, text: str, currency: str | None) -> int:
    """An amount in minor units; raises InvalidInput for what is none, or has no currency."""
    if not currency:
        raise InvalidInput(_("Choose the currency that the amounts are in."))
    try:
        return int(
            (Decimal(text.replace(",", ".").strip()) * 10 ** exponent(currency)).to_integral_value()
        )
    except (ArithmeticError, ValueError) as fault:
        told = Fault(f"/{name}", "invalid", _("An amount is a number, such as 49.90."))
        raise InvalidInput(_("The amount could not be read."), errors=[told]) from fault


def write_pairs(fields: Mapping[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    """The parameters that make a stored filter."""
    asked = convert(OrderFilter, dict(fields))
    pairs = [(name, value) for name, field in SEVERAL.items() for value in getattr(asked, field)]
    pairs += [(name, str(value)) for name in SINGLE if (value := getattr(asked, name))]
    if asked.late:
        pairs.append(("late", "yes"))
    for name in ("held", "backordered", "unserved", "preorder"):
        if (flag := getattr(asked, name)) is not None:
            pairs.append((name, "yes" if flag else "no"))
    if asked.customer_number is not None:
        pairs.append(("customer", str(asked.customer_number)))
    if asked.placed_within_days:
        pairs.append(("placed", str(asked.placed_within_days)))
    if asked.placed_from:
        pairs.append(("placed_from", asked.placed_from.astimezone(zone).date().isoformat()))
    if asked.placed_before:
        last = asked.placed_before.astimezone(zone) - timedelta(microseconds=1)
        pairs.append(("placed_to", last.date().isoformat()))
    for name in ("total_min", "total_max"):
        if (minor := getattr(asked, f"{name}_minor")) is not None and asked.currency:
            pairs.append((name, format_minor(minor, asked.currency)))
    return [*pairs, *([("q", asked.text)] if asked.text else [])]


def read_choices(tx: Tx, names: Names, actor: Actor) -> dict[str, list[Choice]]:
    """What can be chosen, by filter."""
    yes_no = [Choice("yes", _("Yes")), Choice("no", _("No"))]
    people = [Choice(str(user.id), user.name) for user in list_assignable(tx)]
    currencies = sorted({channel.currency for channel in names.channels.values()})
    return {
        "life": _status_choices(LIFE),
        "fulfilment": _status_choices(FULFILMENT),
        "money": _status_choices(MONEY),
        "return_state": _status_choices(RETURN),
        "channel": list(seen_channels(names, actor)),
        "location": list(seen_places(names, actor)),
        "hold": choices(HOLD_REASONS),
        "late": yes_no[:1],
        "held": yes_no,
        "backordered": yes_no,
        "unserved": yes_no,
        "preorder": yes_no,
        "delivery": [
            Choice("ship", _("Shipped")),
            Choice("pickup", _("Picked up")),
            Choice("local", _("Brought by us")),
        ],
        "mode": [Choice("live", _("Sold here")), Choice("history", _("Imported history"))],
        "assignee": [Choice("me", _("Me")), Choice("nobody", _("Nobody")), *people],
        "currency": [Choice(code, code) for code in currencies],
        "placed": [
            Choice("1", _("Today")),
            *(
                Choice(str(days), ngettext("Last %(num)s day", "Last %(num)s days", days))
                for days in (7, 30, 90)
            ),
        ],
    }


def _status_choices(statuses: Mapping[str, Status]) -> list[Choice]:
    return [Choice(code, _(status.label)) for code, status in statuses.items()]


def show_chips(
    pairs: Pairs,
    known: Mapping[str, Sequence[Choice]],
    url: Callable[[Pairs], str],
    view: ViewContext,
    *,
    adding: str = "",
) -> list[dict[str, Any]]:
    """The filters that are on, and the one that is being added. url: the list with other pairs."""
    shown = []
    for key, chip in CHIPS.items():
        values = [value for name, value in pairs if name in chip.params and value]
        if not values and key != adding:
            continue
        rest = [pair for pair in pairs if pair[0] not in chip.params]
        options = list(known.get(key, ()))
        options += [Choice(v, v) for v in values if v not in {o.value for o in options}]
        shown.append(
            {
                "key": key,
                "kind": chip.kind,
                "params": chip.params,
                "name": _(chip.name),
                "words": _chip_words(key, chip, pairs, known, view) or _("any"),
                "off_url": url(rest),
                "values": {name: _joined(pairs, name) for name in chip.params},
                "choices": [
                    {"value": o.value, "label": o.label, "on": o.value in values}
                    for o in (known.get(key, ()) if chip.kind in ("days", "value") else options)
                ],
                "currencies": known["currency"],
                "open": not values,
            }
        )
    return shown


def _joined(pairs: Pairs, name: str) -> str:
    return ", ".join(value for key, value in pairs if key == name)


def _chip_words(
    key: str, chip: Chip, pairs: Pairs, known: Mapping[str, Sequence[Choice]], view: ViewContext
) -> str:
    one = dict(pairs)
    labels = {choice.value: choice.label for choice in known.get(key, ())}
    if chip.kind == "days":
        ends = [_shown_day(one.get(name, ""), view) for name in ("placed_from", "placed_to")]
        span = " – ".join(end or "…" for end in ends) if any(ends) else ""
        within = one.get("placed", "")
        return labels.get(within, within) or span
    if chip.kind == "value":
        span = " – ".join(one.get(name, "") or "…" for name in ("total_min", "total_max"))
        currency = one.get("currency", "")
        return f"{span} {currency}" if one.get("total_min") or one.get("total_max") else currency
    values = [value for name, value in pairs if name in chip.params and value]
    return ", ".join(labels.get(value, value) for value in values)


def _shown_day(text: str, view: ViewContext) -> str:
    on = _day(text)
    return "" if on is None else short_date(on, view.now.date(), view.locale)
