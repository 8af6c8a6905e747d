"""Delays are learned from what was sent, move promises, are stored with them, and are scored."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from ordito.channels.types import UpdateChannel
from ordito.flows.hold_order import hold_order
from ordito.flows.learn_promises import (
    LearnPromises,
    count_queues,
    learn_nightly,
    learn_promises,
)
from ordito.flows.manage_channels import update_channel
from ordito.flows.manage_locations import update_location
from ordito.flows.manage_tariffs import create_tariff, set_services
from ordito.flows.preview_order import OrderPreview, preview_order
from ordito.flows.tell_availability import AskDelivery, get_delivery_availability
from ordito.fulfillment.part_promises import PartPromise, read_promises
from ordito.listings.order_page import read_order_page
from ordito.listings.promises_kept import read_kept, read_learned
from ordito.locations.types import UpdateLocation
from ordito.orders.asks import HoldOrder
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput, NotPermitted
from ordito.sourcing.policies import CapacityRule, Objective, Policy
from ordito.sourcing.stored_tariffs import CreateTariff, SetServices
from tests import make

# Nobody has public holidays there: days are the same on every day of the year.
THERE = {"country": "AQ", "city": "McMurdo"}
DPD = {
    "carrier": "DPD",
    "service": "Classic",
    "zones": [{"code": "all", "transit_days": 1, "delivery_days": "mon-sun",
               "rates": [{"up_to_g": 30000, "price": 3200}]}],
}  # fmt: skip
PARTS = 40


def change(db: Database, act: Any, ask: Any, **fields: Any) -> Any:
    return run(db, make.BOSS, act, msgspec.convert(fields, ask))


def timed_shop(db: Database, **location: Any) -> make.Shop:
    """A ships every day at any time by DPD, which takes a day; B does as well as it can."""
    shop = make.shop(
        db,
        stock={"A": {"tea": 500}, "B": {"cup": 50}},
        locations={"A": {"pick_minutes": 1, "time_zone": "UTC"} | location},
    )
    change(db, create_tariff, CreateTariff, code="dpd", name="DPD", tariff=DPD)
    times = [f"{hour:02}:59" for hour in range(24)]
    service = {"tariff": "dpd", "pickups": times, "weekdays": "mon-sun"}
    change(db, set_services, SetServices, location="A", services=[service])
    return shop


def look(db: Database, sku: str = "tea") -> Any:
    ask = AskDelivery(channel="web", country=THERE["country"], sku=(sku,))
    with db.reading(make.BOSS) as tx:
        return get_delivery_availability(tx, ask).items[0]


def preview(db: Database, sku: str = "tea") -> OrderPreview:
    ask = msgspec.convert(make.ask({sku: 1}, ship_to=THERE), PlaceOrder)
    return run(db, make.BOSS, preview_order, ask)


def promise_of(db: Database, order_id: Any) -> PartPromise:
    with db.reading(make.BOSS) as tx:
        (promise,) = read_promises(tx, [order_id]).values()
    return promise


def send_past(db: Database, days_ago: int) -> None:
    """All orders came so many days ago; one of five left two days late, all took two days."""
    with make.owner(db) as conn:
        conn.execute(_MOVE_FOS, {"days": days_ago})
        conn.execute(_MOVE_PROMISES, {"days": days_ago})
        conn.execute(_SEND)
        conn.execute("UPDATE fulfillment.fulfillment_order SET state = 'delivered'")


_MOVE_FOS = """
    UPDATE fulfillment.fulfillment_order
    SET created_at = created_at - make_interval(days => %(days)s),
        promised_on = promised_on - %(days)s
"""
_MOVE_PROMISES = """
    UPDATE fulfillment.promise
    SET ready_at = ready_at - make_interval(days => %(days)s),
        ships_at = ships_at - make_interval(days => %(days)s),
        ships_on = ships_on - %(days)s, delivers_on = delivers_on - %(days)s
