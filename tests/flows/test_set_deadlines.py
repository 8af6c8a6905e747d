"""Until when lines may wait: set by staff, cancelled by the clock."""

import contextlib
import threading
from datetime import UTC, date, datetime, timedelta

from ordito.flows.set_deadlines import cancel_all_overdue, set_deadlines
from ordito.flows.ship_units import ship_units
from ordito.fulfillment.asks import ShipUnits
from ordito.orders.asks import SetDeadlines
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, VersionConflict
from tests import make
from tests.flows import acts
from tests.flows.invariants import assert_sound

FAR = date(2099, 12, 31)


def let_pass(shop: make.Shop) -> None:
    """All deadlines are over."""
    with make.owner(shop.db) as conn:
        conn.execute("UPDATE orders.line_deadline SET cancel_after = '2020-01-01'")


def test_what_is_past_its_deadline_is_cancelled_and_the_rest_stays(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2, "cup": 5}})
    order_id = make.place(shop, {"tea": 3, "cup": 1}).id
    other = make.place(shop, {"cup": 1}).id
    ask = SetDeadlines(order_id=order_id, lines={"1": FAR})
    state = acts.do(db, set_deadlines, ask)
    assert acts.last_event(shop, order_id) == {"lines": {"1": "2099-12-31"}}
    assert acts.do(db, set_deadlines, ask).version == state.version, "as asked already"
    acts.do(db, set_deadlines, SetDeadlines(order_id=other, lines={"1": FAR}))
    assert cancel_all_overdue(db) == 0
    let_pass(shop)
    acts.do(db, set_deadlines, SetDeadlines(order_id=other, lines={"1": None}))

    assert cancel_all_overdue(db) == 3
    assert_sound(db)

    assert acts.vector(acts.look(shop, order_id)) == {"cancelled": 3}
    assert acts.vector(acts.look(shop, order_id), 2) == {"reserved": 1}
    assert acts.vector(acts.look(shop, other)) == {"reserved": 1}
    assert make.free(shop, "tea") == {"A": 2}
    told = acts.event(shop, order_id, "units_cancelled")
    assert (told["reason"], told["lines"], told["value_minor"]) == ("past_deadline", {"1": 3}, 3000)
    assert cancel_all_overdue(db) == 0


def test_days_that_are_over_and_wrong_lines_are_refused(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    gone = acts.shipped(shop, {"cup": 1}).id
    yesterday = datetime.now(UTC).date() - timedelta(days=2)

    def refused(kind: type[Exception], **fields: object) -> None:
        ask = SetDeadlines(**fields)  # type: ignore[arg-type]
        problem = acts.refusal(shop, lambda: acts.do(db, set_deadlines, ask))
        assert isinstance(problem, kind), problem

    refused(InvalidInput, order_id=order_id, lines={"1": yesterday})
    refused(InvalidInput, order_id=order_id, lines={"2": FAR})
    refused(VersionConflict, order_id=order_id, lines={"1": FAR}, version=9)
    refused(ActionNotAllowed, order_id=gone, lines={"1": FAR})
    ask = SetDeadlines(order_id=order_id, lines={"1": FAR})
    clerk = acts.clerk(shop, "B")
    problem = acts.refusal(shop, lambda: acts.do(db, set_deadlines, ask, clerk))
    assert isinstance(problem, NotFound)


def test_shipping_at_the_deadline_is_shipped_or_cancelled_never_both(db: Database) -> None:
    shop = make.shop(db)
    orders = []
    for _ in range(4):
        order_id = make.place(shop, {"tea": 1}).id
        acts.release(shop, order_id)
        acts.pick(shop, order_id)
        acts.pack(shop, order_id)
        acts.do(db, set_deadlines, SetDeadlines(order_id=order_id, lines={"1": FAR}))
        orders.append(order_id)
    let_pass(shop)
    barrier = threading.Barrier(len(orders) + 2)

    def ship(order_id: object) -> None:
        barrier.wait()
        ask = ShipUnits(order_id=order_id, fo_no=1, carrier="DHL")  # type: ignore[arg-type]
        with contextlib.suppress(ActionNotAllowed):
            run(db, make.BOSS, ship_units, ask)

    def clock() -> None:
        barrier.wait()
        cancel_all_overdue(db)

    threads = [threading.Thread(target=ship, args=(id_,)) for id_ in orders]
    threads += [threading.Thread(target=clock) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert_sound(db)
    for order_id in orders:
        vector = acts.vector(acts.look(shop, order_id))
        assert vector in ({"shipped": 1}, {"cancelled": 1})
    with db.connection() as conn:
        assert conn.execute("SELECT count(*) FROM orders.line_deadline").fetchone() == (0,)
