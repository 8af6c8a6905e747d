"""Local delivery: zones and slots, places that many want, rounds, proof, and other slots."""

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ordito.flows.change_delivery import change_delivery
from ordito.flows.local_rounds import arrange_round
from ordito.flows.manage_local_delivery import set_local_delivery
from ordito.flows.stop_acts import deliver_stop, fail_stop, move_stop, try_again
from ordito.flows.tell_slots import AskSlots, FreeSlots, get_free_slots
from ordito.fulfillment.problems import SlotUnavailable
from ordito.fulfillment.stop_asks import ArrangeRound, DeliverStop, FailStop, MoveStop, TryAgain
from ordito.listings.local_rounds import DayRounds, read_day
from ordito.listings.watch_facts import find_facts
from ordito.locations.local_types import SetLocalDelivery
from ordito.orders.asks import ChangeDelivery
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, VersionConflict
from tests import make
from tests.flows import acts, local_acts
from tests.races.racing import ask, attempt, count, race

WARSAW = ZoneInfo("Europe/Warsaw")
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300030202020202030202020303030304060404040404"
    "080606050609080a0a090809090a0c0f0c0a0b0e0b09090d110d0e0f101011100a0c12131210130f101010ffc900"
    "0b080001000101011100ffcc000600101005ffda0008010100003f00d2cf20ffd9"
)


def free_slots(shop: make.Shop, **more: Any) -> FreeSlots:
    params: dict[str, Any] = {"channel": "web", "country": "PL", "postal_code": "00-950"}
    with shop.db.reading(SYSTEM) as tx:
        return get_free_slots(tx, msgspec.convert(params | more, AskSlots))


def rounds(shop: make.Shop, location: str, on: date) -> DayRounds:
    with shop.db.reading(make.BOSS) as tx:
        return read_day(tx, location, on)


def watched(db: Database) -> list[UUID]:
    """Orders whose stop failed, as the watch list finds them."""
    with db.reading(SYSTEM) as tx:
        return [fact.subject_id for fact in find_facts(tx, "stop", limit=9)]


def test_a_slot_takes_as_many_orders_as_fit_and_gives_back_what_is_cancelled(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50}, "B": {"tea": 50}})
    local_acts.set_areas(shop, "B", places=2)

    found = free_slots(shop, sku=["tea"], quantity=[3])
    assert found.in_zone
    assert {(one.location, one.slot, one.left, one.has_stock) for one in found.items} == {
        ("B", "DAY", 2, True)
    }
    assert len(found.items) in (14, 15)
    assert not free_slots(shop, postal_code="30-001").in_zone
    first = found.items[0].on
    wanted = {"location": "B", "slot": "DAY", "on": first.isoformat()}

    one = local_acts.place(shop, {"tea": 1}, slot=wanted)
    two = local_acts.place(shop, {"tea": 1})

    stop = local_acts.stop_of(shop, one)
    assert (stop.slot, stop.on_day, stop.state) == ("DAY", first, "planned")
    assert stop.starts_at.astimezone(WARSAW).strftime("%H:%M") == "23:00"
    assert local_acts.booked(shop) == {("DAY", first): 2}
    state = local_acts.state(shop, one)
    assert acts.parts(state) == [("B", "open")]
    assert acts.timeline(shop, one)[:3] == ["placed", "sourced", "slot_booked"]
    with shop.db.connection() as conn:
        promised = conn.execute(
            "SELECT f.promised_on, o.promised_on, p.delivers_on, p.ready_at"
            " FROM fulfillment.fulfillment_order AS f"
            " JOIN orders.sales_order AS o ON o.id = f.order_id"
            " JOIN fulfillment.promise AS p ON p.order_id = f.order_id WHERE f.order_id = %s",
            (one,),
        ).fetchone()
    assert promised == (first, first, first, stop.starts_at)

    with pytest.raises(SlotUnavailable) as full:
        local_acts.place(shop, {"tea": 1}, slot=wanted)
    assert full.value.extra["next_free"][0]["on"] == (first + timedelta(days=1)).isoformat()
    later = local_acts.place(shop, {"tea": 1})
    assert local_acts.stop_of(shop, later).on_day == first + timedelta(days=1)

    acts.cancel(shop, one)
    assert local_acts.stop_of(shop, one).state == "dropped"
    assert acts.timeline(shop, one)[-1] == "slot_given_back"
    again = local_acts.place(shop, {"tea": 1}, slot=wanted)
    change = ChangeDelivery(order_id=two, delivery="ship")
    acts.do(shop.db, change_delivery, change)
    assert local_acts.booked(shop) == {("DAY", first): 1, ("DAY", first + timedelta(days=1)): 1}
    assert local_acts.stop_of(shop, again).state == "planned"
    local_acts.assert_counted(db)


