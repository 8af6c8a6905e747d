"""Counting in the browser: a list is made, items are counted by scan, the boss decides."""

from typing import Any

from ordito.platform.access import EVERYTHING
from ordito.platform.database import Database
from ordito.web.pages import count_floor, count_limits, cycle_counts, locations
from tests import make
from tests.flows import stock_acts as acts
from tests.web.acts import get, location_of, post, text_of

URL = "/inventory/counts"
CREW = EVERYTHING - {"inventory.approve"}


def entry(line: int, counted: str) -> dict[str, str]:
    return {"line": str(line), "counted": counted}


def test_a_count_from_its_list_to_the_approval(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 20, "cup": 5}})
    limit = {"units": "3", "value_minor": "", "currency": "EUR"}
    post(count_limits.set_limit, db, "/locations/A/count-limit", form=limit, code="A")
    told = get(locations.show_location, db, "/locations/A", code="A")
    assert "Differences of counts wait for approval: more than 3 units" in told
    form = {"location": "A", "name": "Aisle 3", "blind": "yes", "bins": "", "skus": "tea\ncup"}
    assert location_of(post(cycle_counts.start, db, URL + "/new", form=form)) == f"{URL}/1"
    floor: dict[str, Any] = {"permissions": CREW, "count": "1"}
    shown = get(count_floor.show_floor, db, f"{URL}/1/floor?code=CUP", **floor)
    assert "Cup" in shown
    assert "20" not in get(count_floor.show_floor, db, f"{URL}/1/floor", **floor), "it is blind"
    line_of = {sku: n for n, sku in enumerate(sorted(("tea", "cup"), key=shop.items.get), start=1)}  # type: ignore[arg-type]

    bad = post(count_floor.enter, db, f"{URL}/1/floor", form=entry(1, "x"), **floor)
    assert "Say how many you counted" in text_of(bad)
    first = post(count_floor.enter, db, f"{URL}/1/floor", form=entry(line_of["tea"], "12"), **floor)
    assert "Tea: 12 counted" in text_of(first)
    last = post(count_floor.enter, db, f"{URL}/1/floor", form=entry(line_of["cup"], "4"), **floor)
    assert "All counted" in text_of(last)
    assert acts.buckets(shop, "tea", "A") == {"available": 20}
    assert "−8" not in get(cycle_counts.show_count, db, f"{URL}/1", permissions=CREW, count="1")

    page = get(cycle_counts.show_count, db, f"{URL}/1", count="1")
    assert "Waiting for approval" in page
    # The test's reader counted it: the same id counts and looks.
    assert "counted by you" in page
    again = post(cycle_counts.recount, db, f"{URL}/1/recount", form={"sku": "tea"}, count="1")
    assert location_of(again) == f"{URL}/1"
    post(count_floor.enter, db, f"{URL}/1/floor", form=entry(line_of["tea"], "19"), **floor)
    assert acts.buckets(shop, "tea", "A") == {"available": 19}
    assert "Count 1" in get(cycle_counts.show_counts, db, URL + "?view=finished")
    assert "Count 1" not in get(cycle_counts.show_counts, db, URL)


def test_what_is_left_is_left_out_and_faults_are_shown(db: Database) -> None:
    make.shop(db)
    form = {"location": "A", "skus": "no"}
    answer = post(cycle_counts.start, db, URL + "/new", form=form)
    assert (answer.status, "There is no item “no”" in text_of(answer)) == (422, True)
    post(cycle_counts.start, db, URL + "/new", form={"location": "A"})
    assert "2 items to count" in get(cycle_counts.show_count, db, f"{URL}/1", count="1")
    post(cycle_counts.end, db, f"{URL}/1/end", count="1")
    assert "Ended; 2 items were left out" in get(cycle_counts.show_count, db, f"{URL}/1", count="1")
