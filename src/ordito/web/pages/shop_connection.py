"""Settings of a channel's connection to Shopify: how it goes, how it is reached, what failed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.adapters.shops import SHOPS
from ordito.api.answers import Answer
from ordito.channels.connections import Connection, ConnectShop
from ordito.channels.write_backs import WriteBack, list_write_backs
from ordito.flows.connect_shop import (
    Health,
    LinkVariant,
    connect_shop,
    find_channel,
    find_connection,
    link_variant,
    read_health,
    test_connection,
)
from ordito.flows.sweep_shops import sweep
from ordito.flows.tell_shops import WriteBackKey, retry_write_back
from ordito.orders.orders import read_orders
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, problem_text
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.visits import Visit
from ordito.web.words import word

TOPICS = (
    "orders/create",
    "orders/updated",
    "orders/cancelled",
    "refunds/create",
    "products/create",
    "products/update",
    "inventory_levels/update",
)
FAILED_MAX = 20
TOLD = {"fulfilment": N_("A shipment"), "cancellation": N_("The cancellation")}


def show(visit: Visit) -> Answer:
    """The connection of a channel, or the form that makes it."""
    visit.require("settings.read")
    return _page(visit)


def _page(visit: Visit, faults: Sequence[str] = (), sent: ConnectShop | None = None) -> Answer:
    with visit.reading() as tx:
        channel = find_channel(tx, visit.params["channel"])
        health = _health(visit, tx, channel.code)
        failed = list_write_backs(tx, channel.id, limit=FAILED_MAX) if health else []
        orders = read_orders(tx, [one.order_id for one in failed])
    connection = health.connection if health else None
    numbers = {id_: order.number for id_, order in orders.items()}
    return visit.page(
        "settings/shop_connection.html",
        status=422 if faults else 200,
        channel={"code": channel.code, "name": channel.name},
        health=_told(health) if health else None,
        form=_form(connection, sent),
        faults=list(faults),
        failed=[_failed(one, numbers) for one in failed],
        may="settings.write" in visit.actor.permissions,
        may_retry="orders.write" in visit.actor.permissions,
        url=_url(channel.code),
        hook_url=_hook_url(visit, channel.code),
        topics=TOPICS,
    )


def _health(visit: Visit, tx: Any, code: str) -> Health | None:
    try:
        return read_health(tx, code)
    except NotFound:
        return None


def _url(code: str) -> str:
    return f"/settings/channels/{code}/shop"


def _hook_url(visit: Visit, code: str) -> str:
    host = visit.headers.get(b"host", b"localhost").decode("latin-1")
    return f"{'https' if visit.secure else 'http'}://{host}/hooks/shopify/{code}"


def _told(health: Health) -> dict[str, Any]:
    connection = health.connection
    return {
        "active": connection.active,
        "heard_at": connection.heard_at,
        "swept_at": connection.swept_at,
        "errors": [
            problem_text(error)
            for error in (connection.sweep_error, connection.stock_error)
            if error
        ],
        "received": health.received,
        "parked": health.parked,
        "waiting": health.waiting,
        "failed": health.failed,
    }


def _form(connection: Connection | None, sent: ConnectShop | None) -> dict[str, Any]:
    """What the fields show: what was sent, else what is. Never a secret."""
    shown = sent or connection
    return {
        "connected": connection is not None,
        "domain": shown.domain if shown else "",
        "stock_location": shown.stock_location if shown else "",
        "test_orders": shown.test_orders if shown else False,
        "active": shown.active if shown else True,
    }


def _failed(one: WriteBack, numbers: dict[UUID, int]) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "number": numbers.get(one.order_id, 0),
        "what": word(TOLD, one.kind),
        "error": problem_text(one.error),
        "settled_at": one.settled_at,
    }


def save(visit: Visit) -> Answer:
    """Connect, or change how; secrets that are left empty stay."""
    secrets = tuple(s for s in (visit.sent("secret"), visit.sent("other_secret")) if s)
    asked = {
        "channel": visit.params["channel"],
        "domain": visit.sent("domain"),
        "token": visit.sent("token") or None,
        "webhook_secrets": secrets or None,
        "stock_location": visit.sent("stock_location").rpartition("/")[2],
        "test_orders": bool(visit.sent("test_orders")),
        "active": bool(visit.sent("active")),
    }
    visit.require("settings.write")
    shown = ConnectShop(
        channel=visit.params["channel"],
        domain=visit.sent("domain")[:255],
        stock_location=visit.sent("stock_location")[:100],
        test_orders=bool(visit.sent("test_orders")),
        active=bool(visit.sent("active")),
    )
    try:
        connect_shop(SHOPS, visit.db, visit.actor, msgspec.convert(asked, ConnectShop))
    except msgspec.ValidationError:
        words = _("An address is needed; a token and a secret have 8 to 300 characters.")
        return _page(visit, [words], shown)
    except Problem as problem:
        return _page(visit, fault_words(problem), shown)
    return visit.done(_("The connection was saved."), _url(visit.params["channel"]), go=True)


def test(visit: Visit) -> Answer:
    """Ask the shop who it is."""
    visit.require("settings.write")
    url = _url(visit.params["channel"])
    try:
        facts = test_connection(SHOPS, visit.db, visit.actor, visit.params["channel"])
    except NotFound:
        raise
    except Problem as problem:
        return visit.done(problem_words(problem)[:300], url, tone="critical", go=True)
    text = _("Connected to %(name)s (%(domain)s).", name=facts.name, domain=facts.domain)
    return visit.done(text, url, go=True)


def look(visit: Visit) -> Answer:
    """Look now for orders that no webhook told of."""
    visit.require("settings.write")
    with visit.reading() as tx:
        connection = find_connection(tx, visit.params["channel"])
    found = sweep(SHOPS[connection.kind], visit.db, connection)
    with visit.reading() as tx:
        error = find_connection(tx, visit.params["channel"]).sweep_error
    text = ngettext("%(num)s order was found.", "%(num)s orders were found.", found)
    if error:
        text = problem_text(error)
    tone = "critical" if error else "success"
    return visit.done(text[:300], _url(visit.params["channel"]), tone=tone, go=True)


def tell_again(visit: Visit) -> Answer:
    """Tell the shop again what it refused or could not be told."""
    try:
        id_ = UUID(visit.params["write_back"])
    except ValueError:
        raise NotFound("There is nothing to tell with this number.") from None
    visit.act(retry_write_back, WriteBackKey(write_back_id=id_))
    url = _url(visit.params["channel"])
    return visit.done(_("The shop is told again in a moment."), url, go=True)


def variant_form(visit: Visit) -> Answer:
    """Say which SKU a variant of the shop is."""
    visit.require("settings.write")
    return show_form(visit, _variant_form(visit))


def save_variant(visit: Visit) -> Answer:
    """Orders with the variant are for this SKU from now on, or show all that is wrong."""
    visit.require("settings.write")
    form = _variant_form(visit)
    try:
        ask = read_form(visit, form) | {"channel": visit.params["channel"]}
        visit.act(link_variant, convert(LinkVariant, ask))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), _url(visit.params["channel"]), go=True)


def _variant_form(visit: Visit) -> Form:
    with visit.reading() as tx:
        channel = find_channel(tx, visit.params["channel"])
        find_connection(tx, channel.code)
    url = _url(channel.code)
    fields = [
        Field(name="variant", label=_("Variant in the shop"), read=lambda text: text.strip(),
              hint=_("Its number, as messages in the inbox name it.")),
        Field(name="sku", label=_("SKU here"), read=lambda text: text.strip()),
    ]  # fmt: skip
    return Form(
        title=_("Give a variant its SKU"),
        url=f"{url}/variant",
        back_url=url,
        submit=_("Save"),
        sections=[Section(_("What it is"), fields)],
        crumbs=[(channel.name, f"/settings/channels/{channel.code}"), (_("Shopify"), url)],
        note=_("What the shop itself says later counts more."),
    )


_SHOP = "/settings/channels/{channel:str}/shop"

ROUTES = [
    Route("GET", _SHOP, show),
    Route("POST", _SHOP, save),
    Route("POST", _SHOP + "/test", test),
    Route("POST", _SHOP + "/look", look),
    Route("GET", _SHOP + "/variant", variant_form),
    Route("POST", _SHOP + "/variant", save_variant),
    Route("POST", _SHOP + "/told/{write_back:str}/retry", tell_again),
]
