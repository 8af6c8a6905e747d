"""Holds: a cart's stock is kept for some minutes, and never for ever."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import msgspec
import pytest

from ordito.flows.hold_stock import expire_holds, hold_stock, read_hold_state
from ordito.inventory.asks import HoldStock
from ordito.inventory.problems import HoldOver, OutOfStock
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound
from tests import make
from tests.flows import stock_acts as acts


def where(shop: make.Shop, hold_id: UUID) -> list[tuple[int, str, str, int]]:
    """Line, SKU, location and pieces of what a hold keeps."""
    sku_of = {id_: sku for sku, id_ in shop.items.items()}
    code_of = {id_: code for code, id_ in shop.locations.items()}
    with shop.db.reading(make.BOSS) as tx:
        units = read_hold_state(tx, hold_id).units
    return sorted((u.line_no, sku_of[u.item_id], code_of[u.location_id], u.qty) for u in units)


def test_a_hold_takes_stock_from_everyone_else_until_it_ends(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}}, shortage="refuse")

    held = acts.hold(shop, {"tea": 2}, minutes=20)

    assert acts.buckets(shop, "tea", "A") == {"available": 1, "reserved": 2}
    assert held.expires_at - held.created_at == timedelta(minutes=20)
    assert held.allowed_actions == ["extend", "release", "complete"]
    with pytest.raises(OutOfStock):
        make.place(shop, {"tea": 2})
    over = acts.release(shop, held.id)
    assert (over.allowed_actions, over.units, over.version) == ([], [], 2)
    assert over.ended_at is not None
    assert make.place(shop, {"tea": 3}).backordered is False
    assert [entry.kind for entry in acts.timeline(db, held.id)] == ["hold.placed", "hold.ended"]


def test_a_hold_prefers_one_place_that_has_everything(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 5, "cup": 0}, "B": {"tea": 2, "cup": 1}, "C": {"tea": 9, "cup": 9}},
    )

    held = acts.hold(shop, {"tea": 2, "cup": 1})

    assert where(shop, held.id) == [(1, "tea", "B", 2), (2, "cup", "B", 1)]


def test_a_hold_is_spread_over_places_by_priority(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 2}, "B": {"tea": 2}, "C": {"tea": 2}},
        locations={"A": {"priority": 9}},
    )

    held = acts.hold(shop, {"tea": 5})

    assert where(shop, held.id) == [(1, "tea", "A", 1), (1, "tea", "B", 2), (1, "tea", "C", 2)]


def test_all_or_nothing_is_held(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2, "cup": 5}})
    before = acts.postings(db)

    with pytest.raises(OutOfStock) as caught:
        acts.hold(shop, {"cup": 1, "tea": 3})

    assert caught.value.extra["shortages"] == [{"sku": "tea", "asked": 3, "free": 2}]
    assert acts.postings(db) == before


def test_a_kit_beside_its_part_is_counted_on_what_both_need(db: Database) -> None:
    """Complaint 1: a bundle that needs one X, and one X, of which there is one."""
    shop = make.shop(db, stock={"A": {"x": 1}}, kits={"bundle": {"x": 1}})

    with pytest.raises(OutOfStock):
        acts.hold(shop, {"bundle": 1, "x": 1})

    assert make.free(shop, "x") == {"A": 1}


def test_a_kit_is_held_whole_from_each_place(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"screw": 7, "plate": 1}, "B": {"screw": 9, "plate": 9}},
        kits={"shelf": {"screw": 4, "plate": 1}},
        locations={"B": {"priority": 2}},
    )
    acts.adjust(shop, "B", {"screw": -4}, "lost")

    held = acts.hold(shop, {"shelf": 2})

    assert where(shop, held.id) == [
        (1, "plate", "A", 1),
        (1, "plate", "B", 1),
        (1, "screw", "A", 4),
        (1, "screw", "B", 4),
    ]


def test_places_that_do_not_ship_for_the_channel_hold_nothing(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 5}, "B": {"tea": 5}},
        locations={"A": {"can_ship": False}, "B": {"active": False}},
    )

    with pytest.raises(OutOfStock):
        acts.hold(shop, {"tea": 1})


def test_what_is_wrong_is_told_at_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}}, services=["wrap"])
    body = {"channel": "none", "lines": [{"sku": "nothing", "quantity": 1}]}

    with pytest.raises(InvalidInput) as caught:
        acts.do(db, hold_stock, msgspec.convert(body, HoldStock))
    assert [(f.pointer, f.code) for f in caught.value.errors] == [
        ("/channel", "unknown-channel"),
        ("/lines/0/sku", "unknown-sku"),
    ]
    with pytest.raises(InvalidInput) as caught:
        acts.hold(shop, {"wrap": 1})
    assert [fault.code for fault in caught.value.errors] == ["no-stock"]


@pytest.mark.parametrize("field", [{"minutes": 61}, {"lines": [{"sku": "tea", "quantity": 1001}]}])
def test_a_hold_has_its_bounds(field: dict[str, object]) -> None:
    body = {"channel": "web", "lines": [{"sku": "tea", "quantity": 1}]} | field

    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, HoldStock)


def test_a_hold_is_extended_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    held = acts.hold(shop, {"tea": 2}, minutes=1)

    longer = acts.extend(shop, held.id, minutes=30)

    assert longer.expires_at - held.expires_at > timedelta(minutes=28)
    assert (longer.version, longer.allowed_actions) == (2, ["release", "complete"])
    with db.reading(make.BOSS) as tx:
        assert read_hold_state(tx, held.id) == longer
    with pytest.raises(ActionNotAllowed):
        acts.extend(shop, held.id)
    acts.release(shop, held.id)


def test_an_extension_never_shortens(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    held = acts.hold(shop, {"tea": 2}, minutes=60)

    assert acts.extend(shop, held.id, minutes=1).expires_at == held.expires_at


def test_what_is_over_can_not_be_extended_or_released(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    held = acts.hold(shop, {"tea": 2})
    acts.let_time_pass(shop, held.id)

    for act in (acts.extend, acts.release):
        with pytest.raises(HoldOver):
            act(shop, held.id)
    with db.reading(make.BOSS) as tx:
        assert read_hold_state(tx, held.id).allowed_actions == []
    assert acts.buckets(shop, "tea", "A") == {"available": 3, "reserved": 2}
    assert expire_holds(db) == 1
    with pytest.raises(HoldOver):
        acts.release(shop, held.id)
    assert acts.buckets(shop, "tea", "A") == {"available": 5}


def test_holds_that_are_over_end_and_the_others_stay(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    over = [acts.hold(shop, {"tea": 1}) for _ in range(3)]
    open_ = acts.hold(shop, {"tea": 1})
    for held in over:
        acts.let_time_pass(shop, held.id)

    assert expire_holds(db) == 3
    assert expire_holds(db) == 0

    acts.assert_stock_sound(db)
    assert acts.buckets(shop, "tea", "A") == {"available": 8, "reserved": 1}
    assert len(where(shop, open_.id)) == 1
    last = acts.timeline(db, over[0].id)[-1]
    assert last.body == {"why": "expired", "items": {str(shop.items["tea"]): 1}}


def test_two_workers_end_each_hold_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 300, "cup": 300}})
    for _ in range(60):
        held = acts.hold(shop, {"tea": 1, "cup": 1})
        acts.let_time_pass(shop, held.id)
    ended: list[int] = []

    outcomes = acts.race([lambda: ended.append(expire_holds(db))] * 4)

    assert outcomes == ["done"] * 4
    assert sum(ended) == 60
    acts.assert_stock_sound(db)
    assert acts.buckets(shop, "tea", "A") == {"available": 300}


def test_a_hold_is_extended_or_expired_never_both(db: Database) -> None:
    """F5: whoever comes first under the lock decides by the database's clock."""
    shop = make.shop(db, stock={"A": {"tea": 50}})
    for n in range(12):
        held = acts.hold(shop, {"tea": 1})
        if n % 2:
            acts.let_time_pass(shop, held.id)
        outcomes = acts.race([partial(acts.extend, shop, held.id), partial(expire_holds, db)])
        expected = ["done", "hold-ended"] if n % 2 else ["done", "done"]
        assert sorted(outcomes) == expected
        # A hold that was locked at that moment is passed over; the next run finds it.
        expire_holds(db)
        with db.reading(make.BOSS) as tx:
            state = read_hold_state(tx, held.id)
        assert (state.ended_at is None, len(state.units)) == (n % 2 == 0, 1 - n % 2)


def test_a_foreign_hold_is_not_there(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    held = acts.hold(shop, {"tea": 1})
    bound = Actor("key", UUID(int=9), "Bound", EVERYTHING, channel_ids=frozenset())

    with db.reading(bound) as tx, pytest.raises(NotFound):
        read_hold_state(tx, held.id)
    ask = HoldStock(channel="web", lines=())
    with pytest.raises(InvalidInput):
        run(db, bound, hold_stock, ask)


def test_of_carts_racing_for_the_last_unit_one_holds_it(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})

    outcomes = acts.race([lambda: acts.hold(shop, {"tea": 1})] * 16)

    assert sorted(outcomes) == ["done"] + ["out-of-stock"] * 15
    assert acts.buckets(shop, "tea", "A") == {"reserved": 1}
