"""A location closes with open work: what it has not begun goes elsewhere, the rest stays."""

from ordito.flows.manage_locations import update_location
from ordito.flows.move_open_work import move_open_work
from ordito.locations.types import UpdateLocation
from ordito.orders.asks import MoveOpenWork
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, NotFound, NotPermitted
from tests import make
from tests.flows import acts


def close(shop: make.Shop, code: str) -> None:
    run(shop.db, make.BOSS, update_location, UpdateLocation(code=code, active=False))


def test_closing_moves_what_is_not_begun_and_keeps_what_is(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}, "B": {"tea": 3}})
    begun = make.place(shop, {"tea": 1}).id
    acts.release(shop, begun)
    waits = make.place(shop, {"tea": 2}).id
    nobody_has = make.place(shop, {"cup": 1}).id
    collected = make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="A").id
    close(shop, "A")

    done = acts.do(db, move_open_work, MoveOpenWork(location="A", orders_max=2))
    assert (done.orders, done.after is None) == (2, False)
    rest = acts.do(db, move_open_work, MoveOpenWork(location="A", orders_max=2, after=done.after))

    assert (rest.orders, rest.after) == (1, None)
    assert (done.moved + rest.moved, done.waiting + rest.waiting) == (2, 2)
    assert acts.parts(acts.look(shop, begun)) == [("A", "released")]
    assert acts.parts(acts.look(shop, waits)) == [("A", "cancelled"), ("B", "open")]
    assert acts.vector(acts.look(shop, nobody_has)) == {"backordered": 1}
    assert acts.vector(acts.look(shop, collected)) == {"backordered": 1}, "never silently elsewhere"
    assert acts.open_tasks(shop) == [("shortage", 1, 1), ("shortage", 1, 1)]
    assert acts.timeline(shop, waits)[-2:] == ["part_withdrawn", "sourced"]
    assert acts.event(shop, waits, "part_withdrawn")["why"] == "location_closed"
    again = acts.do(db, move_open_work, MoveOpenWork(location="A"))
    assert (again.orders, again.moved, again.waiting) == (0, 0, 0)


def test_an_open_location_keeps_its_work(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id

    ask = MoveOpenWork(location="A")
    problem = acts.refusal(shop, lambda: acts.do(db, move_open_work, ask))
    assert isinstance(problem, ActionNotAllowed)
    close(shop, "A")
    clerk = acts.clerk(shop, "A")
    problem = acts.refusal(shop, lambda: acts.do(db, move_open_work, ask, clerk))
    assert isinstance(problem, NotPermitted)
    problem = acts.refusal(shop, lambda: acts.do(db, move_open_work, MoveOpenWork(location="X")))
    assert isinstance(problem, NotFound)
    assert acts.parts(acts.look(shop, order_id)) == [("A", "open")]
