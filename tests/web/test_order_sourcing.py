"""On the order page: who said no, where lines ship from, and until when they may wait."""

from datetime import date

from ordito.api.answers import Answer
from ordito.flows.manage_locations import update_location
from ordito.locations.types import UpdateLocation
from ordito.orders.deadlines import read_deadlines
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.web.pages import locations, order_page, order_sourcing
from tests import make
from tests.flows import acts
from tests.web.acts import get, post, text_of, visit

STOCK = {"A": {"tea": 5, "cup": 5}, "B": {"tea": 5, "cup": 1}}


def test_a_line_is_shipped_from_where_staff_say(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    order = make.place(shop, {"tea": 1, "cup": 2})
    url, number = f"/orders/{order.number}", str(order.number)
    form = get(order_sourcing.pin_form, db, f"{url}/pin", number=number)
    assert "Any location" in form
    assert "Tea (tea)" in form

    post(order_sourcing.pin, db, f"{url}/pin", form={"line": "1", "location": "B"}, number=number)
    assert acts.parts(acts.look(shop, order.id)) == [("A", "open"), ("B", "open")]
    page = get(order_page.show, db, url, number=number)
    assert "Only from B" in page
    assert "Line 1 ships only from B" in page
    assert "1 unit taken from A" in page

    for wrong, told in (
        ({"line": "2", "location": "B"}, "B can serve 1 of the 2 units"),
        ({"line": "", "location": "B"}, "Choose a line."),
        ({"line": "1", "location": "X"}, "no such location"),
    ):
        answer = post(order_sourcing.pin, db, f"{url}/pin", form=wrong, number=number)
        assert (answer.status, told in text_of(answer)) == (422, True), text_of(answer)
    post(order_sourcing.pin, db, f"{url}/pin", form={"line": "1", "location": ""}, number=number)
    assert "Only from B" not in get(order_page.show, db, url, number=number)


def test_who_said_no_is_told_and_asked_again_when_named(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order = make.place(shop, {"tea": 1})
    acts.reject(shop, order.id)
    url, number = f"/orders/{order.number}", str(order.number)
    page = get(order_page.show, db, url, number=number)
    assert "Said no" in page
    assert "Too much to do" in page

    post(order_sourcing.pin, db, f"{url}/pin", form={"line": "1", "location": "A"}, number=number)

    assert acts.vector(acts.look(shop, order.id)) == {"reserved": 1}
    assert "Said no" not in get(order_page.show, db, url, number=number)


def test_deadlines_are_set_and_taken_away(db: Database) -> None:
    shop = make.shop(db)
    order = make.place(shop, {"tea": 1, "cup": 1})
    url, number = f"/orders/{order.number}", str(order.number)

    def send(**days: str) -> str:
        form = {name.replace("_", "-"): text for name, text in days.items()}
        answer = post(order_sourcing.deadlines, db, f"{url}/deadlines", form=form, number=number)
        return text_of(answer) if answer.status == 422 else ""

    assert send(day_1="2099-12-31", day_2="") == ""
    with db.reading(make.BOSS) as tx:
        kept = read_deadlines(tx, [order.id])
    assert [(row.line_no, row.cancel_after) for row in kept] == [(1, date(2099, 12, 31))]
    page = get(order_page.show, db, url, number=number)
    assert "Cancelled unless shipped by 31 Dec 2099" in page
    assert "&lt;time" not in page
    assert "<time" not in page
    asked = visit(db, "GET", f"{url}/deadlines", number=number)
    assert b'value="2099-12-31"' in order_sourcing.deadlines_form(asked).body
    assert "is no day" in send(day_1="soon")
    assert "The day is over already" in send(day_1="2020-01-01")
    assert "Nothing is left" in send()
    assert send(all="2099-12-30", day_1="", day_2="") == ""
    with db.reading(make.BOSS) as tx:
        kept = read_deadlines(tx, [order.id])
    assert [row.cancel_after for row in kept] == [date(2099, 12, 30)] * 2
    assert send(day_1="", day_2="") == ""
    with db.reading(make.BOSS) as tx:
        assert read_deadlines(tx, [order.id]) == []


def test_a_closed_location_gives_its_work_away_by_a_button(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    order = make.place(shop, {"cup": 2})
    url = "/locations/A"
    assert "Move its open work" not in get(locations.show_location, db, url, code="A")
    run(db, make.BOSS, update_location, UpdateLocation(code="A", active=False))
    assert "Move its open work" in get(locations.show_location, db, url, code="A")

    post(locations.move_work, db, f"{url}/move-open-work", form={"_key": "k1"}, code="A")

    state = acts.look(shop, order.id)
    assert acts.vector(state) == {"reserved": 1, "backordered": 1}
    assert acts.parts(state) == [("A", "cancelled"), ("B", "open")]


def test_a_pick_up_is_collected_elsewhere_or_shipped_when_staff_say_so(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    order = make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="A")
    url, number = f"/orders/{order.number}", str(order.number)
    form = get(order_sourcing.delivery_form, db, f"{url}/delivery", number=number)
    assert "Collected at B" in form

    def send(location: str) -> Answer:
        form = {"location": location}
        return post(order_sourcing.delivery, db, f"{url}/delivery", form=form, number=number)

    send("B")
    assert "The customer collects it at B now" in get(order_page.show, db, url, number=number)
    send("")
    page = get(order_page.show, db, url, number=number)
    assert "It is shipped to the customer from now on" in page
    answer = send("X")
    assert (answer.status, "active location" in text_of(answer)) == (422, True)
