"""Local delivery in words: slots, what happened to stops, why they failed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ordito.web.rendering import clock, day_name, ngettext
from ordito.web.rendering import gettext as _
from ordito.web.sourcing_words import Told, name_place
from ordito.web.statuses import N_
from ordito.web.words import word

FAIL_REASONS: Mapping[str, str] = {
    "nobody_home": N_("Nobody was there"),
    "refused": N_("Not accepted"),
    "wrong_address": N_("The address is wrong"),
    "no_access": N_("No way in"),
    "damaged": N_("Damaged on the way"),
    "no_time": N_("Not reached in time"),
}
MOVE_REASONS: Mapping[str, str] = {
    "customer_request": N_("The customer asked for it"),
    "not_ready": N_("It is not ready in time"),
    "staff": N_("Nobody can drive"),
    "weather": N_("Weather"),
    "other": N_("Another reason"),
}
_TOLD_REASONS = {**MOVE_REASONS, "failed": N_("After a failed attempt")}


def slot_words(starts_at: datetime, ends_at: datetime) -> str:
    """A slot on a day: Today, 16:00–18:00."""
    return _(
        "%(day)s, %(start)s–%(end)s",
        day=day_name(starts_at), start=clock(starts_at), end=clock(ends_at),
    )  # fmt: skip


def _of(body: Mapping[str, Any]) -> str:
    return slot_words(
        datetime.fromisoformat(str(body["starts_at"])), datetime.fromisoformat(str(body["ends_at"]))
    )


def _booked(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _("%(place)s brings it: %(slot)s", place=name_place(body, places), slot=_of(body))
    return ("calendar", "", text)


def _moved(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _(
        "%(place)s brings it in another slot: %(slot)s (%(reason)s)",
        place=name_place(body, places),
        slot=_of(body),
        reason=word(_TOLD_REASONS, str(body["reason"])),
    )
    return ("calendar", "attention" if body["later"] else "", text)


def _given_back(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = _("%(place)s doesn’t bring it any more", place=name_place(body, places))
    return ("calendar", "", text)


def _started(body: Mapping[str, Any], places: Mapping[str, str], _currency: str) -> Told:
    text = ngettext(
        "Left %(place)s with a round of %(num)s stop",
        "Left %(place)s with a round of %(num)s stops",
        int(body["stops"]),
        place=name_place(body, places),
    )
    return ("truck", "", text)


def _delivered(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    text = _("Handed over at the door") if body["handed"] else _("Left at the customer’s")
    if body["photo"]:
        text = _("%(what)s, with a photo", what=text)
    return ("circle-check-big", "success", text)


def _failed(body: Mapping[str, Any], _places: Mapping[str, str], _currency: str) -> Told:
    reason = word(FAIL_REASONS, str(body["reason"]))
    return ("triangle-alert", "attention", _("Could not be delivered: %(why)s", why=reason))


LOCAL_TELLERS: dict[str, Any] = {
    "order.slot_booked": _booked,
    "order.slot_moved": _moved,
    "order.slot_given_back": _given_back,
    "order.round_started": _started,
    "order.stop_delivered": _delivered,
    "order.stop_failed": _failed,
}
