"""Locations: where stock is kept, where it lies there, and what closing one leaves open."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.channels.types import SetMarkets
from ordito.flows.manage_channels import set_markets
from ordito.flows.manage_locations import (
    HISTORY_CODE,
    LocationState,
    create_location,
    ensure_history_location,
    load_postal_codes,
    set_bins,
    set_item_bins,
    update_location,
)
from ordito.flows.reference import reference
from ordito.locations.bins import read_bins, read_item_bins
from ordito.locations.locations import read_locations
from ordito.locations.types import (
    BinsSet,
    CreateLocation,
    SetBins,
    SetItemBins,
    UpdateLocation,
)
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.events import read_timeline
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    VersionConflict,
)
from tests import make

WARSAW = {"country": "PL", "city": "Warszawa", "postal_code": "00-950"}


def create(db: Database, code: str, **fields: Any) -> LocationState:
    body = {
        "code": code,
        "name": code,
        "kind": "warehouse",
        "address": WARSAW,
        "time_zone": "Europe/Warsaw",
    }
    return run(db, make.BOSS, create_location, msgspec.convert(body | fields, CreateLocation))


def update(db: Database, code: str, **fields: Any) -> LocationState:
    ask = msgspec.convert({"code": code} | fields, UpdateLocation)
    return run(db, make.BOSS, update_location, ask)


def bins(db: Database, location: str, **walk_orders: int) -> BinsSet:
    listed = [{"code": code, "walk_order": order} for code, order in walk_orders.items()]
    return run(
        db, make.BOSS, set_bins, msgspec.convert({"location": location, "bins": listed}, SetBins)
    )


def binned(db: Database, location: str, **places: list[str]) -> BinsSet:
    listed = [{"sku": sku, "bins": codes} for sku, codes in places.items()]
    ask = msgspec.convert({"location": location, "items": listed}, SetItemBins)
    return run(db, make.BOSS, set_item_bins, ask)


def test_a_location_is_created_with_what_was_said_and_sensible_rest(db: Database) -> None:
    made = create(
        db, "LDZ", kind="store", capacity_daily=40, working_days=31, holidays=["2026-12-25"]
    ).location

    with db.reading(make.BOSS) as tx:
        assert read_locations(tx) == [made]
        assert [entry.kind for entry in read_timeline(tx, made.id)] == ["location.created"]
    assert (made.can_ship, made.can_pickup, made.capacity_daily) == (True, True, 40)
    assert (made.priority, made.working_days, made.version) == (1, 31, 1)
    assert [day.isoformat() for day in made.holidays] == ["2026-12-25"]
    assert not create(db, "WAW").location.can_pickup


def test_coordinates_come_from_the_postal_code_when_none_are_given(db: Database) -> None:
    with db.transaction(SYSTEM) as tx:
        assert load_postal_codes(tx) > 200_000
        assert load_postal_codes(tx) == 0

    found = create(db, "WAW").location
    assert found.latitude == pytest.approx(52.23, abs=0.3)
    assert found.longitude == pytest.approx(21.0, abs=0.3)
    given = create(db, "KRK", latitude=50.06, longitude=19.94).location
    assert (given.latitude, given.longitude) == (50.06, 19.94)
    unknown = create(db, "X", address={"country": "PL"}).location
    assert (unknown.latitude, unknown.longitude) == (None, None)

    moved = update(db, "WAW", address={"country": "DE", "postal_code": "10115"}).location
    assert moved.country == "DE"
    assert moved.latitude == pytest.approx(52.53, abs=0.3)
    assert moved.longitude == pytest.approx(13.4, abs=0.3)


def test_a_code_belongs_to_one_location(db: Database) -> None:
    create(db, "WAW")

    with pytest.raises(AlreadyExists):
        create(db, "WAW", name="Other")

    with db.reading(make.BOSS) as tx:
        assert [location.name for location in read_locations(tx)] == ["WAW"]


def test_all_faults_are_told_at_once(db: Database) -> None:
    with pytest.raises(InvalidInput) as caught:
        create(
            db,
            "WAW",
            time_zone="Warsaw",
            address={"country": "XX"},
            latitude=1.0,
            market="Nowhere",
        )

    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [
        ("/time_zone", "unknown-time-zone"),
        ("/address/country", "unknown-country"),
        ("/latitude", "incomplete"),
        ("/market", "unknown-market"),
    ]
    with pytest.raises(InvalidInput) as caught:
        create(db, HISTORY_CODE)
    assert caught.value.errors[0].code == "reserved"


def test_a_market_that_is_there_can_be_named(db: Database) -> None:
    ask = {"markets": [{"code": "EU", "name": "Europe", "countries": ["PL", "DE"]}]}
    run(db, make.BOSS, set_markets, msgspec.convert(ask, SetMarkets))

    assert create(db, "WAW", market="EU").location.market == "EU"


def test_a_change_is_seen_by_who_remembers_the_old_state(db: Database) -> None:
    create(db, "WAW")
    with db.reading(make.BOSS) as tx:
        assert reference(tx).locations["WAW"].priority == 1

    update(db, "WAW", priority=5)

    with db.reading(make.BOSS) as tx:
        assert reference(tx).locations["WAW"].priority == 5


def test_an_address_is_kept_out_of_the_timeline(db: Database) -> None:
    made = create(db, "WAW").location

    update(db, "WAW", address=WARSAW | {"name": "Jan Kowalski"}, name="Warsaw")

    with db.reading(make.BOSS) as tx:
        entry = read_timeline(tx, made.id)[0]
    assert entry.body == {
        "code": "WAW",
        "changes": {"name": ["WAW", "Warsaw"]},
        "address_changed": True,
    }


def test_an_older_version_is_refused_and_an_equal_state_writes_nothing(db: Database) -> None:
    create(db, "WAW")
    assert update(db, "WAW", version=1, priority=1).location.version == 1
    assert update(db, "WAW", version=1, priority=2).location.version == 2

    with pytest.raises(VersionConflict) as caught:
        update(db, "WAW", version=1, priority=3)

    assert caught.value.extra == {"version": 2}


def test_closing_refuses_nothing_and_tells_the_work_that_is_open(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    make.place(shop, {"tea": 2, "cup": 1})
    make.place(shop, {"tea": 1})

    closed = update(db, "A", active=False)

    assert not closed.location.active
    work = closed.open_work
    assert (work.reserved, work.holders, work.picked) == (4, 2, 0)
    assert make.place(shop, {"tea": 1}).backordered


def test_what_lies_outside_the_scope_is_not_there(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 5}})
    bound = Actor(
        "user", UUID(int=9), "Bound", EVERYTHING, location_ids=frozenset((shop.locations["B"],))
    )

    with pytest.raises(NotFound):
        run(db, bound, update_location, UpdateLocation(code="A", priority=9))
    assert run(db, bound, update_location, UpdateLocation(code="B", priority=9)).location.no


def test_the_place_of_the_past_is_made_once_and_has_no_settings(db: Database) -> None:
    first = run(db, SYSTEM, _ensure, "first")
    assert run(db, SYSTEM, _ensure, "second") == first

    with db.reading(make.BOSS) as tx:
        (place,) = read_locations(tx)
        assert [entry.seq for entry in read_timeline(tx, place.id)] == [1]
    assert (place.kind, place.can_ship, place.version) == ("history", False, 1)
    with pytest.raises(ActionNotAllowed):
        update(db, place.code, active=False)


def test_bins_in_which_items_lie_are_not_left_out(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 1}})
    assert bins(db, "A", A1=2, A2=1, B1=3).count == 3
    binned(db, "A", tea=["B1", "A1"], cup=["A2"])

    with pytest.raises(ActionNotAllowed, match="A1") as caught:
        bins(db, "A", A2=1, B1=2)
    assert caught.value.extra["bins"] == ["A1"]

    binned(db, "A", tea=["B1"])
    assert bins(db, "A", A2=5, B1=2).count == 2
    place = shop.locations["A"]
    with db.reading(make.BOSS) as tx:
        assert [(b.code, b.walk_order) for b in read_bins(tx, place)] == [("B1", 2), ("A2", 5)]
        found = read_item_bins(tx, place, shop.items.values())
        assert [(row.bin, row.item_id) for row in found] == [
            ("B1", shop.items["tea"]),
            ("A2", shop.items["cup"]),
        ]


def test_the_same_bins_again_write_nothing(db: Database) -> None:
    create(db, "WAW")
    assert bins(db, "WAW", A1=1).version == 2
    assert bins(db, "WAW", A1=1).version == 2


def test_items_go_into_bins_that_are_there(db: Database) -> None:
    make.shop(db, stock={"A": {"tea": 1}})
    bins(db, "A", A1=1)

    with pytest.raises(InvalidInput) as caught:
        binned(db, "A", tea=["A9"], nothing=["A1"])

    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [
        ("/items/0/bins/0", "unknown-bin"),
        ("/items/1/sku", "unknown-sku"),
    ]


@command(permission="settings.write")
def _ensure(tx: Tx, _ask: str) -> str:
    return ensure_history_location(tx).code
