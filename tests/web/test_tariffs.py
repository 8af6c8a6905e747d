"""Carrier tariffs on pages: a table makes a version, faults are named, a location's carriers."""

from ordito.platform.database import Database
from ordito.sourcing.stored_tariffs import read_services, read_tariffs
from ordito.web.pages import locations, tariffs
from tests import make
from tests.web.acts import get, location_of, post

TABLE = "zone\tup_to_g\tprice\tcarrier\npl\t1000\t3.20\tDPD\npl\t30000\t3.90\tDPD\n"


def test_a_table_makes_a_tariff_that_locations_offer(db: Database) -> None:
    make.shop(db)
    form = [("code", "dpd"), ("name", "DPD Classic"), ("tariff", TABLE.replace("3.90", "dear"))]
    refused = post(tariffs.create, db, "/settings/tariffs/-new", form=form)
    assert refused.status == 422
    assert "Line 3, price" in refused.body.decode()

    form[2] = ("tariff", TABLE)
    made = post(tariffs.create, db, "/settings/tariffs/-new", form=form)
    assert location_of(made) == "/settings/tariffs/dpd"
    page = get(tariffs.show_tariff, db, "/settings/tariffs/dpd", code="dpd")
    assert "up to 1 kg: 3.20" in page

    carriers = [("s0_pickups", "17:30, 11:00"), ("s0_weekdays", "0"), ("s0_weekdays", "4")]
    saved = post(locations.edit_services, db, "/locations/A/services", form=carriers, code="A")
    assert location_of(saved) == "/locations/A"
    with db.reading(make.BOSS) as tx:
        (service,) = read_services(tx)
        (tariff,) = read_tariffs(tx)
    assert (service.pickups, service.weekdays) == (["11:00", "17:30"], 0b0010001)
    assert [rate.price for rate in tariff.body.zones[0].rates] == [3200, 3900]
