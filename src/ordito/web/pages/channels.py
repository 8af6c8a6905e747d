"""Channels: one with its terms and its history, and the form that creates or changes it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ordito.api.answers import Answer
from ordito.channels.channels import read_markets
from ordito.channels.types import Channel, CreateChannel, UpdateChannel
from ordito.flows.manage_channels import create_channel, update_channel
from ordito.listings.histories import list_history
from ordito.listings.places import Names, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.stored_policies import StoredPolicy, read_current
from ordito.web.edit_forms import Field, Form, Section, lines_of, read_form, show_form, tell_faults
from ordito.web.histories import tell_history
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import choices, word

HISTORY = 30

SHORTAGES: Mapping[str, str] = {
    "backorder": N_("Take the order; what is missing waits for stock"),
    "refuse": N_("Refuse the order"),
}
UNKEPT_DATES: Mapping[str, str] = {
    "flag": N_("the order is placed and marked"),
    "refuse": N_("the order is refused, and told the earliest day"),
}
UNCOLLECTED: Mapping[str, str] = {
    "cancel": N_("goes back on sale and is cancelled in the order"),
    "keep": N_("goes back on sale; somebody decides about the order"),
}
ROUNDINGS: Mapping[str, str] = {
    "half_up": N_("Half a cent goes up"),
    "half_even": N_("Half a cent goes to the even cent (banker's)"),
}


def _find(visit: Visit, tx: Tx) -> Channel:
    code = visit.params["code"]
    for channel in read_names(tx).channels.values():
        if channel.code == code and visit.actor.sees_channel(channel.id):
            return channel
    raise NotFound("There is no such channel, or you don't see it.")


def show_channel(visit: Visit) -> Answer:
    """One channel: the terms that its orders are taken on, and how they came about."""
    visit.require("settings.read")
    with visit.reading() as tx:
        channel = _find(visit, tx)
        names = read_names(tx)
        policies = {policy.id: policy for policy in read_current(tx)}
        history = list_history(tx, channel.id, limit=HISTORY)
    places = None
    if channel.location_ids is not None:
        wanted = [names.locations[id_] for id_ in channel.location_ids if id_ in names.locations]
        places = [place for place in wanted if visit.actor.sees_location(place.id)]
    return visit.page(
        "channels/show.html",
        channel=channel,
        policy=policies.get(channel.policy_id),
        places=places,
        shortage=word(SHORTAGES, channel.shortage),
        rounding=word(ROUNDINGS, channel.rounding),
        uncollected=word(UNCOLLECTED, channel.uncollected),
        unkept_dates=word(UNKEPT_DATES, channel.unkept_dates),
        history=tell_history(history, _names(visit, names, list(policies.values()))),
        may_write="settings.write" in visit.actor.permissions,
        may_read_orders="orders.read" in visit.actor.permissions,
    )


def _names(visit: Visit, names: Names, policies: list[StoredPolicy]) -> dict[str, str]:
    """Words for the ids in a channel's history, of what the reader sees."""
    found = {str(policy.id): policy.name for policy in policies}
    for place in names.locations.values():
        seen = visit.actor.sees_location(place.id)
        found[str(place.id)] = place.name if seen else _("a location you don't see")
    return found


def new_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        return show_form(visit, _form(visit, tx, None))


