"""Who waits is told when the units come, on pages and by mail, and shops what they can promise."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from ordito.flows.announce_supply import announce_supply
from ordito.flows.expect_stock import change_expected, close_expected, expect_stock
from ordito.flows.tell_availability import AskDelivery, get_delivery_availability
from ordito.flows.tell_customers import customer_mails
from ordito.inventory.expected_asks import (
    ChangeExpected,
    CloseExpected,
    ExpectedStock,
    ExpectReceipt,
)
from ordito.listings.late_orders import find_late
from ordito.listings.order_page import read_order_page
from ordito.notifications.mails import read_order_mails
from ordito.notifications.tracking import find_link
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending
from ordito.platform.followers import follow
from ordito.web.pages.track import answer_link
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import stock_acts
from tests.flows import transfer_acts as goods
from tests.flows.test_order_dates import kinds

TODAY = datetime.now(UTC).date()
MAILS = customer_mails("https://orders.example.com")


def day(n: int) -> str:
    return (TODAY + timedelta(days=n)).isoformat()


def expect(shop: make.Shop, quantity: int, on: int, **fields: Any) -> ExpectedStock:
    body = {"location": "A", "sku": "tea", "quantity": quantity, "expected_on": day(on)}
    return run(shop.db, make.BOSS, expect_stock, msgspec.convert(body | fields, ExpectReceipt))


def shown(db: Database, order_id: UUID) -> list[list[tuple[int, str, str]]]:
    """What the order's page says of each line: (units, day, reference)."""
    with db.reading(make.BOSS) as tx:
        page = read_order_page(tx, order_id)
    return [
        [(one.units, one.expected_on.isoformat(), one.reference) for one in line.expected]
        for line in page.lines
    ]


def tell(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        move_pending(tx)
    follow(db, MAILS)


def delays(db: Database, order_id: UUID) -> int:
    with db.reading(SYSTEM) as tx:
        return [mail.kind for mail in read_order_mails(tx, order_id)].count("delayed")


def test_waiting_orders_are_told_the_day_and_when_it_moves(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 1, "cup": 4}, "B": {"tea": 0, "cup": 5}},
        kits={"set": {"tea": 2, "cup": 1}},
    )
    make.place(shop, {"tea": 1})
    tell(db)
    anna = {"email": "anna@example.com", "name": "Anna"}
    ship_to = {"country": "GB", "name": "Anna", "city": "Leeds", "postal_code": "LS1"}
    old = make.place(shop, {"tea": 4}, promised_on=day(5), customer=anna, ship_to=ship_to)
    new = make.place(shop, {"tea": 3, "set": 1}, promised_on=day(6))
    assert shown(db, old.id) == [[]]
    assert announce_supply(db) == 0

    one = expect(shop, 6, 3, reference="PO-7")
    goods.ship(shop, goods.draft(shop, {"cup": 1}, expected_on=day(1)))
    assert shown(db, old.id) == [[(4, day(3), "PO-7")]]
    assert shown(db, new.id) == [[(2, day(3), "PO-7")], []], "one and the kit have no day"
    other = expect(shop, 9, 8, location="B")
    assert shown(db, new.id) == [[(2, day(3), "PO-7"), (1, day(8), "")], [(1, day(8), "")]]

    assert (announce_supply(db), announce_supply(db)) == (2, 0)
    assert kinds(db, old.id)[-1] == "order.supply_dated"
    tell(db)
    assert delays(db, old.id) == 0, "sooner than was promised"

    run(db, make.BOSS, change_expected, ChangeExpected(expected_id=one.id,
        expected_on=TODAY + timedelta(days=12)))  # fmt: skip
    assert shown(db, old.id) == [[(4, day(8), "")]], "the other supply comes first now"
    assert announce_supply(db) == 1
    tell(db)
    assert delays(db, old.id) == 1
    with db.reading(SYSTEM) as tx:
        link = find_link(tx, old.id)
        assert [row.order_id for row in find_late(tx) if row.order_id == old.id] == []
    page = answer_link(db, link.rpartition("/")[2], "en").body.decode()
    assert "expected on" in page
    assert "PO-7" not in page

    run(db, make.BOSS, close_expected, CloseExpected(expected_id=other.id))
    assert shown(db, new.id) == [[(2, day(12), "PO-7")], []]
    assert (announce_supply(db), announce_supply(db)) == (2, 0), "one later, one without a day"
    stock_acts.receive(shop, "A", {"tea": 40})
    assert_well(db)


def test_what_comes_elsewhere_is_of_no_use_to_who_collects_it(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0, "cup": 1}, "B": {"cup": 1}})
    pickup = {"delivery": "pickup", "pickup_location": "B", "promised_on": day(1)}
    here = make.place(shop, {"tea": 2}, **pickup)
    sent = make.place(shop, {"tea": 2}, promised_on=day(2))
    expect(shop, 3, 5)
    assert (shown(db, here.id), shown(db, sent.id)) == ([[]], [[(2, day(5), "")]])
    expect(shop, 3, 7, location="B")
    assert shown(db, here.id) == [[(2, day(7), "")]]


def test_shops_are_told_what_they_can_promise_beyond_the_shelf(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 1}, "B": {"tea": 1}})
    make.place(shop, {"tea": 8})
    expect(shop, 6, 4)
    expect(shop, 10, 9, location="B")
    with db.connection() as conn:
        conn.execute("UPDATE inventory.expected_receipt SET expected_on = expected_on - 20"
                     " WHERE qty = 6")  # fmt: skip

    def look() -> Any:
        ask = {"channel": "web", "country": "PL", "postal_code": "00-950", "sku": ["tea", "cup"]}
        with db.reading(make.BOSS) as tx:
            return get_delivery_availability(tx, msgspec.convert(ask, AskDelivery)).items

    tea, cup = look()
    assert (tea.units, tea.incoming) == (0, 16)
    assert [(step.units, str(step.delivers_on)) for step in tea.expected] == [(10, day(9))], (
        "two of the overdue ones go to who waits, and the rest promises nothing"
    )
    assert (cup.units, cup.expected, cup.released_on) == (1, (), None)
