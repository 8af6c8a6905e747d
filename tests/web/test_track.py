"""The public page of an order: what it says, and what it never does."""

from typing import Any
from uuid import UUID

import pytest

from ordito.notifications.tracking import ensure_link
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.web.pages.track import answer_link
from ordito.web.rate_limits import RateLimit, network_of
from tests import make
from tests.flows import acts

ANNA = {"email": "anna@example.com", "name": "Anna Nowak", "phone": "+48 600 100 200"}
ADDRESS = {
    "country": "GB",
    "name": "Anna Nowak",
    "line1": "7 Secret Lane",
    "city": "Leeds",
    "postal_code": "LS1 4AP",
    "phone": "+48 600 100 200",
}


def place(shop: make.Shop, **fields: Any) -> UUID:
    wanted: dict[str, Any] = {"customer": ANNA, "ship_to": ADDRESS, "bill_to": ADDRESS}
    placed = make.place(shop, {"tea": 2}, **(wanted | fields))
    order_id: UUID = placed.id
    return order_id


def read(db: Database, order_id: UUID, language: str = "en") -> str:
    """The page's HTML."""
    with db.transaction(SYSTEM) as tx:
        token = ensure_link(tx, order_id).removeprefix("/t/")
    answer = answer_link(db, token, language)
    assert answer.status == 200
    return answer.body.decode()


def test_a_link_is_made_once_and_can_not_be_guessed(db: Database) -> None:
    shop = make.shop(db)
    first, second = place(shop), place(shop)
    with db.transaction(SYSTEM) as tx:
        paths = [ensure_link(tx, id_) for id_ in (first, first, second)]

    assert paths[0] == paths[1] != paths[2]
    assert len(paths[0]) == len("/t/") + 32


def test_the_page_tells_the_order_and_nothing_private(db: Database) -> None:
    shop = make.shop(db)
    order_id = place(shop, external_id="W-77", note="Ring twice")
    html = read(db, order_id)

    assert "Your order <bdi>W-77</bdi>" in html
    assert "<bdi>Anna</bdi>" in html
    assert "<bdi>Leeds</bdi>" in html
    assert "<bdi>Tea</bdi>" in html
    assert "<h2>Items</h2>" in html
    for private in ("Nowak", "Secret", "LS1", "600", "anna@", "Ring", "20.00", str(order_id)):
        assert private not in html


def test_steps_follow_the_order_to_the_door(db: Database) -> None:
    shop = make.shop(db)
    order_id = place(shop)
    said = [read(db, order_id)]
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)
    said.append(read(db, order_id))
    acts.ship(shop, order_id, {1: 1})
    said.append(read(db, order_id))
    acts.ship(shop, order_id)
    said.append(read(db, order_id))
    acts.deliver(shop, order_id)
    said.append(read(db, order_id))

    sentences = [
        "We have your order and are getting it ready.",
        "Your order is packed.",
        "A part of your order is on its way.",
        "Your order is on its way.",
        "Your order has arrived.",
    ]
    assert [sentence in html for sentence, html in zip(sentences, said, strict=True)] == [True] * 5


def test_a_pick_up_shows_its_code_while_it_waits(db: Database) -> None:
    shop = make.shop(db)
    order_id = place(shop, delivery="pickup", pickup_location="A", ship_to=None)
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)
    acts.ready(shop, order_id)
    with db.connection() as conn:
        row = conn.execute("SELECT pickup_code FROM fulfillment.fulfillment_order").fetchone()
    assert row is not None

    assert f"<bdi>{row[0]}</bdi>" in read(db, order_id)


def test_the_language_is_the_browsers_or_the_orders(db: Database) -> None:
    shop = make.shop(db)
    order_id = place(shop, ship_to=ADDRESS | {"country": "PL"})

    assert "Mamy Twoje zamówienie" in read(db, order_id, "fr-FR")
    assert "Wir haben Ihre Bestellung" in read(db, order_id, "de-AT,en;q=0.5")


def test_a_wrong_and_an_old_link_look_the_same(db: Database) -> None:
    shop = make.shop(db)
    order_id = place(shop)
    with db.transaction(SYSTEM) as tx:
        token = ensure_link(tx, order_id).removeprefix("/t/")
    with db.connection() as conn:
        conn.execute("UPDATE notifications.tracking_link SET made_at = now() - interval '366 days'")

    answers = [answer_link(db, one, "en") for one in (token, "a" * 32, "x", "'; DROP TABLE")]

    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize("status", [200, 404])
def test_no_page_is_found_kept_or_told_to_others(db: Database, status: int) -> None:
    shop = make.shop(db)
    order_id = place(shop)
    with db.transaction(SYSTEM) as tx:
        token = ensure_link(tx, order_id).removeprefix("/t/")
    answer = answer_link(db, token if status == 200 else "x", "en")
    headers = dict(answer.headers)

    assert answer.status == status
    assert headers[b"x-robots-tag"] == b"noindex, nofollow"
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert headers[b"cache-control"] == b"private, no-store"
    assert b"<script" not in answer.body
    assert b" style=" not in answer.body


def test_naughty_words_stay_words(db: Database) -> None:
    shop = make.shop(db)
    naughty = "<script>alert(1)</script>\"'><img src=x> {{7*7}}"
    html = read(db, place(shop, ship_to=ADDRESS | {"city": naughty, "name": f"{naughty} b"}))

    assert "<script" not in html
    assert "<img" not in html
    assert "{{7*7}}" in html


def test_an_address_that_asks_too_often_waits() -> None:
    limit = RateLimit(3, 0.5)

    assert [limit.take("192.0.2.1", 0) for _n in range(4)] == [True, True, True, False]
    assert limit.take("192.0.2.2", 0)
    assert not limit.take("192.0.2.1", 1)
    assert limit.take("192.0.2.1", 3)


def test_a_household_counts_as_one() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") == "2001:db8::/64"
