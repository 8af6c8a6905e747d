"""What the reader may do with an order and its parts, as buttons."""

from collections.abc import Mapping
from datetime import date

import msgspec

from ordito.listings.order_types import (
    OrderPage,
    WorkView,
)
from ordito.web.actions import Action
from ordito.web.rendering import gettext as _


class Reader(msgspec.Struct, frozen=True):
    """What of the reader decides how an order is shown. kept: the list it was opened from.
    services: names of carriers' tariffs, by code."""

    permissions: frozenset[str]
    today: date
    timeline: str
    places: Mapping[str, str]
    kept: str = ""
    services: Mapping[str, str] = {}


def order_actions(page: OrderPage, reader: Reader) -> list[Action]:
    """What may be done with the order as a whole, for the menu."""
    if "orders.write" not in reader.permissions:
        return []
    url = f"/orders/{page.number}"
    known = {
        "hold": Action("hold", _("Hold"), f"{url}/hold", "pause", "dialog"),
        "release_hold": Action(
            "release_hold", _("Release all holds"), f"{url}/release-hold", "play"
        ),
        "source": Action("source", _("Look for stock again"), f"{url}/source", "route"),
        "pin": Action("pin", _("Choose where it ships from"), f"{url}/pin", "warehouse", "dialog"),
        "change_delivery": Action(
            "change_delivery", _("Change delivery"), f"{url}/delivery", "shopping-bag", "dialog"
        ),
        "change_days": Action("change_days", _("Change days"), f"{url}/days", "calendar", "dialog"),
        "move_stop": Action(
            "move_stop", _("Bring it in another slot"), f"{url}/slot", "truck", "dialog"
        ),
        "set_deadlines": Action(
            "set_deadlines", _("Set deadlines"), f"{url}/deadlines", "calendar", "dialog"
        ),
        "complete_service": Action(
            "complete_service", _("Services are done"), f"{url}/complete-service", "check"
        ),
        "tag": Action("tag", _("Change tags"), f"{url}/tags", "tag", "dialog"),
        "assign": Action("assign", _("Assign"), f"{url}/assign", "user", "dialog"),
        "mark": Action("mark", _("Kind and code"), f"{url}/mark", "pencil", "dialog"),
        "return": Action("return", _("Book a return"), f"{url}/return", "undo-2", "dialog"),
        "cancel": Action(
            "cancel", _("Cancel units"), f"{url}/cancel", "ban", "dialog", danger=True
        ),
    }
    allowed = {*page.allowed_actions, *(("assign",) if "tag" in page.allowed_actions else ())}
    if page.stop is not None and page.stop.state in ("planned", "failed"):
        allowed.add("move_stop")
    again = Action("clone", _("Place it again"), f"/orders/new?from={page.number}", "copy", "page")
    return [*(known[code] for code in known if code in allowed), again]


def next_action(page: OrderPage, reader: Reader) -> Action | None:
    """The one thing that moves the order on."""
    if page.held:
        if "orders.write" in reader.permissions and "release_hold" in page.allowed_actions:
            url = f"/orders/{page.number}/release-hold"
            return Action("release_hold", _("Release hold"), url, "play")
        return None
    for work in page.fulfillment_orders:
        if work.request is not None:
            continue  # A partner moves it on.
        actions = {action.code: action for action in work_actions(page.number, work, reader)}
        for code in _NEXT:
            if code in actions and code != "deliver":
                return actions[code]
    if page.backordered and "source" in page.allowed_actions:
        return next((a for a in order_actions(page, reader) if a.code == "source"), None)
    return None


_NEXT = (
    "release",
    "pick",
    "pack",
    "ship",
    "start_round",
    "make_ready",
    "hand_over",
    "receive",
    "deliver_stop",
    "deliver",
)


def _rounds_url(work: WorkView) -> str:
    on = f"&on={work.promised_on.isoformat()}" if work.promised_on else ""
    return f"/fulfillment/rounds?location={work.location.code}{on}"


def work_actions(order_number: int, work: WorkView, reader: Reader) -> list[Action]:
    """What may be done at a location, the next step first."""
    url = f"/orders/{order_number}/work/{work.fo_no}"
    slip = Action("slip", _("Packing slip"), f"{url}/slip.pdf", "printer", "page")
    if "fulfillment.write" not in reader.permissions:
        return [slip]
    floor = f"/fulfillment/{order_number}/{work.fo_no}"
    known = {
        "open_early": Action("open_early", _("Begin now"), f"{url}/open-early", "play"),
        "release": Action("release", _("Release to picking"), f"{url}/release", "play"),
        "pick": Action("pick", _("Pick"), f"{floor}/pick", "scan-barcode", "page"),
        "pack": Action("pack", _("Pack"), f"{floor}/pack", "package", "page"),
        "ship": Action("ship", _("Ship"), f"{url}/ship", "truck", "dialog"),
        "make_ready": Action("make_ready", _("Ready for pick-up"), f"{url}/ready", "shopping-bag"),
        "hand_over": Action("hand_over", _("Hand over"), f"{url}/hand-over", "hand", "dialog"),
        "start_round": Action("start_round", _("Rounds"), _rounds_url(work), "truck", "page"),
        "receive": Action(
            "receive",
            _("Receive at the shop"),
            f"/fulfillment/pickups?show=arriving&q={order_number}"
            + (f"&location={work.destination.code}" if work.destination else ""),
            "package-check",
            "page",
        ),
        "deliver": Action("deliver", _("Mark as delivered"), f"{url}/deliver", "circle-check-big"),
        "unpick": Action("unpick", _("Put all back"), f"{url}/unpick", "undo-2"),
        "ship_accepted": Action(
            "ship_accepted", _("Ship"), f"{url}/ship-accepted", "truck", "dialog"
        ),
        "deliver_stop": Action(
            "deliver_stop", _("At the door"), f"/fulfillment/stops/{order_number}", "hand", "page"
        ),
        "accept": Action("accept", _("Accept"), f"{url}/accept", "check"),
        "answer_cancellation": Action(
            "answer_cancellation",
            _("Answer about cancelling"),
            f"{url}/answer-cancellation",
            "hand",
            "dialog",
        ),
        "reject": Action("reject", _("Reject"), f"{url}/reject", "x", "dialog", danger=True),
        "not_collected": Action(
            "not_collected",
            _("Not collected"),
            f"{url}/not-collected",
            "package-x",
            "dialog",
            danger=True,
        ),
    }
    if "withdraw" in work.allowed_actions and "orders.write" in reader.permissions:
        back = Action("withdraw", _("Take back"), f"{url}/withdraw", "undo-2", danger=True)
        return [*(known[code] for code in known if code in work.allowed_actions), back, slip]
    return [*(known[code] for code in known if code in work.allowed_actions), slip]
