"""Save views of the orders list, share them, and put the tabs in an order of one's own."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.desk.types import Arrangement, Look, SavedView
from ordito.desk.views import (
    VIEWS_MAX,
    count_views,
    delete_view,
    insert_view,
    read_view,
    write_arrangement,
    write_view,
)
from ordito.kernel.asks import Ask, Version
from ordito.kernel.ids import new_id
from ordito.listings.order_columns import COLUMNS
from ordito.listings.order_filter import OrderFilter
from ordito.listings.order_walks import Sort
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotFound, NotPermitted, VersionConflict

ViewName = Annotated[str, Meta(min_length=1, max_length=60)]
Columns = Annotated[tuple[Annotated[str, Meta(max_length=40)], ...], Meta(max_length=30)]


class ViewFilter(
    OrderFilter, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The fields of a filter; those that are left out don't filter."""


class CreateView(Ask, frozen=True, kw_only=True):
    """Save a view. shared: everybody who sees orders gets it, which needs “views.share”."""

    name: ViewName
    filter: ViewFilter = ViewFilter()
    sort: Sort = "placed_at"
    descending: bool = True
    columns: Columns = ()
    shared: bool = False


class UpdateView(Ask, frozen=True, kw_only=True):
    """Change a view; what is left out stays."""

    view_id: UUID
    version: Version | None = None
    name: ViewName | UnsetType = UNSET
    filter: ViewFilter | UnsetType = UNSET
    sort: Sort | UnsetType = UNSET
    descending: bool | UnsetType = UNSET
    columns: Columns | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


class DeleteView(Ask, frozen=True, kw_only=True):
    view_id: UUID


class ArrangeViews(Ask, frozen=True, kw_only=True):
    """The keys of tabs in your order (those left out come after), and the one that opens first."""

    tabs: Annotated[tuple[Annotated[str, Meta(max_length=40)], ...], Meta(max_length=200)] = ()
    first_tab: Annotated[str, Meta(max_length=40)] = ""


class DeletedView(msgspec.Struct, frozen=True):
    id: UUID


@command(permission="orders.read")
def create_view(tx: Tx, ask: CreateView) -> SavedView:
    """Save a view for oneself, or for everybody."""
    if ask.shared:
        tx.actor.require("views.share")
    if count_views(tx, shared=ask.shared) >= VIEWS_MAX:
        raise InvalidInput(f"There are {VIEWS_MAX} views already. Delete one that nobody uses.")
    look = Look(_fields(ask.filter), ask.sort, ask.descending, _known(ask.columns))
    view = SavedView(new_id(), tx.actor.id, ask.shared, _named(ask.name), look, 1)
    insert_view(tx, view)
    return view


@command(permission="orders.read")
def update_view(tx: Tx, ask: UpdateView) -> SavedView:
    """Rename a view, share it, or let it show something else."""
    view = _own_view(tx, ask.view_id)
    shared = view.shared if ask.shared is UNSET else ask.shared
    if shared:
        tx.actor.require("views.share")
    look = Look(
        view.look.filter if ask.filter is UNSET else _fields(ask.filter),
        view.look.sort if ask.sort is UNSET else ask.sort,
        view.look.descending if ask.descending is UNSET else ask.descending,
        view.look.columns if ask.columns is UNSET else _known(ask.columns),
    )
    name = view.name if ask.name is UNSET else _named(ask.name)
    changed = msgspec.structs.replace(view, name=name, shared=shared, look=look)
    if (ask.version or view.version) != view.version or not write_view(tx, changed):
        raise VersionConflict("Somebody changed the view in the meantime. Read it again.")
    return msgspec.structs.replace(changed, version=view.version + 1)


@command(permission="orders.read")
def remove_view(tx: Tx, ask: DeleteView) -> DeletedView:
    """Delete a view; the orders in it stay as they are."""
    view = _own_view(tx, ask.view_id)
    delete_view(tx, view.id)
    return DeletedView(view.id)


@command(permission="orders.read")
def arrange_views(tx: Tx, ask: ArrangeViews) -> Arrangement:
    """Put the tabs in one's own order, and say which one opens first."""
    arrangement = Arrangement(list(dict.fromkeys(ask.tabs)), ask.first_tab)
    write_arrangement(tx, arrangement)
    return arrangement


def _own_view(tx: Tx, view_id: UUID) -> SavedView:
    """A view that the actor may change; raises NotFound, NotPermitted."""
    view = read_view(tx, view_id)
    if view is None:
        raise NotFound("There is no such view, or it is somebody's own.")
    if view.shared:
        tx.actor.require("views.share")
    elif view.owner_id != tx.actor.id:
        raise NotPermitted("This view is somebody else's. Save one of your own.")
    return view


def _fields(asked: ViewFilter) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asked))
    return fields


def _known(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns, each once; raises InvalidInput for those that there are none of."""
    require_columns(columns)
    return tuple(dict.fromkeys(columns))


def require_columns(columns: tuple[str, ...]) -> None:
    """Raises InvalidInput with a fault for each column that the list doesn't have."""
    faults = [
        Fault(f"/columns/{i}", "unknown-column", f"There is no column “{name}”.")
        for i, name in enumerate(columns)
        if name not in COLUMNS
    ]
    if faults:
        raise InvalidInput(f"Columns are {', '.join(COLUMNS)}.", errors=faults)


def _named(name: str) -> str:
    if not name.strip():
        fault = Fault("/name", "required", "A view has a name.")
        raise InvalidInput("Nothing was saved.", errors=[fault])
    return name.strip()
