"""Settings at a glance: locations, channels, sourcing policies."""

from ordito.api.answers import Answer
from ordito.listings.places import read_names
from ordito.sourcing.stored_policies import read_current
from ordito.sourcing.stored_tariffs import read_tariffs
from ordito.web.policy_words import rule_words
from ordito.web.rendering import gettext as _
from ordito.web.settings_tabs import settings_tabs
from ordito.web.visits import Visit
from ordito.web.words import LOCATION_KINDS, word


def show_settings(visit: Visit) -> Answer:
    """What orders are decided by; each thing opens into the page where it is changed."""
    visit.require("settings.read")
    with visit.reading() as tx:
        names = read_names(tx)
        policies = read_current(tx)
        tariffs = read_tariffs(tx)
    codes = {policy.id: policy.code for policy in policies}
    return visit.page(
        "settings.html",
        tabs=settings_tabs(visit, "/settings"),
        locations=[
            {
                "code": place.code,
                "name": place.name,
                "kind": word(LOCATION_KINDS, place.kind),
                "country": place.country,
                "does": ", ".join(
                    words
                    for words, on in (
                        (_("ships"), place.can_ship),
                        (_("hands out"), place.can_pickup),
                    )
                    if on
                ),
                "capacity": place.capacity_daily,
                "priority": place.priority,
                "active": place.active,
            }
            for place in names.locations.values()
            if place.kind != "history" and visit.actor.sees_location(place.id)
        ],
        channels=[
            {
                "code": channel.code,
                "name": channel.name,
                "currency": channel.currency,
                "shortage": _("backordered") if channel.shortage == "backorder" else _("refused"),
                "buffer": channel.stock_buffer,
                "days": channel.promise_days,
                "policy": codes.get(channel.policy_id, ""),
            }
            for channel in names.channels.values()
            if visit.actor.sees_channel(channel.id)
        ],
        policies=[
            {
                "code": policy.code,
                "name": policy.name,
                "version": policy.version,
                "rules": [rule_words(rule) for rule in policy.body.rules],
            }
            for policy in policies
        ],
        tariffs=[
            {"code": tariff.code, "name": tariff.name, "carrier": tariff.body.carrier,
             "zones": len(tariff.body.zones), "version": tariff.version}
            for tariff in tariffs
        ],
    )  # fmt: skip
