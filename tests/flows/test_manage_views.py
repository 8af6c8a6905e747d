"""Saved views: one's own and shared ones."""

import pytest

from ordito.desk.views import list_views, read_arrangement
from ordito.flows.manage_views import (
    ArrangeViews,
    CreateView,
    DeleteView,
    UpdateView,
    ViewFilter,
    arrange_views,
    create_view,
    remove_view,
    update_view,
)
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput, NotFound, NotPermitted, VersionConflict
from tests.flows import bulk_shop


def names(db: Database, actor: Actor) -> list[str]:
    with db.reading(actor) as tx:
        return [view.name for view in list_views(tx)]


def test_ones_own_views_are_seen_by_nobody_else_and_shared_ones_by_all(db: Database) -> None:
    kasia, jan = bulk_shop.person(db), bulk_shop.person(db, "Jan")
    asked = ViewFilter(life=("open",), countries=("DE",))
    mine = run(db, kasia, create_view, CreateView(name=" Germany ", filter=asked))
    run(db, kasia, create_view, CreateView(name="For all", shared=True))

    assert mine.look.filter == {"life": ["open"], "countries": ["DE"]}
    assert names(db, kasia) == ["Germany", "For all"]
    assert names(db, jan) == ["For all"]
    with pytest.raises(NotFound):
        run(db, jan, remove_view, DeleteView(view_id=mine.id))
    assert names(db, kasia) == ["Germany", "For all"]


def test_sharing_needs_the_permission(db: Database) -> None:
    jan = bulk_shop.person(db, "Jan", without="views.share")
    with pytest.raises(NotPermitted):
        run(db, jan, create_view, CreateView(name="For all", shared=True))
    shared = run(db, bulk_shop.person(db), create_view, CreateView(name="Everybody's", shared=True))
    for act, ask in (
        (update_view, UpdateView(view_id=shared.id, name="Mine")),
        (remove_view, DeleteView(view_id=shared.id)),
    ):
        with pytest.raises(NotPermitted):
            run(db, jan, act, ask)
    assert names(db, jan) == ["Everybody's"]


def test_a_view_is_changed_where_it_was_read(db: Database) -> None:
    kasia = bulk_shop.person(db)
    view = run(db, kasia, create_view, CreateView(name="Old", columns=("number", "total")))

    changed = run(db, kasia, update_view, UpdateView(view_id=view.id, version=1, name="New"))

    assert (changed.name, changed.look.columns, changed.version) == ("New", ("number", "total"), 2)
    with pytest.raises(VersionConflict):
        run(db, kasia, update_view, UpdateView(view_id=view.id, version=1, name="Newer"))
    with pytest.raises(InvalidInput):
        run(db, kasia, update_view, UpdateView(view_id=view.id, columns=("nonsense",)))
    assert names(db, kasia) == ["New"]


def test_everybody_has_tabs_in_an_order_of_their_own(db: Database) -> None:
    kasia, jan = bulk_shop.person(db), bulk_shop.person(db, "Jan")
    run(db, kasia, arrange_views, ArrangeViews(tabs=("late", "all"), first_tab="late"))
    with db.reading(kasia) as tx:
        assert read_arrangement(tx).tabs == ["late", "all"]
    with db.reading(jan) as tx:
        assert read_arrangement(tx).first_tab == ""
