"""Pages of local delivery: zones and slots are set, an order takes one, and proof is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ordito.flows.order_stories import Part as MailPart
from ordito.flows.order_stories import mail_values, read_story
from ordito.listings.local_rounds import read_stop
from ordito.notifications.tracking import ensure_link
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.web.pages import local_areas, local_rounds, locations, new_order, order_page
from ordito.web.pages.track import answer_link
from ordito.web.visits import Upload
from tests import make
from tests.flows import local_acts
from tests.orders.test_picture_traces import jpeg
from tests.web.acts import get, location_of, post, text_of, visit

ZONE = [("name", "City"), ("country", "pl"), ("postal_codes", "00-9*\n01-001, 01-002"),
        ("radius_km", ""), ("active", "yes")]  # fmt: skip
SLOT = [("code", "DAY"), *(("weekdays", str(day)) for day in range(7)), ("starts", "23:00"),
        ("ends", "23:59"), ("places", "2"), ("cut_off_minutes", "0"),
        ("active", "yes")]  # fmt: skip
ORDER = [("channel", "web"), ("delivery", "local"), ("name", "Ann Lee"), ("phone", "+48 1"),
         ("country", "PL"), ("postal_code", "00-950"), ("city", "Warszawa"),
         ("line1", "Long 1"), ("sku", "tea"), ("quantity", "1")]  # fmt: skip


def version(shop: make.Shop) -> tuple[str, str]:
    with shop.db.connection() as conn:
        row = conn.execute("SELECT version FROM locations.location WHERE code = 'A'").fetchone()
    assert row is not None
    return "version", str(row[0])


def set_areas(shop: make.Shop) -> None:
    """By the forms: with a fault first, then right."""
    db, named = shop.db, {"code": "A", "no": "-new"}
    wrong = [("postal_codes", "00?") if pair[0] == "postal_codes" else pair for pair in ZONE]
    answer = post(local_areas.edit_zone, db, "/locations/A/zones/-new", form=wrong, **named)
    assert answer.status == 422
    assert "is no postal code" in text_of(answer)
    form = [*ZONE, version(shop)]
    answer = post(local_areas.edit_zone, db, "/locations/A/zones/-new", form=form, **named)
    assert location_of(answer) == "/locations/A"
    early = [("ends", "09:00") if pair[0] == "ends" else pair for pair in SLOT]
    answer = post(local_areas.edit_slot, db, "/locations/A/slots/-new", form=early, **named)
    assert "it has to end after that" in text_of(answer)
    form = [*SLOT, version(shop)]
    post(local_areas.edit_slot, db, "/locations/A/slots/-new", form=form, **named)
    night = [("code", "NIGHT") if pair[0] == "code" else pair for pair in SLOT]
    post(local_areas.edit_slot, db, "/locations/A/slots/-new", form=night, **named)
    shown = get(locations.show_location, db, "/locations/A", code="A")
    assert "PL · 00-9*, 01-001, 01-002" in shown
    assert "every day · 23:00–23:59 · 2 stops" in shown
    named["no"] = "2"
    gone = post(local_areas.edit_slot, db, "/locations/A/slots/2", form=[("gone", "yes")], **named)
    assert location_of(gone) == "/locations/A"
    assert (
        "NIGHT"
        not in get(locations.show_location, db, "/locations/A", code="A").partition("History")[0]
    )
    assert (
        'value="23:00"'
        in local_areas.show_slot(
            visit(db, "GET", "/locations/A/slots/1", code="A", no="1")
        ).body.decode()
    )


def place(shop: make.Shop, **fields: str) -> tuple[int, UUID]:
    form = [*ORDER, *fields.items(), ("do", "place")]
    answer = post(new_order.change_new, shop.db, "/orders/new", form=form)
    number = int(location_of(answer).removeprefix("/orders/"))
    with shop.db.connection() as conn:
        row = conn.execute(
            "SELECT id FROM orders.sales_order WHERE number = %s", (number,)
        ).fetchone()
    assert row is not None
    return number, row[0]


def test_from_the_slot_to_the_door_on_pages(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    set_areas(shop)
    shown = text_of(post(new_order.change_new, db, "/orders/new", form=[*ORDER, ("do", "look")]))
    assert "The next free one" in shown
    assert "· A" in shown
    number, order_id = place(shop)
    stop = local_acts.stop_of(shop, order_id)
    _other, other_id = place(shop, slot=f"{stop.on_day.isoformat()} A DAY")
    assert local_acts.stop_of(shop, other_id).key == stop.key
    full = post(new_order.change_new, db, "/orders/new",
                form=[*ORDER, ("slot", f"{stop.on_day} A DAY"), ("do", "place")])  # fmt: skip
    assert "is full, closed or too near" in text_of(full)

    named: dict[str, Any] = {"number": str(number)}
    assert "Local delivery" in get(order_page.show, db, f"/orders/{number}", **named)
    at: dict[str, Any] = {"location": "A", "on": stop.on_day.isoformat(), "slot": "DAY"}
    rounds = f"/fulfillment/rounds?location=A&on={stop.on_day}"
    shown = get(local_rounds.show_rounds, db, rounds)
    assert "0 of 2 stops done" in shown
    assert "Long 1 , 00-950 Warszawa" in shown
    ids = ",".join(map(str, (other_id, order_id)))
    form = {"order_ids": ids}
    answer = post(local_rounds.arrange, db, "/fulfillment/rounds", form=form, **at)
    assert location_of(answer) == rounds
    html = local_rounds.show_rounds(visit(db, "GET", rounds)).body.decode()
    assert html.index(f"#{_other}") < html.index(f"#{number}")

    local_acts.pack(shop, order_id)
    post(local_rounds.start, db, "/fulfillment/rounds", **at)
    assert "On its way" in get(local_rounds.show_rounds, db, rounds)
    page = tracked(db, order_id)
    assert "between 23:00 and 23:59" in page
    _at_the_door(shop, named, order_id)


def _at_the_door(shop: make.Shop, named: dict[str, Any], order_id: UUID) -> None:
    db, url = shop.db, f"/fulfillment/stops/{named['number']}"
    shown = get(local_rounds.show_stop, db, url, **named)
    assert "Ann Lee" in shown
    assert "+48 1" in shown
    nothing = post(local_rounds.deliver, db, f"{url}/deliver", **named)
    assert nothing.status == 422
    assert "Say who took it, or where it was left." in text_of(nothing)
    failed = post(local_rounds.fail, db, f"{url}/fail", form={"reason": "nobody_home"}, **named)
    assert location_of(failed) == url
    assert "could not deliver" in tracked(db, order_id)
    html = local_rounds.again_form(visit(db, "GET", f"{url}/again", **named)).body.decode()
    later = (local_acts.stop_of(shop, order_id).on_day + timedelta(days=1)).isoformat()
    assert f'value="{later} DAY"' in html
    form = {"slot": f"{later} DAY"}
    post(local_rounds.try_stop_again, db, f"{url}/again", form=form, **named)
    with db.reading(SYSTEM) as tx:
        story = read_story(tx, order_id)
        assert story is not None
        told = mail_values(story, "delayed", MailPart(), "")["expected_on"]
    assert str(datetime.fromisoformat(later).day) in told
    local_acts.start(shop, order_id)
    photo = {"photo": Upload("door.jpg", jpeg(1))}
    form = {"taken_by": "Bo", "left_at": ""}
    done = post(local_rounds.deliver, db, f"{url}/deliver", form=form, files=photo, **named)
    assert location_of(done).startswith("/fulfillment/rounds?location=A")
    with db.reading(make.BOSS) as tx:
        tried = read_stop(tx, order_id).tried
    assert [(one.outcome, one.taken_by, one.file_no) for one in tried] == [
        ("failed", "", None), ("delivered", "Bo", 1),
    ]  # fmt: skip
    shown = get(local_rounds.show_stop, db, url, **named)
    assert "Taken by Bo" in shown
    assert "Handed over at the door, with a photo" in get(
        order_page.show, db, f"/orders/{named['number']}", **named
    )
    assert tried[1].at < datetime.now(UTC)


def tracked(db: Database, order_id: UUID) -> str:
    with db.transaction(SYSTEM) as tx:
        token = ensure_link(tx, order_id).removeprefix("/t/")
    return answer_link(db, token, "en").body.decode()
