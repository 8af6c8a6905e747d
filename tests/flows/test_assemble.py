"""Assemblies: parts become units, every piece stays accounted for, who waits is served."""

from typing import Any

import pytest

from ordito.flows.assemble import (
    cancel_assembly,
    change_assembly,
    close_assembly,
    draft_assembly,
)
from ordito.flows.reactions import REACTIONS
from ordito.flows.serve_backorders import serve_backorders
from ordito.flows.set_recipe import set_recipe
from ordito.inventory.assembly_asks import (
    AssemblyAsk,
    ChangeAssembly,
    CloseAssembly,
    DraftAssembly,
    SetRecipe,
    StockAssembly,
)
from ordito.listings.order_page import read_order_page
from ordito.orders.asks import ServeBackorders
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import Problem
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import acts
from tests.flows.assembly_acts import act, book, set_parts, start
from tests.flows.stock_acts import do
from tests.flows.transfer_acts import cell
from tests.races.racing import race

PARTS = [{"sku": "tea", "quantity": 2}, {"sku": "tin", "quantity": 1}]


@pytest.fixture
def shop(db: Database) -> make.Shop:
    return make.shop(db, stock={"A": {"tea": 10, "tin": 5, "gift": 1}})


def draft(shop: make.Shop, quantity: int = 4, **fields: Any) -> StockAssembly:
    body = {"sku": "gift", "location": "A", "quantity": quantity, "parts": PARTS} | fields
    return act(shop, draft_assembly, DraftAssembly, **body)


def faults(problem: Problem) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in problem.errors]


def test_parts_leave_the_shelf_and_what_is_made_of_them_comes_onto_it(shop: make.Shop) -> None:
    made = draft(shop, due_on="2027-01-05", partner="Pack & Co")
    assert cell(shop, "tea", "A") == {"available": 10}
    begun = start(shop, made)
    assert (begun.state, begun.open, begun.allowed_actions) == (
        "started", 4, ["change", "book", "close"]
    )  # fmt: skip
    assert cell(shop, "tea", "A") == {"available": 2}
    assert cell(shop, "gift", "A") == {"available": 1, "incoming": 4}

    part = book(shop, made, quantity=2)
    assert (part.state, part.made, part.open) == ("partly_made", 2, 2)
    assert cell(shop, "gift", "A") == {"available": 3, "incoming": 2}
    whole = book(shop, made, quantity=1, spoiled=1)
    assert (whole.state, whole.made, whole.spoiled, whole.open) == ("finished", 3, 1, 0)
    assert [(p.sku, p.taken, p.returned, p.scrapped, p.open) for p in whole.parts] == [
        ("tea", 8, 0, 2, 0),
        ("tin", 4, 0, 1, 0),
    ]
    assert cell(shop, "gift", "A") == {"available": 4}
    assert cell(shop, "tin", "A") == {"available": 1}
    assert_well(shop.db)


def test_closing_gives_back_what_is_in_nothing_and_throws_away_what_is_lost(
    shop: make.Shop,
) -> None:
    made = start(shop, draft(shop))
    book(shop, made, quantity=1)
    lost = [{"sku": "tin", "quantity": 2}]
    with pytest.raises(Problem) as refused:
        act(shop, close_assembly, CloseAssembly, assembly_id=made.id,
            lost=[{"sku": "tin", "quantity": 4}, {"sku": "no", "quantity": 1}])  # fmt: skip
    assert faults(refused.value) == [
        ("/lost/0/quantity", "too-many"),
        ("/lost/1/sku", "unknown-line"),
    ]
    ended = act(shop, close_assembly, CloseAssembly, assembly_id=made.id, lost=lost)

    assert (ended.state, ended.made, ended.open) == ("finished", 1, 0)
    assert [(p.sku, p.returned, p.scrapped) for p in ended.parts] == [("tea", 6, 0), ("tin", 1, 2)]
    assert cell(shop, "tea", "A") == {"available": 8}
    assert cell(shop, "tin", "A") == {"available": 2}
    assert cell(shop, "gift", "A") == {"available": 2}
    with pytest.raises(Problem, match="finished"):
        book(shop, made, quantity=1)
    assert_well(shop.db)


