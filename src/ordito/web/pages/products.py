"""Products: the catalogue's list, one item with all that is known of it, and its forms."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from ordito.api.answers import Answer
from ordito.catalog.items import list_items, send_facts
from ordito.catalog.kit_uses import list_kit_uses
from ordito.catalog.types import CreateItem, Item, UpdateItem
from ordito.flows.assembly_states import tell_recipe
from ordito.flows.expect_stock import tell_expected
from ordito.flows.manage_items import create_item, update_item
from ordito.flows.release_items import read_item_release
from ordito.inventory.expected import ExpectedReceipt, list_expected
from ordito.listings.histories import HistoryEntry, list_history
from ordito.listings.item_stock import find_item, read_item_stock
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import COUNT_MAX, count_capped, list_orders
from ordito.listings.places import Names, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.edit_forms import (
    Form,
    read_form,
    show_form,
    tell_faults,
)
from ordito.web.histories import tell_history
from ordito.web.pages.assembly_forms import URL as ASSEMBLIES
from ordito.web.pages.inventory import Shown
from ordito.web.pages.order_rows import midday
from ordito.web.pages.product_forms import item_form
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.rendering import price as price_words
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.visits import Visit
from ordito.web.words import ITEM_KINDS, word

PAGE = 50
ORDERS = 8
HISTORY = 30
COMING = 5

VIEWS: dict[str, tuple[str, dict[str, Any]]] = {
    "": (N_("All items"), {}),
    "stocked": (N_("Stocked"), {"kind": "stocked"}),
    "kit": (N_("Kits"), {"kind": "kit"}),
    "service": (N_("Services"), {"kind": "service"}),
    "off": (N_("Off sale"), {"active": False}),
}


def show_products(visit: Visit) -> Answer:
    """Items in the order of their SKUs."""
    visit.require("catalog.read")
    view = visit.asked("view") if visit.asked("view") in VIEWS else ""
    search = visit.asked("q").strip()[:100]
    after = visit.asked("after")[:100]
    with visit.reading() as tx:
        rows = list_items(tx, search=search, after=after, limit=PAGE + 1, **VIEWS[view][1])
    kept = [("view", view)] if view else []
    return visit.page(
        "products/list.html",
        views=[
            {"label": _(label), "url": f"/products?view={key}" if key else "/products",
             "current": key == view, "count": None, "act": False}
            for key, (label, _filter) in VIEWS.items()
        ],
        search=search,
        kept=kept,
        rows=[_row(item) for item in rows[:PAGE]],
        older_url=visit.here(after=rows[PAGE - 1].sku) if len(rows) > PAGE else "",
        newer_url=_first(kept, search) if after else "",
        may_write="catalog.write" in visit.actor.permissions,
        narrowed=bool(search or view),
    )  # fmt: skip


def _first(kept: Sequence[tuple[str, str]], search: str) -> str:
    asked = [*kept, *([("q", search)] if search else [])]
    return "/products" + (f"?{urlencode(asked)}" if asked else "")


def _row(item: Item) -> dict[str, Any]:
    return {
        "url": f"/products/{item.id}",
        "sku": item.sku,
        "title": item.name,
        "kind": word(ITEM_KINDS, item.kind),
        "barcode": item.barcodes[0] if item.barcodes else "",
        "more_barcodes": max(len(item.barcodes) - 1, 0),
        "weight_g": item.weight_g,
        "prices": _prices(item),
        "active": item.active,
    }


def _prices(item: Item) -> list[str]:
    return [price_words(value, currency) for currency, value in sorted(item.prices.items())]


def item_id_of(visit: Visit) -> UUID:
    """The item of the address; raises NotFound for what is no id."""
    try:
        return UUID(visit.params["item"])
    except ValueError:
        raise NotFound("There is no such item.") from None


def show_product(visit: Visit) -> Answer:
    """One item: what it is, what it costs, where it lies, who ordered it, what changed."""
    visit.require("catalog.read")
    before = visit.asked("before")
    seq = int(before) if before.isdigit() and len(before) < 12 else None
    with visit.reading() as tx:
        item = find_item(tx, item_id_of(visit))
        uses = list_kit_uses(tx, item.id)
        history = list_history(tx, item.id, before=seq, limit=HISTORY + 1)
        stock = None
        if "inventory.read" in visit.actor.permissions and item.kind == "stocked":
            stock = read_item_stock(tx, item.id)
        orders = _open_orders(visit, tx, item)
        recipe = tell_recipe(tx, item.id).parts
        names = _name_parts(tx, history)
        release = read_item_release(tx, item.id)
        coming = tell_expected(tx, _coming(visit, tx, item))
    may_make = "inventory.write" in visit.actor.permissions
    return visit.page(
        "products/show.html",
        item=item,
        kind=word(ITEM_KINDS, item.kind),
        tracking=_tell_tracking(item),
        prices=[
            (currency, price_words(value, currency))
            for currency, value in sorted(item.prices.items())
        ],
        uses=uses,
        recipe=recipe,
        makes_url=f"{ASSEMBLIES}/new?{urlencode({'sku': item.sku})}" if may_make else "",
        stock=Shown.of(stock.totals) if stock else None,
        locations=stock.totals.locations if stock else 0,
        orders=orders,
        release=release,
        released_at=midday(release.released_on) if release.released_on else None,
        coming=[(one, midday(one.expected_on)) for one in coming],
        history=tell_history(history[:HISTORY], names),
        older_url=visit.here(before=str(history[HISTORY - 1].seq))
        if len(history) > HISTORY
        else "",
        newer_url=visit.here(before=None) if seq else "",
        actions=_actions(visit, item),
    )


def _tell_tracking(item: Item) -> str:
    """How its units are told apart, in one sentence; "" where they aren't."""
    if item.tracking == "none":
        return ""
    kept = {"lot": _("Kept by lots."), "serial": _("Kept by serial numbers.")}[item.tracking]
    if not item.expires:
        return kept
    days = ngettext(
        "Sold while it keeps %(num)s day more.", "Sold while it keeps %(num)s days more.",
        item.sell_days,
    )  # fmt: skip
    return f"{kept} {days}"


