"""Tags: added, taken away, on one order or many."""

from ordito.flows.tag_order import tag_order, tag_orders
from ordito.kernel.ids import new_id
from ordito.orders.asks import TagOrder, TagOrders
from ordito.orders.tags import read_tags
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import InvalidInput
from tests import make
from tests.flows import acts


def test_tags_come_and_go_and_the_timeline_tells(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}, tags=["vip"]).id

    ask = TagOrder(order_id=order_id, add=(" gift ", "vip"), remove=("old",))
    state = acts.do(db, tag_order, ask)

    assert state.version == 3
    assert acts.last_event(shop, order_id) == {"added": ["gift"], "removed": []}
    acts.do(db, tag_order, TagOrder(order_id=order_id, remove=("vip",)))
    with db.reading(SYSTEM) as tx:
        assert read_tags(tx, [order_id]) == {order_id: ["gift"]}


def test_what_is_tagged_already_is_no_event(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}, tags=["vip"]).id

    state = acts.do(db, tag_order, TagOrder(order_id=order_id, add=("vip",)))

    assert state.version == 2
    assert acts.timeline(shop, order_id) == ["placed", "sourced"]


def test_every_fault_of_the_ask_is_told(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id

    def faults(ask: TagOrder) -> list[tuple[str, str]]:
        problem = acts.refusal(shop, lambda: acts.do(db, tag_order, ask))
        assert isinstance(problem, InvalidInput)
        return [(fault.pointer, fault.code) for fault in problem.errors]

    assert faults(TagOrder(order_id=order_id)) == [("", "required")]
    assert faults(TagOrder(order_id=order_id, add=(" ", "a"), remove=("a",))) == [
        ("/add", "required"),
        ("/remove", "contradiction"),
    ]


def test_many_orders_are_tagged_each_for_itself(db: Database) -> None:
    shop = make.shop(db)
    first, second, nowhere = (
        make.place(shop, {"tea": 1}).id,
        make.place(shop, {"tea": 1}).id,
        new_id(),
    )

    outcome = acts.do(db, tag_orders, TagOrders(order_ids=(first, nowhere, second), add=("sale",)))

    assert [item.problem is None for item in outcome.items] == [True, False, True]
    with db.reading(SYSTEM) as tx:
        assert read_tags(tx, [first, second, nowhere]) == {first: ["sale"], second: ["sale"]}
