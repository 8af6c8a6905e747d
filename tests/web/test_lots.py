"""Lots in the browser: received, picked by scans, found again, blocked, corrected, counted."""

from ordito.flows.cycle_count_states import read_cycle_count
from ordito.inventory.cycle_counts import list_sheets
from ordito.platform.database import Database
from ordito.web.lot_lines import read_lot_lines
from ordito.web.pages import (
    assemblies,
    count_floor,
    cycle_counts,
    expected_stock,
    floor,
    inventory,
    lots,
    order_page,
    order_reversals,
    products,
    stock_acts,
    transfer_arrivals,
)
from tests import make
from tests.flows import acts, transfer_acts
from tests.flows import assembly_acts as making
from tests.flows import lot_acts as made
from tests.flows.lot_acts import LATER, SOON, TODAY
from tests.web.acts import get, location_of, post, text_of

URL = "/inventory/lots"


def test_lots_are_received_picked_and_followed_on_pages(db: Database) -> None:
    shop = made.shop(db)
    item = str(shop.items["milk"])
    url = f"/inventory/{item}"
    form = {"location": "A", "quantity": "9", "lots": f"M1 3 {SOON}\nM2, 6, {LATER}"}
    assert "One on each line" in get(stock_acts.receive_form, db, url + "/receive", item=item)
    for wrong, told in (
        (form | {"lots": ""}, "say the lots"),
        (form | {"lots": "M1 3 soon"}, "after the lot come"),
        (form | {"quantity": "8"}, "The lots name 9 units"),
    ):
        answer = post(stock_acts.receive, db, url + "/receive", form=wrong, item=item)
        assert (answer.status, told in text_of(answer)) == (422, True)
    post(stock_acts.receive, db, url + "/receive", form=form, item=item)
    page = get(inventory.show_item, db, url, item=item)
    assert [code in page for code in ("M1", "M2", "what ends first")] == [True] * 3
    assert "Must keep" in get(products.edit_form, db, f"/products/{item}/edit", item=item)

    order_id = made.order(shop, {"milk": 4})
    state = acts.look(shop, order_id)
    number = str(state.number)
    at = {"number": number, "fo": "1"}
    base = f"/fulfillment/{number}/1/pick"
    assert "M1 · until" in get(floor.show_pick, db, base, **at)
    for code, told in (
        ("9506000134352", "Now scan its lot"),
        (f"(01)09506000134352(17){SOON:%y%m%d}(10)M1", "1 of 4 taken"),
        ("m2", "2 of 4 taken"),
        ("(01)09506000134352(17)270101", "Now scan its lot"),
        ("(01)09506000134369(10)M1", "No item has the code"),
        ("(01)0950600013435", "be read"),
    ):
        answer = post(floor.scan_pick, db, base + "/scan", form={"code": code}, **at)
        assert told in text_of(answer)
    undone = post(floor.undo_pick, db, base + "/undo", form={"line": "1", "lot": "M2"}, **at)
    assert "back on the shelf" in text_of(undone)
    take = {"line": "1", "units": "2", "lot": "M9"}
    assert "no lot" in text_of(post(floor.take_pick, db, base + "/take", form=take, **at))
    for lot, units in (("M1", "2"), ("M2", "1")):
        take = {"line": "1", "units": units, "lot": lot}
        answer = post(floor.take_pick, db, base + "/take", form=take, **at)
    assert "All picked" in text_of(answer)
    acts.pack(shop, order_id)
    made.ship(shop, order_id)
    page = get(order_page.show, db, f"/orders/{number}", number=number)
    assert "Shipped of milk: M1 × 3, M2 × 1" in page
    assert "Lots shipped from A: 3 × milk M1, 1 × milk M2" in page

    lot = str(made.find(shop, "M1").id)
    one = f"{URL}/{lot}"
    assert [code in get(lots.show_lots, db, URL) for code in ("M1", "M2")] == [False, True]
    assert "M1" in get(lots.show_lots, db, f"{URL}?view=all&item={item}")
    page = get(lots.show_lot, db, one, lot=lot)
    assert [f"#{number}" in page, "Where it went" in page, "Received with" in page] == [True] * 3
    back = {"line-1": "1", "reason": "other", "disposition": "restock", "lots-1": "M1"}
    assert "Shipped were" in get(
        order_reversals.return_form, db, f"/orders/{number}/return", number=number
    )
    post(order_reversals.book_return, db, f"/orders/{number}/return", form=back, number=number)
    assert made.places(shop, "M1") == {"A": {"shelf": 1}}


