"""Watch lists say what is true: raised, owned, escalated, and closed only when the fact is gone."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.desk.watch_types import GiveWatch, SetWatchRule, Watch
from ordito.flows.manage_access import CreateUser, create_user
from ordito.flows.sweep_watches import give_watch, set_watch_rule, sweep_watches
from ordito.listings.watches import WatchView, count_watches, list_watches
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.accounts import User
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput, NotFound, NotPermitted
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import stock_acts as acts
from tests.flows.test_complete_cart import cart, change_channel
from tests.listings.test_follower import catch_up


def user(db: Database, name: str, permissions: Any = EVERYTHING) -> User:
    ask = {"email": f"{name}@example.com", "name": name, "permissions": sorted(permissions)}
    return run(db, SYSTEM, create_user, msgspec.convert(ask, CreateUser))


def entries(db: Database, kind: Any = None, actor: Actor = make.BOSS) -> list[WatchView]:
    with db.reading(actor) as tx:
        return list(list_watches(tx, kind).items)


def change(db: Database, sql: str) -> None:
    with db.connection() as conn:
        conn.execute(sql)


def test_each_list_says_what_is_wrong_until_it_is_not(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 2, "cup": 1}, "B": {"cup": 5}},
        locations={"A": {"capacity_daily": 1}, "B": {"can_ship": False}},
    )
    keeper = user(db, "keeper")
    change_channel(shop, cart_units_told=2)
    short = make.place(shop, {"tea": 3, "cup": 3}, promised_on="2020-01-02")
    acts.receive(shop, "A", {"tea": 2})
    big = cart(shop, {"tea": 2})
    change(
        db,
        "UPDATE inventory.stock_hold SET created_at = now() - interval '11 minutes';"
        "UPDATE locations.location SET can_ship = true WHERE code = 'B';"
        "UPDATE channels.channel SET location_ids = ARRAY"
        "(SELECT id FROM locations.location WHERE code = 'A')",
    )
    catch_up(db)

    assert sweep_watches(db) > 0
    assert sweep_watches(db) == 0

    found = {entry.kind: entry for entry in entries(db)}
    assert {kind: (e.number, e.part, e.sku, e.qty) for kind, e in found.items()} == {
        "short": (short.number, 1, "tea", 1),
        "oversold": (short.number, 2, "cup", 2),
        "capacity": (None, 0, "", 1),
        "promise": (short.number, 0, "", None),
        "cart": (None, 0, "", 2),
    }
    assert {entry.owner for entry in found.values()} == {"keeper"}
    assert {entry.owner_id for entry in found.values()} == {keeper.id}
    with db.reading(make.BOSS) as tx:
        assert {k: c.count for k, c in count_watches(tx).items()} == dict.fromkeys(found, 1)
    assert_well_now(db)

    acts.release(shop, big.id)
    change(db, "UPDATE locations.location SET capacity_daily = NULL")
    sweep_watches(db)
    # Its stock is free now, and nobody gave it to the order that waits.
    assert sorted(entry.kind for entry in entries(db)) == ["oversold", "oversold", "promise"]
    told = [entry.kind for entry in acts.timeline(db, found["cart"].id)]
    assert told == ["watch.raised", "watch.closed"]
    change(db, "UPDATE orders.line SET open = backordered, backordered = 0 WHERE line_no = 1")
    sweep_watches(db)
    assert {entry.kind for entry in entries(db)} == {"unservable", "oversold", "promise"}


def test_an_entry_has_one_owner_and_escalates_when_it_is_overdue(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})
    keeper, ann = user(db, "keeper"), user(db, "ann")
    boss = user(db, "boss")
    looker = user(db, "looker", ["catalog.read"])
    rule = SetWatchRule(kind="short", due_hours=3, owner_id=ann.id, escalate_to=boss.id)
    run(db, make.BOSS, set_watch_rule, rule)
    make.place(shop, {"tea": 2})
    sweep_watches(db)
    (entry,) = entries(db, "short")
    assert (entry.owner, entry.overdue) == ("ann", False)
    assert (entry.due_at - entry.raised_at).total_seconds() == 3 * 3600

    given: Watch = run(db, make.BOSS, give_watch, GiveWatch(watch_id=entry.id, user_id=keeper.id))
    assert given.owner_id == keeper.id
    before = acts.timeline(db, entry.id)
    with pytest.raises(InvalidInput):
        run(db, make.BOSS, give_watch, GiveWatch(watch_id=entry.id, user_id=looker.id))
    bad = SetWatchRule(kind="short", due_hours=3, owner_id=looker.id)
    with pytest.raises(InvalidInput):
        run(db, make.BOSS, set_watch_rule, bad)
    nowhere = Actor("user", UUID(int=9), "N", EVERYTHING, channel_ids=frozenset())
    with pytest.raises(NotFound):
        run(db, nowhere, give_watch, GiveWatch(watch_id=entry.id, user_id=keeper.id))
    with pytest.raises(NotPermitted):
        run(db, nowhere, set_watch_rule, rule)
    assert entries(db, actor=nowhere) == []
    assert acts.timeline(db, entry.id) == before

    change(db, "UPDATE desk.watch SET due_at = now() - interval '1 minute'")
    sweep_watches(db)
    (entry,) = entries(db, "short")
    assert (entry.owner, entry.overdue) == ("boss", True)
    sweep_watches(db)
    assert [told.kind for told in acts.timeline(db, entry.id)] == [
        "watch.raised",
        "watch.given",
        "watch.escalated",
    ]
    assert_well_now(db)


def test_two_programs_sweep_a_list_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})
    user(db, "keeper")
    for _ in range(3):
        make.place(shop, {"tea": 2})

    assert acts.race([lambda: sweep_watches(db)] * 4) == ["done"] * 4

    sweep_watches(db)
    assert len(entries(db, "short")) == 3
    assert len({entry.subject_id for entry in entries(db, "short")}) == 3
