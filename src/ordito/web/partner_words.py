"""What partners were asked and answered, and what customers chose, in words of a timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, when_name
from ordito.web.sourcing_words import Told, count_units, name_place
from ordito.web.statuses import N_
from ordito.web.words import CANCEL_REASONS, word

CHOICES: Mapping[str, str] = {
    "pickup": N_("Collected at another shop"),
    "ship": N_("Shipped to the customer"),
    "cancel": N_("Cancel all that has not left"),
    "cancel_missing": N_("Cancel only what the shop doesn’t have"),
}


def _when(text: str) -> str:
    return when_name(datetime.fromisoformat(text))


def _submitted(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "%(place)s is asked to send %(num)s unit, and to answer by %(by)s",
        "%(place)s is asked to send %(num)s units, and to answer by %(by)s",
        count_units(body["lines"]),
        place=name_place(body, places),
        by=_when(str(body["answer_by"])),
    )
    return ("hand", "", text)


def _accepted(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    place, by = name_place(body, places), _when(str(body["ship_by"]))
    return ("check", "success", _("%(place)s said yes, and sends it by %(by)s", place=place, by=by))


def _chased(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    place = name_place(body, places)
    if body.get("mailed"):
        text = _("%(place)s did not answer in time and was reminded by mail", place=place)
    else:
        text = _("%(place)s did not answer in time; nobody is there to be reminded", place=place)
    return ("clock", "attention", text)


def _asked(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "%(place)s has begun and is asked to leave %(num)s unit out: %(reason)s",
        "%(place)s has begun and is asked to leave %(num)s units out: %(reason)s",
        count_units(body["lines"]),
        place=name_place(body, places),
        reason=word(CANCEL_REASONS, str(body.get("reason", ""))),
    )
    return ("hand", "attention", text)


def _answered(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    units, place = count_units(body["lines"]), name_place(body, places)
    if body["accepted"]:
        text = ngettext(
            "%(place)s leaves %(num)s unit out", "%(place)s leaves %(num)s units out", units,
            place=place,
        )  # fmt: skip
        return ("check", "", text)
    text = ngettext(
        "%(place)s can’t leave %(num)s unit out any more",
        "%(place)s can’t leave %(num)s units out any more",
        units,
        place=place,
    )
    return ("x", "attention", text)


def _offered(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _(
        "The customer is asked to choose by %(by)s, since %(place)s doesn’t have everything",
        place=name_place(body, places),
        by=_when(str(body["expires_at"])),
    )
    return ("shopping-bag", "attention", text)


def _chosen(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    choice = word(CHOICES, str(body["decision"]))
    if body.get("location"):
        choice = _("Collected at %(place)s", place=name_place(body, places))
    if body.get("by_customer"):
        return ("shopping-bag", "", _("The customer chose: %(choice)s", choice=choice))
    return ("shopping-bag", "", _("Chosen for the customer: %(choice)s", choice=choice))


PARTNER_TELLERS: dict[str, Any] = {
    "order.request_submitted": _submitted,
    "order.request_accepted": _accepted,
    "order.request_chased": _chased,
    "order.cancellation_asked": _asked,
    "order.cancellation_answered": _answered,
    "order.choice_offered": _offered,
    "order.choice_made": _chosen,
}
