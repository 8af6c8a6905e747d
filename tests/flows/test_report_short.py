"""Short picks: the count is put right, the rest is looked for elsewhere, nobody is forgotten."""

from typing import Any

import pytest

from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from ordito.sourcing.stored_decisions import read_decisions
from tests import make
from tests.flows import acts


def test_missing_units_are_found_at_another_place(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 4}, "B": {"tea": 9}})
    order_id = make.place(shop, {"tea": 3}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id, {1: 1})

    state = acts.short(shop, order_id, {1: 2})

    assert acts.vector(state) == {"reserved": 2, "picked": 1}
    assert acts.parts(state) == [("A", "picked"), ("B", "open")]
    assert acts.level(shop, "tea", "A") == {"on_hand": 2, "available": 1, "picked": 1}
    assert acts.level(shop, "tea", "B") == {"on_hand": 9, "available": 7, "reserved": 2}
    assert acts.open_tasks(shop) == [("count", 1, 2)]
    assert acts.timeline(shop, order_id)[-2:] == ["units_short", "sourced"]
    assert acts.event(shop, order_id, "units_short")["reason"] == "missing"
    assert acts.last_event(shop, order_id) == {
        "decision_no": 2,
        "cause": "short_pick",
        "reserved": {"B": 2},
    }
    with db.reading(SYSTEM) as tx:
        assert [d.cause for d in read_decisions(tx, order_id)] == ["placed", "short_pick"]


def test_the_place_that_is_short_is_not_asked_again(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)

    state = acts.short(shop, order_id, {1: 2})

    assert acts.vector(state) == {"backordered": 2}
    assert state.backordered
    assert acts.parts(state) == [("A", "short")]
    assert acts.level(shop, "tea", "A") == {"on_hand": 7, "available": 7}
    assert acts.open_tasks(shop) == [("count", 1, 2), ("shortage", 1, 2)]


def test_what_was_promised_is_backordered_even_where_orders_are_refused(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}}, shortage="refuse")
    order_id = make.place(shop, {"tea": 1}).id
    acts.release(shop, order_id)

    state = acts.short(shop, order_id, {1: 1})

    assert acts.vector(state) == {"backordered": 1}
    assert ("shortage", 1, 1) in acts.open_tasks(shop)


@pytest.mark.parametrize(
    ("reason", "level"),
    [
        ("missing", {"on_hand": 3, "available": 3}),
        ("wrong_location", {"on_hand": 3, "available": 3}),
        ("damaged", {"on_hand": 5, "available": 3, "damaged": 2}),
    ],
)
def test_the_reason_says_where_the_pieces_go(
    db: Database, reason: str, level: dict[str, int]
) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)

    acts.short(shop, order_id, {1: 2}, reason=reason)

    assert acts.level(shop, "tea", "A") == level


def test_of_a_kit_only_the_missing_part_is_written_off(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 6, "cup": 2}, "B": {"tea": 6, "cup": 2}},
        kits={"set": {"tea": 3, "cup": 1}},
    )
    order_id = make.place(shop, {"set": 2}).id
    acts.release(shop, order_id)

    state = acts.short(shop, order_id, {1: 1}, parts={"1": ("cup",)})

    assert acts.vector(state) == {"reserved": 1, "released": 1}
    assert acts.level(shop, "cup", "A") == {"on_hand": 1, "reserved": 1}
    assert acts.level(shop, "tea", "A") == {"on_hand": 6, "available": 3, "reserved": 3}
    assert acts.open_tasks(shop) == [("count", 1, 1)]


def test_which_part_of_a_kit_was_missing_must_be_said(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 6, "cup": 2}}, kits={"set": {"tea": 3, "cup": 1}})
    order_id = make.place(shop, {"set": 2}).id
    acts.release(shop, order_id)

    def faults(**fields: Any) -> list[tuple[str, str]]:
        problem = acts.refusal(shop, lambda: acts.short(shop, order_id, {1: 1}, **fields))
        assert isinstance(problem, InvalidInput)
        return [(fault.pointer, fault.code) for fault in problem.errors]

    assert faults() == [("/parts/1", "required")]
    assert faults(parts={"1": ("jam",), "2": ("tea",)}) == [
        ("/parts/2", "unknown-line"),
        ("/parts/1/0", "unknown-sku"),
    ]


def test_complaint_1_a_kit_and_its_part_never_share_the_last_unit_anew(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}, "B": {"tea": 1}}, kits={"set": {"tea": 1}})
    order_id = make.place(shop, {"set": 1, "tea": 1}).id
    acts.release(shop, order_id)

    state = acts.short(shop, order_id, {1: 1, 2: 1}, parts={"1": ("tea",)})

    reserved = [acts.vector(state, no).get("reserved", 0) for no in (1, 2)]
    assert sum(reserved) == 1
    assert acts.level(shop, "tea", "B") == {"on_hand": 1, "reserved": 1}


def test_picked_units_are_not_short(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id, {1: 1})

    problem = acts.refusal(shop, lambda: acts.short(shop, order_id, {1: 2}))
    assert isinstance(problem, ActionNotAllowed)
    acts.pick(shop, order_id)
    assert isinstance(
        acts.refusal(shop, lambda: acts.short(shop, order_id, {1: 1})), ActionNotAllowed
    )


def test_a_cell_that_waits_for_a_count_is_asked_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 5}})
    order_id = make.place(shop, {"tea": 3}).id
    acts.release(shop, order_id)

    acts.short(shop, order_id, {1: 1})
    acts.short(shop, order_id, {1: 1})

    assert acts.open_tasks(shop) == [("count", 1, 1)]
