"""Returns, the small version: quantity, posting, event."""

import pytest

from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from tests import make
from tests.flows import acts


def test_units_come_back_to_the_place_that_shipped_them(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order = acts.shipped(shop, {"tea": 3})

    state = acts.take_back(shop, order.id, {1: 1}, external_id="C536379")

    assert acts.vector(state) == {"shipped": 3, "returned": 1, "restocked": 1}
    assert state.return_state == "in_progress"
    assert acts.level(shop, "tea", "A") == {"on_hand": 3, "available": 3}
    assert acts.last_event(shop, order.id) == {
        "lines": {"1": 1},
        "reason": "unwanted",
        "external_id": "C536379",
        "places": {"A": 1},
    }
    assert acts.take_back(shop, order.id, {1: 2}).return_state == "returned"


@pytest.mark.parametrize(
    ("disposition", "level", "vector"),
    [
        ("damaged", {"on_hand": 1, "damaged": 1}, {"shipped": 1, "returned": 1}),
        ("scrap", {}, {"shipped": 1, "returned": 1, "written_off": 1}),
    ],
)
def test_what_is_not_fit_for_sale_is_not_sold_again(
    db: Database, disposition: str, level: dict[str, int], vector: dict[str, int]
) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"cup": 1}})
    order = acts.shipped(shop, {"tea": 1})

    state = acts.take_back(shop, order.id, {1: 1}, disposition=disposition, location="B")

    assert acts.vector(state) == vector
    assert acts.level(shop, "tea", "B") == level


def test_units_from_two_places_go_back_to_both(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}})
    order_id = make.place(shop, {"tea": 2}).id
    for fo_no in (1, 2):
        acts.release(shop, order_id, fo_no)
        acts.pick(shop, order_id, fo_no=fo_no)
        acts.pack(shop, order_id, fo_no=fo_no)
        acts.ship(shop, order_id, fo_no=fo_no)

    acts.take_back(shop, order_id, {1: 1})
    acts.take_back(shop, order_id, {1: 1})

    assert make.free(shop, "tea") == {"A": 1, "B": 1}


def test_a_kit_comes_back_in_parts(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3, "cup": 1}}, kits={"set": {"tea": 3, "cup": 1}})
    order = acts.shipped(shop, {"set": 1})

    acts.take_back(shop, order.id, {1: 1})

    assert (make.free(shop, "tea"), make.free(shop, "cup")) == ({"A": 3}, {"A": 1})


def test_no_more_comes_back_than_was_shipped(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order = acts.shipped(shop, {"tea": 2})
    acts.take_back(shop, order.id, {1: 1})

    problem = acts.refusal(shop, lambda: acts.take_back(shop, order.id, {1: 2}))

    assert isinstance(problem, ActionNotAllowed)
    assert problem.detail.startswith("Of line 1, 1 shipped units have not come back yet; 2 can't.")


def test_a_place_that_is_not_there_is_named(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order = acts.shipped(shop, {"tea": 2})

    problem = acts.refusal(shop, lambda: acts.take_back(shop, order.id, {1: 1}, location="Z"))

    assert isinstance(problem, InvalidInput)
    assert problem.errors[0].pointer == "/location"


def test_what_was_never_shipped_can_not_come_back(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 1}).id

    problem = acts.refusal(shop, lambda: acts.take_back(shop, order_id, {1: 1}))

    assert isinstance(problem, ActionNotAllowed)
    assert problem.detail.startswith("No shipped unit is left")