def _coming(visit: Visit, tx: Tx, item: Item) -> list[ExpectedReceipt]:
    """What suppliers will bring to the places that the reader sees, soonest first."""
    if "inventory.read" not in visit.actor.permissions:
        return []
    seen = visit.actor.location_ids
    places = None if seen is None else sorted(seen)
    return list_expected(tx, location_ids=places, item_id=item.id, limit=COMING)


def _open_orders(visit: Visit, tx: Tx, item: Item) -> dict[str, Any] | None:
    """The newest open orders with the item; None for who may not see orders."""
    if "orders.read" not in visit.actor.permissions:
        return None
    asked = OrderFilter(item_id=item.id, life=("open",))
    found = list_orders(tx, asked, limit=ORDERS)
    count = count_capped(tx, asked) if found.older else len(found.items)
    return {
        "rows": [
            {"url": f"/orders/{row.number}", "number": row.number, "placed_at": row.placed_at,
             "customer": row.customer or "", "channel": row.channel.name,
             "fulfilment": row.fulfilment,
             "promise_at": midday(row.promised_on) if row.promised_on else None}
            for row in found.items
        ],
        "count": min(count, COUNT_MAX),
        "more": count > COUNT_MAX,
        "url": f"/orders?{urlencode({'sku': item.sku, 'life': 'open'})}",
    }  # fmt: skip


def _name_parts(tx: Tx, history: Sequence[HistoryEntry]) -> dict[str, str]:
    """SKUs of what recipes in the history name, by item id."""
    told = [entry.body["parts"] for entry in history if entry.kind == "item.recipe_set"]
    ids = {UUID(id_) for parts in told for id_ in parts}
    return {item.id: item.sku for item in send_facts(tx, ids)} if ids else {}


def _actions(visit: Visit, item: Item) -> list[Action]:
    if "catalog.write" not in visit.actor.permissions:
        return []
    url = f"/products/{item.id}"
    sale = (
        Action("off", _("Take off sale"), f"{url}/sale?on=", "ban")
        if item.active
        else Action("on", _("Put on sale"), f"{url}/sale?on=1", "play")
    )
    made = Action("recipe", _("Recipe"), f"{url}/recipe", "boxes", "page")
    release = Action("release", _("Release day"), f"{url}/release", "calendar", "page")
    more = [made, release] if item.kind == "stocked" else []
    return [Action("edit", _("Edit"), f"{url}/edit", "pencil", "page"), *more, sale]


def set_sale(visit: Visit) -> Answer:
    """Take the item off sale, or put it back: open orders go on either way."""
    item_id, on = item_id_of(visit), visit.asked("on") == "1"
    item = visit.act(update_item, UpdateItem(item_id=item_id, active=on))
    said = _("%(sku)s is on sale.") if on else _("%(sku)s is off sale; open orders go on.")
    undo = f"/products/{item_id}/sale?on={'' if on else '1'}"
    return visit.done(said % {"sku": item.sku}, f"/products/{item_id}", undo_url=undo, go=True)


def new_form(visit: Visit) -> Answer:
    visit.require("catalog.write")
    return show_form(visit, item_form(_names(visit), None))


def create(visit: Visit) -> Answer:
    """Add an item, or show all that is wrong."""
    visit.require("catalog.write")
    form = item_form(_names(visit), None)
    try:
        item = visit.act(create_item, convert(CreateItem, _ask(visit, form, None), strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("%(sku)s was created.", sku=item.sku), f"/products/{item.id}", go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("catalog.write")
    return show_form(visit, item_form(_names(visit), _read(visit)))


def edit(visit: Visit) -> Answer:
    """Change an item, or show all that is wrong."""
    visit.require("catalog.write")
    item = _read(visit)
    form = item_form(_names(visit), item)
    try:
        ask = _ask(visit, form, item) | {"item_id": str(item.id)}
        visit.act(update_item, convert(UpdateItem, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/products/{item.id}", go=True)


def _read(visit: Visit) -> Item:
    with visit.reading() as tx:
        return find_item(tx, item_id_of(visit))


def _names(visit: Visit) -> Names:
    with visit.reading() as tx:
        return read_names(tx)


def _ask(visit: Visit, form: Form, item: Item | None) -> dict[str, Any]:
    """What was typed. Parts are said of kits only, and when an item stops being one."""
    ask = read_form(visit, form)
    currency, price = ask.pop("other_currency").upper(), ask.pop("other_price")
    ask.setdefault("prices", {})
    if item is None:
        ask["prices"] = {code: price for code, price in ask["prices"].items() if price is not None}
    if currency:
        ask["prices"][currency] = price or ""
        other = next(field for field in form.fields if field.name == "other_price")
        other.pointer = f"/prices/{currency}"
    if ask.get("kind") != "kit" and not ask["parts"]:
        del ask["parts"]
    return ask


_ITEM = "/products/{item:str}"

ROUTES = [
    Route("GET", "/products", show_products),
    Route("GET", "/products/new", new_form),
    Route("POST", "/products/new", create),
    Route("GET", _ITEM, show_product),
    Route("POST", _ITEM + "/sale", set_sale),
    Route("GET", _ITEM + "/edit", edit_form),
    Route("POST", _ITEM + "/edit", edit),
]
