"""What happens to an order becomes a mail to its customer: once, in their language, or not."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.flows.place_orders import place_orders
from ordito.flows.tell_customers import customer_mails, tell_delays
from ordito.notifications.mails import read_order_mails
from ordito.notifications.tracking import find_link
from ordito.notifications.types import SentMail
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending
from ordito.platform.followers import follow
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import acts

BASE = "https://orders.example.com"
ANNA = {"email": "anna@example.com", "name": "Anna Nowak"}
FOLLOWER = customer_mails(BASE)


def tell(db: Database) -> None:
    """The worker's round: feed, then follower."""
    with db.transaction(SYSTEM) as tx:
        move_pending(tx)
    follow(db, FOLLOWER)


def begin(db: Database) -> make.Shop:
    """A shop whose follower has begun: it tells what happens from now on."""
    made = make.shop(db)
    make.place(made, {"cup": 1}, customer=ANNA)
    tell(db)
    return made


def mails(db: Database, order_id: UUID) -> list[SentMail]:
    """Oldest first."""
    with db.reading(SYSTEM) as tx:
        return read_order_mails(tx, order_id)[::-1]


def place(made: make.Shop, country: str = "GB", **fields: Any) -> UUID:
    ship_to = {"country": country, "name": "Anna Nowak", "city": "Leeds", "postal_code": "LS1"}
    placed = make.place(made, {"tea": 2}, customer=ANNA, ship_to=ship_to, **fields)
    order_id: UUID = placed.id
    return order_id


def test_an_order_is_confirmed_once_with_a_link(db: Database) -> None:
    made = begin(db)
    order_id = place(made, external_id="W-77")
    tell(db)
    with db.connection() as conn:
        conn.execute("UPDATE platform.follower SET position = 0 WHERE name = 'customer-mails'")
    tell(db)

    (mail,) = mails(db, order_id)
    with db.reading(SYSTEM) as tx:
        path = find_link(tx, order_id)
    assert (mail.kind, mail.recipient, mail.state) == ("confirmed", "anna@example.com", "waiting")
    assert mail.subject == "We have your order W-77"
    assert "Hello Anna," in mail.text
    assert "- 2 × Tea\n" in mail.text
    assert "Total: €20.00" in mail.text
    assert f"\n{BASE}{path}\n" in mail.text
    assert_well(db)


def test_what_happened_before_the_first_round_is_not_told(db: Database) -> None:
    made = make.shop(db)
    order_id = place(made)
    tell(db)
    tell(db)

    assert mails(db, order_id) == []


def test_the_country_chooses_the_language(db: Database) -> None:
    made = begin(db)
    polish, german = place(made, "PL"), place(made, "AT")
    tell(db)

    assert mails(db, polish)[0].subject.startswith("Mamy Twoje zamówienie")
    assert mails(db, german)[0].subject.startswith("Wir haben Ihre Bestellung")


def test_shipping_and_arrival_are_told_with_what_is_in_the_parcel(db: Database) -> None:
    made = begin(db)
    order_id = place(made)
    acts.release(made, order_id)
    acts.pick(made, order_id)
    acts.pack(made, order_id)
    acts.ship(made, order_id)
    acts.deliver(made, order_id)
    tell(db)

    confirmed, shipped, delivered = mails(db, order_id)
    assert [m.kind for m in (confirmed, shipped, delivered)] == [
        "confirmed",
        "shipped",
        "delivered",
    ]
    assert "- 2 × Tea\n" in shipped.text
    assert_well(db)


def test_cancelling_a_part_names_the_part(db: Database) -> None:
    made = begin(db)
    order_id = place(made)
    acts.cancel(made, order_id, {1: 1})
    tell(db)
    acts.cancel(made, order_id)
    tell(db)

    _confirmed, part, whole = mails(db, order_id)
    assert part.subject.startswith("A part of your order")
    assert "- 1 × Tea" in part.text
    assert whole.subject.endswith("was cancelled")


@pytest.mark.parametrize("fields", [{"customer": None}, {"channel": "market"}])
def test_nobody_is_told_without_an_address_or_by_a_marketplace(
    db: Database, fields: dict[str, Any]
) -> None:
    made = begin(db)
    with db.connection() as conn:
        if "channel" in fields:
            conn.execute("UPDATE channels.channel SET kind = 'marketplace'")
            conn.execute("UPDATE platform.revision SET n = n + 1")
    customer = None if "customer" in fields else ANNA
    order_id = make.place(made, {"tea": 1}, customer=customer).id
    tell(db)

    assert mails(db, order_id) == []
    with db.reading(SYSTEM) as tx:
        assert find_link(tx, order_id), "the link is there all the same"


def test_old_news_is_not_told(db: Database) -> None:
    made = begin(db)
    order_id = place(made)
    with make.owner(db) as conn:
        conn.execute("UPDATE platform.event SET at = at - interval '25 hours'")
    tell(db)

    assert mails(db, order_id) == []


def test_naughty_names_stay_text(db: Database) -> None:
    begin(db)
    ship_to = {
        "country": "GB",
        "name": "<script>alert(1)</script> \u202e {{ 7*7 }}",
        "city": "x",
        "postal_code": "1",
    }
    lines = [
        {"sku": "tea", "quantity": 1, "title": "<b>T</b>\n\n- {{ total }} http://evil.example"}
    ]
    wanted = make.ask({}, customer=ANNA, ship_to=ship_to) | {"lines": lines}
    placed: Any = run(db, make.BOSS, place_orders, msgspec.convert(wanted, PlaceOrder))
    order_id = placed.id
    tell(db)
    (mail,) = mails(db, order_id)
    with db.connection() as conn:
        row = conn.execute(
            "SELECT body_html FROM notifications.mail WHERE order_id = %s", (order_id,)
        ).fetchone()
    assert row is not None
    html = row[0]
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;T&lt;/b&gt; - {{ total }} http://evil.example" in html
    assert 'href="http://evil' not in html
    assert "- 1 × <b>T</b> - {{ total }} http://evil.example" in mail.text


def test_a_broken_promise_is_told_once(db: Database) -> None:
    made = begin(db)
    order_id = place(made)
    with db.connection() as conn:
        conn.execute(
            "INSERT INTO listings.order_entry (order_id, version, placed_at, number, promised_on,"
            " currency, total_minor, awaited, doc)"
            " SELECT id, version, placed_at, number, current_date - 1, currency, total_minor, true,"
            " ''::tsvector FROM orders.sales_order WHERE id = %s",
            (order_id,),
        )
        conn.execute("UPDATE orders.sales_order SET promised_on = current_date - 1")
    assert tell_delays(db, BASE) == 1
    assert tell_delays(db, BASE) == 0

    (mail,) = mails(db, order_id)
    assert mail.kind == "delayed"
