"""A pick-up that its shop can't serve: nothing moves until the customer says where to."""

from typing import Any
from uuid import UUID

import pytest

from ordito.flows.choose_delivery import choose_delivery, offer_choice, read_choice
from ordito.flows.reactions import FOLLOWER
from ordito.flows.sweep_watches import sweep_watches
from ordito.flows.tell_customers import customer_mails
from ordito.listings.watches import list_watches
from ordito.notifications.mails import read_order_mails
from ordito.notifications.tracking import ensure_link
from ordito.orders.asks import ChooseDelivery, OfferChoice
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending
from ordito.platform.followers import follow
from ordito.platform.problems import ActionNotAllowed, InvalidInput, Problem
from ordito.web.pages import order_choices, order_page
from ordito.web.pages.track import answer_choice, answer_link
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts
from tests.races.racing import race
from tests.web.acts import get, post, text_of

ANNA = {"email": "anna@example.com", "name": "Anna Nowak"}
PLACES: dict[str, dict[str, Any]] = {
    "A": {"kind": "store"},
    "FAR": {"kind": "store", "latitude": 54.35, "longitude": 18.65},
    "NEAR": {"kind": "store", "latitude": 51.8, "longitude": 19.5},
    "W": {"can_pickup": False},
}
STOCK = {"A": {"tea": 9, "cup": 9}, "FAR": {"tea": 9}, "NEAR": {"tea": 2}, "W": {"tea": 1}}
BASE = "https://shop.example"
MAILS = customer_mails(BASE)


def open_shop(db: Database) -> make.Shop:
    return make.shop(db, stock=STOCK, locations=PLACES)


def place(shop: make.Shop, lines: dict[str, int]) -> UUID:
    """A pick-up at A by somebody in Łódź, whose postal code nobody knows: A counts as theirs."""
    ship_to = {"country": "PL", "city": "Łódź", "line1": "Piotrkowska 1", "postal_code": ""}
    placed = make.place(
        shop, lines, delivery="pickup", pickup_location="A", customer=ANNA, ship_to=ship_to
    )
    order_id: UUID = placed.id
    return order_id


def react(db: Database) -> None:
    """The worker's round: what follows, then what is told."""
    for follower in (FOLLOWER, MAILS):
        with db.transaction(SYSTEM) as tx:
            move_pending(tx)
        follow(db, follower)


def token_of(db: Database, order_id: UUID) -> str:
    with db.transaction(SYSTEM) as tx:
        return ensure_link(tx, order_id).removeprefix("/t/")


def options(db: Database, order_id: UUID) -> list[tuple[str, str | None, int | None]]:
    with db.reading(SYSTEM) as tx:
        return [(o.choice, o.location, o.km) for o in read_choice(tx, order_id).options]


def choose(db: Database, order_id: UUID, form: dict[str, str]) -> Any:
    return answer_choice(db, token_of(db, order_id), "en", form)


def test_a_customer_is_asked_and_chooses_another_shop_by_their_link(db: Database) -> None:
    shop = open_shop(db)
    make.place(shop, {"tea": 1})
    react(db)
    order_id = place(shop, {"tea": 2})
    acts.reject(shop, order_id)
    react(db)

    assert acts.vector(acts.look(shop, order_id)) == {"backordered": 2}, "nothing moves by itself"
    offered = acts.event(shop, order_id, "choice_offered")
    assert (offered["location"], offered["cause"]) == ("A", "rejected")
    with db.reading(SYSTEM) as tx:
        mail = read_order_mails(tx, order_id)[0]
        read = read_choice(tx, order_id)
    assert mail.kind == "choice"
    assert "A nie ma wszystkiego z zamówienia" in mail.text
    assert f"{BASE}/t/{token_of(db, order_id)}" in mail.text
    assert read.expires_at is not None
    assert read.offered_at is not None
    assert (read.expires_at - read.offered_at).total_seconds() == 48 * 3600
    assert options(db, order_id) == [
        ("pickup", "NEAR", 6), ("pickup", "FAR", 294), ("ship", None, None),
        ("cancel", None, None)]  # fmt: skip
    page = answer_link(db, token_of(db, order_id), "en").body.decode()
    assert "Please choose what happens to your order." in page
    assert page.index("NEAR") < page.index("FAR")
    assert "Piotrkowska" not in page
    run(db, make.BOSS, offer_choice, OfferChoice(order_id=order_id))
    assert acts.timeline(shop, order_id).count("choice_offered") == 1, "asked once"

    make.place(shop, {"tea": 2}, delivery="pickup", pickup_location="NEAR")
    gone = choose(db, order_id, {"choice": "pickup", "location": "NEAR"})
    assert gone.status == 409
    assert b"not possible any more" in gone.body
    assert b"FAR" in gone.body
    assert b"NEAR" not in gone.body
    for wrong in ({"choice": "pickup"}, {"choice": "x"}, {"choice": "pickup", "location": "A"}):
        assert choose(db, order_id, wrong).status == 409
    done = choose(db, order_id, {"choice": "pickup", "location": "FAR"})
    assert (done.status, dict(done.headers)[b"location"]) == (
        303, f"/t/{token_of(db, order_id)}".encode())  # fmt: skip
    state = acts.look(shop, order_id)
    assert acts.parts(state) == [("A", "rejected"), ("FAR", "open")]
    assert acts.last_event(shop, order_id) == {
        "choice_no": 1, "decision": "pickup", "location": "FAR", "by_customer": True}  # fmt: skip
    again = choose(db, order_id, {"choice": "ship"})
    assert again.status == 409
    assert b"chosen already" in again.body
    assert answer_choice(db, "a" * 32, "en", {"choice": "ship"}).status == 404

    acts.reject(shop, order_id, fo_no=2)
    react(db)
    assert acts.event(shop, order_id, "choice_offered")["choice_no"] == 2, "asked anew"
    assert options(db, order_id) == [("cancel", None, None)], "who refused is no choice"
    assert_well_now(db)


