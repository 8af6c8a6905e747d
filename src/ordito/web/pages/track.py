"""The public tracking page: what a shopper sees of their order, by a link that can't be guessed.

No session, no script, no cookies: whoever has the link may look, and choose where a choice is
offered. The words are the shopper's: they come with the languages of
the mails, not with those of the back office.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from ordito.api.answers import Answer
from ordito.api.authentication import headers_of
from ordito.api.routes import Services, in_thread
from ordito.api.routing import Binding
from ordito.flows.choose_delivery import choose_delivery, read_choice
from ordito.flows.delivery_options import DeliveryOption
from ordito.flows.order_stories import OrderStory, address_line, read_story
from ordito.fulfillment.carriers import tracking_url
from ordito.fulfillment.types import WORK, Parcel
from ordito.notifications.texts import ink_on
from ordito.notifications.tracking import find_tracked
from ordito.notifications.types import Locale
from ordito.notifications.wording import (
    language_of,
    phrases,
    say_clock,
    say_day,
    wished_language,
)
from ordito.orders.asks import ChooseDelivery
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, Problem, VersionConflict
from ordito.platform.validation import convert
from ordito.web.rate_limits import RateLimit
from ordito.web.rendering import render
from ordito.web.routes import read_all, read_form
from ordito.web.view_context import ViewContext

BURST = 40.0
PER_S = 0.5
FORM_MAX = 4_000
MISS_COSTS = 4.0
"""A link that leads nowhere costs as much as so many that do: guessing is slow."""

_HEADERS = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"private, no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"vary", b"Accept-Language"),
]

_FORMATS: dict[Locale, str] = {"en": "en_GB", "pl": "pl_PL", "de": "de_DE"}


def bind_track(services: Services) -> list[Binding]:
    """GET and POST of /t/<token>: the order, and what its customer chooses."""
    limit = RateLimit(BURST, PER_S)

    async def show(scope: Any, _receive: Any) -> Answer:
        return await answer(scope, answer_link)

    async def choose(scope: Any, receive: Any) -> Answer:
        headers = headers_of(scope)
        # The link's token is the secret that no other site knows: nothing else is to be proved.
        try:
            body = await read_all(receive, headers, FORM_MAX)
            form, _files = read_form(headers, body)
        except Problem:
            return _notice(400, "gone", "")
        sent = dict(form)

        def act(db: Database, token: str, wish: str) -> Answer:
            return answer_choice(db, token, wish, sent)

        return await answer(scope, act)

    async def answer(scope: Any, act: Callable[[Database, str, str], Answer]) -> Answer:
        headers = headers_of(scope)
        wish = headers.get(b"accept-language", b"").decode("latin-1")
        client = scope.get("client") or ("unknown", 0)
        address, now = str(client[0]), time.monotonic()
        if not limit.take(address, now):
            return _notice(429, "slow", wish)
        token = scope["path_params"]["token"]
        try:
            found = await in_thread(services, lambda: act(services.db, token, wish))
        except Problem:
            return _notice(503, "slow", wish)
        if found.status == 404:
            limit.take(address, now, MISS_COSTS)
        return found

    return [Binding("GET", "/t/{token}", show), Binding("POST", "/t/{token}", choose)]


def answer_link(
    db: Database, token: str, accept_language: str, *, status: int = 200, said: str = ""
) -> Answer:
    """The page of a link. A wrong one and an old one look the same. said: a phrase on top."""
    with db.reading(SYSTEM) as tx:
        order_id = find_tracked(tx, token)
        story = None if order_id is None else read_story(tx, order_id)
        options = _options(tx, story) if story is not None else ()
        now = tx.now
    if story is None:
        return _notice(404, "gone", accept_language)
    own = language_of(story.order.country, story.mails.locale)
    locale = wished_language(accept_language, own)
    told = tell_order(story, locale, now, options)
    # Shown without the choice, it was made: by another tab, or by the shop.
    said = "choice_done" if said == "choice_gone" and not told["choice"] else said
    return _answer(status, locale, "track/order.html", said=said, **told)


def _options(tx: Tx, story: OrderStory) -> tuple[DeliveryOption, ...]:
    """What the customer is asked to choose from; nothing once the time is over."""
    if story.choice is None or story.choice.expires_at <= tx.now:
        return ()
    return read_choice(tx, story.order.id).options


def answer_choice(
    db: Database, token: str, accept_language: str, form: Mapping[str, str]
) -> Answer:
    """What the customer chose is done; what can't be any more is said, with what can."""
    with db.reading(SYSTEM) as tx:
        order_id = find_tracked(tx, token)
    if order_id is None:
        return _notice(404, "gone", accept_language)
    fields = {"order_id": order_id, "choice": form.get("choice", "")}
    if form.get("location"):
        fields["location"] = form["location"]
    try:
        run(db, SYSTEM, choose_delivery, convert(ChooseDelivery, fields))
    except (ActionNotAllowed, InvalidInput, VersionConflict):
        return answer_link(db, token, accept_language, status=409, said="choice_gone")
    headers = [(b"location", f"/t/{token}".encode("ascii")), *_HEADERS]
    return Answer(303, headers, b"")


