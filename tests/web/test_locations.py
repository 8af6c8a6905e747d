"""Locations: today's figures, the effect of switching off told before, and what forms write."""

from typing import Any

import pytest

from ordito.locations.bins import read_bins
from ordito.locations.locations import read_locations
from ordito.locations.types import Location
from ordito.platform.database import Database
from ordito.platform.problems import NotPermitted
from ordito.web.pages import locations
from tests import make
from tests.doctor.wellness import assert_well
from tests.web.acts import get, location_of, post, text_of, visit

NEW = [
    ("code", "LODZ"),
    ("name", "Łódź"),
    ("kind", "store"),
    ("market", ""),
    ("owner", "Kasia's"),
    ("line1", "Piotrkowska 1"),
    ("postal_code", "90-001"),
    ("city", "Łódź"),
    ("country", "pl"),
    ("latitude", ""),
    ("longitude", ""),
    ("can_pickup", "yes"),
    ("capacity_daily", "40"),
    ("priority", ""),
    ("time_zone", "Europe/Warsaw"),
    ("working_days", "0"),
    ("working_days", "5"),
    ("holidays", "2026-12-25\n2026-12-26"),
]


def read(db: Database, code: str) -> Location | None:
    with db.reading(make.BOSS) as tx:
        return next((place for place in read_locations(tx) if place.code == code), None)


def without(form: list[tuple[str, str]], **changes: str) -> list[tuple[str, str]]:
    return [pair for pair in form if pair[0] not in changes] + list(changes.items())


def test_the_form_makes_a_location_with_all_it_says(db: Database) -> None:
    make.shop(db)

    answer = post(locations.create, db, "/locations/-new", form=NEW)

    place = read(db, "LODZ")
    assert place is not None
    assert location_of(answer) == "/locations/LODZ"
    assert (place.kind, place.country, place.can_ship, place.can_pickup) == (
        "store", "PL", False, True,
    )  # fmt: skip
    assert (place.capacity_daily, place.priority, place.working_days) == (40, 1, 0b100001)
    assert [day.isoformat() for day in place.holidays] == ["2026-12-25", "2026-12-26"]
    assert_well(db)


def test_all_faults_are_told_at_once_and_nothing_is_written(db: Database) -> None:
    make.shop(db)
    form = without(NEW, name="", time_zone="Europe/Lodz", capacity_daily="many")

    answer = post(locations.create, db, "/locations/-new", form=form)

    html = answer.body.decode()
    assert answer.status == 422
    assert 'id="field-name-fault"' in html
    assert 'id="field-capacity_daily-fault"' in html
    assert read(db, "LODZ") is None


def test_a_taken_code_is_told_beside_the_code(db: Database) -> None:
    make.shop(db)

    answer = post(locations.create, db, "/locations/-new", form=without(NEW, code="A"))

    assert answer.status == 422
    assert 'id="field-code-fault"' in answer.body.decode()


def test_coordinates_that_nobody_touched_follow_the_address(db: Database) -> None:
    make.shop(db)
    post(locations.create, db, "/locations/-new", form=NEW)
    place = read(db, "LODZ")
    assert place is not None
    with db.connection() as conn:
        conn.execute("UPDATE locations.location SET latitude = 1, longitude = 2"
                     " WHERE code = 'LODZ'")  # fmt: skip
        conn.execute("UPDATE platform.revision SET n = n + 1")
    form = without(NEW, city="Warszawa", latitude="1.0", longitude="2.0", version="1")

    answer = post(locations.edit, db, "/locations/LODZ/edit", form=form, code="LODZ")

    after = read(db, "LODZ")
    assert after is not None
    assert location_of(answer) == "/locations/LODZ"
    assert after.address.city == "Warszawa"
    assert (after.latitude, after.longitude) != (1.0, 2.0)


def test_bins_are_walked_as_listed_unless_numbered(db: Database) -> None:
    shop = make.shop(db)

    post(locations.edit_bins, db, "/locations/A/bins", code="A",
         form={"bins": "A-01 7\nA-02\nB-01;3"})  # fmt: skip

    with db.reading(make.BOSS) as tx:
        bins = {bin_.code: bin_.walk_order for bin_ in read_bins(tx, shop.locations["A"])}
    assert bins == {"A-01": 7, "A-02": 2, "B-01": 3}


def test_switching_off_tells_what_goes_on_and_then_does_it(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}})
    make.place(shop, {"tea": 3})

    told = get(locations.switch_off_form, db, "/locations/A/switch-off", code="A")

    assert "Parts of orders in work 1 Pieces reserved 3 Pieces picked 0" in told
    assert "offered no more 7" in told
    post(locations.switch_off, db, "/locations/A/switch-off", code="A")
    place = read(db, "A")
    assert place is not None
    assert not place.active
    shown = get(locations.show_location, db, "/locations/A", code="A")
    assert "In use: yes → no" in shown
    assert_well(db)


def test_the_list_counts_open_late_and_accepted_work(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}}, locations={"A": {"capacity_daily": 5}})
    make.place(shop, {"tea": 1})
    make.place(shop, {"tea": 1})
    with db.connection() as conn:
        conn.execute("UPDATE fulfillment.fulfillment_order SET promised_on = '2020-01-01'"
                     " WHERE order_id = (SELECT min(order_id::text)::uuid"
                     " FROM fulfillment.fulfillment_order)")  # fmt: skip

    shown = get(locations.show_locations, db, "/locations")

    assert "1 piece of work is late" in shown
    assert "2 of 5" in shown


@pytest.mark.parametrize("page", [locations.create, locations.switch_off, locations.edit_bins])
def test_who_may_only_read_changes_nothing(db: Database, page: Any) -> None:
    make.shop(db)

    with pytest.raises(NotPermitted):
        post(page, db, "/locations/A", form=NEW, code="A", permissions={"settings.read"})

    place = read(db, "A")
    assert place is not None
    assert place.active
    assert read(db, "LODZ") is None
    reading = visit(db, "GET", "/locations/A", code="A", permissions={"settings.read"})
    assert "Edit" not in text_of(locations.show_location(reading))
