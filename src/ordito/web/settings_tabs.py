"""The pages of the settings, side by side, as the reader may open them."""

from typing import Any

from ordito.web.rendering import gettext as _
from ordito.web.statuses import N_
from ordito.web.visits import Visit

_TABS = (
    ("/settings", N_("Overview"), "settings.read"),
    ("/settings/markets", N_("Markets and rates"), "settings.read"),
    ("/settings/stock-reasons", N_("Stock reasons"), "settings.read"),
    ("/settings/laboratory", N_("Laboratory"), "settings.read"),
    ("/settings/rollouts", N_("Roll-outs"), "settings.read"),
    ("/settings/promises", N_("Promises"), "settings.read"),
    ("/settings/mails", N_("Mails"), "settings.read"),
    ("/settings/webhooks", N_("Webhooks"), "webhooks.write"),
    ("/settings/people", N_("People"), "access.write"),
    ("/settings/roles", N_("Roles"), "access.write"),
    ("/settings/keys", N_("API keys"), "access.write"),
    ("/settings/audit", N_("Audit log"), "audit.read"),
)


def settings_tabs(visit: Visit, current: str) -> list[dict[str, Any]]:
    """The tabs for `view_tabs`. current: the address of the one that is shown."""
    return [
        {"label": _(label), "url": url, "current": url == current, "count": None, "act": False}
        for url, label, permission in _TABS
        if permission in visit.actor.permissions
    ]
