"""Notes and marks on an order."""

from uuid import UUID

import msgspec

from ordito.flows.annotate_order import add_note, mark_order, see_mentions
from ordito.flows.manage_access import CreateUser, create_user
from ordito.listings.home import HomeParams, read_home
from ordito.orders.asks import AddNote, MarkOrder, SeeMentions
from ordito.orders.mentions import find_mentioned
from ordito.orders.notes import read_notes
from ordito.orders.orders import read_orders
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.accounts import actor_of_user
from ordito.platform.database import Database
from ordito.platform.door import run
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


def colleague(db: Database, email: str, name: str) -> Actor:
    ask = CreateUser(email=email, name=name, permissions=("orders.read",))
    return actor_of_user(run(db, SYSTEM, create_user, ask))


def mentions(db: Database, reader: Actor) -> list[tuple[int | None, str, str | None]]:
    with db.reading(reader) as tx:
        groups = read_home(tx, HomeParams()).needs
    return [
        (need.number, need.title, need.owner)
        for group in groups
        if group.kind == "mention"
        for need in group.items
    ]


def test_a_note_that_names_someone_waits_on_their_home_page_until_seen(db: Database) -> None:
    shop = make.shop(db)
    order = make.place(shop, {"tea": 1})
    ola = colleague(db, "ola@example.com", "Ola Kot")
    jan = colleague(db, "jan@example.com", "Jan Kowal")
    acts.do(db, add_note, AddNote(order_id=order.id, body="@ola kot: call her back, @nobody"))

    assert mentions(db, ola) == [(order.number, "@ola kot: call her back, @nobody", "Test boss")]
    assert mentions(db, jan) == []
    seen = acts.do(db, see_mentions, SeeMentions(order_id=order.id), ola)
    assert (seen.notes, mentions(db, ola)) == (1, [])


def test_nobody_sees_mentions_in_channels_out_of_scope(db: Database) -> None:
    shop = make.shop(db)
    order = make.place(shop, {"tea": 1})
    ola = colleague(db, "ola@example.com", "Ola Kot")
    acts.do(db, add_note, AddNote(order_id=order.id, body="@ola"))
    elsewhere = msgspec.structs.replace(ola, channel_ids=frozenset([UUID(int=1)]))

    assert mentions(db, elsewhere) == []
    see = SeeMentions(order_id=order.id)
    assert isinstance(
        acts.refusal(shop, lambda: acts.do(db, see_mentions, see, elsewhere)), NotFound
    )
    assert len(mentions(db, ola)) == 1


def test_the_longest_name_is_meant() -> None:
    ann, ann_lee = UUID(int=1), UUID(int=2)
    people = [(ann, ("Ann",)), (ann_lee, ("Ann Lee", "annlee"))]
    cases = {
        "@Ann Lee, look": [ann_lee],
        "@ann look": [ann],
        "@anna": [],
        "mail@ann": [],
        "ann lee": [],
        "@ANNLEE and @ann": [ann_lee, ann],
    }
    for body, meant in cases.items():
        assert find_mentioned(body, people) == meant, body
