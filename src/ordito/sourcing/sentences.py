"""Reasons in words that a warehouse manager understands. Every sentence is one message."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ordito.sourcing.explanations import Reason


class Words(Protocol):
    """A language, such as `gettext.NullTranslations` (English) or a Babel `Translations`."""

    def gettext(self, message: str, /) -> str: ...

    def ngettext(self, one: str, many: str, number: int, /) -> str: ...


Params = Mapping[str, Any]
Sentence = Callable[[Words, Params], str]


def say(reason: Reason, words: Words, money: Callable[[int], str]) -> str:
    """The reason as a sentence in the language of `words`.

    money: gives thousandths of the policy's money as text; see `plain_money`.
    """
    params: dict[str, Any] = {}
    for name, value in reason.params.items():
        if name.endswith("_milli"):
            params[name.removesuffix("_milli")] = money(int(value))
        else:
            params[name] = value
    return SENTENCES[reason.code](words, params) % params


def plain_money(milli: int) -> str:
    """Thousandths with two decimals, half up: 3104 gives 3.10."""
    cents = (abs(milli) + 5) // 10
    return f"{'-' if milli < 0 else ''}{cents // 100}.{cents % 100:02}"


SENTENCES: dict[str, Sentence] = {
    # Chosen.
    "chosen_nearest": lambda w, p: w.ngettext(
        "Chosen: nearest place with the piece, %(km)d km, one parcel.",
        "Chosen: nearest place with all %(wanted)d pieces, %(km)d km, one parcel.",
        p["wanted"],
    ),
    "chosen_cheapest": lambda w, p: w.ngettext(
        "Chosen: cheapest of the places with the piece, one parcel.",
        "Chosen: cheapest of the places with all %(wanted)d pieces, one parcel.",
        p["wanted"],
    ),
    "chosen_only": lambda w, p: w.ngettext(
        "Chosen: the only place with the piece, one parcel.",
        "Chosen: the only place with all %(wanted)d pieces, one parcel.",
        p["wanted"],
    ),
    "chosen_part": lambda w, p: w.ngettext(
        "Chosen for %(units)d of %(wanted)d piece: no place alone has everything.",
        "Chosen for %(units)d of %(wanted)d pieces: no place alone has everything.",
        p["wanted"],
    ),
    "chosen_part_cheaper": lambda w, p: w.ngettext(
        "Chosen for %(units)d of %(wanted)d piece: several parcels cost less than one from a place"
        " with everything.",
        "Chosen for %(units)d of %(wanted)d pieces: several parcels cost less than one from a place"
        " with everything.",
        p["wanted"],
    ),
    "chosen_pickup": lambda w, p: w.gettext("Chosen: the buyer picks up here."),
    "chosen_slot": lambda w, p: w.gettext("Chosen: it brings the order in its delivery slot."),
    "chosen_brought": lambda w, p: w.ngettext(
        "Chosen: sends %(units)d piece to the shop where it is collected, %(km)d km away.",
        "Chosen: sends %(units)d pieces to the shop where they are collected, %(km)d km away.",
        p["units"],
    ),
    "chosen_brought_far": lambda w, p: w.ngettext(
        "Chosen: sends %(units)d piece to the shop where it is collected.",
        "Chosen: sends %(units)d pieces to the shop where they are collected.",
        p["units"],
    ),
    # Compared and not chosen.
    "no_stock": lambda w, p: w.gettext("Not chosen: has nothing of the order."),
    "empty_of": lambda w, p: w.gettext("Not chosen: has no %(sku)s."),
    "empty_kept": lambda w, p: w.ngettext(
        "Not chosen: has nothing to spare, since %(kept)d piece of each item stays for customers"
        " who walk in.",
        "Not chosen: has nothing to spare, since %(kept)d pieces of each item stay for customers"
        " who walk in.",
        p["kept"],
    ),
    "empty_least": lambda w, p: w.ngettext(
        "Not chosen: has too little of everything; items with fewer than %(least)d piece are not"
        " taken from here.",
        "Not chosen: has too little of everything; items with fewer than %(least)d pieces are not"
        " taken from here.",
        p["least"],
    ),
    "pinned": lambda w, p: w.gettext("Not chosen: staff pinned lines to another location."),
    "short": lambda w, p: w.ngettext(
        "Not chosen: has %(units)d of %(wanted)d piece; a second parcel would be %(more)s dearer"
        " than %(place)s alone.",
        "Not chosen: has %(units)d of %(wanted)d pieces; a second parcel would be %(more)s dearer"
        " than %(place)s alone.",
        p["wanted"],
    ),
    "short_of": lambda w, p: w.ngettext(
        "Not chosen: has %(have)d of %(asked)d piece of %(sku)s; a second parcel would be %(more)s"
        " dearer than %(place)s alone.",
        "Not chosen: has %(have)d of %(asked)d pieces of %(sku)s; a second parcel would be %(more)s"
        " dearer than %(place)s alone.",
        p["asked"],
    ),
    "short_kept": lambda w, p: w.ngettext(
        "Not chosen: can give %(units)d of %(wanted)d pieces, since %(kept)d piece of each item"
        " stays for customers who walk in; a second parcel would be %(more)s dearer than %(place)s"
        " alone.",
        "Not chosen: can give %(units)d of %(wanted)d pieces, since %(kept)d pieces of each item"
        " stay for customers who walk in; a second parcel would be %(more)s dearer than %(place)s"
        " alone.",
        p["kept"],
    ),
    "short_not_needed": lambda w, p: w.ngettext(
        "Not chosen: has %(units)d of %(wanted)d pieces; no better plan was found with it than the"
        " one with %(parcels)d parcel.",
        "Not chosen: has %(units)d of %(wanted)d pieces; no better plan was found with it than the"
        " one with %(parcels)d parcels.",
        p["parcels"],
    ),
    "short_unused": lambda w, p: w.ngettext(
        "Not used: has %(units)d of %(wanted)d piece, and the order ships complete or not at all.",
        "Not used: has %(units)d of %(wanted)d pieces, and the order ships complete or not at all.",
        p["wanted"],
    ),
    "whole_unused": lambda w, p: w.gettext("Not used: the order was not sourced."),
    "whole_dearer_than_plan": lambda w, p: w.ngettext(
        "Not chosen: has everything, but is %(more)s dearer than the plan with %(parcels)d parcel.",
        "Not chosen: has everything, but is %(more)s dearer than the plan with %(parcels)d"
        " parcels.",
        p["parcels"],
    ),
    "tie_priority": lambda w, p: w.gettext(
        "Not chosen: costs the same as %(place)s, which goes first by priority."
    ),
    "tie_code": lambda w, p: w.gettext(
        "Not chosen: costs the same as %(place)s, which goes first by its code."
    ),
    "dearer_": lambda w, p: w.gettext("Not chosen: %(more)s dearer than %(place)s."),
    "dearer_distance": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it for the distance, %(km)d km."
    ),
    "dearer_distance_unknown": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, since its distance is unknown and counts as"
        " far."
    ),
    "dearer_load": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it because it is busier today."
    ),
    "dearer_market": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it because it is outside the"
        " destination's market."
    ),
    "dearer_priority": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it for its lower priority."
    ),
    "dearer_handling": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it for handling."
    ),
    "dearer_soft": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it for soft rules that it breaks."
    ),
    "dearer_tariff": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it for the carrier."
    ),
    "dearer_picking": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it for picking lines."
    ),
    "dearer_scarce": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it because it has few of the items."
    ),
    "dearer_days": lambda w, p: w.gettext(
        "Not chosen: %(more)s dearer than %(place)s, most of it because it delivers later."
    ),
    "empty_barred": lambda w, p: w.gettext("Not chosen: may not send items like these."),
    "outranked": lambda w, p: w.gettext(
        "Not chosen: has some of the order, but the places compared come before it by cost."
    ),
    "unseen": lambda w, p: w.gettext(
        "Not looked at: a parcel from here costs at least as much as the whole plan."
    ),
    # Not eligible.
    "inactive": lambda w, p: w.gettext("Not eligible: the location is switched off."),
    "history": lambda w, p: w.gettext("Not eligible: it only holds orders of the past."),
    "channel": lambda w, p: w.gettext("Not eligible: the channel does not sell from here."),
    "passed": lambda w, p: w.gettext("Not eligible: it gave the order back, or came up short."),
    "no_shipping": lambda w, p: w.gettext("Not eligible: does not ship."),
    "no_shipping_store": lambda w, p: w.gettext(
        "Not eligible: does not ship (store for pick-up only)."
    ),
    "no_pickup": lambda w, p: w.gettext("Not eligible: nothing can be picked up here."),
    "not_pickup_place": lambda w, p: w.gettext(
        "Not eligible: the buyer picks up at another location."
    ),
    "outside_zones": lambda w, p: w.gettext(
        "Not eligible: the address is in none of its delivery zones."
    ),
    "slots_full": lambda w, p: w.gettext(
        "Not eligible: none of its delivery slots has room in the next days."
    ),
    "other_slot": lambda w, p: w.gettext(
        "Not eligible: the order was given a delivery slot of another location."
    ),
    "market": lambda w, p: w.gettext(
        "Not eligible: belongs to the market %(market)s, the destination does not."
    ),
    "no_market": lambda w, p: w.gettext("Not eligible: belongs to no market."),
    "owner": lambda w, p: w.gettext(
        "Not eligible: stock of %(owner)s does not serve orders like this."
    ),
    "country": lambda w, p: w.gettext(
        "Not eligible: orders like this are not served from %(country)s."
    ),
    "kind": lambda w, p: w.gettext(
        "Not eligible: locations of this kind do not serve orders like this."
    ),
    "distance": lambda w, p: w.gettext(
        "Not eligible: farther than %(limit)d km from the destination."
    ),
    "distance_unknown": lambda w, p: w.gettext(
        "Not eligible: its distance is unknown and the limit is %(limit)d km."
    ),
    "closed": lambda w, p: w.gettext("Not eligible: closed on the day of the order."),
    "capacity": lambda w, p: w.gettext("Not eligible: its capacity for the day is used up."),
    "no_carrier": lambda w, p: w.gettext(
        "Not eligible: none of its carriers goes to the destination."
    ),
    "days": lambda w, p: w.gettext("Not eligible: would deliver too late."),
    "new": lambda w, p: w.gettext("Not eligible: it did not exist yet."),
    "unlisted": lambda w, p: w.gettext("It had no part in this decision."),
    # About the order.
    "order_not_in_stock": lambda w, p: w.ngettext(
        "%(served)d of %(wanted)d piece is sourced; the rest is not in stock at any eligible"
        " location.",
        "%(served)d of %(wanted)d pieces are sourced; the rest is not in stock at any eligible"
        " location.",
        p["wanted"],
    ),
    "order_none_in_stock": lambda w, p: w.gettext(
        "Nothing is sourced: no eligible location has anything of the order."
    ),
    "order_ship_complete": lambda w, p: w.gettext(
        "Nothing is sourced: the policy ships orders complete, and not all of it is in stock."
    ),
    "order_line_split": lambda w, p: w.ngettext(
        "%(served)d of %(wanted)d piece is sourced: the policy takes each line from one location.",
        "%(served)d of %(wanted)d pieces are sourced: the policy takes each line from one"
        " location.",
        p["wanted"],
    ),
    "order_max_parcels": lambda w, p: w.ngettext(
        "%(served)d of %(wanted)d piece is sourced: the policy allows no more parcels.",
        "%(served)d of %(wanted)d pieces are sourced: the policy allows no more parcels.",
        p["wanted"],
    ),
    "order_min_parcel_value": lambda w, p: w.ngettext(
        "%(served)d of %(wanted)d piece is sourced: the rest would be parcels worth too little.",
        "%(served)d of %(wanted)d pieces are sourced: the rest would be parcels worth too little.",
        p["wanted"],
    ),
    "order_dropped": lambda w, p: w.gettext(
        "Soft rule %(rule)d was dropped for this order, at a price of %(price)s."
    ),
    "order_dropped_at": lambda w, p: w.gettext(
        "Soft rule %(rule)d was dropped for the parcel from %(place)s, at a price of %(price)s."
    ),
    "order_missing": lambda w, p: w.ngettext(
        "The locations compared have %(found)d of %(wanted)d piece of %(sku)s.",
        "The locations compared have %(found)d of %(wanted)d pieces of %(sku)s.",
        p["wanted"],
    ),
    "order_brought": lambda w, p: w.ngettext(
        "The shop has %(own)d of %(wanted)d piece; %(brought)d is brought to it from elsewhere.",
        "The shop has %(own)d of %(wanted)d pieces; %(brought)d are brought to it from elsewhere.",
        p["wanted"],
    ),
    "order_not_brought": lambda w, p: w.ngettext(
        "The shop has %(own)d of %(wanted)d piece, and nobody can bring it the rest.",
        "The shop has %(own)d of %(wanted)d pieces, and nobody can bring it the rest.",
        p["wanted"],
    ),
    "order_country_centre": lambda w, p: w.gettext(
        "The postal code is not known: distances are from the middle of the country."
    ),
    "order_nowhere": lambda w, p: w.gettext(
        "Neither postal code nor country is known: distances are not known."
    ),
}
