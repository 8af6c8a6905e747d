"""Other days for orders that are placed: their work is timed anew, what has begun is not."""

import contextlib
import threading
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ordito.channels.types import UpdateChannel
from ordito.flows.change_days import change_days
from ordito.flows.expect_stock import expect_stock
from ordito.flows.manage_channels import update_channel
from ordito.flows.open_scheduled import open_all_scheduled
from ordito.flows.preview_days import DaysPreview, preview_days
from ordito.flows.release_to_pick import release_to_pick
from ordito.flows.resource_order import source_order
from ordito.fulfillment.asks import ReleaseToPick
from ordito.inventory.expected_asks import ExpectReceipt
from ordito.orders.asks import ChangeDays, SourceOrder
from ordito.orders.problems import DateUnkeepable
from ordito.orders.states import OrderState
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, VersionConflict
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import acts
from tests.flows.invariants import assert_sound
from tests.flows.test_learn_promises import THERE, promise_of, timed_shop
from tests.flows.test_order_dates import day, page


def asked(order_id: UUID, **fields: Any) -> ChangeDays:
    """An ask as the API takes it."""
    return msgspec.convert({"order_id": str(order_id)} | fields, ChangeDays)


def change(db: Database, order_id: UUID, **fields: Any) -> OrderState:
    state: OrderState = acts.do(db, change_days, asked(order_id, **fields))
    return state


def look_ahead(db: Database, order_id: UUID, **fields: Any) -> DaysPreview:
    with db.reading(make.BOSS) as tx:
        return preview_days(tx, asked(order_id, **fields))


def works(db: Database, order_id: UUID) -> list[tuple[str, str | None, list[int]]]:
    """(state, day there on which it begins, line numbers) of each part that isn't cancelled."""
    return [
        (
            work.state,
            work.opens_at.astimezone(ZoneInfo("Europe/Warsaw")).date().isoformat()
            if work.opens_at
            else None,
            [line.line_no for line in work.lines if line.units],
        )
        for work in page(db, order_id).fulfillment_orders
        if work.state != "cancelled"
    ]


def count_postings(db: Database) -> int:
    with db.connection() as conn:
        row = conn.execute("SELECT count(*) FROM inventory.posting").fetchone()
    assert row is not None
    return int(row[0])


def test_work_is_parted_put_off_joined_and_opened_as_days_move(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}})
    order = make.place(shop, {"tea": 2, "cup": 1})
    postings = count_postings(db)
    ahead = look_ahead(db, order.id, lines={"1": {"requested_on": day(10)}})
    (line,), (part,) = ahead.lines, ahead.parts
    assert (line.line_no, str(line.after.requested_on), line.late) == (1, day(10), False)
    assert (part.fo_no, part.location, part.units) == (None, "A", {1: 2})
    assert (part.state_before, part.begun_before) == ("open", None)
    assert (str(part.ships_on), str(part.arrives_on)) == (day(10), day(10))
    assert acts.look(shop, order.id).version == order.version, "looking changes nothing"

    state = change(db, order.id, lines={"1": {"requested_on": day(10)}})
    assert works(db, order.id) == [("open", None, [2]), ("scheduled", day(10), [1])]
    assert acts.timeline(shop, order.id)[-2:] == ["days_changed", "part_scheduled"]
    begins = datetime.fromisoformat(acts.event(shop, order.id, "part_scheduled")["opens_at"])
    assert begins == page(db, order.id).fulfillment_orders[1].opens_at
    told = acts.event(shop, order.id, "days_changed")
    assert told["lines"] == {"1": {"requested_on": [None, day(10)]}}
    assert (told["late"], told["promised"][1]) == ([], day(10))
    shown = page(db, order.id)
    assert str(shown.promised_on) == day(10) == str(ahead.promised_on)
    assert [str(work.promised_on) for work in shown.fulfillment_orders][1] == day(10)
    again = change(db, order.id, lines={"1": {"requested_on": day(10)}})
    assert again.version == state.version, "as it is asked already"

    change(db, order.id, requested_on=day(10))
    assert works(db, order.id) == [("scheduled", day(10), [1, 2])], "one day, one parcel"
    change(db, order.id, requested_on=day(14), latest_on=day(15), cancel_after=day(20))
    assert works(db, order.id) == [("scheduled", day(14), [1, 2])]
    assert acts.event(shop, order.id, "deadlines_set") == {"lines": {"1": day(20), "2": day(20)}}
    assert acts.event(shop, order.id, "part_scheduled")["fo_no"] == 2

    change(db, order.id, requested_on=None, lines={"2": {"latest_on": None}})
    # What may arrive at once is opened at once; the line without any day is on its own again.
    assert works(db, order.id) == [("open", None, [1]), ("open", None, [2])]
    assert acts.timeline(shop, order.id)[-3:] == ["days_changed", "part_opened", "part_opened"]
    assert open_all_scheduled(db) == 0
    assert count_postings(db) == postings, "units stay reserved on their shelf"
    assert acts.vector(acts.look(shop, order.id)) == {"reserved": 2}
    assert_well(db)