def test_what_no_location_brings_is_refused_and_nothing_is_written(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50}, "B": {"tea": 5}, "C": {"tea": 9}})
    with pytest.raises(SlotUnavailable, match="No location of this channel"):
        local_acts.place(shop, {"tea": 1})
    local_acts.set_areas(shop, "B", places=2)
    local_acts.set_areas(
        shop, "C", zones=[{"name": "Near", "country": "PL", "radius_km": 5}], places=9
    )
    elsewhere = {"country": "PL", "postal_code": "80-001"}
    with pytest.raises(SlotUnavailable, match="No location of this channel"):
        local_acts.place(shop, {"tea": 1}, ship_to=elsewhere)
    on = free_slots(shop).items[0].on.isoformat()
    for slot, fault in (
        ({"location": "B", "slot": "NOON", "on": on}, "unknown-slot"),
        ({"location": "X", "slot": "DAY", "on": on}, "unknown-location"),
    ):
        with pytest.raises(InvalidInput) as wrong:
            local_acts.place(shop, {"tea": 1}, slot=slot)
        assert wrong.value.errors[0].code == fault
    with pytest.raises(SlotUnavailable, match="none of the zones of C"):
        local_acts.place(shop, {"tea": 1}, slot={"location": "C", "slot": "DAY", "on": on})
    slot = {"location": "B", "slot": "DAY", "on": "2020-01-01"}
    with pytest.raises(SlotUnavailable, match="full, closed or too near"):
        local_acts.place(shop, {"tea": 1}, slot=slot)
    with pytest.raises(InvalidInput, match="nothing was placed"):
        make.place(shop, {"tea": 1}, slot={"location": "B", "slot": "DAY", "on": on})
    with pytest.raises(InvalidInput, match="othing was placed"):
        local_acts.place(shop, {"tea": 1}, requested_on="2099-01-01")
    with shop.db.connection() as conn:
        for table in ("orders.sales_order", "fulfillment.stop", "fulfillment.slot_day"):
            assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_next_free_slot_is_that_of_a_location_with_everything(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 9}, "B": {"tea": 5, "cup": 9}})
    for code in ("A", "B"):
        local_acts.set_areas(shop, code, places=5)

    one = local_acts.place(shop, {"tea": 2, "cup": 1})

    assert acts.parts(local_acts.state(shop, one)) == [("B", "open")]
    assert local_acts.stop_of(shop, one).location_id == shop.locations["B"]
    with shop.db.connection() as conn:
        body = conn.execute("SELECT body FROM sourcing.decision").fetchone()
    assert body is not None
    assert "other_slot" in msgspec.json.encode(body[0]).decode()


def test_thirty_two_shoppers_get_exactly_the_places_there_are(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50}})
    local_acts.set_areas(shop, "A", places=5)
    on = free_slots(shop).items[0].on
    slot = {"location": "A", "slot": "DAY", "on": on.isoformat()}
    wanted = ask({"tea": 1}, delivery="local", slot=slot)

    told = count(race([lambda: attempt(db, wanted)] * 32))

    assert told == {"placed": 5, "slot-unavailable": 27}
    assert local_acts.booked(shop) == {("DAY", on): 5}
    assert make.free(shop, "tea") == {"A": 45}
    with shop.db.connection() as conn:
        orders = conn.execute("SELECT id FROM orders.sales_order").fetchall()
    other = free_slots(shop).items[0]
    moves = [MoveStop(order_id=id_, slot="DAY", on=other.on, reason="staff") for (id_,) in orders]
    race([partial(run, db, make.BOSS, move_stop, move) for move in moves])
    assert local_acts.booked(shop) == {("DAY", other.on): 5}
    local_acts.assert_counted(db)


