"""What was refused is told in the reader's language: on pages, in toasts, beside fields."""

import json
from collections.abc import Callable
from contextvars import copy_context

from ordito.api.answers import Answer
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, NotFound, Problem
from ordito.web.pages import markets
from ordito.web.problem_pages import tell_problem
from ordito.web.visits import Visit
from tests import make
from tests.web.acts import text_of, visit

NORDICS = {"market": "nordics", "name": "Nordics", "countries": "dk fi"}


def alone(reader: Visit, page: Callable[[Visit], Answer]) -> Answer:
    """The page in a context of its own: the reader's language ends with it, as in the program."""

    def answer() -> Answer:
        reader.view()
        return page(reader)

    return copy_context().run(answer)


def test_a_refusal_is_told_in_polish_on_pages_and_beside_fields(db: Database) -> None:
    make.shop(db)

    def send(locale: str, code: str) -> Answer:
        form = NORDICS | {"market": code}
        sent = visit(db, "POST", "/settings/markets/-new", form=form, locale=locale)
        return alone(sent, markets.create)

    assert send("pl", "nordics").status == 303

    assert "DK is in market “nordics” already" in text_of(send("en", "other"))
    assert "DK jest już na rynku „nordics”; kraj należy do jednego rynku." in text_of(
        send("pl", "other")
    )

    gone = visit(db, "GET", "/orders/1", locale="pl")
    missing = NotFound("There is no such cart.")
    page = text_of(alone(gone, lambda reader: tell_problem(reader, missing)))
    assert "Nie znaleziono" in page
    assert "Nie ma takiego koszyka." in page


def test_a_toast_says_the_refusal_and_every_fault_in_polish(db: Database) -> None:
    sent = visit(db, "POST", "/orders/1", locale="pl")
    sent.headers = {b"hx-request": b"true"}
    faults = [Fault("", "", "There is no item “TEA”; correct the SKU."), Fault("", "", "Odd.")]
    problem = InvalidInput("2 thing(s) to correct; nothing was written.", errors=faults)

    def toast(problem: Problem) -> str:
        answer = alone(sent, lambda reader: tell_problem(reader, problem))
        told: str = json.loads(dict(answer.headers)[b"hx-trigger"])["ordito:toast"]["text"]
        return told

    assert toast(problem) == (
        "Do poprawienia: 2; niczego nie zapisano. Nie ma towaru „TEA”; popraw SKU. Odd."
    )
    assert toast(ActionNotAllowed()) == "W tym stanie to działanie jest niedozwolone"
