"""Carts as staff see them."""

from ordito.platform.database import Database
from ordito.web.pages.carts import complete, complete_form, release, show_carts
from tests import make
from tests.flows import stock_acts as acts
from tests.flows.test_complete_cart import cart
from tests.web.acts import get, location_of, post, text_of


def test_staff_complete_a_shoppers_cart_and_give_another_back(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    held = cart(shop, {"tea": 3}, contact="ann@example.com")
    other = cart(shop, {"tea": 1})
    listed = get(show_carts, db, "/carts")
    assert "3 × tea 3 Web shop ann@example.com" in listed
    assert listed.count("Complete as order") == 2
    may_look = get(show_carts, db, "/carts", permissions=["orders.read"])
    assert "Complete as order" not in may_look
    assert "Give back" not in may_look

    path, key = f"/carts/{held.id}/complete", str(held.id)
    assert "In the cart: 3 × tea" in get(complete_form, db, path, cart=key)
    form = {"name": "Ann", "line1": "Lipowa 1", "city": "Warszawa", "country": "pl"}
    wrong = post(complete, db, path, cart=key, form=form | {"country": "Poland"})
    assert wrong.status == 422
    placed = post(complete, db, path, cart=key, form=form | {"email": "ann@example.com"})
    assert location_of(placed).startswith("/orders/")
    assert acts.buckets(shop, "tea", "A") == {"available": 1, "reserved": 4}
    again = post(complete, db, path, cart=key, form=form)
    assert "It ended at" in text_of(again)

    post(release, db, f"/carts/{other.id}/release", cart=str(other.id))
    assert acts.buckets(shop, "tea", "A") == {"available": 2, "reserved": 3}
    number = location_of(placed).rpartition("/")[2]
    assert f"#{number}" in get(show_carts, db, "/carts?state=completed")
    assert "1 × tea" in get(show_carts, db, "/carts?state=released")
    assert "No cart keeps stock" in get(show_carts, db, "/carts")