def _notice(status: int, what: str, accept_language: str) -> Answer:
    locale = wished_language(accept_language, "en")
    words = phrases(locale)
    context = {"title": words[f"{what}_title"], "text": words[f"{what}_text"]}
    answer = _answer(status, locale, "track/notice.html", **context)
    if status in (429, 503):
        answer.headers.append((b"retry-after", b"60"))
    return answer


def _answer(status: int, locale: Locale, template: str, **context: Any) -> Answer:
    view = ViewContext(now=datetime.now(UTC), locale=_FORMATS[locale], live=False)
    html = render(template, view, words=phrases(locale), **context)
    return Answer(status, list(_HEADERS), html.encode())


def tell_order(
    story: OrderStory, locale: Locale, now: datetime, options: Sequence[DeliveryOption] = ()
) -> dict[str, Any]:
    """The context of track/order.html: nothing of a person but first name and town."""
    zone = ZoneInfo(story.channel.time_zone)
    today = now.astimezone(zone).date()
    words = phrases(locale)
    state, reached = _state(story)
    slot = _tell_slot(story, locale, words) if state in ("ordered", "packed", "shipped") else None
    if options:
        state = "choice"
    names = _STEPS[story.order.delivery]
    accent = story.mails.accent
    waits = story.order.life == "open" and state in ("ordered", "packed", "part")
    promised = story.order.promised_on
    return {
        "shop": story.title,
        "accent": accent,
        "ink": ink_on(accent) if accent else "",
        "number": story.name,
        "placed_on": say_day(story.order.placed_at.astimezone(zone).date(), locale),
        "first_name": story.first_name,
        "city": story.city if story.order.delivery != "pickup" else "",
        "state": state,
        "late": bool(waits and promised and promised < today),
        "promised_on": say_day(promised, locale) if waits and promised and not slot else "",
        "slot": slot,
        "arrival": _tell_arrival(story, locale, today),
        "steps": [
            {"label": words[f"step_{name}"], "done": place <= reached, "now": place == reached}
            for place, name in enumerate(names)
        ]
        if state != "cancelled"
        else [],
        "lines": [
            {
                "title": line.title or line.sku,
                "units": line.ordered - line.cancelled or line.ordered,
                "cancelled": line.cancelled == line.ordered,
                "expected_on": say_day(story.expected.get(line.line_no), locale) if waits else "",
            }
            for line in story.lines
        ],
        "parcels": [_parcel(story, parcel, locale, zone) for parcel in _sent(story)],
        "pickups": _pickups(story),
        "contact": story.mails.contact,
        "choice": _choice(story, locale, zone, options) if options else None,
    }


def _choice(
    story: OrderStory, locale: Locale, zone: ZoneInfo, options: Sequence[DeliveryOption]
) -> dict[str, Any]:
    assert story.choice is not None, "options are those of a choice"
    return {
        "shop": story.places[story.choice.location_id].name,
        "by": say_day(story.choice.expires_at.astimezone(zone).date(), locale),
        "options": [
            {
                "choice": option.choice,
                "location": option.location or "",
                "name": option.name,
                "town": option.town,
                "km": option.km,
            }
            for option in options
        ],
    }


