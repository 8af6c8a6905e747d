"""Carrier tariffs and what follows of them: promises, availability, checked policies."""

from datetime import date
from typing import Any

import msgspec
import pytest

from ordito.catalog.types import UpdateItem
from ordito.flows.lint_policies import LintPolicy, lint_policy
from ordito.flows.manage_items import update_item
from ordito.flows.manage_locations import update_location
from ordito.flows.manage_policies import update_policy
from ordito.flows.manage_tariffs import create_tariff, set_services, update_tariff
from ordito.flows.tariff_tables import read_tariff, save_tariff, write_tariff
from ordito.flows.tell_availability import AskDelivery, get_delivery_availability
from ordito.fulfillment.part_promises import PartPromise, read_promises
from ordito.locations.types import UpdateLocation
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import AlreadyExists, InvalidInput, NotFound, VersionConflict
from ordito.sourcing.stored_policies import UpdatePolicy
from ordito.sourcing.stored_tariffs import (
    CreateTariff,
    SetServices,
    StoredTariff,
    UpdateTariff,
    read_services,
    read_tariff_versions,
)
from tests import make

TARIFF: dict[str, Any] = {
    "carrier": "DPD",
    "service": "Classic",
    "zones": [
        {
            "code": "pl",
            "countries": ["PL"],
            "transit_days": 1,
            "rates": [
                {"up_to_g": 1000, "price": 3200},
                {"up_to_g": 30000, "price": 3900, "per_kg": 150},
            ],
        },
        {"code": "de", "countries": ["DE"], "transit_days": 3, "max_km": 900,
         "postal_prefixes": ["10", "12"], "rates": [{"up_to_g": 30000, "price": 11900}]},
    ],
}  # fmt: skip


def create(db: Database, code: str = "dpd", **tariff: Any) -> StoredTariff:
    ask = {"code": code, "name": code.upper(), "tariff": TARIFF | tariff}
    return run(db, make.BOSS, create_tariff, msgspec.convert(ask, CreateTariff))


def offer(db: Database, location: str, *services: dict[str, Any], **more: Any) -> Any:
    ask = {"location": location, "services": services} | more
    return run(db, make.BOSS, set_services, msgspec.convert(ask, SetServices))


def change(db: Database, act: Any, ask: Any, **fields: Any) -> Any:
    return run(db, make.BOSS, act, msgspec.convert(fields, ask))


def test_a_tariff_has_versions_and_is_taken_once(db: Database) -> None:
    made = create(db)
    changed = change(db, update_tariff, UpdateTariff, code="dpd", name="DPD 2027", version=1)
    assert (made.version, changed.version, changed.name) == (1, 2, "DPD 2027")
    same = change(db, update_tariff, UpdateTariff, code="dpd", name="DPD 2027")
    assert same.version == 2, "nothing changed"
    with pytest.raises(AlreadyExists):
        create(db)
    with pytest.raises(VersionConflict):
        change(db, update_tariff, UpdateTariff, code="dpd", name="x", version=1)
    with pytest.raises(NotFound):
        change(db, update_tariff, UpdateTariff, code="ups", name="x")
    twice = [TARIFF["zones"][0], TARIFF["zones"][0] | {"rates": [
        {"up_to_g": 2, "price": 1}, {"up_to_g": 1, "price": 2}]}]  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        create(db, "ups", zones=twice)
    assert [f.pointer for f in refused.value.errors] == [
        "/tariff/zones/1/code",
        "/tariff/zones/1/rates/1/up_to_g",
    ]
    with db.reading(make.BOSS) as tx:
        assert [v.version for v in read_tariff_versions(tx, "dpd")] == [2, 1]
        kinds = [entry.kind for entry in read_timeline(tx, made.id)]
    assert kinds == ["tariff.changed", "tariff.created"], "newest first"


def test_a_table_and_its_tariff_say_the_same(db: Database) -> None:
    made = create(db)
    assert read_tariff(write_tariff(made.body)) == made.body
    table = write_tariff(made.body).replace(",", ";")
    again = save_tariff(db, make.BOSS, "dpd", "", table)
    assert again.version == 1, "the same table changes nothing"
    dearer = save_tariff(db, make.BOSS, "dpd", "", table.replace("3.20", "3,25"))
    assert dearer.body.zones[0].rates[0].price == 3250
    with pytest.raises(InvalidInput) as refused:
        read_tariff("zone,up_to_g,price\npl,1 kg,cheap\n")
    assert [f.detail.split(":")[0] for f in refused.value.errors] == [
        "Line 2, up_to_g",
        "Line 2, price",
    ]
    with pytest.raises(InvalidInput):
        read_tariff("zone,price\npl,1\n")


def test_a_location_names_its_carriers_and_pickups(db: Database) -> None:
    shop = make.shop(db)
    create(db)
    done = offer(db, "A", {"tariff": "dpd", "pickups": ["17:30", "11:00", "11:00"]})
    assert done.services[0].pickups == ["11:00", "17:30"]
    assert offer(db, "A", {"tariff": "dpd", "pickups": ["11:00", "17:30"]}).version == done.version
    with pytest.raises(InvalidInput) as refused:
        offer(db, "A", {"tariff": "ups", "pickups": ["11:00"]})
    assert refused.value.errors[0].code == "unknown-tariff"
    with pytest.raises(VersionConflict):
        offer(db, "A", version=999)
    with pytest.raises(NotFound):
        offer(db, "HIST")
    with db.reading(make.BOSS) as tx:
        assert [row.location_id for row in read_services(tx)] == [shop.locations["A"]]
        last = read_timeline(tx, shop.locations["A"])[0]
    assert last.kind == "location.services_changed"
    assert offer(db, "A").services == []


