"""From when on an item is sold: the form of its release."""

from datetime import date
from typing import Any

from ordito.api.answers import Answer
from ordito.catalog.releases import ItemRelease, SetRelease
from ordito.flows.release_items import read_item_release, set_release
from ordito.listings.places import Names, read_names
from ordito.platform.problems import Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.pages.products import item_id_of
from ordito.web.rendering import date_name, ngettext
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.visits import Visit


def release_form(visit: Visit) -> Answer:
    visit.require("catalog.write")
    release, names = _read(visit)
    return show_form(visit, _form(visit, release, names))


def set_day(visit: Visit) -> Answer:
    """Set the day, or show all that is wrong."""
    visit.require("catalog.write")
    release, names = _read(visit)
    form = _form(visit, release, names)
    try:
        ask = read_form(visit, form) | {"item_id": str(release.item_id)}
        days = {code: day for code, day in ask.get("channels", {}).items() if day is not None}
        ask["channels"] = days
        now = visit.act(set_release, convert(SetRelease, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    if now.released_on is None:
        text = _("%(sku)s is sold from now on.", sku=now.sku)
    else:
        text = _("%(sku)s is sold from %(day)s on.", sku=now.sku, day=date_name(now.released_on))
    return visit.done(text, f"/products/{release.item_id}", go=True)


def _read(visit: Visit) -> tuple[ItemRelease, Names]:
    with visit.reading() as tx:
        return read_item_release(tx, item_id_of(visit)), read_names(tx)


def _form(visit: Visit, release: ItemRelease, names: Names) -> Form:
    url = f"/products/{release.item_id}"
    channels = sorted(
        (
            channel
            for channel in names.channels.values()
            if visit.actor.sees_channel(channel.id)
            and (channel.active or channel.code in release.channels)
        ),
        key=lambda channel: channel.name,
    )
    ordered = ngettext(
        "%(num)s piece was ordered before the release.",
        "%(num)s pieces were ordered before the release.",
        release.preordered,
    )
    return Form(
        title=_("Release of %(sku)s", sku=release.sku),
        url=f"{url}/release",
        back_url=url,
        submit=_("Save changes"),
        crumbs=[(_("Products"), "/products"), (release.sku, url)],
        note=ordered if release.preordered else "",
        version=release.version,
        sections=[
            Section(
                _("When"),
                [
                    _day("released_on", _("Sold from"), release.released_on,
                         _("Empty: from now on. Orders before that day are pre-orders: they are"
                           " taken, and not sent before.")),
                    Field(name="preorder_max", label=_("Ordered before at most"), kind="number",
                          minimum=1, optional=True, blank="none", unit=_("pieces"),
                          value=str(release.preorder_max or ""),
                          hint=_("Over all channels. Empty: as many as are wanted.")),
                ],
            ),
            Section(
                _("Channels with another day"),
                [
                    _day(f"channel-{channel.code}", channel.name,
                         release.channels.get(channel.code), "",
                         pointer=f"/channels/{channel.code}")
                    for channel in channels
                ],
                hint=_("Empty: the day above."),
            ),
        ],
    )  # fmt: skip


def _day(name: str, label: str, day: date | None, hint: str, **more: Any) -> Field:
    return Field(name=name, label=label, kind="date", optional=True, blank="none", hint=hint,
                 value=day.isoformat() if day else "", **more)  # fmt: skip


ROUTES = [
    Route("GET", "/products/{item:str}/release", release_form),
    Route("POST", "/products/{item:str}/release", set_day),
]