def test_a_lot_is_blocked_corrected_and_counted_on_pages(db: Database) -> None:
    shop = made.shop(db)
    made.receive(shop, "milk", {"M1": (1, SOON), "M2": (5, LATER)})
    item = str(shop.items["milk"])
    url = f"/inventory/{item}"
    lot = str(made.find(shop, "M1").id)
    one = f"{URL}/{lot}"

    assert "quality control" in get(lots.block_form, db, one + "/block", lot=lot)
    answer = post(lots.block, db, one + "/block", form={"reason": ""}, lot=lot)
    assert (answer.status, "Say why" in text_of(answer)) == (422, True)
    post(lots.block, db, one + "/block", form={"reason": "recalled"}, lot=lot)
    made.settle(shop)
    page = get(lots.show_lot, db, one, lot=lot)
    assert ["Blocked: recalled" in page, "1 unit set aside in A" in page] == [True, True]
    assert location_of(post(lots.unblock, db, one + "/unblock", lot=lot)) == one

    assert "The last day on which" in get(lots.edit_form, db, one + "/edit", lot=lot)
    wrong = {"expires_on": SOON.isoformat(), "made_on": LATER.isoformat()}
    answer = post(lots.edit, db, one + "/edit", form=wrong, lot=lot)
    assert (answer.status, "check both dates" in text_of(answer)) == (422, True)
    right = wrong | {"made_on": TODAY.isoformat(), "supplier_reference": "CH-7"}
    assert location_of(post(lots.edit, db, one + "/edit", form=right, lot=lot)) == one
    assert made.find(shop, "M1").supplier_reference == "CH-7"

    made.settle(shop)
    counting = get(stock_acts.count_form, db, f"{url}/count?location=A", item=item)
    assert "M2 5" in counting
    counted = {"location": "A", "quantity": "5", "lots": "M1 1\nM2 4"}
    post(stock_acts.count, db, url + "/count", form=counted, item=item)
    assert made.places(shop, "M2") == {"A": {"shelf": 4}}


def test_lots_go_along_with_a_transfer_on_pages(db: Database) -> None:
    shop = made.shop(db)
    made.receive(shop, "milk", {"M1": (3, SOON), "M2": (3, LATER)})
    number = str(transfer_acts.draft(shop, {"milk": 4}).number)
    url = f"/inventory/transfers/{number}"
    assert "M1 3 M2 1" in get(transfer_arrivals.ship_form, db, url + "/ship", transfer=number)
    wrong = {"units-1": "4", "lots-1": "M1 4"}
    answer = post(transfer_arrivals.ship, db, url + "/ship", form=wrong, transfer=number)
    assert (answer.status, "3 there, not 4" in text_of(answer)) == (422, True)
    right = {"units-1": "4", "lots-1": "M1 3\nM2 1"}
    post(transfer_arrivals.ship, db, url + "/ship", form=right, transfer=number)
    page = get(transfer_arrivals.receive_form, db, url + "/receive", transfer=number)
    assert "On their way: M1 × 3, M2 × 1." in page
    came = {"units-1": "1", "damaged-1": "1", "lots-1": "M2", "damaged-lots-1": "M1"}
    post(transfer_arrivals.receive, db, url + "/receive", form=came, transfer=number)
    assert made.places(shop, "M2") == {"A": {"shelf": 2}, "B": {"shelf": 1}}
    assert made.places(shop, "M1") == {"A": {"in_transit": 2}, "B": {"damaged": 1}}


def test_what_was_announced_asks_for_its_lots_on_its_page(db: Database) -> None:
    shop = made.shop(db)
    url = "/inventory/expected"
    form = {"sku": "milk", "quantity": "9", "location": "A",
            "expected_on": LATER.isoformat(), "reference": "PO-7"}  # fmt: skip
    one = location_of(post(expected_stock.create, db, url + "/new", form=form)).rpartition("/")[2]
    url = f"{url}/{one}"
    shown = get(expected_stock.receive_form, db, url + "/receive", expected=one)
    assert ["last day, such as" in shown, "Which of them are damaged" in shown] == [True, True]
    came = {"quantity": "4", "damaged": "2", "reference": "", "damaged_lots": f"M2 {SOON}"}
    for wrong, told in (
        (came | {"lots": "M1 4 soon"}, "after the lot come"),
        (came | {"lots": ""}, "say the lots"),
        (came | {"lots": "M1 4"}, "Line 1: “M1” is new"),
        (came | {"lots": f"M1 3 {SOON}"}, "The lots name 3 units"),
    ):
        answer = post(expected_stock.receive, db, url + "/receive", form=wrong, expected=one)
        assert (answer.status, told in text_of(answer)) == (422, True)
    right = came | {"lots": f"M1 {SOON}"}
    post(expected_stock.receive, db, url + "/receive", form=right, expected=one)
    assert made.places(shop, "M1") == {"A": {"shelf": 4}}


