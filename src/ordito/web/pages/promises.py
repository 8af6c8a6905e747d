"""Promises kept: what was stated, what came of it, and what is learned of delays."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

from ordito.api.answers import Answer
from ordito.flows.learn_promises import LearnPromises, learn_promises
from ordito.listings.places import read_names
from ordito.listings.promise_scores import Grouping
from ordito.listings.promises_kept import KeptGroup, LearnedGroup, read_kept, read_learned
from ordito.platform.database import Tx
from ordito.sourcing.stored_tariffs import read_tariff_names
from ordito.web.formats import month_name, percent_exact
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, number
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.statuses import N_
from ordito.web.visits import Visit
from ordito.web.words import word

PAGE = "/settings/promises"
MONTHS = timedelta(days=365)
GROUPS = 40

BY = {
    "month": N_("By month"),
    "location": N_("By location"),
    "tariff": N_("By carrier"),
    "channel": N_("By channel"),
}
BASES = {"learned": N_("learned"), "calendar": N_("by calendar")}
VERDICTS = {
    "as_stated": N_("as stated"),
    "below": N_("less than stated"),
    "above": N_("more than stated"),
    "few": N_("too few to tell"),
    "not_stated": "",
}
STAGES = {"dispatch": N_("until it leaves"), "transit": N_("on its way")}


def show_promises(visit: Visit) -> Answer:
    """How promises of the last year were kept, and what is learned of delays now."""
    visit.require("settings.read")
    asked = visit.asked("by")
    by: Grouping = asked if asked in get_args(Grouping) else "month"  # type: ignore[assignment]
    with visit.reading() as tx:
        kept = read_kept(tx, by, visit.now.date() - MONTHS, visit.now.date())
        learned = read_learned(tx)
        names = _names(tx)
    locale = visit.view().locale
    return visit.page(
        "promises/show.html",
        tabs=settings_tabs(visit, PAGE),
        views=[
            {"label": _(label), "url": f"{PAGE}?by={code}", "current": code == by, "count": None,
             "act": False}
            for code, label in BY.items()
        ],
        rows=[_row(group, by, names, locale) for group in kept.items],
        model=learned.model,
        groups=[_group(group, names) for group in learned.groups[:GROUPS]],
        groups_more=max(0, len(learned.groups) - GROUPS),
        may_learn="settings.write" in visit.actor.permissions
        and visit.actor.channel_ids is None
        and visit.actor.location_ids is None,
    )  # fmt: skip


def _names(tx: Tx) -> dict[str, str]:
    """Names of locations and tariffs by their codes."""
    names = {place.code: place.name for place in read_names(tx).locations.values()}
    return names | read_tariff_names(tx)


def _row(group: KeptGroup, by: Grouping, names: dict[str, str], locale: str) -> dict[str, Any]:
    name = group.name
    if by == "month":
        name = month_name(date.fromisoformat(group.group), locale)
    elif by == "tariff":
        name = names.get(group.group, group.group) or _("No known service")
    interval = ""
    if group.low is not None and group.high is not None:
        low, high = _exact(group.low, locale), _exact(group.high, locale)
        interval = _("%(low)s to %(high)s", low=low, high=high)
    return {
        "name": name,
        "basis": word(BASES, group.basis),
        "parts": group.parts,
        "unknown": group.unknown,
        "stated": None if group.stated is None else _exact(group.stated, locale),
        "share": None if group.share is None else _exact(group.share, locale),
        "interval": interval,
        "verdict": word(VERDICTS, group.verdict) if VERDICTS[group.verdict] else "",
        "tone": {"below": "critical", "as_stated": "good"}.get(group.verdict, ""),
    }


def _exact(percent: float, locale: str) -> str:
    return percent_exact(Decimal(str(percent)).scaleb(-2), locale)


def _group(group: LearnedGroup, names: dict[str, str]) -> dict[str, Any]:
    return {
        "stage": word(STAGES, group.stage),
        "where": names.get(group.location, group.location) if group.location else _("everywhere"),
        "service": _service(group, names),
        "country": group.country or "",
        "observations": group.observations,
        "middle": _days(group.middle, group),
        "ninety": _days(group.ninety, group),
    }


def _service(group: LearnedGroup, names: dict[str, str]) -> str:
    if group.tariff is None:
        return _("every service")
    return names.get(group.tariff, group.tariff) or _("no known service")


def _days(days: int | None, group: LearnedGroup) -> str:
    if days is None:
        return _("longer")
    if days < 0:
        return ngettext("%(num)s day early", "%(num)s days early", -days)
    if group.stage == "transit" and group.tariff == "":
        return ngettext("%(num)s day", "%(num)s days", days)
    return ngettext("%(num)s day late", "%(num)s days late", days) if days else _("as planned")


def learn_now(visit: Visit) -> Answer:
    """Learn from what was sent until now."""
    visit.require("settings.write")
    learned = visit.act(learn_promises, LearnPromises())
    if learned.model is None:
        text = _("There is too little history yet: promises follow calendars.")
    else:
        text = _("Learned anew from %(num)s parts and parcels.", num=number(learned.parts))
    return visit.done(text, PAGE)


ROUTES = [
    Route("GET", PAGE, show_promises),
    Route("POST", f"{PAGE}/learn", learn_now),
]