def test_what_has_begun_goes_on_and_only_the_rest_gets_other_days(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3, "cup": 5}})
    order_id = make.place(shop, {"tea": 5, "cup": 1}).id
    acts.release(shop, order_id)
    problem = acts.refusal(shop, lambda: change(db, order_id, requested_on=day(9)))
    assert isinstance(problem, ActionNotAllowed)
    assert problem.extra["lines"] == [
        {"line_no": 1, "sku": "tea", "begun": 3},
        {"line_no": 2, "sku": "cup", "begun": 1},
    ]
    with pytest.raises(ActionNotAllowed):
        change(db, order_id, lines={"2": {"latest_on": day(9)}}, leave_begun=True)
    change(db, order_id, cancel_after=day(30))

    supply = {"location": "A", "sku": "tea", "quantity": 2, "expected_on": day(5)}
    run(db, make.BOSS, expect_stock, msgspec.convert(supply, ExpectReceipt))
    ahead = look_ahead(db, order_id, requested_on=day(9), leave_begun=True)
    assert [(line.line_no, line.late, line.left_alone) for line in ahead.lines] == [(1, False, 3)]
    assert (ahead.parts, str(ahead.promised_on)) == ((), day(9)), "what comes is kept until then"
    late = look_ahead(db, order_id, latest_on=day(4), leave_begun=True)
    assert [(line.late, str(line.earliest)) for line in late.lines] == [(True, day(5))]
    assert not late.refused

    run(db, make.BOSS, update_channel, UpdateChannel(code="web", unkept_dates="refuse"))
    assert look_ahead(db, order_id, latest_on=day(4), leave_begun=True).refused
    problem = acts.refusal(shop, lambda: change(db, order_id, latest_on=day(4), leave_begun=True))
    assert isinstance(problem, DateUnkeepable)
    assert problem.extra["lines"] == [
        {"line_no": 1, "sku": "tea", "asked": day(4), "earliest": day(5)}
    ]
    change(db, order_id, requested_on=day(9), leave_begun=True)
    assert works(db, order_id) == [("released", None, [1, 2])]
    make.receive(shop, {"A": {"tea": 2}})
    acts.do(db, source_order, SourceOrder(order_id=order_id))
    assert works(db, order_id)[1] == ("scheduled", day(9), [1]), "what came waits for its day"
    assert_well(db)


def test_days_that_make_no_sense_and_strangers_are_refused(db: Database) -> None:
    shop = make.shop(db, services=("wrap",))
    order_id = make.place(shop, {"tea": 1, "wrap": 1}).id
    gone = acts.shipped(shop, {"cup": 1}).id

    def faults(**fields: Any) -> list[tuple[str, str]]:
        problem = acts.refusal(shop, lambda: change(db, order_id, **fields))
        assert isinstance(problem, InvalidInput), problem
        return [(fault.pointer, fault.code) for fault in problem.errors]

    assert faults() == [("", "required")]
    assert faults(requested_on=day(-2)) == [("/requested_on", "past")]
    assert faults(lines={"1": {"not_before": day(9), "latest_on": day(3)}}) == [
        ("/lines/1/latest_on", "dates-cross")
    ]
    assert faults(latest_on=day(2000), cancel_after=day(-3)) == [
        ("/cancel_after", "past"),
        ("/latest_on", "too-far"),
    ]
    assert faults(lines={"7": {"latest_on": day(9)}}) == [("/lines/7", "unknown-line")]
    assert faults(lines={"2": {"latest_on": day(9)}}) == [("/lines/2", "takes-no-stock")]
    assert faults(not_before=day(9), cancel_after=day(5)) == [("/cancel_after", "cancelled-first")]
    change(db, order_id, not_before=day(9))
    assert faults(cancel_after=day(5)) == [("/cancel_after", "cancelled-first")]

    for kind, who, fields in (
        (VersionConflict, make.BOSS, {"order_id": str(order_id), "version": 77}),
        (ActionNotAllowed, make.BOSS, {"order_id": str(gone)}),
        (NotFound, acts.clerk(shop, "B"), {"order_id": str(order_id)}),
    ):
        ask = msgspec.convert(fields | {"latest_on": day(12)}, ChangeDays)
        problem = acts.refusal(shop, partial(acts.do, db, change_days, ask, who))
        assert isinstance(problem, kind), problem


def test_the_carrier_and_the_promise_follow_the_day(db: Database) -> None:
    shop = timed_shop(db)
    order_id = make.place(shop, {"tea": 1}, ship_to=THERE).id
    soon = promise_of(db, order_id)
    change(db, order_id, requested_on=day(20))
    kept = promise_of(db, order_id)
    assert (str(kept.delivers_on), str(kept.ships_on)) == (day(20), day(19))
    (work,) = page(db, order_id).fulfillment_orders
    assert (work.state, str(work.promised_on)) == ("scheduled", day(19))
    assert str(page(db, order_id).promised_on) == day(19)

    change(db, order_id, requested_on=None)
    assert promise_of(db, order_id).ships_on == soon.ships_on
    assert page(db, order_id).promised_on == soon.ships_on
    assert_well(db)


def test_a_release_and_another_day_at_once_are_one_of_both(db: Database) -> None:
    shop = make.shop(db)
    orders = [make.place(shop, {"tea": 1}).id for _ in range(4)]
    barrier = threading.Barrier(3 * len(orders))
    outcomes: dict[UUID, list[str]] = {id_: [] for id_ in orders}

    def attempt(order_id: UUID, name: str, function: Any, ask: Any) -> None:
        barrier.wait()
        with contextlib.suppress(ActionNotAllowed):
            run(db, make.BOSS, function, ask)
            outcomes[order_id].append(name)

    threads = []
    for order_id in orders:
        for name, function, ask in (
            ("release", release_to_pick, ReleaseToPick(order_id=order_id, fo_no=1)),
            ("days", change_days, asked(order_id, requested_on=day(9))),
            ("days", change_days, asked(order_id, requested_on=day(9))),
        ):
            threads.append(threading.Thread(target=attempt, args=(order_id, name, function, ask)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert_sound(db)
    for order_id in orders:
        ((state, _begins, _lines),) = works(db, order_id)
        told = acts.timeline(shop, order_id).count("days_changed")
        assert (state, outcomes[order_id], told) in (
            ("released", ["release"], 0),
            ("scheduled", ["days", "days"], 1),
        )
