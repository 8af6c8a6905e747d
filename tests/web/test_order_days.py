"""On the order page: other days for a placed order, and what would become of it."""

from typing import Any

from ordito.api.answers import Answer
from ordito.platform.database import Database
from ordito.web.pages import order_days, order_page
from tests import make
from tests.flows import acts
from tests.flows.test_order_dates import day, page
from tests.web.acts import get, post, text_of, visit


def test_days_are_looked_at_and_changed_for_all_lines_or_one(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    order = make.place(shop, {"tea": 1, "cup": 2})
    url, number = f"/orders/{order.number}", str(order.number)
    assert "Change days" in get(order_page.show, db, url, number=number)

    def form(scope: str = "all", shown: str = "", **days: str) -> dict[str, str]:
        fields = {"line": scope, "shown": shown or scope}
        for name in order_days.NAMES:
            fields |= {f"{name}-{scope}": days.get(name, ""), f"was-{name}-{scope}": ""}
        return fields | {name: text for name, text in days.items() if name == "leave"}

    def look(**fields: Any) -> str:
        asked = visit(db, "GET", f"{url}/days/preview", number=number)
        asked.query = list(form(**fields).items())
        return text_of(order_days.preview(asked))

    def send(**fields: Any) -> Answer:
        return post(order_days.change, db, f"{url}/days", form=form(**fields), number=number)

    shown = get(order_days.days_form, db, f"{url}/days", number=number)
    assert "All lines" in shown
    assert "Tea (tea)" in shown
    assert "Nothing changes yet" in look()
    ahead = look(requested_on=day(10))
    assert "A 3 units" in ahead
    assert "before: At once" in ahead
    assert "The order is promised for" in ahead
    assert "instead of" in ahead
    assert "The day is over already" in look(latest_on=day(-3))
    assert "is no day" in look(latest_on="soon")
    assert page(db, order.id).lines[0].requested_on is None, "looking changes nothing"

    assert send(requested_on=day(10)).status in (204, 303)
    other = send(scope="1", shown="all", requested_on=day(12))
    assert (other.status, "Tea (tea)" in text_of(other)) == (200, True), "it is shown first"
    assert send(scope="1", latest_on=day(12)).status in (204, 303)
    tea, cup = page(db, order.id).lines
    assert (str(tea.requested_on), str(tea.latest_on)) == (day(10), day(12))
    assert (str(cup.requested_on), cup.latest_on) == (day(10), None)
    mixed = get(order_days.days_form, db, f"{url}/days", number=number)
    assert mixed.count("The lines differ.") == 1
    told = get(order_page.show, db, url, number=number)
    assert "Wanted on" in told
    assert "work begins" in told
    assert "&lt;time" not in told

    for wrong, said in (
        ({"latest_on": day(-3)}, "The day is over already"),
        ({"latest_on": "soon"}, "is no day"),
        ({}, "Nothing changes yet"),
    ):
        answer = send(**wrong)
        assert (answer.status, said in text_of(answer)) == (422, True), text_of(answer)


def test_what_was_begun_is_left_only_when_staff_say_so(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})
    order = make.place(shop, {"tea": 3})
    acts.release(shop, order.id)
    url, number = f"/orders/{order.number}", str(order.number)
    assert "Leave the 1 unit that was begun" in get(
        order_days.days_form, db, f"{url}/days", number=number
    )
    form = {"shown": "all", "requested_on-all": day(9), "was-requested_on-all": ""}
    refused = post(order_days.change, db, f"{url}/days", form=form, number=number)
    assert (refused.status, "1 begun" in text_of(refused)) == (422, True)
    post(order_days.change, db, f"{url}/days", form=form | {"leave": "yes"}, number=number)
    assert str(page(db, order.id).lines[0].requested_on) == day(9)
    again = visit(db, "GET", f"{url}/days", number=number)
    assert day(9).encode() in order_days.days_form(again).body
