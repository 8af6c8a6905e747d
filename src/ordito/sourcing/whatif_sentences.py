"""Changes in words that a warehouse manager understands."""

from collections.abc import Mapping
from typing import Any

from ordito.sourcing.sentences import Sentence, Words, plain_money
from ordito.sourcing.whatifs import Change, Way

_TENTH_OF_CENT = 10


LINES_SAID = 3
"""More lines than that are told by their number."""


def say_way(way: Way, words: Words, skus: Mapping[int, str]) -> tuple[str, ...]:
    """Each change of a way as a phrase, such as "2 more of TEA"; stock of many lines as one."""
    lines = [one for one in way if one.kind == "stock"]
    if len(lines) <= LINES_SAID:
        return tuple(say_change(one, words, skus) for one in way)
    units = sum(one.amount for one in lines)
    params = {"units": units, "lines": len(lines)}
    stock = words.ngettext(
        "%(units)d more unit of %(lines)d lines free there",
        "%(units)d more units of %(lines)d lines free there",
        units,
    )
    rest = [say_change(one, words, skus) for one in way if one.kind != "stock"]
    return (stock % params, *rest)


def say_change(one: Change, words: Words, skus: Mapping[int, str]) -> str:
    params: dict[str, Any] = {"amount": one.amount}
    if one.kind == "stock":
        params["sku"] = skus.get(one.line_no, str(one.line_no))
    if one.kind == "cost":
        # Rounded up: the sum shown is enough.
        params["amount"] = plain_money(-(-one.amount // _TENTH_OF_CENT) * _TENTH_OF_CENT)
    key = one.kind if one.unit == "orders" else f"{one.kind}_{one.unit}"
    return PHRASES[key](words, params) % params


PHRASES: dict[str, Sentence] = {
    "stock": lambda w, p: w.ngettext(
        "%(amount)d more of %(sku)s free there",
        "%(amount)d more of %(sku)s free there",
        p["amount"],
    ),
    "cost": lambda w, p: w.gettext("a parcel that costs %(amount)s less"),
    "cut_off": lambda w, p: w.ngettext(
        "a cut-off %(amount)d minute later", "a cut-off %(amount)d minutes later", p["amount"]
    ),
    "priority": lambda w, p: w.ngettext(
        "a priority %(amount)d step higher", "a priority %(amount)d steps higher", p["amount"]
    ),
    "capacity": lambda w, p: w.ngettext(
        "room for %(amount)d more order a day", "room for %(amount)d more orders a day", p["amount"]
    ),
    "capacity_lines": lambda w, p: w.ngettext(
        "room for %(amount)d more order line a day",
        "room for %(amount)d more order lines a day",
        p["amount"],
    ),
    "capacity_units": lambda w, p: w.ngettext(
        "room for %(amount)d more unit a day", "room for %(amount)d more units a day", p["amount"]
    ),
    "distance": lambda w, p: w.gettext("a distance limit %(amount)d km wider"),
    "days": lambda w, p: w.ngettext(
        "a limit of %(amount)d more day", "a limit of %(amount)d more days", p["amount"]
    ),
}
