"""What a supplier never runs out of, and what its counts mean."""

from typing import Any

import pytest

from ordito.flows.count_stock import count_stock
from ordito.flows.endless_stock import fill_all_endless, set_endless
from ordito.flows.manage_locations import create_location, update_location
from ordito.flows.reference import reference
from ordito.inventory.asks import CountLine, CountStock, EndlessAsk, SetEndless
from ordito.inventory.endless import FILLED_TO
from ordito.kernel.addresses import Address
from ordito.locations.types import CreateLocation, UpdateLocation
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound
from ordito.sourcing.parcels import find_lead
from ordito.sourcing.types import Part, Want
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts


def test_it_is_filled_up_as_orders_use_it_until_somebody_counts(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"S": {"tea": 3}, "W": {"cup": 1}},
        kits={"box": {"cup": 1}},
        locations={"S": {"kind": "supplier", "answer_hours": 8}},
    )
    wanted = SetEndless(location="S", items=(EndlessAsk(sku="tea", lead_days=3),))
    made = acts.do(db, set_endless, wanted)
    assert (made.items, make.free(shop, "tea")) == ({"tea": 3}, {"S": FILLED_TO})
    assert acts.do(db, set_endless, wanted).version == made.version, "said already"
    with db.reading(SYSTEM) as tx:
        place = next(one for one in reference(tx).places if one.code == "S")
    want = Want(1, 1, (Part(str(shop.items["tea"]), 1),))
    assert find_lead(dict(place.lead_days), want) == 3
    assert find_lead(dict(place.lead_days), Want(1, 1, (Part("x", 1),))) == 0

    make.place(shop, {"tea": 6_000})
    assert fill_all_endless(db) == 1
    assert fill_all_endless(db) == 0
    assert make.free(shop, "tea") == {"S": FILLED_TO}
    count = CountStock(location="S", lines=(CountLine(sku="tea", counted=6_010, expected=None),))
    acts.do(db, count_stock, count)
    assert make.free(shop, "tea") == {"S": 10}
    assert fill_all_endless(db) == 0, "a count says how many there are"
    with db.connection() as conn:
        buckets = conn.execute(
            "SELECT DISTINCT from_bucket || ' ' || to_bucket FROM inventory.posting"
            " WHERE reason IN ('count', 'endless')"
        ).fetchall()
    assert sorted(row[0] for row in buckets) == ["available supplier", "supplier available"]

    for items, sku in (((EndlessAsk(sku="box"),), "a kit"), ((EndlessAsk(sku="x"),), "unknown")):
        with pytest.raises(InvalidInput):
            run(db, make.BOSS, set_endless, SetEndless(location="S", items=items))
        assert sku
    with pytest.raises(ActionNotAllowed):
        run(db, make.BOSS, set_endless, SetEndless(location="W", items=()))
    with pytest.raises(NotFound):
        run(db, acts.clerk(shop, "W"), set_endless, wanted)
    assert_well_now(db)


def test_only_partners_are_asked(db: Database) -> None:
    make.shop(db)
    fields: dict[str, Any] = {
        "name": "Mill",
        "address": Address(country="PL"),
        "time_zone": "Europe/Warsaw",
    }
    made = run(
        db, make.BOSS, create_location, CreateLocation(code="MILL", kind="supplier", **fields)
    )
    assert (made.location.answer_hours, made.location.can_pickup) == (24, False)
    third = run(db, make.BOSS, create_location, CreateLocation(code="LEJ", kind="3pl", **fields))
    assert third.location.answer_hours is None
    with pytest.raises(InvalidInput) as told:
        run(db, make.BOSS, update_location, UpdateLocation(code="A", answer_hours=4))
    assert told.value.errors[0].pointer == "/answer_hours"
    after = run(db, make.BOSS, update_location, UpdateLocation(
        code="MILL", ship_hours=72, partner_email="mill@example.com")).location  # fmt: skip
    with db.connection() as conn:
        told_ = conn.execute(
            "SELECT body FROM platform.event WHERE stream_id = %s ORDER BY seq DESC LIMIT 1",
            (after.id,),
        ).fetchone()
    assert told_ is not None
    assert "mill@example.com" not in str(told_[0]), "events name nobody"
    assert told_[0]["changes"] == {"ship_hours": [48, 72]}
