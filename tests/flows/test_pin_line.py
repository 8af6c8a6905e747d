"""A line shipped from one location only: what moves there, what stays, and what is refused."""

import threading

from ordito.flows.pin_line import pin_line
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.fulfillment.asks import RejectFulfillmentOrder
from ordito.orders.asks import PinLine
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import (
    ActionNotAllowed,
    InvalidInput,
    NotFound,
    NotPermitted,
    Problem,
    VersionConflict,
)
from tests import make
from tests.flows import acts
from tests.flows.invariants import assert_sound

STOCK = {"A": {"tea": 5, "cup": 5}, "B": {"tea": 5, "cup": 5}}


def test_a_pinned_line_moves_and_the_others_stay(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    order_id = make.place(shop, {"tea": 2, "cup": 1}).id
    assert make.free(shop, "tea") == {"A": 3, "B": 5}

    state = acts.pin(shop, order_id, "B")

    assert acts.parts(state) == [("A", "open"), ("B", "open")]
    assert make.free(shop, "tea") == {"A": 5, "B": 3}
    assert make.free(shop, "cup") == {"A": 4, "B": 5}
    assert acts.timeline(shop, order_id)[-3:] == ["line_pinned", "part_withdrawn", "sourced"]
    assert acts.event(shop, order_id, "part_withdrawn") == {
        "fo_no": 1,
        "location": "A",
        "why": "pinned",
        "lines": {"1": 2},
    }

    again = acts.pin(shop, order_id, "B")
    assert again.version == state.version, "as asked already: nothing happens"
    loose = acts.pin(shop, order_id, None)
    assert acts.parts(loose) == acts.parts(state), "letting go moves nothing"
    assert acts.last_event(shop, order_id) == {"line_no": 1, "location": "B"}
    assert acts.pin(shop, order_id, None).version == loose.version


def test_too_few_units_there_is_refused_unless_the_rest_may_wait(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 1}})
    order_id = make.place(shop, {"tea": 3}).id

    problem = acts.refusal(shop, lambda: acts.pin(shop, order_id, "B"))
    assert isinstance(problem, ActionNotAllowed)
    assert "B can serve 1 of the 3 units" in (problem.detail or "")
    assert make.free(shop, "tea") == {"A": 2, "B": 1}

    state = acts.pin(shop, order_id, "B", wait=True)
    assert acts.vector(state) == {"reserved": 1, "backordered": 2}
    assert acts.open_tasks(shop) == [("shortage", 1, 2)]


def test_what_a_location_has_begun_stays_with_it(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)

    state = acts.pin(shop, order_id, "B")

    assert acts.parts(state) == [("A", "released")]
    assert acts.vector(state) == {"released": 2}


def test_pins_that_make_no_sense_are_refused(db: Database) -> None:
    shop = make.shop(db, stock=STOCK, services=["wrap"], locations={"C": {"active": False}})
    order_id = make.place(shop, {"tea": 1, "wrap": 1}).id
    picked_up = make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="A").id
    gone = acts.shipped(shop, {"cup": 1}).id

    def refused(kind: type[Problem], id_: object, place: str | None, **more: object) -> None:
        fields = {"order_id": id_, "line_no": 1, "location": place} | more
        ask = PinLine(**fields)  # type: ignore[arg-type]
        problem = acts.refusal(shop, lambda: acts.do(db, pin_line, ask))
        assert isinstance(problem, kind), problem

    refused(InvalidInput, order_id, "nowhere")
    refused(InvalidInput, order_id, "HIST")
    refused(InvalidInput, order_id, "C")
    refused(InvalidInput, order_id, "B", line_no=2)
    refused(InvalidInput, order_id, "B", line_no=3)
    refused(InvalidInput, picked_up, "B")
    refused(VersionConflict, order_id, "B", version=99)
    refused(ActionNotAllowed, gone, "B")


def test_who_sees_one_location_neither_names_nor_empties_others(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    order_id = make.place(shop, {"tea": 1, "cup": 1}).id
    acts.pin(shop, order_id, "B", line_no=2)
    clerk = acts.clerk(shop, "B")

    def pin(location: str) -> Problem:
        ask = PinLine(order_id=order_id, line_no=1, location=location)
        return acts.refusal(shop, lambda: acts.do(db, pin_line, ask, clerk))

    assert isinstance(pin("A"), InvalidInput)
    assert isinstance(pin("B"), NotPermitted)
    other = make.place(shop, {"tea": 1}).id
    ask = PinLine(order_id=other, line_no=1, location="B")
    assert isinstance(acts.refusal(shop, lambda: acts.do(db, pin_line, ask, clerk)), NotFound)


def test_pinning_while_the_location_says_no_conserves_all_units(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 6}, "B": {"tea": 3}, "C": {"tea": 6}})
    orders = [make.place(shop, {"tea": 1}).id for _ in range(6)]
    barrier = threading.Barrier(12)
    faults: list[BaseException] = []

    def act(command: object, ask: object) -> None:
        barrier.wait()
        try:
            run(db, make.BOSS, command, ask)  # type: ignore[arg-type]
        except (ActionNotAllowed, NotFound):
            pass
        except BaseException as fault:
            faults.append(fault)

    acted: list[tuple[object, object]] = []
    for id_ in orders:
        acted.append((pin_line, PinLine(order_id=id_, line_no=1, location="B")))
        no = RejectFulfillmentOrder(order_id=id_, fo_no=1, reason="too_busy")
        acted.append((reject_fulfillment_order, no))
    threads = [threading.Thread(target=act, args=pair) for pair in acted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert faults == []
    assert_sound(db)
    assert sum(make.free(shop, "tea").values()) >= 15 - 6
    assert make.free(shop, "tea")["B"] >= 0
