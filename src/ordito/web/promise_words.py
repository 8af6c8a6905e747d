"""What is promised for a part of an order in words: when it leaves and arrives, how surely."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from ordito.web.rendering import day_name, ngettext, number, span
from ordito.web.rendering import gettext as _


class Promised(msgspec.Struct, frozen=True):
    """A promise to be told.

    ready_at, ships_at: in the zone of its location. service: name of the carrier's service, ""
    where none is known. cut_off: the one that it came after, "" for none. begins_later: its work
    begins on a later day than it came. probability: percent; None by calendar alone.
    """

    delivery: str
    ready_at: datetime
    ships_at: datetime
    ships_on: date
    delivers_on: date
    calendar_on: date
    calendar_delivers_on: date
    service: str
    cut_off: str
    begins_later: bool
    queue_minutes: int
    probability: float | None
    observations: int | None
    shop: str = ""
    """The shop that it is sent to, where it is collected; "" for none."""


def tell_promise(promised: Promised, outcome: str = "open") -> dict[str, Any]:
    """{summary: a sentence, reasons: sentences, outcome}. outcome: open, kept or broken."""
    return {"summary": _summary(promised), "reasons": _reasons(promised), "outcome": outcome}


def _summary(promised: Promised) -> str:
    days = {"sent": _day(promised.ships_on), "there": _day(promised.delivers_on)}
    if promised.delivery == "pickup":
        return _("Can be collected from %(sent)s.", **days)
    if promised.delivery == "local":
        return _("Brought by the location itself %(there)s.", **days)
    if promised.shop:
        return _("Leaves %(sent)s, is at %(shop)s by %(there)s.", shop=promised.shop, **days)
    if promised.probability is None:
        return _("Leaves %(sent)s, arrives by %(there)s, by calendars alone.", **days)
    sure = number(Decimal(str(promised.probability)))
    return _("Leaves by %(sent)s, arrives by %(there)s: %(sure)s%% sure.", sure=sure, **days)


def _reasons(promised: Promised) -> list[str]:
    said: list[str] = []
    if promised.delivery == "local":
        return said
    if promised.cut_off and promised.begins_later:
        said.append(_("It came after the cut-off at %(at)s.", at=promised.cut_off))
    elif promised.begins_later:
        said.append(_("Its work begins on a later day than it came."))
    if promised.queue_minutes:
        waits = span(timedelta(minutes=promised.queue_minutes))
        said.append(_("Work of %(time)s was waiting there before it.", time=waits))
    ready = {"day": _day(promised.ready_at.date()), "at": promised.ready_at.strftime("%H:%M")}
    said.append(_("Ready %(day)s at %(at)s, local time.", **ready))
    if promised.service:
        picked = {
            "service": promised.service,
            "day": _day(promised.ships_at.date()),
            "at": promised.ships_at.strftime("%H:%M"),
        }
        said.append(_("%(service)s collects %(day)s at %(at)s.", **picked))
    if promised.delivery == "ship":
        days = (promised.calendar_delivers_on - promised.calendar_on).days
        said.append(
            ngettext(
                "By calendar it is on its way for %(num)s day.",
                "By calendar it is on its way for %(num)s days.",
                days,
            )
        )
    if promised.probability is not None:
        said.append(
            _(
                "By calendar alone it would leave %(sent)s and arrive %(there)s; the days are those"
                " that were enough for %(sure)s%% of at least %(parts)s parts before it.",
                sent=_day(promised.calendar_on),
                there=_day(promised.calendar_delivers_on),
                sure=number(Decimal(str(promised.probability))),
                parts=number(promised.observations or 0),
            )
        )
    return said


def _day(on: date) -> str:
    return day_name(datetime.combine(on, time(12), UTC))
