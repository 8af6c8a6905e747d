"""The list that partners answer from, and how they keep what they are asked."""

from html import unescape
from typing import Any

import pytest

from ordito.platform.database import Database
from ordito.platform.problems import NotFound
from ordito.web.pages import board, endless_items, order_page, order_reversals, work_acts
from ordito.web.pages import partner_requests as pages
from tests import make
from tests.flows import acts
from tests.web.acts import Page, get, post, text_of, visit

LIST = "/fulfillment/requests"


def source(page: Page, db: Database, path: str, **params: Any) -> str:
    """A page as it was sent, with its links and labels."""
    return unescape(page(visit(db, "GET", path, **params)).body.decode())


def test_a_partner_answers_sends_and_is_measured_on_pages(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"S": {"tea": 20, "cup": 20}},
        locations={"S": {"kind": "supplier", "answer_hours": 8, "name": "Mill"}},
    )
    assert "Nothing waits for an answer" in get(pages.show_requests, db, LIST)
    order = make.place(shop, {"tea": 2, "cup": 1})
    acts.release(shop, order.id)
    number, url = str(order.number), f"/orders/{order.number}/work/1"
    key = {"number": number, "fo": "1"}

    shown = get(pages.show_requests, db, f"{LIST}?location=S")
    for words in (f"#{number}", "Waits for an answer", "Warszawa", "2 ×", "Tea", "Accept"):
        assert words in shown, words
    assert "Requests to partners" in get(board.show_board, db, "/fulfillment?location=S")
    form = source(work_acts.reject_form, db, f"{url}/reject", **key)
    assert "Units of Tea to reject" in form
    assert "No answer in time" not in form
    none = {"reason": "damaged", "line-1": "0", "line-2": "0"}
    answer = post(work_acts.reject, db, f"{url}/reject", form=none, **key)
    assert (answer.status, "Choose at least one unit" in text_of(answer)) == (422, True)
    part = {"reason": "damaged", "line-1": "1", "line-2": "0"}
    post(work_acts.reject, db, f"{url}/reject", form=part, **key)
    assert acts.vector(acts.look(shop, order.id)) == {"backordered": 1, "released": 1}
    post(pages.accept, db, f"{url}/accept", form={}, **key)

    page = get(order_page.show, db, f"/orders/{number}", number=number)
    assert "Mill said yes, and sends it by" in page
    assert "Mill is asked to send 3 units" in page
    lines = {"reason": "customer_request", "line-2": "1"}
    post(order_reversals.cancel, db, f"/orders/{number}/cancel", form=lines, number=number)
    assert acts.requests(acts.look(shop, order.id)) == ["cancellation_requested"]
    assert "Asked to cancel" in get(pages.show_requests, db, LIST)
    ask = get(pages.cancellation_form, db, f"{url}/answer-cancellation", **key)
    assert "Can you still leave them out?" in ask
    answer = post(pages.answer, db, f"{url}/answer-cancellation", form={}, **key)
    assert answer.status == 422
    post(pages.answer, db, f"{url}/answer-cancellation", form={"answer": "yes"}, **key)
    assert acts.vector(acts.look(shop, order.id), 2) == {"cancelled": 1}

    assert "Units of Tea in this parcel" in source(
        pages.ship_form, db, f"{url}/ship-accepted", **key
    )
    for wrong in ({"line-1": "1"}, {"carrier": "DPD"}, {"carrier": "DPD", "line-1": "9"}):
        answer = post(pages.ship, db, f"{url}/ship-accepted", form=wrong, **key)
        assert answer.status == 422, text_of(answer)
    sent = {"carrier": "DPD", "line-1": "1", "tracking_number": "JJD1"}
    post(pages.ship, db, f"{url}/ship-accepted", form=sent, **key)
    done = get(pages.show_requests, db, f"{LIST}?show=done")
    assert "Sent" in done
    assert "Accept" not in done

    figures = source(pages.show_figures, db, "/fulfillment/partners?days=7")
    assert f"{LIST}?location=S&measure=shipped_in_time&days=7" in figures
    assert f"#{number}" in get(
        pages.show_requests, db, f"{LIST}?location=S&measure=rejected&days=7"
    )
    assert "Nothing is counted here" in get(pages.show_requests, db, f"{LIST}?measure=shipped_late")
    with pytest.raises(NotFound):
        get(pages.show_requests, db, f"{LIST}?measure=luck")

    other = make.place(shop, {"tea": 1})
    acts.release(shop, other.id)
    back = {"number": str(other.number), "fo": "1"}
    post(pages.withdraw, db, f"/orders/{other.number}/work/1/withdraw", form={}, **back)
    assert acts.requests(acts.look(shop, other.id)) == ["withdrawn"]
    assert "Taken back by staff" in get(pages.show_requests, db, f"{LIST}?show=done")


def test_what_never_runs_out_is_a_line_each(db: Database) -> None:
    shop = make.shop(db, stock={"S": {"tea": 1}}, locations={"S": {"kind": "supplier"}})
    url = "/locations/S/endless"
    assert "What S never runs out of" in get(endless_items.endless_form, db, url, code="S")
    wrong = post(endless_items.set_items, db, url, form={"items": "nothing 3"}, code="S")
    assert (wrong.status, "no stocked item" in text_of(wrong)) == (422, True)
    post(endless_items.set_items, db, url, form={"items": "tea 3"}, code="S")
    assert make.free(shop, "tea") == {"S": 10_000}
    assert "tea 3" in source(endless_items.endless_form, db, url, code="S")