def _tell_arrival(story: OrderStory, locale: Locale, today: date) -> dict[str, Any] | None:
    """When all that is on its way or still to leave arrives, and how surely; None when it isn't
    known for every part, or the day has passed."""
    parts = [
        work
        for work in story.works
        if work.delivery == "ship"
        and work.destination_id is None
        and work.state in (*WORK, "shipped")
    ]
    promised = [story.promises.get(work.fo_no) for work in parts]
    known = [promise for promise in promised if promise is not None]
    waits = any(line.open or line.backordered for line in story.lines)
    if not known or len(known) < len(promised) or waits or story.order.life != "open":
        return None
    arrives_on = max(promise.delivers_on for promise in known)
    if arrives_on < today:
        return None
    sure = [promise.probability for promise in known if promise.probability is not None]
    return {
        "day": say_day(arrives_on, locale),
        # Parts are taken as if none knew of the other: all of them arrive with their product.
        "percent": int(100 * prod(part / 1000 for part in sure))
        if len(sure) == len(known)
        else None,
    }


def _tell_slot(
    story: OrderStory, locale: Locale, words: Mapping[str, str]
) -> dict[str, str] | None:
    """When it is brought: the day, and between which times there; None once it was tried."""
    stop = story.stop
    if stop is None or stop.state not in ("planned", "out"):
        return None
    zone = ZoneInfo(story.places[stop.location_id].time_zone)
    start, end = (say_clock(at, zone, locale) for at in (stop.starts_at, stop.ends_at))
    between = words["slot_between"].replace("{start}", start).replace("{end}", end)
    return {"day": say_day(stop.on_day, locale), "between": between}


_STEPS = {
    "ship": ("ordered", "packed", "shipped", "delivered"),
    "local": ("ordered", "packed", "shipped", "delivered"),
    "pickup": ("ordered", "packed", "ready", "collected"),
}


def _state(story: OrderStory) -> tuple[str, int]:
    """How far the order has come, in a word of the phrases, and the step that it has reached."""
    due = sum(line.ordered - line.cancelled - line.completed for line in story.lines)
    shipped = sum(line.shipped for line in story.lines)
    packed = sum(line.packed for line in story.lines) + shipped
    if story.order.life == "cancelled":
        return "cancelled", -1
    gone = _gone(story, due, shipped)
    if gone is not None:
        return gone
    return ("packed", 1) if due and packed >= due else ("ordered", 0)


def _gone(story: OrderStory, due: int, shipped: int) -> tuple[str, int] | None:
    """The state of an order of which something has left, or waits to be collected."""
    pickup = story.order.delivery == "pickup"
    if due and shipped >= due:
        delivered = sum(line.delivered for line in story.lines)
        if pickup:
            return "collected", 3
        if story.stop is not None and story.stop.state == "failed":
            return "failed", 2
        return ("delivered", 3) if delivered >= due else ("shipped", 2)
    if pickup:
        ready = any(work.state == "ready" for work in story.works)
        return ("ready", 2) if ready else None
    return ("part", 2) if shipped else None


def _sent(story: OrderStory) -> list[Parcel]:
    handed_out = {work.fo_no for work in story.works if work.delivery == "pickup"}
    return [
        parcel
        for parcel in story.parcels
        # A parcel to the shop is the shop's: its customer hears when they can come.
        if parcel.fo_no not in handed_out and parcel.destination_id is None
    ]


def _parcel(story: OrderStory, parcel: Parcel, locale: Locale, zone: ZoneInfo) -> dict[str, Any]:
    titles = {line.line_no: line.title or line.sku for line in story.lines}

    def day(at: datetime | None) -> date | None:
        return None if at is None else at.astimezone(zone).date()

    return {
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "url": tracking_url(parcel.carrier, parcel.tracking_number),
        "left_on": say_day(day(parcel.shipped_at), locale),
        "arrived_on": say_day(day(parcel.delivered_at), locale),
        "lines": [
            {"title": titles.get(row.line_no, ""), "units": row.units}
            for row in story.units
            if (row.fo_no, row.parcel_no) == (parcel.fo_no, parcel.parcel_no)
        ],
    }


def _pickups(story: OrderStory) -> list[dict[str, str]]:
    """Where boxes wait, with the code to show."""
    return [
        {
            "place": story.places[work.location_id].name,
            "address": address_line(story.places[work.location_id]),
            "code": work.pickup_code or "",
            "collect_by": say_day(work.collect_by, story.locale),
        }
        for work in story.works
        if work.state == "ready"
    ]
