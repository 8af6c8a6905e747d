"""Expected receipts, releases and dates in the browser."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ordito.flows.expect_stock import tell_expected
from ordito.inventory.expected import list_expected
from ordito.inventory.expected_asks import ExpectedStock
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import NotFound, NotPermitted
from ordito.web.pages import expected_stock, item_releases, new_order, order_page, products
from ordito.web.pages import work_acts as work
from tests import make
from tests.flows import stock_acts as acts
from tests.web.acts import get, location_of, post, text_of, visit

URL = "/inventory/expected"
TODAY = datetime.now(UTC).date()


def day(n: int) -> str:
    return (TODAY + timedelta(days=n)).isoformat()


def listed(db: Database) -> list[ExpectedStock]:
    with db.reading(SYSTEM) as tx:
        return tell_expected(tx, list_expected(tx))


def test_a_receipt_is_expected_changed_received_and_closed_by_forms(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 1}})
    item = str(shop.items["tea"])
    assert "Nothing is expected" in get(expected_stock.show_list, db, URL)
    form = {"sku": "tea", "quantity": "0", "location": "A", "expected_on": day(-1)}
    wrong = post(expected_stock.create, db, URL + "/new", form=form)
    assert wrong.status == 422
    assert listed(db) == []
    good = form | {"quantity": "24", "expected_on": day(9), "reference": "PO-7"}
    made = location_of(post(expected_stock.create, db, URL + "/new", form=good))
    one = listed(db)[0]
    assert made == f"{URL}/{one.id}"
    page = {"expected": str(one.id)}
    assert "PO-7" in get(expected_stock.show_list, db, URL)
    assert "Announced: 24 × tea" in get(expected_stock.show_one, db, made, **page)
    assert "PO-7" in get(products.show_product, db, f"/products/{item}", item=item)
    shown = expected_stock.edit_form(visit(db, "GET", made + "/edit", expected=str(one.id)))
    assert b'value="24"' in shown.body
    edit = {"quantity": "30", "expected_on": day(10), "reference": "PO-7b", "version": "1"}
    assert location_of(post(expected_stock.edit, db, made + "/edit", form=edit, **page)) == made
    stale = post(expected_stock.edit, db, made + "/edit", form=edit | {"quantity": "9"}, **page)
    assert stale.status == 422
    assert "30 more" in get(expected_stock.receive_form, db, made + "/receive", **page)
    came = {"quantity": "20", "damaged": "1", "reference": "DN-1"}
    post(expected_stock.receive, db, made + "/receive", form=came, **page)
    assert acts.buckets(shop, "tea", "A") == {"available": 21, "damaged": 1}
    assert listed(db)[0].open == 9
    assert "9 units of tea" in get(expected_stock.close_form, db, made + "/close", **page)
    post(expected_stock.close, db, made + "/close", form={"words": "Out of print"}, **page)
    again = post(expected_stock.close, db, made + "/close", **page)
    assert again.status == 422
    assert "Out of print" in get(expected_stock.show_one, db, made, **page)
    assert "Nothing more comes" in get(expected_stock.show_list, db, URL + "?view=ended")
    for unknown in (str(uuid4()), "nonsense"):
        with pytest.raises(NotFound):
            get(expected_stock.show_one, db, URL + "/x", expected=unknown)
    with pytest.raises(NotPermitted):
        post(expected_stock.create, db, URL + "/new", form=good, permissions=("inventory.read",))


def test_a_release_and_dates_are_typed_shown_and_begun_early(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}})
    item = str(shop.items["tea"])
    url = f"/products/{item}"
    assert "Sold from" in get(item_releases.release_form, db, url + "/release", item=item)
    form = {"released_on": day(8), "preorder_max": "20", "channel-web": "", "version": "1"}
    done = post(item_releases.set_day, db, url + "/release", form=form, item=item)
    assert location_of(done) == url
    wrong = post(item_releases.set_day, db, url + "/release", item=item,
                 form=form | {"released_on": "soon", "version": "2"})  # fmt: skip
    assert wrong.status == 422
    assert "of 20 ordered before" in get(products.show_product, db, url, item=item)

    typed = [("channel", "web"), ("country", "PL"), ("sku", "tea"), ("quantity", "1"),
             ("sku", "cup"), ("quantity", "2"), ("requested_on", day(5)),
             ("latest_on", day(6)), ("cancel_after", day(30))]  # fmt: skip
    look = text_of(post(new_order.change_new, db, "/orders/new", form=[*typed, ("do", "look")]))
    first = TODAY + timedelta(days=8)
    assert f"sold from {first.day} {first:%b}" in look
    assert f"Can arrive on {first.day} {first:%b}" in look
    bad = post(new_order.change_new, db, "/orders/new",
               form=[*typed, ("not_before", day(7)), ("do", "place")])  # fmt: skip
    assert bad.status == 422
    assert "follow each other" in text_of(bad)
    placed = post(new_order.change_new, db, "/orders/new", form=[*typed, ("do", "place")])
    number = location_of(placed).rpartition("/")[2]
    page = get(order_page.show, db, f"/orders/{number}", number=number)
    for words in ("Pre-order: sold from", "Wanted on", "at the latest", "This can’t be kept",
                  "Begins", "Cancelled unless shipped by"):  # fmt: skip
        assert words in page, words
    begun = post(work.begin_early, db, f"/orders/{number}/work/2/open-early",
                 number=number, fo="2")  # fmt: skip
    assert location_of(begun) == f"/orders/{number}"