def ready_shop(db: Database) -> make.Shop:
    """A in Łódź sends by DPD; B has stock and nothing is known of its carriers."""
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 1}, "B": {"tea": 9}},
                     locations={"B": {"priority": 9}})  # fmt: skip
    create(db)
    change(db, update_location, UpdateLocation, code="A", opens_at="00:00", pick_minutes=30)
    offer(db, "A", {"tariff": "dpd", "pickups": ["00:00", "12:00", "23:59"], "weekdays": 127})
    return shop


def promises_of(db: Database, order_id: Any) -> list[PartPromise]:
    with db.reading(make.BOSS) as tx:
        return list(read_promises(tx, [order_id]).values())


def promised_on(db: Database, order_id: Any) -> tuple[Any, list[Any]]:
    with db.connection() as conn:
        of_order = conn.execute(
            "SELECT promised_on FROM orders.sales_order WHERE id = %s", (order_id,)
        ).fetchone()
        parts = conn.execute(
            "SELECT promised_on FROM fulfillment.fulfillment_order WHERE order_id = %s"
            " ORDER BY fo_no",
            (order_id,),
        ).fetchall()
    assert of_order is not None
    return of_order[0], [day for (day,) in parts]


def test_an_order_is_promised_for_the_day_its_parcel_leaves(db: Database) -> None:
    shop = ready_shop(db)
    order = make.place(shop, {"tea": 1})
    (promise,) = promises_of(db, order.id)
    assert promise.tariff == "dpd"
    assert promised_on(db, order.id) == (promise.ships_on, [promise.ships_on])
    assert (promise.delivers_on - promise.ships_on).days >= 1
    asked = make.place(shop, {"tea": 1}, promised_on="2030-01-02")
    assert promised_on(db, asked.id) == (date(2030, 1, 2), [date(2030, 1, 2)])
    # Six are at B only, of whose days nothing is known: the channel's days count for the order.
    both = make.place(shop, {"tea": 6})
    of_order, parts = promised_on(db, both.id)
    assert promises_of(db, both.id) == []
    assert parts == [of_order]


def test_availability_counts_places_that_may_serve_and_says_when(db: Database) -> None:
    ready_shop(db)
    ask = {"channel": "web", "country": "PL", "postal_code": "00-950", "sku": ["tea", "cup", "no"]}

    def look(**fields: Any) -> Any:
        with db.reading(make.BOSS) as tx:
            params = msgspec.convert(ask | fields, AskDelivery)
            return get_delivery_availability(tx, params).items

    tea, cup, unknown = look()
    assert (tea.units, cup.units, unknown.known, unknown.units) == (14, 1, False, 0)
    assert [step.units for step in tea.steps] == [5, 14]
    assert tea.delivers_on == tea.steps[0].delivers_on is not None
    assert tea.steps[1].delivers_on is None, "of B nothing is known"
    change(
        db,
        update_policy,
        UpdatePolicy,
        code="default",
        policy={"rules": [{"rule": "country", "same": True}], "objective": {"tariffs": ["dpd"]}},
    )
    assert [item.units for item in look()] == [5, 1, 0], "B has no priced carrier"
    assert [item.units for item in look(country="DE")] == [0, 0, 0]
    with pytest.raises(InvalidInput):
        look(channel="gone")


def test_items_with_a_tag_are_sourced_where_they_can_be_handled(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"acid": 5}, "B": {"acid": 5}},
                     kits={"set": {"acid": 1}}, locations={"B": {"priority": 9}})  # fmt: skip
    change(db, update_item, UpdateItem, item_id=shop.items["acid"], tags=["hazardous", "hazardous"])
    change(
        db,
        update_policy,
        UpdatePolicy,
        code="default",
        policy={"rules": [{"rule": "item", "tags": ["hazardous"], "needs": ["hazmat"]}]},
    )
    assert make.place(shop, {"acid": 1}).fulfillment_orders == ()
    change(db, update_location, UpdateLocation, code="B", capabilities=["hazmat"])
    (part,) = make.place(shop, {"acid": 1}).fulfillment_orders
    assert part.location == "B"
    (part,) = make.place(shop, {"set": 1}).fulfillment_orders
    assert part.location == "B", "a kit has the tags of its parts"


def test_a_policy_that_serves_nothing_is_not_saved_and_oddities_are_told(db: Database) -> None:
    make.shop(db)
    nothing = {"rules": [{"rule": "country", "allowed": ["FR"]}]}
    with pytest.raises(InvalidInput) as refused:
        change(db, update_policy, UpdatePolicy, code="default", policy=nothing)
    assert [fault.code for fault in refused.value.errors] == ["nothing-served"]
    odd = {"rules": [{"rule": "owner", "excluded": ["Kasia"], "soft": 10}],
           "objective": {"tariffs": ["ups"]}}  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        change(db, update_policy, UpdatePolicy, code="default", policy=odd)
    assert {fault.code for fault in refused.value.errors} == {"unknown-owner", "unknown-tariff"}
    dead = {"rules": [{"rule": "capacity"}]}
    change(db, update_policy, UpdatePolicy, code="default", policy=dead)
    with db.reading(make.BOSS) as tx:
        told = lint_policy(tx, LintPolicy(code="default"))
        with pytest.raises(NotFound):
            lint_policy(tx, LintPolicy(code="gone"))
    assert [(item.finding.kind, item.finding.rules) for item in told.items] == [("dead", (0,))]
    assert told.items[0].words.startswith("Rule 1 changes nothing for any order, such as web to")