"""
_SEND = """
    INSERT INTO fulfillment.parcel
        (order_id, fo_no, parcel_no, carrier, service, shipped_at, delivered_at)
    SELECT f.order_id, f.fo_no, 1, 'dpd', 'CLASSIC', s.at, s.at + interval '2 days'
    FROM (
        SELECT order_id, fo_no, row_number() OVER (ORDER BY order_id) AS n, promised_on
        FROM fulfillment.fulfillment_order
    ) AS f
    LEFT JOIN fulfillment.promise AS p ON p.order_id = f.order_id AND p.fo_no = f.fo_no
    CROSS JOIN LATERAL (
        SELECT (coalesce(p.ships_on, f.promised_on) + CASE f.n % 5 WHEN 0 THEN 2 ELSE 0 END
                + time '12:00') AT TIME ZONE 'UTC' AS at
    ) AS s
"""


def test_what_was_late_before_is_promised_later_and_scored(db: Database) -> None:
    shop = timed_shop(db)
    assert learn_nightly(db) == 0
    with db.reading(make.BOSS) as tx:
        assert read_learned(tx).model is None
    for _ in range(PARTS):
        make.place(shop, {"tea": 1}, ship_to=THERE)
    by_calendar = look(db)
    assert by_calendar.probability is None
    assert by_calendar.delivers_on == by_calendar.ships_on + timedelta(days=1)

    send_past(db, 30)
    learned = run(db, make.BOSS, learn_promises, LearnPromises())
    assert (learned.model, learned.parts) == (1, 2 * PARTS)

    # A fifth leaves two days late and all arrive a day later than the tariff says.
    told = look(db)
    assert told.ships_on == by_calendar.ships_on + timedelta(days=2)
    assert told.delivers_on == by_calendar.delivers_on + timedelta(days=3)
    assert told.probability == int(1000 * PARTS**2 / (PARTS + 1) ** 2) / 10
    seen = preview(db)
    (part,) = seen.promises
    assert (seen.promised_on, part.ships_on, part.delivers_on, part.observations) == (
        told.ships_on, told.ships_on, told.delivers_on, PARTS,
    )  # fmt: skip
    placed = make.place(shop, {"tea": 1}, ship_to=THERE)
    kept = promise_of(db, placed.id)
    assert (kept.delivers_on, kept.probability, kept.model, kept.level) == (
        told.delivers_on, round(told.probability * 10), 1, 90,
    )  # fmt: skip
    assert (kept.calendar_on, kept.calendar_delivers_on) == (
        by_calendar.ships_on, by_calendar.delivers_on,
    )  # fmt: skip
    with db.reading(make.BOSS) as tx:
        (work,) = read_order_page(tx, placed.number).fulfillment_orders
    assert work.promise is not None
    assert (work.promise.basis, work.promise.probability) == ("learned", told.probability)
    assert work.promised_on == told.ships_on

    # B offers no service: what it sent of the same kind isn't known, so its days aren't either.
    assert look(db, "cup").delivers_on is None

    # A channel that wants calendars gets them; what isn't possible is refused.
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"code": "web", "promise_level": 100}, UpdateChannel)
    change(db, update_channel, UpdateChannel, code="web", promise_level=None)
    assert look(db).probability is None
    change(db, update_channel, UpdateChannel, code="web", promise_level=75)
    assert look(db).ships_on == by_calendar.ships_on, "three of four leave on time"

    _score(db, placed)


def _score(db: Database, placed: Any) -> None:
    """The old promises by calendar were broken; the new one is kept once its day is over."""
    today = date.today()  # noqa: DTZ011 (a month around it is asked for)
    with make.owner(db) as conn:
        one = {"id": placed.id}
        conn.execute(
            "UPDATE fulfillment.promise SET delivers_on = delivers_on - 10,"
            " ships_on = ships_on - 10 WHERE order_id = %(id)s", one
        )  # fmt: skip
        conn.execute(
            "INSERT INTO fulfillment.parcel (order_id, fo_no, parcel_no, carrier, service,"
            " shipped_at, delivered_at) SELECT order_id, fo_no, 1, 'dpd', '', delivers_on,"
            " delivers_on FROM fulfillment.promise WHERE order_id = %(id)s", one
        )  # fmt: skip
        conn.execute("UPDATE fulfillment.fulfillment_order SET state = 'delivered'"
                     " WHERE order_id = %(id)s", one)  # fmt: skip
    again = run(db, SYSTEM, learn_promises, LearnPromises())
    assert again.model == 2
    with db.reading(make.BOSS) as tx:
        told = {
            (one.group, one.basis): one
            for one in read_kept(tx, "location", today - timedelta(days=90), today).items
        }
        carriers = read_kept(tx, "tariff", today - timedelta(days=90), today).items
        groups = read_learned(tx).groups
    calendar, learned = told["A", "calendar"], told["A", "learned"]
    assert (calendar.parts, calendar.kept, calendar.broken, calendar.stated) == (
        PARTS, 0, PARTS, None,
    )  # fmt: skip
    assert calendar.verdict == "not_stated"
    assert (learned.parts, learned.kept, learned.share, learned.verdict) == (1, 1, 100.0, "few")
    assert learned.stated is not None
    assert 90 <= learned.stated < 100
    assert {one.group for one in carriers} == {"dpd"}
    dispatch = next(one for one in groups if one.stage == "dispatch" and one.tariff == "dpd")
    assert (dispatch.location, dispatch.middle, dispatch.ninety) == ("A", 0, 2)
    # Who sees another location sees none of it; who sees some only doesn't learn for all.
    with db.connection() as conn:
        row = conn.execute("SELECT id FROM locations.location WHERE code = 'B'").fetchone()
    assert row is not None
    bound = msgspec.structs.replace(make.BOSS, location_ids=frozenset([row[0]]))
    with db.reading(bound) as tx:
        assert read_kept(tx, "location", today - timedelta(days=90), today).items == ()
        assert all(one.location is None for one in read_learned(tx).groups)
    with pytest.raises(NotPermitted):
        run(db, bound, learn_promises, LearnPromises())
    with db.connection() as conn:
        assert conn.execute("SELECT max(version) FROM sourcing.delay_model").fetchone() == (2,)


def test_what_waits_at_a_location_moves_its_promises(db: Database) -> None:
    shop = timed_shop(db, opens_at="00:00")
    with pytest.raises(InvalidInput):
        change(db, update_location, UpdateLocation, code="A", opens_at="09:00", closes_at="08:00")
    (calm,) = preview(db).promises
    assert calm.queue_minutes == 0
    assert count_queues(db) == 0, "no pace is known"
    make.place(shop, {"tea": 240}, ship_to=THERE)
    change(db, update_location, UpdateLocation, code="A", units_hourly=5)
    assert count_queues(db) == 1
    assert count_queues(db) == 0

    (busy,) = preview(db).promises
    assert busy.queue_minutes == 48 * 60
    assert busy.ready_at - calm.ready_at >= timedelta(hours=47, minutes=59)
    assert (busy.delivers_on - calm.delivers_on).days == 2
    assert (busy.calendar_on, busy.probability) == (busy.ships_on, None)
    placed = make.place(shop, {"tea": 1}, ship_to=THERE)
    kept = promise_of(db, placed.id)
    assert (kept.queue_minutes, kept.model) == (48 * 60, None)
    assert kept.ships_on == busy.ships_on
    assert look(db).ships_on == busy.ships_on

    # What is packed or on hold waits no more.
    change(db, hold_order, HoldOrder, order_id=placed.id, holds=[{"reason": "fraud"}])
    with db.transaction(SYSTEM) as tx:
        tx.conn.execute("UPDATE fulfillment.line SET picked = 200, packed = 200 WHERE qty = 240")
    count_queues(db)
    with db.connection() as conn:
        assert conn.execute("SELECT units FROM fulfillment.backlog").fetchall() == [(40,)]


@pytest.mark.parametrize(
    ("unit", "served"), [("orders", ["A"] * 3 + ["B"]), ("lines", ["A", "A", "B", "B"]),
                         ("units", ["A", "B", "B", "B"])]
)  # fmt: skip
def test_a_capacity_counts_orders_lines_or_units(
    db: Database, unit: str, served: list[str]
) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 90, "cup": 90}, "B": {"tea": 90, "cup": 90}},
        locations={"A": {"capacity_daily": 3, "capacity_unit": unit}, "B": {"priority": 5}},
        policy=Policy(rules=(CapacityRule(),), objective=Objective(load=0)),
    )
    placed = [make.place(shop, {"tea": 2, "cup": 2}) for _ in range(4)]
    assert [order.fulfillment_orders[0].location for order in placed] == served
    count = served.count("A")
    with db.connection() as conn:
        rows = conn.execute("SELECT accepted, lines, units FROM fulfillment.daily_load").fetchall()
    assert rows == [(count, 2 * count, 4 * count)]
