"""Notes and marks on an order."""

from ordito.flows.annotate_order import add_note, mark_order
from ordito.orders.asks import AddNote, MarkOrder
from ordito.orders.notes import read_notes
from ordito.orders.orders import read_orders
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import InvalidInput, NotFound
from tests import make
from tests.flows import acts


def test_notes_are_numbered_and_never_in_the_event(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}, note="Ring twice").id

    ask = AddNote(order_id=order_id, body=" Jan Kowalski called, card 4111111111111111 ")
    acts.do(db, add_note, ask)

    with db.reading(SYSTEM) as tx:
        notes = read_notes(tx, order_id)
    assert [(note.note_no, note.author, note.body) for note in notes] == [
        (1, "Test boss", "Ring twice"),
        (2, "Test boss", "Jan Kowalski called, card 411111******1111"),
    ]
    assert acts.last_event(shop, order_id) == {"note_no": 2}


def test_an_empty_note_is_refused(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id

    ask = AddNote(order_id=order_id, body=" \n ")
    problem = acts.refusal(shop, lambda: acts.do(db, add_note, ask))

    assert isinstance(problem, InvalidInput)
    assert problem.errors[0].pointer == "/body"


def test_a_mark_stays_until_it_is_named(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}, code="FAIR24").id

    acts.do(db, mark_order, MarkOrder(order_id=order_id, kind="sample"))
    assert acts.last_event(shop, order_id) == {"order_kind": "sample", "code": "FAIR24"}
    acts.do(db, mark_order, MarkOrder(order_id=order_id, code=None))
    state = acts.do(db, mark_order, MarkOrder(order_id=order_id, kind="sample"))

    with db.reading(SYSTEM) as tx:
        order = read_orders(tx, [order_id])[order_id]
    assert (order.kind, order.code, order.version, state.version) == ("sample", None, 4, 4)


def test_who_sees_no_part_of_the_order_can_not_note_it(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"cup": 1}})
    order_id = make.place(shop, {"tea": 1}).id
    ask = AddNote(order_id=order_id, body="x")

    problem = acts.refusal(shop, lambda: acts.do(db, add_note, ask, acts.clerk(shop, "B")))

    assert isinstance(problem, NotFound)
    assert acts.do(db, add_note, ask, acts.clerk(shop, "A")).version == 3
