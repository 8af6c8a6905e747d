"""Releasing to picking: one and many, never what is held."""

from ordito.flows.hold_order import hold_order
from ordito.flows.release_to_pick import release_fulfillment_orders, release_to_pick
from ordito.fulfillment.asks import ReleaseManyToPick, ReleaseToPick
from ordito.fulfillment.types import fo_id
from ordito.kernel.ids import new_id
from ordito.orders.asks import HoldOrder, OwnedHold
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed, NotFound, VersionConflict
from tests import make
from tests.flows import acts


def test_release_moves_what_is_reserved_there_and_no_stock(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    order_id = make.place(shop, {"tea": 2, "cup": 1}).id

    state = acts.release(shop, order_id)

    assert [acts.vector(state, no) for no in (1, 2)] == [{"released": 2}, {"released": 1}]
    assert (state.fulfilment, acts.parts(state)) == ("in_progress", [("A", "released")])
    assert state.fulfillment_orders[0].allowed_actions == (
        "start",
        "pick",
        "report_short",
        "reject",
    )
    assert acts.level(shop, "tea", "A") == {"on_hand": 5, "available": 3, "reserved": 2}
    assert acts.last_event(shop, order_id) == {"fo_no": 1, "location": "A", "units": 3}


def test_what_was_released_is_not_released_again(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    acts.release(shop, order_id)

    problem = acts.refusal(shop, lambda: acts.release(shop, order_id))

    assert isinstance(problem, ActionNotAllowed)
    assert problem.detail == (
        "The fulfillment order is released; this needs one that is open. Nothing was changed."
    )
    assert problem.extra["allowed_actions"] == ["start", "pick", "report_short", "reject"]


def test_an_older_version_of_the_part_is_refused(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    acts.release(shop, order_id)
    ask = ReleaseToPick(order_id=order_id, fo_no=1, version=1)

    problem = acts.refusal(shop, lambda: acts.do(db, release_to_pick, ask))

    assert isinstance(problem, VersionConflict)
    assert problem.extra == {"version": 2}


def test_another_location_s_part_looks_as_if_it_did_not_exist(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}})
    order = make.place(shop, {"tea": 2})
    number = {part.location: int(part.id.rpartition(".")[2]) for part in order.fulfillment_orders}
    clerk = acts.clerk(shop, "A")

    def release(code: str) -> object:
        ask = ReleaseToPick(order_id=order.id, fo_no=number[code])
        return acts.do(db, release_to_pick, ask, clerk)

    assert isinstance(acts.refusal(shop, lambda: release("B")), NotFound)
    state = release("A")
    assert acts.parts(state) == [("A", "released")]  # type: ignore[arg-type]


def test_many_are_released_each_for_itself(db: Database) -> None:
    shop = make.shop(db)
    good, held, other = (make.place(shop, {"tea": 1}).id for _ in range(3))
    acts.do(db, hold_order, HoldOrder(order_id=held, holds=(OwnedHold("fraud"),)))
    nowhere = new_id()
    asks = tuple(ReleaseToPick(order_id=id_, fo_no=1) for id_ in (good, held, nowhere, other, good))

    outcome = acts.do(db, release_fulfillment_orders, ReleaseManyToPick(asks=asks))

    assert [item.id for item in outcome.items] == [
        fo_id(id_, 1) for id_ in (good, held, nowhere, other)
    ]
    assert [item.problem and item.problem.status for item in outcome.items] == [
        None,
        409,
        404,
        None,
    ]
    assert outcome.items[1].problem.body["allowed_actions"] == ["reject"]
    assert acts.timeline(shop, held) == ["placed", "sourced", "held"]
    assert acts.timeline(shop, other) == ["placed", "sourced", "units_released"]


def test_two_parts_of_one_order_are_released_together(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}})
    order_id = make.place(shop, {"tea": 2}).id
    asks = tuple(ReleaseToPick(order_id=order_id, fo_no=no) for no in (1, 2))

    outcome = acts.do(db, release_fulfillment_orders, ReleaseManyToPick(asks=asks))

    assert acts.vector(outcome.items[1].order) == {"released": 2}
    assert outcome.items[1].order.version == 4
