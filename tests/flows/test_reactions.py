"""What follows by itself: stock that becomes free goes to who waits for it."""

import msgspec

from ordito.flows import reactions
from ordito.flows.cancel_order import cancel_order
from ordito.flows.manage_locations import update_location
from ordito.flows.receive_stock import receive_stock
from ordito.inventory.asks import ReceiveStock
from ordito.locations.types import UpdateLocation
from ordito.orders.asks import CancelOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending, read_feed
from ordito.platform.followers import follow
from tests import make
from tests.flows import acts


def let_reactions_happen(db: Database) -> None:
    """What the worker does, until nothing is left to do."""
    for _ in range(10):
        with db.transaction(SYSTEM) as tx:
            move_pending(tx)
        if not follow(db, reactions.FOLLOWER):
            return


def backordered(db: Database, number: int) -> int:
    with db.connection() as conn:
        row = conn.execute(
            "SELECT sum(l.backordered) FROM orders.line AS l"
            " JOIN orders.sales_order AS o ON o.id = l.order_id WHERE o.number = %s",
            (number,),
        ).fetchone()
    assert row is not None
    return int(row[0])


def receive(db: Database, sku: str, qty: int) -> None:
    body = {"location": "A", "lines": [{"sku": sku, "quantity": qty}]}
    run(db, make.BOSS, receive_stock, msgspec.convert(body, ReceiveStock))


def test_a_receipt_serves_the_oldest_promise_first(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0, "cup": 1}})
    late = make.place(shop, {"tea": 2}, promised_on="2030-02-01")
    early = make.place(shop, {"tea": 2}, promised_on="2030-01-01")

    receive(db, "tea", 3)
    let_reactions_happen(db)

    assert backordered(db, early.number) == 0
    assert backordered(db, late.number) == 1
    assert make.free(shop, "tea") == {"A": 0}


def test_what_a_cancellation_frees_goes_to_who_waits(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}})
    first = make.place(shop, {"tea": 2})
    second = make.place(shop, {"tea": 2})

    run(db, make.BOSS, cancel_order, CancelOrder(order_id=first.id, reason="customer"))
    let_reactions_happen(db)

    assert backordered(db, second.number) == 0


def test_an_entry_that_comes_twice_has_one_effect(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0, "cup": 1}})
    make.place(shop, {"tea": 5})
    receive(db, "tea", 2)
    let_reactions_happen(db)

    with db.reading(SYSTEM) as tx:
        entries = [e for e in read_feed(tx, 0, 100) if e.kind in reactions.REACTIONS]
    reactions.react(db, entries)

    assert make.free(shop, "tea") == {"A": 0}


def test_every_reaction_is_to_a_known_event() -> None:
    from ordito.platform.events import Event

    assert set(reactions.REACTIONS) <= set(Event.kinds)


def test_a_location_that_closes_gives_its_work_away_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}, "B": {"tea": 9}})
    order_id = make.place(shop, {"tea": 2}).id
    run(db, make.BOSS, update_location, UpdateLocation(code="A", active=False))
    run(db, make.BOSS, update_location, UpdateLocation(code="A", priority=5))

    let_reactions_happen(db)

    assert acts.parts(acts.look(shop, order_id)) == [("A", "cancelled"), ("B", "open")]
    assert acts.timeline(shop, order_id).count("part_withdrawn") == 1


def test_complaint_23_who_rejected_gets_it_back_only_with_new_stock(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}})
    busy = make.place(shop, {"tea": 1}).id
    empty = make.place(shop, {"tea": 1}).id
    acts.reject(shop, busy, reason="too_busy")
    acts.reject(shop, empty, reason="out_of_stock")

    let_reactions_happen(db)
    assert make.free(shop, "tea") == {"A": 2}, "what it gave back isn't offered to it again"
    receive(db, "tea", 5)
    let_reactions_happen(db)

    assert acts.vector(acts.look(shop, busy)) == {"backordered": 1}
    assert acts.parts(acts.look(shop, empty)) == [("A", "rejected"), ("A", "open")]
