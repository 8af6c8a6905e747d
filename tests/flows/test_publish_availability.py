"""Availability: what a channel may sell, place by place."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from ordito.flows.publish_availability import Availability, ItemAvailability, read_availability
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.problems import NotFound
from ordito.sourcing.policies import (
    CalendarRule,
    CountryRule,
    DistanceRule,
    MarketRule,
    MinimumStockRule,
    Policy,
    ProtectRule,
)
from tests import make
from tests.flows import stock_acts as acts


def available(shop: make.Shop, *skus: str, country: str | None = None) -> Availability:
    with shop.db.reading(make.BOSS) as tx:
        return read_availability(tx, "web", skus=skus, country=country)


def one(shop: make.Shop, sku: str, country: str | None = None) -> ItemAvailability:
    (item,) = available(shop, sku, country=country).items
    return item


def places(item: ItemAvailability) -> dict[str, int]:
    return {place.location: place.free for place in item.locations}


def test_free_stock_is_told_by_place_and_as_a_sum(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 1}, "B": {"tea": 2, "cup": 0}})
    make.place(shop, {"tea": 3})
    acts.hold(shop, {"cup": 1})

    tea, cup = available(shop, "tea", "CUP").items

    assert (tea.free, tea.published, places(tea)) == (4, 4, {"A": 2, "B": 2})
    assert (cup.sku, cup.free, cup.published, places(cup)) == ("cup", 0, 0, {})


def test_complaint_12_a_place_that_fulfils_nothing_takes_nothing_from_the_others(
    db: Database,
) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 2}, "B": {"tea": 7}, "C": {"tea": 7}, "HIST": {"tea": 7}},
        locations={"B": {"can_ship": False}, "C": {"active": False}},
    )

    assert places(one(shop, "tea")) == {"A": 2}


def test_the_buffer_is_kept_back_from_what_is_published(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3, "cup": 1}})
    _set_channel(shop, stock_buffer=2)

    tea, cup = available(shop, "tea", "cup").items

    assert (tea.free, tea.published) == (3, 1)
    assert (cup.free, cup.published) == (1, 0)


def test_only_the_channels_own_locations_count(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}, "B": {"tea": 5}})
    _set_channel(shop, location_ids=[shop.locations["B"]])

    assert places(one(shop, "tea")) == {"B": 5}


def test_kits_are_counted_whole_at_each_place(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"screw": 7, "plate": 9}, "B": {"screw": 9, "plate": 1}, "C": {"screw": 9}},
        kits={"shelf": {"screw": 4, "plate": 1}},
    )

    shelf = one(shop, "shelf")

    assert (shelf.kind, shelf.free, places(shelf)) == ("kit", 2, {"A": 1, "B": 1})


def test_services_are_without_limit_and_unknown_names_are_told(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}}, services=["wrap"])

    told = available(shop, "nothing", "wrap", "tea", "TEA")

    assert [(item.sku, item.unlimited) for item in told.items] == [("wrap", True), ("tea", False)]
    assert told.unknown == ["nothing"]
    with db.reading(make.BOSS) as tx:
        ids = [shop.items["tea"], UUID(int=5)]
        by_id = read_availability(tx, "web", item_ids=ids)
    assert [item.free for item in by_id.items] == [3]
    assert by_id.unknown == [str(UUID(int=5))]


def test_an_item_off_sale_is_published_as_none(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}})
    with db.connection() as conn:
        conn.execute("UPDATE catalog.item SET active = false")

    tea = one(shop, "tea")

    assert (tea.on_sale, tea.free, tea.published) == (False, 3, 0)


def test_complaint_13_stock_that_can_not_go_to_a_country_is_not_there_for_it(
    db: Database,
) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 3}, "B": {"tea": 5}},
        locations={"A": {"market": "EU"}, "B": {"market": "UK", "country": "GB"}},
        policy=Policy(rules=(MarketRule(), CountryRule(same=True, destinations=("GB",)))),
    )
    with db.connection() as conn:
        conn.execute(
            "INSERT INTO channels.market (code, name, countries)"
            " VALUES ('EU', 'EU', '{PL,DE}'), ('UK', 'UK', '{GB}')"
        )
        conn.execute("UPDATE platform.revision SET n = n + 1")

    assert places(one(shop, "tea", "PL")) == {"A": 3}
    assert places(one(shop, "tea", "GB")) == {"B": 5}
    assert places(one(shop, "tea", "US")) == {"A": 3, "B": 5}
    assert places(one(shop, "tea")) == {"A": 3, "B": 5}


def test_what_a_policy_keeps_for_those_who_walk_in_is_not_published(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 3}, "B": {"tea": 5}, "C": {"tea": 2}},
        locations={"A": {"kind": "store"}},
        policy=Policy(rules=(ProtectRule(keep=2, kinds=("store",)), MinimumStockRule(units=3))),
    )

    assert places(one(shop, "tea")) == {"A": 1, "B": 5}


def test_rules_about_the_day_and_the_way_do_not_hide_stock(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 3}},
        locations={"A": {"working_days": 0}},
        policy=Policy(
            rules=(CalendarRule(), DistanceRule(max_km=1), CountryRule(same=True)),
        ),
    )

    assert places(one(shop, "tea")) == {"A": 3}
    assert places(one(shop, "tea", "PL")) == {"A": 3}
    assert places(one(shop, "tea", "DE")) == {}


def test_a_hundred_items_take_a_handful_of_queries(db: Database) -> None:
    shop = make.shop(db, stock={code: {f"s{n}": n for n in range(100)} for code in "ABC"})
    available(shop, "s1")
    sent: list[str] = []
    execute = psycopg.Cursor.execute

    def note(cursor: Any, sql: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(str(sql))
        return execute(cursor, sql, *args, **kwargs)

    with db.reading(make.BOSS) as tx, pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", note)
        told = read_availability(tx, "web", skus=[f"s{n}" for n in range(100)])

    assert [item.free for item in told.items] == [3 * n for n in range(100)]
    assert len(sent) == 4, "the revision, the items, their buffers, the stock"


def test_a_channel_out_of_scope_is_not_there(db: Database) -> None:
    make.shop(db)
    bound = Actor("key", UUID(int=9), "Bound", EVERYTHING, channel_ids=frozenset())

    for actor, code in ((bound, "web"), (make.BOSS, "none")):
        with db.reading(actor) as tx, pytest.raises(NotFound):
            read_availability(tx, code, skus=["tea"])


def _set_channel(shop: make.Shop, **columns: Any) -> None:
    with shop.db.connection() as conn, conn.transaction():
        for name, value in columns.items():
            conn.execute(f"UPDATE channels.channel SET {name} = %s", (value,))
        conn.execute("UPDATE platform.revision SET n = n + 1")
