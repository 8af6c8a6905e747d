"""Picking: begun, done in parts, undone; kits are whole."""

from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from tests import make
from tests.flows import acts


def test_picking_takes_units_off_the_shelf_part_by_part(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    order_id = make.place(shop, {"tea": 3, "cup": 1}).id
    acts.release(shop, order_id)

    state = acts.start(shop, order_id)
    assert acts.parts(state) == [("A", "picking")]
    state = acts.pick(shop, order_id, {1: 2})
    assert acts.vector(state) == {"released": 1, "picked": 2}
    assert acts.parts(state) == [("A", "picking")]
    assert acts.level(shop, "tea", "A") == {
        "on_hand": 5,
        "available": 2,
        "reserved": 1,
        "picked": 2,
    }
    state = acts.pick(shop, order_id)

    assert acts.parts(state) == [("A", "picked")]
    assert acts.last_event(shop, order_id) == {
        "fo_no": 1,
        "location": "A",
        "lines": {"1": 1, "2": 1},
    }
    assert acts.timeline(shop, order_id)[3:] == ["picking_started", "units_picked", "units_picked"]


def test_no_more_is_picked_than_is_left(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)

    problem = acts.refusal(shop, lambda: acts.pick(shop, order_id, {1: 3}))

    assert isinstance(problem, ActionNotAllowed)
    assert problem.detail == "Line 1 has 2 units left to pick, not 3. Nothing was changed."


def test_a_line_of_another_part_is_named(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)

    problem = acts.refusal(shop, lambda: acts.pick(shop, order_id, {2: 1}))

    assert isinstance(problem, InvalidInput)
    assert problem.errors[0].pointer == "/lines/2"


def test_what_is_not_released_is_not_picked(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 2}).id

    assert isinstance(acts.refusal(shop, lambda: acts.pick(shop, order_id)), ActionNotAllowed)
    assert isinstance(acts.refusal(shop, lambda: acts.start(shop, order_id)), ActionNotAllowed)


def test_a_kit_is_picked_with_all_its_parts(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}}, kits={"set": {"tea": 3, "cup": 1}})
    order_id = make.place(shop, {"set": 2}).id
    acts.release(shop, order_id)

    state = acts.pick(shop, order_id, {1: 1})

    assert acts.vector(state) == {"released": 1, "picked": 1}
    assert acts.level(shop, "tea", "A") == {
        "on_hand": 9,
        "available": 3,
        "reserved": 3,
        "picked": 3,
    }


def test_put_back_units_are_reserved_still_and_to_be_picked_again(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 3}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id, {1: 2})

    state = acts.unpick(shop, order_id, {1: 2})

    assert acts.vector(state) == {"released": 2, "packed": 1}
    assert acts.parts(state) == [("A", "picking")]
    assert acts.level(shop, "tea", "A") == {
        "on_hand": 5,
        "available": 2,
        "reserved": 2,
        "picked": 1,
    }
    assert acts.timeline(shop, order_id)[-1] == "units_put_back"
    assert acts.vector(acts.unpick(shop, order_id)) == {"released": 3}


def test_nothing_picked_is_nothing_to_put_back(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    acts.start(shop, order_id)

    problem = acts.refusal(shop, lambda: acts.unpick(shop, order_id))

    assert problem.detail == "Nothing is picked. Nothing was changed."
