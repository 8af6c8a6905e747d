"""Promises on pages: how they were kept, what is learned, and what an order's parts promise."""

from typing import Any

from ordito.notifications.tracking import ensure_link
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.web.pages import new_order, order_page, promises
from ordito.web.pages.track import answer_link
from tests import make
from tests.web.acts import get, post, text_of

PAGE = "/settings/promises"


def ship(db: Database) -> tuple[make.Shop, Any]:
    """A shop whose location has a cut-off, and an order of it that is promised from history."""
    shop = make.shop(db, locations={"A": {"pick_minutes": 90, "cut_off": "00:00"}})
    placed = make.place(shop, {"tea": 1})
    with db.connection() as conn:
        conn.execute(_MODEL)
        conn.execute(
            "INSERT INTO fulfillment.promise (order_id, fo_no, ready_at, ships_at, ships_on,"
            " delivers_on, tariff) SELECT order_id, fo_no, created_at + interval '2 days',"
            " created_at + interval '3 days', promised_on, promised_on + 2, 'dpd'"
            " FROM fulfillment.fulfillment_order"
        )
        conn.execute(
            "INSERT INTO fulfillment.forecast (order_id, fo_no, level, probability, model,"
            " observations, calendar_on, calendar_delivers_on, queue_minutes)"
            " SELECT order_id, fo_no, 90, 931, 1, 1240, ships_on, ships_on + 1, 180"
            " FROM fulfillment.promise"
        )
    return shop, placed


_MODEL = """
    INSERT INTO sourcing.delay_model VALUES (1, now(), '2026-01-01', '2026-06-01', 1240);
    INSERT INTO sourcing.delay_group
    VALUES (1, 'dispatch', NULL, NULL, NULL, 0, '{20,10,9}', 40),
           (1, 'transit', NULL, 'dpd', 'PL', -1, '{10,30}', 40),
           (1, 'transit', NULL, '', 'PL', 2, '{40}', 40);
    UPDATE platform.revision SET n = n + 1
"""


def test_an_order_says_when_its_parts_come_and_why(db: Database) -> None:
    _shop, placed = ship(db)
    page = get(order_page.show, db, f"/orders/{placed.number}", number=str(placed.number))
    assert "93.1% sure" in page
    assert "Work of 3 hrs was waiting there before it." in page
    assert "1,240 parts before it" in page
    with db.transaction(SYSTEM) as tx:
        token = ensure_link(tx, placed.id).removeprefix("/t/")
    told = answer_link(db, token, "en").body.decode()
    assert "It should arrive by" in told
    assert "In 93 of 100 cases like this it does." in told


def test_kept_promises_and_what_is_learned_have_a_page(db: Database) -> None:
    assert "No promise has come due yet" in get(promises.show_promises, db, PAGE)
    shop, _placed = ship(db)
    with db.connection() as conn:
        conn.execute(
            "INSERT INTO listings.promise_score SELECT date_trunc('month', now())::date, %s, %s,"
            " 'dpd', basis, 101, 90, 10, 1, stated"
            " FROM (VALUES ('learned', 91000), ('calendar', 0)) AS d (basis, stated)",
            (shop.channels["web"], shop.locations["A"]),
        )
    page = get(promises.show_promises, db, f"{PAGE}?by=location")
    assert "91%" in page, "stated"
    assert "90%" in page, "kept"
    assert "82.6% to 94.5%" in page
    assert "as stated" in page
    assert "by calendar" in page
    assert "1 day late" in page, "half of the parts"
    assert "2 days late" in page, "nine of ten"
    for by in ("month", "tariff", "channel", "nothing"):
        assert "91%" in get(promises.show_promises, db, f"{PAGE}?by={by}")

    done = post(promises.learn_now, db, f"{PAGE}/learn")
    assert done.status in (204, 303)
    with db.connection() as conn:
        assert conn.execute("SELECT max(version) FROM sourcing.delay_model").fetchone() == (2,)


def test_a_new_order_is_told_what_each_location_promises(db: Database) -> None:
    ship(db)
    typed = {"channel": "web", "sku": "tea", "quantity": "1", "country": "PL", "city": "Warszawa"}
    answer = post(new_order.change_new, db, "/orders/new", form=typed)
    page = text_of(answer)
    assert "92.8% sure" in page, "39 of 41 times 40 of 41"
    assert "It came after the cut-off at 00:00." in page
    assert "40 parts before it" in page
