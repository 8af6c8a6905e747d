"""What a page of the orders list was asked for: a view, what was changed of it, sort, columns."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from ordito.desk.types import Arrangement, SavedView
from ordito.desk.views import list_views, read_arrangement
from ordito.listings.order_columns import COLUMNS
from ordito.listings.order_filter import OrderFilter
from ordito.listings.order_walks import Sort
from ordito.platform.database import Tx
from ordito.web.pages.order_filters import CHIPS, PARAMS, Pairs, read_filter, write_pairs
from ordito.web.rendering import gettext as _
from ordito.web.statuses import N_
from ordito.web.visits import Visit

COLUMNS_COOKIE = "ordito_columns"


class StandardView(msgspec.Struct, frozen=True):
    """A view that everybody has. act: somebody must do something about what is in it."""

    name: str
    pairs: tuple[tuple[str, str], ...] = ()
    act: bool = False


VIEWS: Mapping[str, StandardView] = {
    "all": StandardView(N_("All")),
    "todo": StandardView(
        N_("To do"),
        (("life", "open"), ("fulfilment", "unfulfilled"), ("fulfilment", "in_progress"),
         ("fulfilment", "partially_fulfilled")),
    ),
    "mine": StandardView(N_("Mine"), (("life", "open"), ("assignee", "me")), act=True),
    "late": StandardView(N_("Late"), (("late", "yes"),), act=True),
    "held": StandardView(N_("On hold"), (("held", "yes"),), act=True),
    "backordered": StandardView(
        N_("Backordered"), (("backordered", "yes"), ("life", "open")), act=True
    ),
    "unserved": StandardView(
        N_("Nobody can serve"), (("unserved", "yes"), ("life", "open")), act=True
    ),
    "preorders": StandardView(N_("Pre-orders"), (("preorder", "yes"), ("life", "open"))),
    "unpaid": StandardView(N_("Payment pending"), (("money", "pending"), ("life", "open"))),
    "returns": StandardView(
        N_("Returns"),
        (("return_state", "requested"), ("return_state", "in_progress"),
         ("return_state", "returned")),
    ),
}  # fmt: skip

SORTS: Mapping[str, tuple[Sort, bool, str]] = {
    "": ("placed_at", True, N_("Newest first")),
    "placed": ("placed_at", False, N_("Oldest first")),
    "promise": ("promised_on", False, N_("Ship by, soonest first")),
    "-promise": ("promised_on", True, N_("Ship by, latest first")),
    "-total": ("total", True, N_("Total, largest first")),
    "total": ("total", False, N_("Total, smallest first")),
    "-number": ("number", True, N_("Number, highest first")),
    "number": ("number", False, N_("Number, lowest first")),
}

SHOWN: Mapping[str, str] = {
    "placed_at": N_("Placed"),
    "customer": N_("Customer"),
    "channel": N_("Channel"),
    "external_id": N_("Channel number"),
    "promised_on": N_("Ship by"),
    "fulfilment": N_("Fulfillment"),
    "units": N_("Units"),
    "locations": N_("Locations"),
    "money": N_("Payment"),
    "return": N_("Return"),
    "tags": N_("Tags"),
    "assignee": N_("Assignee"),
    "total": N_("Total"),
}
"""Columns that the page can show, in their order; the order's number is always there."""

USUAL = ("placed_at", "customer", "channel", "promised_on", "fulfilment", "money", "total")


class ListAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One list. view: a key of VIEWS or the id of a saved one; edited: it shows something else.

    pairs: every filter that is on, those of the view included, and the search as `q`.
    """

    view: str
    saved: SavedView | None
    edited: bool
    pairs: tuple[tuple[str, str], ...]
    sort: str
    columns: tuple[str, ...]
    saved_views: list[SavedView]
    arrangement: Arrangement

    @property
    def name(self) -> str:
        return self.saved.name if self.saved else _(VIEWS[self.view].name)

    def query(self, pairs: Pairs | None = None, **changes: str) -> list[tuple[str, str]]:
        """The parameters of this list, with other filters, another sort or further ones."""
        filters = self.pairs if pairs is None else pairs
        named = {"sort": self.sort} | changes
        kept = [("view", self.view), ("edited", "1"), *filters]
        return kept + [(name, value) for name, value in named.items() if value]

    def url(self, pairs: Pairs | None = None, **changes: str) -> str:
        return f"/orders?{urlencode(self.query(pairs, **changes))}"

    @property
    def kept(self) -> str:
        """What an order's address says of the list that it was opened from."""
        return urlencode(self.query() if self.edited else [("view", self.view)])

    def read(self, visit: Visit) -> OrderFilter:
        """The filter, narrowed by the scope of the top bar; raises InvalidInput."""
        names = {name for name, _value in self.pairs}
        scope = visit.view().scope
        narrowed = [
            (name, value)
            for name, value in (("channel", scope.channel), ("location", scope.location))
            if value and name not in names
        ]
        return read_filter([*self.pairs, *narrowed], visit.view().zone)


def read_list_ask(visit: Visit, tx: Tx, query: Sequence[tuple[str, str]]) -> ListAsk:
    """What the parameters ask for; a view that is gone is that of all orders."""
    saved_views, arrangement = list_views(tx), read_arrangement(tx)
    one = dict(query)
    key = one.get("view", "")
    if not key:
        key = arrangement.first_tab if not set(one) - {"cursor"} else "all"
    saved = next((view for view in saved_views if str(view.id) == key), None)
    if saved is None and key not in VIEWS:
        key = "all"
    base = view_pairs(visit, key, saved)
    own = [(name, value) for name, value in query if name in PARAMS and value]
    edited = "edited" in one
    pairs = own if edited else _merge(base, own)
    sort = one.get("sort", "" if edited else _sort_of(saved))
    if sort not in SORTS or (sort.endswith("total") and not dict(pairs).get("currency")):
        sort = ""
    return ListAsk(
        view=key,
        saved=saved,
        edited=sorted(pairs) != sorted(base) or sort != _sort_of(saved),
        pairs=tuple(pairs),
        sort=sort,
        columns=_columns(visit, saved),
        saved_views=saved_views,
        arrangement=arrangement,
    )


def view_pairs(visit: Visit, key: str, saved: SavedView | None) -> list[tuple[str, str]]:
    """The filters of a view."""
    if saved is not None:
        return write_pairs(saved.look.filter, visit.view().zone)
    return list(VIEWS[key].pairs)


def _merge(base: Pairs, own: Pairs) -> list[tuple[str, str]]:
    """A view's filters, with those of the address in place of the ones they belong to."""
    named = {name for name, _value in own}
    replaced = {name for chip in CHIPS.values() if named & set(chip.params) for name in chip.params}
    return [pair for pair in base if pair[0] not in replaced | named] + list(own)


def _sort_of(saved: SavedView | None) -> str:
    if saved is None:
        return ""
    look = (saved.look.sort, saved.look.descending)
    return next((key for key, sort in SORTS.items() if sort[:2] == look), "")


def _columns(visit: Visit, saved: SavedView | None) -> tuple[str, ...]:
    """The columns of the saved view, else those that the reader chose, else the usual ones."""
    chosen: Sequence[str] = saved.look.columns if saved else ()
    chosen = chosen or visit.cookies.get(COLUMNS_COOKIE, "").split(".")
    return tuple(name for name in SHOWN if name in chosen) or USUAL


def file_columns(asked: ListAsk) -> tuple[str, ...]:
    """The columns of a file: the number, those that are shown, and what they can't do without."""
    wanted = {"number", *asked.columns}
    wanted |= {"currency"} if "total" in wanted else set()
    wanted |= {"country"} if "customer" in wanted else set()
    return tuple(name for name in COLUMNS if name in wanted)


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def sort_fields(asked: ListAsk) -> dict[str, Any]:
    """The sort as lists and asks have it."""
    sort, descending, _name = SORTS[asked.sort]
    return {"sort": sort, "descending": descending}