def test_a_round_leaves_and_each_stop_has_its_proof_or_another_slot(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50}})
    local_acts.set_areas(shop, "A", places=4)
    codes = ("00-950", "00-901", "00-910", "00-920")
    orders = [
        local_acts.place(
            shop,
            {"tea": 2},
            ship_to={"country": "PL", "postal_code": code, "name": f"Nr {n}", "phone": "+48 1"},
            note="Ring twice",
        )
        for n, code in enumerate(codes)
    ]
    first = local_acts.stop_of(shop, orders[0])
    with pytest.raises(ActionNotAllowed):
        local_acts.start(shop, orders[0])
    for order_id in orders[:3]:
        local_acts.pack(shop, order_id)
    (today,) = rounds(shop, "A", first.on_day).rounds
    assert today.ready == 3
    assert {stop.phone for stop in today.stops} == {"+48 1"}
    assert {stop.note for stop in today.stops} == {"Ring twice"}

    wanted = tuple(reversed(orders))
    arranged = ArrangeRound(location="A", on=first.on_day, slot="DAY", order_ids=wanted)
    for _ in range(2):
        acts.do(db, arrange_round, arranged)
    (today,) = rounds(shop, "A", first.on_day).rounds
    assert [stop.order_id for stop in today.stops] == list(wanted)

    left = local_acts.start(shop, orders[0])
    assert (len(left.left), [one.why for one in left.stayed]) == (3, ["Nothing of it is packed."])
    state = local_acts.state(shop, orders[0])
    assert acts.parts(state) == [("A", "shipped")]
    assert acts.vector(state) == {"shipped": 2}
    assert acts.timeline(shop, orders[0])[-2:] == ["units_shipped", "round_started"]

    with pytest.raises(InvalidInput):
        acts.do(db, deliver_stop, DeliverStop(order_id=orders[0]))
    proof = DeliverStop(order_id=orders[0], taken_by="Ann", note="smiled", photo=JPEG)
    state = acts.do(db, deliver_stop, proof)
    assert (state.life, acts.parts(state)) == ("closed", [("A", "delivered")])
    assert acts.event(shop, orders[0], "stop_delivered") == {
        "location": "A", "attempt_no": 1, "handed": True, "photo": True,
    }  # fmt: skip
    with pytest.raises(ActionNotAllowed):
        acts.do(db, deliver_stop, proof)

    _fail_and_try_again(shop, orders[1], first.on_day)
    state = acts.do(db, fail_stop, FailStop(order_id=orders[2], reason="refused"))
    assert watched(db) == [orders[2]]
    acts.take_back(shop, orders[2], {1: 2})
    assert watched(db) == []
    assert local_acts.stop_of(shop, orders[2]).state == "returned"
    assert ("failed", "", "", "refused") in local_acts.attempts(shop)

    local_acts.pack(shop, orders[3])
    assert local_acts.start(shop, orders[3]).stayed == ()
    local_acts.assert_counted(db)


def _fail_and_try_again(shop: make.Shop, order_id: UUID, first: date) -> None:
    with pytest.raises(ActionNotAllowed):
        acts.do(shop.db, try_again, TryAgain(order_id=order_id, slot="DAY", on=first))
    acts.do(shop.db, fail_stop, FailStop(order_id=order_id, reason="nobody_home", note="dark"))
    assert local_acts.stop_of(shop, order_id).state == "failed"
    nextday = first + timedelta(days=1)
    far = TryAgain(order_id=order_id, slot="DAY", on=first + timedelta(days=40))
    with pytest.raises(SlotUnavailable):
        acts.do(shop.db, try_again, far)
    acts.do(shop.db, try_again, TryAgain(order_id=order_id, slot="DAY", on=nextday))
    stop = local_acts.stop_of(shop, order_id)
    assert (stop.state, stop.on_day, stop.attempts) == ("planned", nextday, 1)
    moved = acts.event(shop, order_id, "slot_moved")
    assert (moved["reason"], moved["later"]) == ("failed", True)
    assert local_acts.booked(shop)["DAY", nextday] == 1
    local_acts.start(shop, order_id)
    acts.do(shop.db, deliver_stop, DeliverStop(order_id=order_id, left_at="Behind the bin"))
    assert acts.vector(local_acts.state(shop, order_id)) == {"shipped": 2, "delivered": 2}


def test_nonsense_about_zones_and_slots_is_refused_as_a_whole(db: Database) -> None:
    shop = make.shop(db, locations={"Z": {"latitude": None, "longitude": None}})
    slot = local_acts.DAILY | {"places": 3}
    zone = {"name": "City", "country": "PL", "postal_codes": ["00-9*"]}
    wrong = {
        "location": "Z",
        "zones": [
            zone,
            zone | {"postal_codes": ["00-9?"]},
            {"name": "Far", "country": "XX", "radius_km": 5},
            {"name": "None", "country": "PL"},
            {"name": "Turned", "country": "PL", "postal_codes": ["00-950..00-901", "1..22"]},
        ],
        "slots": [slot, slot | {"starts": "10:00", "ends": "10:00", "weekdays": "mon-fry"}],
    }
    with pytest.raises(InvalidInput) as refused:
        run(db, make.BOSS, set_local_delivery, msgspec.convert(wrong, SetLocalDelivery))
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [
        ("/zones/1/name", "duplicate"),
        ("/zones/1/postal_codes/0", "no-postal-code"),
        ("/zones/2/country", "unknown-country"),
        ("/zones/2/radius_km", "no-position"),
        ("/zones/3/postal_codes", "required"),
        ("/zones/4/postal_codes/0", "no-postal-code"),
        ("/zones/4/postal_codes/1", "no-postal-code"),
        ("/slots/1/code", "duplicate"),
        ("/slots/1/ends", "order"),
        ("/slots/1/weekdays", "unknown-days"),
    ]
    right = msgspec.convert(local_acts.areas("A"), SetLocalDelivery)
    made = run(db, make.BOSS, set_local_delivery, right)
    assert run(db, make.BOSS, set_local_delivery, right) == made
    late = msgspec.structs.replace(right, version=made.version + 1, zones=())
    with pytest.raises(VersionConflict):
        run(db, make.BOSS, set_local_delivery, late)
    assert len(free_slots(shop).items) in (14, 15)