def test_too_few_parts_refuse_the_start_and_say_who_holds_them(shop: make.Shop) -> None:
    make.place(shop, {"tea": 5})
    made = draft(shop)
    with pytest.raises(Problem, match=r"tea at A: asked 8, free 5 \(5 reserved by 1 order"):
        start(shop, made)
    assert cell(shop, "tin", "A") == {"available": 5}
    changed = act(shop, change_assembly, ChangeAssembly, assembly_id=made.id, quantity=2)
    assert [part.needed for part in changed.parts] == [4, 2]
    assert start(shop, made).state == "started"
    with pytest.raises(Problem, match="its quantity and parts stay"):
        act(shop, change_assembly, ChangeAssembly, assembly_id=made.id, quantity=3)
    told = act(shop, change_assembly, ChangeAssembly, assembly_id=made.id, step="Labelling")
    assert told.step == "Labelling"


def test_a_draft_names_all_that_is_wrong_at_once(shop: make.Shop) -> None:
    parts = [*PARTS, {"sku": "tea", "quantity": 1}, {"sku": "gift", "quantity": 1},
             {"sku": "no", "quantity": 1}]  # fmt: skip
    with pytest.raises(Problem) as refused:
        draft(shop, parts=parts, location="Z")
    assert faults(refused.value) == [
        ("/location", "unknown-location"),
        ("/parts/2/sku", "duplicate"),
        ("/parts/3/sku", "itself"),
        ("/parts/4/sku", "unknown-sku"),
    ]
    with pytest.raises(Problem) as unknown:
        draft(shop, parts=None)
    assert faults(unknown.value) == [("/parts", "no-recipe")]
    made = draft(shop)
    assert act(shop, cancel_assembly, AssemblyAsk, assembly_id=made.id).state == "cancelled"
    with pytest.raises(Problem, match="cancelled"):
        start(shop, made)


def test_a_recipe_is_used_by_drafts_and_never_goes_in_a_circle(shop: make.Shop) -> None:
    item = shop.items
    recipe = set_parts(shop, "gift", {"tea": 2, "tin": 1})
    assert [(part.sku, part.quantity) for part in recipe.parts] == [("tea", 2), ("tin", 1)]
    assert [(p.sku, p.needed) for p in draft(shop, parts=None).parts] == [("tea", 8), ("tin", 4)]
    with pytest.raises(Problem) as circle:
        set_parts(shop, "tin", {"gift": 1})
    assert faults(circle.value) == [("/parts/0/sku", "itself")]
    with pytest.raises(Problem, match="You read version 1"):
        do(shop.db, set_recipe, SetRecipe(item_id=item["gift"], version=1, parts=()))


def test_an_order_that_waits_gets_what_was_made(shop: make.Shop) -> None:
    order_id = make.place(shop, {"gift": 3}).id
    assert acts.vector(acts.look(shop, order_id)) == {"reserved": 1, "backordered": 2}
    made = start(shop, draft(shop, due_on="2099-01-05", step="Cutting", partner="Pack & Co"))
    with shop.db.reading(SYSTEM) as tx:
        (waiting,) = read_order_page(tx, order_id).lines
    told = [(one.units, one.expected_on.isoformat(), one.reference) for one in waiting.expected]
    assert told == [(2, "2099-01-05", "A-1 · Cutting · Pack & Co")]
    book(shop, made, quantity=2)
    assert "assembly.units_made" in REACTIONS
    do(shop.db, serve_backorders, ServeBackorders(item_ids=(shop.items["gift"],), location="A"))
    assert acts.vector(acts.look(shop, order_id)) == {"reserved": 3}


def test_two_who_book_the_last_units_at_once_book_them_once(shop: make.Shop) -> None:
    made = start(shop, draft(shop))
    outcomes = race([lambda: book(shop, made, quantity=3)] * 4)
    assert sum(isinstance(one, StockAssembly) for one in outcomes) == 1
    assert cell(shop, "gift", "A") == {"available": 4, "incoming": 1}
    assert_well(shop.db)