def test_two_tabs_choose_once_and_a_short_pick_leaves_what_can_be_given_up(db: Database) -> None:
    shop = open_shop(db)
    order_id = place(shop, {"tea": 2})
    acts.reject(shop, order_id)
    react(db)
    asks = [
        ChooseDelivery(order_id=order_id, choice="pickup", location="FAR"),
        ChooseDelivery(order_id=order_id, choice="cancel"),
    ]
    outcomes = race([lambda a=a: run(db, SYSTEM, choose_delivery, a) for a in asks])  # type: ignore[misc]
    assert sum(isinstance(one, Problem) for one in outcomes) == 1
    assert acts.timeline(shop, order_id).count("choice_made") == 1
    expected = {"reserved": 2} if isinstance(outcomes[1], Problem) else {"cancelled": 2}
    assert acts.vector(acts.look(shop, order_id)) == expected

    part = place(shop, {"cup": 9, "tea": 1})
    acts.release(shop, part)
    acts.short(shop, part, {1: 1})
    react(db)
    assert [choice for choice, _where, _km in options(db, part)] == ["cancel_missing", "cancel"]
    assert choose(db, part, {"choice": "ship"}).status == 409, "the shop has begun"
    assert choose(db, part, {"choice": "cancel_missing"}).status == 303
    state = acts.look(shop, part)
    assert (acts.vector(state), acts.vector(state, 2)) == (
        {"cancelled": 1, "released": 8}, {"released": 1})  # fmt: skip
    sent = make.place(shop, {"tea": 1}).id
    problem = acts.refusal(shop, lambda: run(db, SYSTEM, offer_choice, OfferChoice(order_id=sent)))
    assert isinstance(problem, ActionNotAllowed)
    assert_well_now(db)


def test_when_the_time_is_over_it_is_a_task_and_staff_choose(db: Database) -> None:
    shop = open_shop(db)
    order_id = place(shop, {"tea": 2})
    number = str(acts.look(shop, order_id).number)
    url = f"/orders/{number}"
    acts.reject(shop, order_id)
    page = get(order_page.show, db, url, number=number)
    assert "Nobody has asked the customer yet" in page
    post(order_choices.offer, db, f"{url}/choice/offer", form={}, number=number)
    assert "The customer is asked and can choose until" in get(
        order_page.show, db, url, number=number
    )
    with make.owner(db) as conn:
        conn.execute("UPDATE orders.choice SET expires_at = now() - interval '1 minute'")
    assert choose(db, order_id, {"choice": "ship"}).status == 409
    assert b"Your choice" not in answer_link(db, token_of(db, order_id), "en").body
    sweep_watches(db)
    with db.reading(SYSTEM) as tx:
        assert [str(w.number) for w in list_watches(tx, "undecided").items] == [number]
    assert "Call them." in get(order_page.show, db, url, number=number)

    form = get(order_choices.choice_form, db, f"{url}/choice", number=number)
    assert "Collected at FAR, 294 km away" in form
    nothing = post(order_choices.choose, db, f"{url}/choice", form={}, number=number)
    assert (nothing.status, "Choose what the customer wants" in text_of(nothing)) == (422, True)
    with pytest.raises(InvalidInput):
        run(db, make.BOSS, choose_delivery, ChooseDelivery(order_id=order_id, choice="pickup"))
    post(order_choices.choose, db, f"{url}/choice", form={"choice": "ship:"}, number=number)
    assert acts.vector(acts.look(shop, order_id)) == {"reserved": 2}
    assert acts.last_event(shop, order_id)["by_customer"] is False
    page = get(order_page.show, db, url, number=number)
    assert "Chosen for the customer: Shipped to the customer" in page
    sweep_watches(db)
    with db.reading(SYSTEM) as tx:
        assert list_watches(tx, "undecided").items == ()
    assert_well_now(db)
