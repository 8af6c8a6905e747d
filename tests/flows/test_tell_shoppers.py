"""Shoppers who left a cart are written to once, by consent, and not when they have bought."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.flows.hold_stock import expire_holds
from ordito.flows.manage_mails import read_channel_mails, set_channel_mails
from ordito.flows.tell_shoppers import TellShopper, tell_shopper, tell_shoppers
from ordito.inventory.problems import OutOfStock
from ordito.listings.carts import read_cart
from ordito.notifications.types import SetChannelMails
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import stock_acts as stock
from tests.flows.test_complete_cart import cart
from tests.flows.test_sweep_watches import change

LINK = "https://shop.example.com/cart/77"


def tells(db: Database, **fields: Any) -> None:
    ask = {"channel": "web", "kinds": ["confirmed"]} | fields
    run(db, make.BOSS, set_channel_mails, msgspec.convert(ask, SetChannelMails))


def leave(shop: make.Shop, hours: int, *ids: UUID) -> None:
    """The carts' time was over so many hours ago."""
    for id_ in ids:
        stock.let_time_pass(shop, id_)
    expire_holds(shop.db)
    for id_ in ids:
        change(
            shop.db,
            f"UPDATE inventory.stock_hold SET ended_at = now() - interval '{hours} hours',"
            f" created_at = now() - interval '{hours + 1} hours' WHERE id = '{id_}'",
        )


def mails(db: Database) -> list[tuple[str, str, str]]:
    with db.connection() as conn:
        return conn.execute(
            "SELECT recipient, subject, body_text FROM notifications.mail WHERE kind = 'cart'"
            " ORDER BY id"
        ).fetchall()


def test_a_shopper_who_agreed_is_written_to_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 90}})
    yes = {"contact": "ann@example.com", "consent": True, "link": LINK}
    ann = cart(shop, {"tea": 3}, **yes)
    bob = cart(shop, {"tea": 1}, contact="bob@example.com", consent=True)
    no = cart(shop, {"tea": 1}, contact="carl@example.com")
    phone = cart(shop, {"tea": 1}, contact="+48 600 100 200", consent=True)
    leave(shop, 3, ann.id, bob.id, no.id, phone.id)
    early = cart(shop, {"tea": 1}, contact="eve@example.com", consent=True)
    leave(shop, 1, early.id)
    late = cart(shop, {"tea": 1}, contact="fred@example.com", consent=True)
    leave(shop, 60, late.id)
    still = cart(shop, {"tea": 1}, contact="gina@example.com", consent=True)
    assert tell_shoppers(db) == 0, "the channel doesn't write about carts until it says so"

    tells(db, cart_hours=2, locale="pl", cart_link="https://shop.example.com/cart")
    assert tell_shoppers(db) == 2
    assert tell_shoppers(db) == 0
    (to_ann, to_bob) = mails(db)
    assert (to_ann[0], to_ann[1]) == ("ann@example.com", "Coś zostało w Twoim koszyku w Web shop")
    assert "- 3 × Tea\n" in to_ann[2]
    assert f"\n{LINK}\n" in to_ann[2]
    assert "\nhttps://shop.example.com/cart\n" in to_bob[2]
    with db.reading(SYSTEM) as tx:
        assert read_cart(tx, ann.id).mailed_at is not None
        assert read_cart(tx, early.id).mailed_at is None
        assert read_channel_mails(tx, "web").cart_hours == 2
    assert [one.kind for one in stock.timeline(db, ann.id)] == [
        "hold.placed",
        "hold.ended",
        "hold.mailed",
    ]
    for id_ in (still.id, no.id, ann.id):
        assert run(db, SYSTEM, tell_shopper, TellShopper(cart_id=id_)).id is None
    again = cart(shop, {"tea": 2}, **yes)
    leave(shop, 2, again.id)
    assert tell_shoppers(db) == 0, "not twice a week"
    tells(db)
    change(
        db,
        "UPDATE inventory.stock_hold SET ended_at = now() - interval '3 hours'"
        " WHERE ended_why = 'expired'",
    )
    assert tell_shoppers(db) == 0, "the channel has stopped"
    assert_well(db)


def test_who_bought_or_begun_anew_is_left_alone(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 90}})
    tells(db, cart_hours=2)
    ann, bob, carl = (
        cart(shop, {"tea": 1}, contact=f"{name}@example.com", consent=True)
        for name in ("ann", "bob", "carl")
    )
    leave(shop, 3, ann.id, bob.id, carl.id)
    make.place(shop, {"tea": 1}, customer={"email": "Ann@example.com", "name": "Ann"})
    cart(shop, {"tea": 1}, contact="BOB@example.com")

    assert stock.race([lambda: tell_shoppers(db)] * 3) == ["done"] * 3

    assert [to for to, _subject, _text in mails(db)] == ["carl@example.com"]
    assert "the shop may still have it" in mails(db)[0][2]
    assert_well(db)


def test_a_refused_cart_is_told_how_many_are_free_now(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2, "cup": 9}, "B": {"tea": 1}})
    cart(shop, {"tea": 1})
    with pytest.raises(OutOfStock) as caught:
        cart(shop, {"tea": 4, "cup": 1})
    assert caught.value.extra["shortages"] == [{"sku": "tea", "asked": 4, "free": 2}]
    assert "tea: asked 4, free 2" in caught.value.detail
