"""Who may ask for less than an order costs."""

from functools import partial
from typing import Any

import msgspec
import pytest

from ordito.flows.discount_rights import as_channel
from ordito.flows.place_orders import place_orders
from ordito.flows.preview_order import preview_order
from ordito.kernel.ids import new_id
from ordito.orders.types import PlacedOrder, PlaceOrder
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import prepare, run, run_many
from ordito.platform.problems import NotPermitted
from tests import make
from tests.flows import acts

CLERK = Actor("user", new_id(), "Clerk", frozenset({"orders.read", "orders.write"}))
PROGRAM = msgspec.structs.replace(CLERK, kind="key")
HEAD = msgspec.structs.replace(CLERK, permissions=CLERK.permissions | {"orders.discount"})


def ask(**fields: Any) -> PlaceOrder:
    return msgspec.convert(make.ask({"tea": 2}) | fields, PlaceOrder)


def line(**fields: Any) -> list[dict[str, Any]]:
    return [{"sku": "tea", "quantity": 2, **fields}]


def placed(db: Database, actor: Actor, asked: PlaceOrder) -> bool:
    answer: Any = run(db, actor, place_orders, asked)
    return isinstance(answer, PlacedOrder)


def test_a_person_needs_the_permission_for_every_kind_of_discount(db: Database) -> None:
    shop = make.shop(db)
    off = [{"kind": "fee", "amount_minor": 10}, {"kind": "discount", "amount_minor": 100}]
    asks = {
        "/adjustments/1": ask(adjustments=off),
        "/lines/0/discount_minor": ask(lines=line(discount_minor=1)),
        "/lines/0/unit_price": ask(lines=line(unit_price="0.01")),
        "/totals/total_minor": ask(totals={"total_minor": 1}),
    }
    for pointer, asked in asks.items():
        problem = acts.refusal(shop, partial(acts.do, db, place_orders, asked, CLERK))
        assert isinstance(problem, NotPermitted)
        assert [fault.pointer for fault in problem.errors] == [pointer]
        assert problem.extra == {"permission": "orders.discount"}
        with db.reading(CLERK) as tx, pytest.raises(NotPermitted):
            preview_order(tx, asked)
    assert all(placed(db, HEAD, asked) for asked in asks.values())
    dearer = [ask(), ask(lines=line(unit_price="1000")), ask(adjustments=off[:1])]
    assert all(placed(db, CLERK, asked) for asked in dearer)


def test_one_refused_discount_spoils_no_batch(db: Database) -> None:
    make.shop(db)
    asks = [ask(), ask(lines=line(discount_minor=1)), ask()]

    answers = run_many(db, place_orders, [prepare(CLERK, place_orders, a) for a in asks])

    assert [type(answer) for answer in answers] == [PlacedOrder, NotPermitted, PlacedOrder]


def test_what_a_channel_says_was_paid_is_kept(db: Database) -> None:
    make.shop(db)
    paid = ask(lines=line(discount_minor=1))
    assert placed(db, PROGRAM, paid)
    assert placed(db, as_channel(CLERK), paid), "a person carries in what the channel wrote"
