"""F14, F15: acts on one order at the same moment; one serial order explains what came of them."""

import itertools
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from ordito.flows.cancel_order import cancel_order
from ordito.flows.hold_order import hold_order
from ordito.flows.order_states import order_state
from ordito.flows.pick_units import pick_units
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.report_short import report_short
from ordito.flows.ship_units import deliver_units, ship_units
from ordito.fulfillment import asks as work_asks
from ordito.orders import asks
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, Problem, VersionConflict
from tests import make
from tests.flows import acts
from tests.flows.invariants import assert_sound

Call = Callable[[make.Shop, UUID], Any]


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run calls in threads that begin together; each gives its answer or its Problem."""
    barrier = threading.Barrier(len(calls))
    outcome: list[Any] = [None] * len(calls)

    def go(i: int) -> None:
        barrier.wait()
        try:
            outcome[i] = calls[i]()
        except BaseException as fault:
            outcome[i] = fault

    threads = [threading.Thread(target=go, args=(i,)) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for answer in outcome:
        assert answer is not None
        assert not isinstance(answer, BaseException) or isinstance(answer, Problem), answer
    return outcome


def act(function: Callable[..., Any], ask: Callable[[UUID], Any]) -> Call:
    return lambda shop, order_id: run(shop.db, make.BOSS, function, ask(order_id))


CANCEL = act(cancel_order, lambda id_: asks.CancelOrder(order_id=id_, reason="late"))
CANCEL_ONE = act(
    cancel_order, lambda id_: asks.CancelOrder(order_id=id_, reason="late", lines={"1": 1})
)
HOLD = act(hold_order, lambda id_: asks.HoldOrder(order_id=id_, holds=(asks.OwnedHold("fraud"),)))
PICK = act(pick_units, lambda id_: work_asks.PickUnits(order_id=id_, fo_no=1))
SHIP = act(ship_units, lambda id_: work_asks.ShipUnits(order_id=id_, fo_no=1, carrier="DHL"))
DELIVER = act(deliver_units, lambda id_: work_asks.DeliverUnits(order_id=id_, fo_no=1))
REJECT = act(
    reject_fulfillment_order,
    lambda id_: work_asks.RejectFulfillmentOrder(order_id=id_, fo_no=1, reason="busy"),
)
SHORT = act(report_short, lambda id_: work_asks.ReportShort(order_id=id_, fo_no=1, lines={"1": 1}))


def outcome_of(answer: Any) -> str:
    return "refused" if isinstance(answer, Problem) else "done"


PACKED = {"cancel": CANCEL, "cancel_one": CANCEL_ONE, "hold": HOLD, "deliver": DELIVER}

# What the two serial orders of shipping 2 packed units and a rival lead to.
EXPLAINED: dict[str, list[Any]] = {
    "cancel": [("done", "refused", {"shipped": 2}), ("refused", "done", {"cancelled": 2})],
    "cancel_one": [
        ("done", "refused", {"shipped": 2}),
        ("done", "done", {"cancelled": 1, "shipped": 1}),
    ],
    "hold": [("done", "done", {"shipped": 2}), ("refused", "done", {"packed": 2})],
    "deliver": [
        ("done", "done", {"shipped": 2, "delivered": 2}),
        ("done", "refused", {"shipped": 2}),
    ],
}


@pytest.mark.parametrize("rival", PACKED)
def test_f15_what_is_shipped_is_never_put_back_too(shop: make.Shop, rival: str) -> None:
    for _ in range(4):
        order_id = _released(shop, 2)
        acts.pick(shop, order_id)
        acts.pack(shop, order_id)

        answers = at_once([partial(SHIP, shop, order_id), partial(PACKED[rival], shop, order_id)])

        assert_sound(shop.db)
        told = (*map(outcome_of, answers), acts.vector(_state(shop, order_id)))
        assert told in EXPLAINED[rival]


@pytest.fixture
def shop(db: Database) -> make.Shop:
    """A shop with plenty of stock at two places."""
    return make.shop(db, stock={"A": {"tea": 500}, "B": {"tea": 500}})


def _state(shop: make.Shop, order_id: UUID) -> OrderState:
    with shop.db.reading(SYSTEM) as tx:
        return order_state(tx, order_id)


RELEASED: dict[str, Call] = {
    "cancel": CANCEL,
    "cancel_one": CANCEL_ONE,
    "hold": HOLD,
    "pick": PICK,
    "reject": REJECT,
    "short": SHORT,
}


@pytest.mark.parametrize("names", list(itertools.combinations(RELEASED, 2)), ids="-".join)
def test_f14_two_acts_at_once_are_like_one_after_the_other(
    shop: make.Shop, names: tuple[str, str]
) -> None:
    serial = [_play(shop, [RELEASED[name] for name in order]) for order in (names, names[::-1])]
    allowed = [serial[0], (serial[1][0][::-1], *serial[1][1:])]

    for _ in range(3):
        order_id = _released(shop)
        answers = at_once([partial(RELEASED[name], shop, order_id) for name in names])
        assert_sound(shop.db)
        assert _told(shop, order_id, answers) in allowed


@pytest.mark.parametrize(
    "names", list(itertools.combinations(("cancel_one", "hold", "pick", "reject"), 3)), ids="-".join
)
def test_f14_three_acts_at_once_are_like_one_after_the_other(
    shop: make.Shop, names: tuple[str, ...]
) -> None:
    allowed = []
    for order in itertools.permutations(range(3)):
        outcomes, vector, parts = _play(shop, [RELEASED[names[i]] for i in order])
        by_name = tuple(outcomes[order.index(i)] for i in range(3))
        allowed.append((by_name, vector, parts))

    for _ in range(3):
        order_id = _released(shop)
        answers = at_once([partial(RELEASED[name], shop, order_id) for name in names])
        assert_sound(shop.db)
        assert _told(shop, order_id, answers) in allowed


def _released(shop: make.Shop, units: int = 3) -> UUID:
    order_id: UUID = make.place(shop, {"tea": units}).id
    acts.release(shop, order_id)
    return order_id


def _play(shop: make.Shop, calls: Sequence[Call]) -> Any:
    """What acts one after the other lead to."""
    order_id = _released(shop)
    answers = []
    for call in calls:
        try:
            answers.append(call(shop, order_id))
        except Problem as problem:
            answers.append(problem)
    return _told(shop, order_id, answers)


def _told(shop: make.Shop, order_id: UUID, answers: Sequence[Any]) -> Any:
    state = _state(shop, order_id)
    return tuple(map(outcome_of, answers)), acts.vector(state), acts.parts(state)


def test_f14_of_two_with_the_same_version_one_is_told_to_read_again(shop: make.Shop) -> None:
    order_id = make.place(shop, {"tea": 3}).id

    def cancel_one() -> Any:
        ask = asks.CancelOrder(order_id=order_id, version=2, reason="x", lines={"1": 1})
        return run(shop.db, make.BOSS, cancel_order, ask)

    answers = at_once([cancel_one] * 4)

    assert sorted(map(outcome_of, answers)) == ["done", "refused", "refused", "refused"]
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert all(isinstance(problem, VersionConflict) for problem in refused)
    assert {problem.extra["version"] for problem in refused} == {3}
    assert acts.vector(_state(shop, order_id)) == {"cancelled": 1, "reserved": 2}


def test_f14_units_cancelled_by_many_are_cancelled_once(shop: make.Shop) -> None:
    order_id = make.place(shop, {"tea": 5}, payment={"method": "card"}).id

    answers = at_once([partial(CANCEL_ONE, shop, order_id)] * 8)

    assert sorted(map(outcome_of, answers)) == ["done"] * 5 + ["refused"] * 3
    assert all(isinstance(a, ActionNotAllowed) for a in answers if isinstance(a, Problem))
    assert_sound(shop.db)
    assert acts.vector(_state(shop, order_id)) == {"cancelled": 5}
