"""The home page's figures and its queue."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.flows.assign_order import assign_order
from ordito.flows.hold_order import hold_order
from ordito.flows.retry_parked import RetryParked, retry_parked
from ordito.kernel.ids import new_id
from ordito.listings.follower import ORDER_LISTINGS
from ordito.listings.home import Home, HomeParams, read_home
from ordito.listings.need_types import NeedKind
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import list_orders
from ordito.listings.quarter_figures import QUARTER_FIGURES
from ordito.orders.asks import AssignOrder, HoldOrder, OwnedHold
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending
from ordito.platform.followers import follow
from ordito.platform.problems import InvalidInput, NotFound
from tests import make
from tests.flows import acts

TROUBLE: tuple[NeedKind, ...] = ("mail", "webhook", "shop", "parked")


def catch_up(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        while move_pending(tx):
            pass
    for follower in (ORDER_LISTINGS, QUARTER_FIGURES):
        while follow(db, follower):
            pass


def home(db: Database, actor: Actor = make.BOSS, **params: Any) -> Home:
    with db.reading(actor) as tx:
        return read_home(tx, HomeParams(**params))


def today(found: Home) -> dict[str, tuple[int, int]]:
    assert found.figures
    return {f.what: (f.today.times, f.today.units) for f in found.figures.figures}


def kinds(found: Home) -> dict[str, int]:
    return {group.kind: group.count for group in found.needs}


def ship(shop: make.Shop, order_id: UUID) -> None:
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)
    acts.ship(shop, order_id)


def test_today_counts_what_was_placed_shipped_and_returned(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    first = make.place(shop, {"tea": 2})
    make.place(shop, {"tea": 3})
    ship(shop, first.id)
    acts.take_back(shop, first.id, {1: 1})
    catch_up(db)
    found = home(db)

    assert found.figures
    assert today(found) == {
        "placed": (2, 5),
        "shipped": (1, 2),
        "delivered": (0, 0),
        "returned": (1, 1),
    }
    (sales,) = found.figures.sales
    assert (sales.currency, sales.today_minor, sales.unrated) == ("EUR", 5_000, 0)
    (channel,) = found.figures.channels
    assert (channel.channel.code, channel.orders, channel.units, channel.minor) == (
        "web", 2, 5, 5_000,
    )  # fmt: skip
    (place,) = found.figures.locations
    assert (place.location.code, place.assigned, place.shipped, place.shipped_units) == (
        "A", 2, 1, 2,
    )  # fmt: skip


def test_an_event_counts_once_however_often_the_follower_looks(db: Database) -> None:
    shop = make.shop(db)
    make.place(shop, {"tea": 2})
    catch_up(db)
    catch_up(db)
    assert today(home(db))["placed"] == (1, 2)


def test_last_week_is_compared_up_to_the_same_time(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    with db.reading(make.BOSS) as tx:
        now = tx.now
    earlier, later = now - timedelta(days=7, hours=1), now - timedelta(days=7) + timedelta(hours=1)
    for at in (earlier, later):
        make.place(shop, {"tea": 1}, placed_at=at.isoformat())
    catch_up(db)
    # In the zone where it is noon now, both are of the same day.
    offset = 12 - now.hour
    found = home(db, time_zone=f"Etc/GMT{-offset:+d}")

    assert found.figures
    placed = found.figures.figures[0]
    assert placed.week_ago.times == 1
    assert [day.times for day in placed.days][-8] == 2
    assert placed.today.times == 0


def test_one_location_sees_what_it_was_given(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}, "B": {"cup": 9}})
    make.place(shop, {"tea": 2})
    make.place(shop, {"cup": 1})
    catch_up(db)
    found = home(db, location="B")

    assert today(found)["assigned"] == (1, 1)
    assert found.live
    assert found.live.open == 1
    bound = msgspec.structs.replace(make.BOSS, location_ids=frozenset([shop.locations["A"]]))
    assert today(home(db, bound))["assigned"] == (1, 2)
    with pytest.raises(NotFound):
        home(db, bound, location="B")


def test_channels_out_of_scope_are_in_no_figure_and_no_queue(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})
    make.place(shop, {"tea": 3})
    catch_up(db)
    stranger = msgspec.structs.replace(make.BOSS, channel_ids=frozenset([UUID(int=1)]))
    found = home(db, stranger)

    assert today(found)["placed"] == (0, 0)
    assert found.live
    assert (found.live.open, found.live.backordered, kinds(found)) == (0, 0, {})


def test_the_queue_holds_each_thing_once_where_something_can_be_done(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}})
    late = make.place(shop, {"tea": 1}, promised_on="2020-01-01")
    held = make.place(shop, {"tea": 1}, promised_on="2020-01-01")
    waiting = make.place(shop, {"tea": 5}, promised_on="2020-01-01")
    hold = OwnedHold(reason="fraud", owner_id=None)
    run(db, make.BOSS, hold_order, HoldOrder(order_id=held.id, holds=(hold,)))
    catch_up(db)
    found = home(db)

    numbers = {group.kind: [need.number for need in group.items] for group in found.needs}
    assert numbers == {
        "late": [late.number],
        "hold": [held.number],
        "backorder": [waiting.number],
    }
    assert [group.kind for group in found.needs] == ["late", "hold", "backorder"]
    assert found.live
    assert (found.live.late, found.live.held) == (3, 1)


def test_a_hold_names_its_owner_and_its_reason(db: Database) -> None:
    shop = make.shop(db)
    owner = new_id()
    with db.connection() as conn:
        conn.execute(
            "INSERT INTO platform.app_user (id, email, name, permissions)"
            " VALUES (%s, 'ola@example.com', 'Ola Kot', '{}')",
            (owner,),
        )
    order = make.place(shop, {"tea": 1})
    hold = OwnedHold(reason="address", owner_id=owner)
    run(db, make.BOSS, hold_order, HoldOrder(order_id=order.id, holds=(hold,)))
    (group,) = home(db).needs
    (need,) = group.items

    assert (need.number, need.detail, need.owner) == (order.number, "address", "Ola Kot")


def test_a_short_pick_asks_for_a_count_and_for_supply(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}})
    order = make.place(shop, {"tea": 2})
    acts.release(shop, order.id)
    acts.short(shop, order.id, {1: 1})
    catch_up(db)
    found = home(db)

    assert kinds(found) == {"shortage": 1, "backorder": 1, "count": 1}
    reader = msgspec.structs.replace(make.BOSS, permissions=frozenset({"fulfillment.read"}))
    floor = home(db, reader)
    assert (floor.live, floor.figures, kinds(floor)) == (None, None, {"shortage": 1, "count": 1})


def test_counts_stop_at_their_limit(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    order = make.place(shop, {"tea": 1})
    with db.connection() as conn:
        conn.execute(
            "INSERT INTO fulfillment.task (id, kind, order_id, location_id, qty, raised_at)"
            " SELECT gen_random_uuid(), 'put_back', %s, %s, 1, now() FROM generate_series(1, 150)",
            (order.id, shop.locations["A"]),
        )
    (group,) = home(db).needs
    assert (group.kind, group.count, len(group.items)) == ("put_back", 100, 5)


def test_boxes_that_wait_too_long_are_asked_after(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    order = make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="A", ship_to=None)
    with db.connection() as conn:
        conn.execute(
            "UPDATE fulfillment.fulfillment_order SET state = 'ready',"
            " updated_at = now() - interval '2 days'"
        )
    assert kinds(home(db)) == {}
    with db.connection() as conn:
        conn.execute(
            "UPDATE fulfillment.fulfillment_order SET updated_at = now() - interval '4 days'"
        )
    (group,) = home(db).needs
    assert (group.kind, [n.number for n in group.items]) == ("pickup", [order.number])


def test_an_unknown_time_zone_is_refused(db: Database) -> None:
    make.shop(db)
    with pytest.raises(InvalidInput, match="Days"):
        home(db, time_zone="Mars/Olympus")


def test_what_failed_for_good_is_asked_after(db: Database) -> None:
    shop = make.shop(db)
    order = make.place(shop, {"tea": 1})
    catch_up(db)
    with db.connection() as conn:
        conn.execute(
            """
            INSERT INTO notifications.mail (id, key, kind, order_id, recipient, subject, body_text,
                body_html, locale, state, error, created_at)
            SELECT gen_random_uuid(), n::text, 'shipped', %s, 'a@b.example', '', '', '', 'en',
                   'failed', 'no such mailbox', now() - make_interval(days => 20 * n)
            FROM generate_series(0, 1) AS n
            """,
            (order.id,),
        )
        channel = conn.execute("SELECT id FROM channels.channel WHERE code = 'web'").fetchone()
        assert channel
        conn.execute(
            "INSERT INTO channels.connection (channel_id, kind, domain, swept_to, sweep_error)"
            " VALUES (%s, 'shopify', 'x.example', now(), 'The token is wrong.')",
            channel,
        )
        conn.execute(
            """
            WITH e AS (
                INSERT INTO webhooks.endpoint (id, url, description, kinds, active, off_reason)
                VALUES (gen_random_uuid(), 'https://x.example/', '', '{*}', false, 'failing')
                RETURNING id)
            INSERT INTO webhooks.progress (endpoint_id, position) SELECT id, 0 FROM e
            """
        )
        conn.execute(
            "INSERT INTO platform.parked_event (follower, position, stream_id, gave_up, error)"
            " SELECT 'tell-shops', position, stream_id, true, 'It broke.' FROM platform.feed"
            " ORDER BY position LIMIT 1"
        )

    found = {group.kind: group for group in home(db).needs}

    told = {kind: (found[kind].count, found[kind].items[0].title) for kind in TROUBLE}
    assert told == {
        "mail": (1, "no such mailbox"),
        "webhook": (1, "https://x.example/"),
        "shop": (1, "The token is wrong."),
        "parked": (1, "It broke."),
    }
    assert set(kinds(home(db, acts.clerk(shop, "A")))).isdisjoint(set(TROUBLE) - {"mail"})

    (parked,) = found["parked"].items
    ask = RetryParked(follower="tell-shops", stream_id=parked.id)
    scoped = acts.refusal(shop, partial(acts.do, db, retry_parked, ask, acts.clerk(shop, "A")))
    assert isinstance(scoped, NotFound)
    acts.do(db, retry_parked, ask)
    assert "parked" not in kinds(home(db))


def test_orders_that_nobody_can_serve_wait_in_a_queue_with_an_owner(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 1}, "B": {"tea": 9}},
        locations={"B": {"can_ship": False}},
    )
    served = make.place(shop, {"tea": 1}).id
    waits = make.place(shop, {"tea": 1}).number
    with db.connection() as conn:
        conn.execute("UPDATE locations.location SET can_ship = false")
        conn.execute("UPDATE platform.revision SET n = n + 1")
    unserved = make.place(shop, {"tea": 1})
    ask = AssignOrder(order_id=unserved.id, user_id=None)
    acts.do(db, assign_order, ask)
    catch_up(db)

    found = {group.kind: group for group in home(db).needs}

    assert [need.number for need in found["unsourced"].items] == [unserved.number]
    assert [need.owner for need in found["unsourced"].items] == [None]
    assert [need.number for need in found["backorder"].items] == [waits]
    with db.reading(make.BOSS) as tx:
        listed = list_orders(tx, OrderFilter(unserved=True)).items
        others = list_orders(tx, OrderFilter(unserved=False)).items
    assert [row.number for row in listed] == [unserved.number]
    assert served in {row.id for row in others}
