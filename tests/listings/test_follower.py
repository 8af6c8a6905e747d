"""The follower of the search table."""

from typing import Any

from ordito.flows.annotate_order import add_note
from ordito.flows.tag_order import tag_order
from ordito.listings.doctor.examination import examine
from ordito.listings.follower import ORDER_LISTINGS, follow_orders, rebuild
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import list_orders
from ordito.orders.asks import AddNote, TagOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending, read_feed
from ordito.platform.followers import follow
from tests import make
from tests.flows import acts


def catch_up(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        while move_pending(tx):
            pass
    while follow(db, ORDER_LISTINGS):
        pass


def entries(db: Database) -> list[Any]:
    with db.connection() as conn:
        return conn.execute(
            "SELECT order_id, version, placed_at, number, promised_on, currency, total_minor,"
            " awaited, doc::text FROM listings.order_entry ORDER BY order_id"
        ).fetchall()


def numbers(db: Database, **asked: Any) -> list[int]:
    with db.reading(make.BOSS) as tx:
        return [row.number for row in list_orders(tx, OrderFilter(**asked)).items]


def test_orders_are_found_by_what_happened_to_them(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    one, two = make.place(shop, {"tea": 1}), make.place(shop, {"tea": 1})
    catch_up(db)
    assert numbers(db) == [two.number, one.number]
    assert numbers(db, tags=("gift",)) == []

    run(db, make.BOSS, tag_order, TagOrder(order_id=one.id, add=("gift",)))
    acts.cancel(shop, two.id)
    catch_up(db)

    assert numbers(db, tags=("gift",)) == [one.number]
    assert numbers(db, life=("cancelled",)) == [two.number]
    assert numbers(db, life=("open",)) == [one.number]


def test_order_is_found_by_whatever_people_know_of_it(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}}, kits={"set": {"tea": 2}})
    placed = make.place(
        shop,
        {"set": 1},
        external_id="WEB-00012345",
        customer={"name": "Łukasz Żółć", "email": "l.zolc@example.com", "phone": "+48 601-234-567"},
        ship_to={"country": "PL", "city": "Łódź", "postal_code": "90-001", "name": "Zażółć SA"},
        code="VIP-7",
    )
    for act in (acts.release, acts.pick, acts.pack):
        act(shop, placed.id)
    acts.ship(shop, placed.id, tracking_number="JD0146000037")
    catch_up(db)
    for text in (
        str(placed.number),
        "web-000123",
        "12345",
        "lukasz ZOLC",
        "żółć",
        "l.zolc@exam",
        "601234567",
        "601 234 567",
        "4567",
        "lodz",
        "90-001",
        "90001",
        "set",
        "vip-7",
        "jd01460",
        "0037",
    ):
        assert numbers(db, text=text) == [placed.number], text
    assert numbers(db, text="lukasz nobody") == []
    assert numbers(db, sku="TEA") == [placed.number], "a kit has it in it"
    assert numbers(db, sku="SET") == [placed.number]
    assert numbers(db, item_id=shop.items["tea"]) == [placed.number]


def test_an_entry_keeps_step_with_its_order_when_nothing_listed_changes(db: Database) -> None:
    shop = make.shop(db)
    placed = make.place(shop, {"tea": 1})
    for _ in range(2):
        run(db, make.BOSS, add_note, AddNote(order_id=placed.id, body="Call before noon"))
    catch_up(db)
    ((_id, version, *_rest),) = entries(db)
    assert version == acts.look(shop, placed.id).version
    assert [finding.id for finding in examine(db).findings if finding.id == "L1"] == []


def test_handling_entries_again_changes_nothing(db: Database) -> None:
    shop = make.shop(db)
    make.place(shop, {"tea": 1})
    catch_up(db)
    before = entries(db)
    with db.transaction(SYSTEM) as tx:
        follow_orders(tx, read_feed(tx, 0, 100, kinds=ORDER_LISTINGS.kinds))

    assert entries(db) == before


def test_rebuild_gives_what_the_follower_had(db: Database) -> None:
    shop = make.shop(db)
    placed = [make.place(shop, {"tea": 1}, tags=["gift"]) for _ in range(3)]
    acts.cancel(shop, placed[0].id)
    catch_up(db)
    kept = entries(db)
    with db.connection() as conn:
        conn.execute("UPDATE listings.order_entry SET doc = 'wrong', version = 0")
        conn.execute("DELETE FROM listings.order_entry WHERE order_id = %s", (placed[1].id,))
        conn.execute(
            "INSERT INTO listings.order_entry VALUES"
            " (gen_random_uuid(), 1, now(), 1, 'today', 'EUR', 1, true, 'stray')"
        )

    assert rebuild(db) == 3
    assert entries(db) == kept


def test_entry_that_is_newer_than_what_was_read_stays(db: Database) -> None:
    shop = make.shop(db)
    placed = make.place(shop, {"tea": 1})
    catch_up(db)
    with db.connection() as conn:
        conn.execute("UPDATE listings.order_entry SET version = 99, doc = 'newer'")
    rebuild(db)

    assert [(row[1], row[8]) for row in entries(db)] == [(99, "'newer'")]
    assert placed.number not in numbers(db)[1:]