def test_lots_are_counted_by_a_list_on_the_floor(db: Database) -> None:
    shop = made.shop(db)
    made.receive(shop, "milk", {"M1": (5, SOON), "M2": (5, LATER)})
    url = "/inventory/counts"
    form = {"location": "A", "skus": "tea\nmilk", "blind": "yes"}
    post(cycle_counts.start, db, url + "/new", form=form)
    with db.reading(make.BOSS) as tx:
        lines = {x.sku: x.line_no for x in read_cycle_count(tx, list_sheets(tx)[0].id).lines}
    floor = f"{url}/1/floor"
    assert "last day, such as" in get(count_floor.show_floor, db, floor + "?code=milk", count="1")
    entry = {"line": str(lines["milk"]), "counted": "", "lots": ""}
    for wrong, told in (
        (entry, "Say how many you counted"),
        (entry | {"counted": "9"}, "say of each how many lie on the shelf"),
        (entry | {"lots": "M1 5 soon"}, "after the lot come"),
        (entry | {"lots": "M1 4"}, "M2 should be there too"),
        (entry | {"lots": "M1 4\nM3 1"}, "say the last day"),
    ):
        page = text_of(post(count_floor.enter, db, floor, form=wrong, count="1"))
        assert told in page
        assert wrong["lots"].replace("\n", " ") in page, "what was typed is still there"
    right = entry | {"lots": f"M1 4\nM2 5\nM3 1 {LATER}"}
    page = text_of(post(count_floor.enter, db, floor, form=right, count="1"))
    assert "Milk: 10 counted" in page
    shown = get(cycle_counts.show_count, db, f"{url}/1", count="1")
    assert "M1 −1 M3 +1" in shown
    assert made.places(shop, "M3") == {"A": {"shelf": 1}}


def test_an_assembly_says_which_lots_it_takes_and_makes(db: Database) -> None:
    shop = made.shop(db)
    made.track(shop, "shake", tracking="lot", expires=True, sell_days=0)
    made.receive(shop, "milk", {"M1": (3, SOON), "M2": (5, LATER)})
    number = str(making.draft(shop, "shake", {"milk": 2}, 3).number)
    url, one = f"/inventory/assemblies/{number}", {"assembly": number}
    assert "M1 3 M2 3" in get(assemblies.start_form, db, url + "/start", **one)
    for wrong, told in (
        ({"lots-1": "M1 6"}, "3 there, not 6"),
        ({"lots-1": "M1 x y"}, "after the lot come"),
        ({"lots-1": "M1 3"}, "its lots name 3"),
    ):
        answer = post(assemblies.start, db, url + "/start", form=wrong, **one)
        assert (answer.status, told in text_of(answer)) == (422, True)
    post(assemblies.start, db, url + "/start", form={"lots-1": "M1 2\nM2 4"}, **one)
    own = f"A-{number}"
    shown = get(assemblies.book_form, db, url + "/book", **one)
    assert f"Left empty, they are lot {own}, until {SOON}." in shown
    wrong = {"made": "2", "spoiled": "0", "lots": "S1 1"}
    answer = post(assemblies.book, db, url + "/book", form=wrong, **one)
    assert (answer.status, "say the last day" in text_of(answer)) == (422, True)
    post(assemblies.book, db, url + "/book", form={"made": "2", "lots": ""}, **one)
    assert "Taken were: M1 × 2, M2 × 4." in get(assemblies.close_form, db, url + "/close", **one)
    answer = post(assemblies.close, db, url + "/close", form={"lost": ""}, **one)
    assert (answer.status, "Say which lots the 2 of milk are" in text_of(answer)) == (422, True)
    post(assemblies.close, db, url + "/close", form={"lost": "", "lots-1": "M2 2"}, **one)
    page = get(assemblies.show_assembly, db, url, **one)
    for words in (f"Lots made : {own} × 2", "M2 × 2", "Lots: 2 × milk M1, 4 × milk M2",
                  f"Lots: 2 × shake {own}", "Lots: 2 × milk M2"):  # fmt: skip
        assert words in page.replace("made:", "made :"), words

    order_id = made.order(shop, {"shake": 1})
    made.pick(shop, order_id, as_proposed=True)
    lot = str(made.find(shop, "M1").id)
    page = get(lots.show_lot, db, f"{URL}/{lot}", lot=lot)
    order = acts.look(shop, order_id).number
    assert ["Made into" in page, f"#{order} shake {own}" in page] == [True, True]
    lot = str(made.find(shop, own).id)
    page = get(lots.show_lot, db, f"{URL}/{lot}", lot=lot)
    assert ["Made of" in page, "milk M1 × 2, milk M2 × 2" in page] == [True, True]


def test_lots_are_read_as_people_type_and_scan_them() -> None:
    gs1 = "]C101095060001343521727033110A17\x1d3724"
    for line, expected in (
        ("A17", {"lot": "A17", "quantity": 9}),
        ("A17 24 2027-03-31", {"lot": "A17", "quantity": 24, "expires_on": "2027-03-31"}),
        ("Lot 5, 24", {"lot": "Lot 5", "quantity": 24}),
        ("A17\t3;2027-03-31", {"lot": "A17", "quantity": 3, "expires_on": "2027-03-31"}),
        (gs1, {"lot": gs1, "quantity": 9}),
        (f"{gs1} 3", {"lot": gs1, "quantity": 3}),
    ):
        assert read_lot_lines(line, whole=9) == ([expected], [])
    assert read_lot_lines("S1\r\n\r\nS2", whole=2) == (
        [{"lot": "S1", "quantity": 1}, {"lot": "S2", "quantity": 1}],
        [],
    )
    assert read_lot_lines("A17 2027-02-30", whole=1)[1] == [
        "“2027-02-30” is no day; write it as 2027-03-31."
    ]
