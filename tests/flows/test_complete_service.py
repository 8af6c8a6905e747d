"""Services: completed by hand, and the order closes with the last of them."""

from ordito.flows.complete_service import complete_service
from ordito.orders.asks import CompleteService
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed
from tests import make
from tests.flows import acts


def test_an_order_of_services_closes_when_all_are_rendered(db: Database) -> None:
    shop = make.shop(db, services=["engraving"])
    order_id = make.place(shop, {"engraving": 2}).id

    state = acts.do(db, complete_service, CompleteService(order_id=order_id, lines={"1": 1}))
    assert (state.life, state.fulfilment) == ("open", "partially_fulfilled")
    state = acts.do(db, complete_service, CompleteService(order_id=order_id))

    assert (state.life, state.fulfilment) == ("closed", "fulfilled")
    assert acts.vector(state) == {"completed": 2}
    assert acts.last_event(shop, order_id) == {"lines": {"1": 1}}


def test_goods_are_not_completed_by_hand(db: Database) -> None:
    shop = make.shop(db, services=["engraving"])
    order_id = make.place(shop, {"engraving": 1, "tea": 1}).id

    def complete(lines: dict[int, int]) -> object:
        return acts.do(
            db, complete_service, CompleteService(order_id=order_id, lines=acts.keyed(lines))
        )

    problem = acts.refusal(shop, lambda: complete({2: 1}))
    assert isinstance(problem, ActionNotAllowed)
    assert problem.detail.startswith("Line 2 has 0 units of service left, not 1.")
    assert isinstance(acts.refusal(shop, lambda: complete({1: 2})), ActionNotAllowed)


def test_without_services_the_action_is_not_offered(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id

    problem = acts.refusal(
        shop, lambda: acts.do(db, complete_service, CompleteService(order_id=order_id))
    )

    assert isinstance(problem, ActionNotAllowed)
    assert "complete_service" not in problem.extra["allowed_actions"]