def create(visit: Visit) -> Answer:
    """Add a channel, or show all that is wrong."""
    visit.require("settings.write")
    with visit.reading() as tx:
        form = _form(visit, tx, None)
    try:
        ask = convert(CreateChannel, _ask(visit, form), strict=False)
        channel = visit.act(create_channel, ask)
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("%(name)s was created.", name=channel.name)
    return visit.done(text, f"/settings/channels/{channel.code}", go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        return show_form(visit, _form(visit, tx, _find(visit, tx)))


def edit(visit: Visit) -> Answer:
    """Change a channel, or show all that is wrong."""
    visit.require("settings.write")
    with visit.reading() as tx:
        channel = _find(visit, tx)
        form = _form(visit, tx, channel)
        hidden = _hidden(visit, tx, channel)
    try:
        ask = _ask(visit, form, hidden) | {"code": channel.code}
        visit.act(update_channel, convert(UpdateChannel, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/settings/channels/{channel.code}", go=True)


def _ask(visit: Visit, form: Form, hidden: Sequence[str] = ()) -> dict[str, Any]:
    """What was typed. hidden: locations of the channel that the reader doesn't see; they stay."""
    ask = read_form(visit, form)
    ask["locations"] = None if ask.pop("reach") == "all" else [*ask["locations"], *hidden]
    return ask


def _hidden(visit: Visit, tx: Tx, channel: Channel) -> list[str]:
    names = read_names(tx)
    unseen = (id_ for id_ in channel.location_ids or () if not visit.actor.sees_location(id_))
    return [names.code(id_) for id_ in unseen if id_ in names.locations]


def _form(visit: Visit, tx: Tx, channel: Channel | None) -> Form:
    url = f"/settings/channels/{channel.code}" if channel else "/settings"
    return Form(
        title=_("Edit %(name)s", name=channel.name) if channel else _("New channel"),
        url=f"{url}/edit" if channel else "/settings/channels/-new",
        back_url=url,
        submit=_("Save changes") if channel else _("Create channel"),
        sections=[
            Section(_("What it is"), _identity(channel)),
            Section(_("Money"), _money(channel), _("For orders placed from now on.")),
            Section(_("Stock"), _stock(channel)),
            Section(_("Fulfillment"), _fulfilment(visit, tx, channel)),
        ],
        crumbs=[(_("Settings"), "/settings"), *([(channel.name, url)] if channel else [])],
        version=channel.version if channel else None,
    )


def _identity(channel: Channel | None) -> list[Field]:
    return [
        Field(name="code", label=_("Code"), value=channel.code if channel else "",
              fixed=channel is not None, hint=_("Short, such as web-pl. It is for ever.")),
        Field(name="name", label=_("Name"), value=channel.name if channel else ""),
        Field(name="kind", label=_("Kind"), value=channel.kind if channel else "shop",
              hint=_("Such as shop, marketplace, phone or wholesale.")),
        Field(name="time_zone", label=_("Time zone"), value=channel.time_zone if channel else "",
              hint=_("Such as Europe/Warsaw.")),
        Field(name="active", label=_("Takes orders"), kind="check",
              value="yes" if channel is None or channel.active else ""),
    ]  # fmt: skip


def _money(channel: Channel | None) -> list[Field]:
    return [
        Field(name="currency", label=_("Currency"), value=channel.currency if channel else "",
              read=str.upper, hint=_("Three letters, such as EUR.")),
        Field(name="base_currency", label=_("Currency of reports"), optional=True, blank="omit",
              value=channel.base_currency if channel else "", read=str.upper,
              hint=_("Empty: the channel's own.") if channel is None else ""),
        Field(name="rounding", label=_("Rounding"), kind="select", choices=choices(ROUNDINGS),
              value=channel.rounding if channel else "half_up"),
        Field(name="tax_included", label=_("Prices include tax"), kind="check",
              value="yes" if channel is None or channel.tax_included else ""),
    ]  # fmt: skip


def _stock(channel: Channel | None) -> list[Field]:
    return [
        Field(name="shortage", label=_("When more is ordered than there is"), kind="select",
              choices=choices(SHORTAGES), value=channel.shortage if channel else "backorder"),
        Field(name="stock_buffer", label=_("Kept back per item"), kind="number", minimum=0,
              blank="omit", unit=_("pieces"), value=str(channel.stock_buffer if channel else 0),
              hint=_("Told to the channel as not there, against overselling.")),
        Field(name="cart_minutes", label=_("Carts keep stock for"), kind="number", minimum=1,
              maximum=1440, blank="omit", unit=_("minutes"),
              value=str(channel.cart_minutes if channel else 15)),
        Field(name="cart_units_max", label=_("Units one shopper may keep"), kind="number",
              minimum=1, optional=True, blank="none", unit=_("units"),
              value=str(channel.cart_units_max or "") if channel else "",
              hint=_("In all carts at once. Empty: any number.")),
        Field(name="cart_units_told", label=_("Carts told to staff from"), kind="number",
              minimum=1, optional=True, blank="none", unit=_("units"),
              value=str(channel.cart_units_told or "") if channel else "",
              hint=_("When nobody buys them for ten minutes. Empty: none.")),
    ]  # fmt: skip


def _fulfilment(visit: Visit, tx: Tx, channel: Channel | None) -> list[Field]:
    names, policies = read_names(tx), read_current(tx)
    codes = {policy.id: policy.code for policy in policies}
    markets = [Choice("", _("None"))] + [Choice(m.code, m.name) for m in read_markets(tx)]
    places = sorted(
        (
            place
            for place in names.locations.values()
            if place.kind != "history" and visit.actor.sees_location(place.id)
        ),
        key=lambda place: place.name,
    )
    chosen = channel.location_ids or () if channel else ()
    return [
        Field(name="policy", label=_("Sourcing policy"), kind="select",
              choices=[Choice(policy.code, policy.name) for policy in policies],
              value=codes.get(channel.policy_id, "") if channel else ""),
        Field(name="promise_days", label=_("Days to ship"), kind="number", minimum=0, maximum=365,
              blank="omit", unit=_("days"), value=str(channel.promise_days if channel else 3),
              hint=_("Promised where the order says nothing.")),
        Field(name="promise_level", label=_("Promises to keep"), kind="number", minimum=50,
              maximum=99, optional=True, blank="none", unit="%",
              value=str((channel.promise_level or "") if channel else 90),
              hint=_("Days are promised so that this share is kept, learned from what was sent."
                     " Empty: by calendars alone.")),
        Field(name="pickup_days", label=_("Days to collect"), kind="number", minimum=1,
              maximum=365, optional=True, blank="none", unit=_("days"),
              value=str(channel.pickup_days) if channel and channel.pickup_days else "",
              hint=_("After the day on which a pick-up is ready. Empty: as long as it takes.")),
        Field(name="uncollected", label=_("What nobody collected"), kind="select",
              choices=choices(UNCOLLECTED), value=channel.uncollected if channel else "cancel"),
        Field(name="unkept_dates", label=_("Dates that can’t be kept"), kind="select",
              choices=choices(UNKEPT_DATES), value=channel.unkept_dates if channel else "flag",
              blank="omit",
              hint=_("When an order wants to arrive earlier than is possible.")),
        Field(name="choice_hours", label=_("Hours to choose"), kind="number", minimum=1,
              maximum=720, blank="omit", unit=_("hours"),
              value=str(channel.choice_hours if channel else 48),
              hint=_("For customers whose shop can’t serve a pick-up. Then it is your task.")),
        Field(name="bring_to_shop", label=_("Brought to the shop"), kind="check",
              value="yes" if channel and channel.bring_to_shop else "",
              hint=_("What a shop lacks for a pick-up comes from other locations; the customer"
                     " collects all of it there.")),
        Field(name="bring_days", label=_("Days to bring it"), kind="number", minimum=0,
              maximum=60, blank="omit", unit=_("days"),
              value=str(channel.bring_days if channel else 3),
              hint=_("Where no carrier’s days to the shop are known.")),
        Field(name="market", label=_("Market"), kind="select", choices=markets, optional=True,
              value=channel.market if channel else "",
              hint=_("Of orders whose country is in none.")),
        Field(name="reach", label=_("Ships from"), kind="select",
              choices=[Choice("all", _("All locations, also those made later")),
                       Choice("some", _("Those ticked below"))],
              value="some" if channel and channel.location_ids is not None else "all"),
        Field(name="locations", label=_("Locations"), kind="checks", read=lines_of,
              choices=[Choice(place.code, place.name) for place in places],
              values=tuple(names.code(id_) for id_ in chosen if id_ in names.locations)),
    ]  # fmt: skip


_CHANNEL = "/settings/channels/{code:str}"

ROUTES = [
    Route("GET", "/settings/channels/-new", new_form),
    Route("POST", "/settings/channels/-new", create),
    Route("GET", _CHANNEL, show_channel),
    Route("GET", _CHANNEL + "/edit", edit_form),
    Route("POST", _CHANNEL + "/edit", edit),
]
