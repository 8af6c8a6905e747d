"""What suppliers announce is incoming until it comes, comes short, or is given up."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from ordito.flows.expect_stock import (
    change_expected,
    close_expected,
    expect_stock,
    read_expected_state,
    receive_expected,
    tell_expected,
)
from ordito.flows.receive_stock import receive_stock
from ordito.inventory.asks import ReceiveStock
from ordito.inventory.expected import list_ended, list_expected
from ordito.inventory.expected_asks import (
    ChangeExpected,
    CloseExpected,
    ExpectedStock,
    ExpectReceipt,
    ReceiveExpected,
)
from ordito.inventory.levels import read_levels
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import (
    ActionNotAllowed,
    InvalidInput,
    NotFound,
    NotPermitted,
    VersionConflict,
)
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import stock_acts as acts
from tests.flows.import_files import look, put_back, take
from tests.flows.test_races import at_once

TODAY = datetime.now(UTC).date()


def day(n: int) -> str:
    return (TODAY + timedelta(days=n)).isoformat()


def expect(db: Database, quantity: int, actor: Actor = make.BOSS, **fields: Any) -> ExpectedStock:
    body = {"location": "A", "sku": "tea", "quantity": quantity, "expected_on": day(9)} | fields
    return run(db, actor, expect_stock, msgspec.convert(body, ExpectReceipt))


def act(db: Database, command: Any, kind: Any, one: ExpectedStock, **fields: Any) -> ExpectedStock:
    ask = msgspec.convert({"expected_id": str(one.id)} | fields, kind)
    done: ExpectedStock = run(db, make.BOSS, command, ask)
    return done


change = partial(act, command=change_expected, kind=ChangeExpected)
receive = partial(act, command=receive_expected, kind=ReceiveExpected)
close = partial(act, command=close_expected, kind=CloseExpected)


def incoming(shop: make.Shop, sku: str = "tea") -> int:
    with shop.db.reading(SYSTEM) as tx:
        return sum(level.incoming for level in read_levels(tx, [shop.items[sku]]))


def test_the_life_of_what_a_supplier_announced(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3, "cup": 1}, "B": {"tea": 1}})
    one = expect(db, 24, reference="PO-7")
    assert (one.open, one.state, one.version, incoming(shop)) == (24, "open", 1, 24)

    one = change(db, one=one, quantity=30, expected_on=day(12), version=1)
    assert (one.open, str(one.expected_on), incoming(shop)) == (30, day(12), 30)
    assert change(db, one=one, quantity=30).version == one.version, "nothing changed"
    one = change(db, one=one, quantity=20)
    assert incoming(shop) == 20

    one = receive(db, one=one, quantity=5, damaged=1)
    assert (one.received, one.open, one.state, incoming(shop)) == (6, 14, "open", 14)
    assert acts.buckets(shop, "tea", "A") == {"available": 8, "damaged": 1}
    one = receive(db, one=one, quantity=17, reference="DN-9")
    assert (one.received, one.over, one.state, incoming(shop)) == (23, 3, "received", 0)
    assert acts.buckets(shop, "tea", "A") == {"available": 25, "damaged": 1}

    short = expect(db, 10, reference="PO-8")
    short = receive(db, one=short, quantity=4, last=True)
    assert (short.state, short.open, incoming(shop)) == ("closed", 0, 0)
    gone = close(db, one=expect(db, 6), note="Out of print")
    assert (gone.state, incoming(shop)) == ("closed", 0)

    with db.reading(SYSTEM) as tx:
        kinds = [entry.kind for entry in read_timeline(tx, one.id)]
        assert list_expected(tx) == []
        ended = tell_expected(tx, list_ended(tx))
    assert sorted(kinds) == ["supply.changed"] * 2 + ["supply.expected"] + ["supply.received"] * 2
    assert {row.state for row in ended} == {"received", "closed"}
    assert {row.id for row in ended} == {one.id, short.id, gone.id}
    assert_well(db)


def test_what_is_wrong_is_told_and_nothing_is_booked(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3, "cup": 1}}, kits={"set": {"tea": 1, "cup": 1}})
    with pytest.raises(InvalidInput) as refused:
        expect(db, 4, location="X", sku="set", expected_on=day(-3))
    assert [fault.pointer for fault in refused.value.errors] == ["/sku", "/location"]
    with pytest.raises(InvalidInput) as refused:
        expect(db, 4, expected_on=day(-3))
    assert [fault.pointer for fault in refused.value.errors] == ["/expected_on"]

    one = receive(db, one=expect(db, 9), quantity=4)
    with pytest.raises(InvalidInput, match="1 thing"):
        change(db, one=one, quantity=4)
    with pytest.raises(VersionConflict):
        close(db, one=one, version=1)
    with pytest.raises(InvalidInput):
        receive(db, one=one)
    assert (incoming(shop), acts.buckets(shop, "tea", "A")) == (5, {"available": 7})

    there = Actor("user", make.BOSS.id, "B", frozenset(("inventory.write",)), None, frozenset())
    powerless = Actor("user", make.BOSS.id, "P", frozenset(("inventory.read",)))
    with pytest.raises(InvalidInput):
        expect(db, 1, there)
    with pytest.raises(NotPermitted):
        expect(db, 1, powerless)
    ask = CloseExpected(expected_id=one.id)
    with pytest.raises(NotFound):
        run(db, there, close_expected, ask)
    close(db, one=one)
    for again in (close, partial(receive, quantity=1), partial(change, quantity=90)):
        with pytest.raises(ActionNotAllowed):
            again(db, one=one)
    assert incoming(shop) == 0


def test_a_receipt_may_name_what_it_was_announced_as(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 1}, "B": {"tea": 1}})
    tea, cup = expect(db, 10), expect(db, 5, sku="cup")

    def book(location: str, *lines: tuple[str, int, ExpectedStock]) -> None:
        body = [{"sku": sku, "quantity": n, "expected": str(one.id)} for sku, n, one in lines]
        acts.do(db, receive_stock, msgspec.convert({"location": location, "lines": body},
                                                        ReceiveStock))  # fmt: skip

    with pytest.raises(InvalidInput) as refused:
        book("A", ("tea", 1, cup), ("cup", 1, cup))
    assert [fault.pointer for fault in refused.value.errors] == ["/lines/0/expected"]
    with pytest.raises(InvalidInput):
        book("B", ("tea", 1, tea))
    book("A", ("tea", 6, tea), ("cup", 5, cup), ("tea", 7, tea))
    with db.reading(SYSTEM) as tx:
        states = [read_expected_state(tx, one.id) for one in (tea, cup)]
    assert [(one.state, one.received, one.over) for one in states] == [
        ("received", 13, 3),
        ("received", 5, 0),
    ]
    assert (incoming(shop), incoming(shop, "cup")) == (0, 0)
    assert_well(db)


def test_receiving_and_closing_at_once_are_one_after_the_other(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})
    one = expect(db, 8)
    outcome = at_once(
        [
            partial(receive, db, one=one, quantity=3),
            partial(close, db, one=one),
            partial(receive, db, one=one, quantity=2),
        ]
    )
    came = sum(n for n, done in zip((3, 0, 2), outcome, strict=True) if n and _took(done))
    assert _took(outcome[1])
    assert acts.buckets(shop, "tea", "A") == {"available": 1 + came}
    assert incoming(shop) == 0
    assert_well(db)


def _took(done: Any) -> bool:
    return isinstance(done, ExpectedStock)


def test_a_file_announces_changes_and_takes_it_back(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 1}})
    known = expect(db, 5, reference="PO-1")
    heads = "Warehouse,SKU,Quantity,ETA,PO number\n"
    rows = [
        f"A,tea,8,{day(20)},PO-1",
        f"A,cup,40,{day(7)},PO-2",
        f"A,pot,1,{day(7)},PO-2",
        f"A,cup,0,{day(7)},PO-3",
        "A,cup,4,soon,PO-4",
    ]
    seen = look(db, "expected", heads + "\n".join(rows))
    assert seen.mapping["ETA"] == "expected_on"
    done = take(db, seen)
    assert done.counts["run"] == {"new": 1, "changed": 1, "faulty": 3}
    assert (incoming(shop), incoming(shop, "cup")) == (8, 40)
    again = take(db, look(db, "expected", heads + "\n".join(rows[:2])))
    assert again.counts["run"] == {"same": 2}
    back = put_back(db, done)
    assert back.counts["undo"] == {"undone": 2}
    with db.reading(SYSTEM) as tx:
        (left,) = tell_expected(tx, list_expected(tx))
    assert (left.id, left.qty, str(left.expected_on)) == (known.id, 5, day(9))
    assert incoming(shop, "cup") == 0
    assert_well(db)
