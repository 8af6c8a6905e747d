"""Bins in the browser: switched on, put away by scan, picked bin by bin, filled, looked at."""

from ordito.platform.database import Database
from ordito.web.pages import bin_levels, bin_work, bins, count_floor, cycle_counts, floor, locations
from tests import make
from tests.flows import acts, bin_acts, stock_acts
from tests.web.acts import get, location_of, post, text_of, visit

URL = "/inventory/bins/A"


def test_from_the_switch_to_the_parcel(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10, "cup": 4}})
    assert "No location keeps bin stock" in get(bins.find_bins_page, db, "/inventory/bins")
    lines = "P-1 1 | 20 units\nP-2 2\nR-1 3 | reserve | 2.5 l\nR-2 x"
    form = {"bins": lines, "version": "1"}
    answer = post(locations.edit_bins, db, "/locations/A/bins", form=form, code="A")
    assert answer.status == 303, text_of(answer)
    again = get(locations.show_bins_form, db, "/locations/A/bins", code="A")
    assert "R-1 3 | reserve | 2.5 l" in again
    bad = {"bins": "P-1 1 | attic\nP-2 | x l", "version": "2"}
    refused = post(locations.edit_bins, db, "/locations/A/bins", form=bad, code="A")
    assert (refused.status, "Line 1" in text_of(refused), "Line 2" in text_of(refused)) == (
        422, True, True,
    )  # fmt: skip

    assert "No record of bins is kept here" in get(bins.show_contents, db, URL, code="A")
    assert "Where do the 14 units lie that A has?" in get(
        bin_levels.switch_form, db, f"{URL}/switch", code="A"
    )
    post(bin_levels.switch, db, f"{URL}/switch", form={"on": "yes"}, code="A")
    assert location_of(bins.find_bins_page(visit(db, "GET", "/inventory/bins"))) == URL
    stock_acts.receive(shop, "A", {"tea": 3})
    listed = get(bin_work.show_put_away, db, f"{URL}/put-away", code="A")
    assert "Tea" in listed
    assert "17 units to put away" in get(
        bin_work.show_put_away_floor, db, f"{URL}/put-away/floor", code="A"
    )

    def scan(**form: str) -> str:
        url = f"{URL}/put-away/floor"
        return text_of(post(bin_work.put_on_floor, db, url, form=form, code="A"))

    assert "Tea" in scan(code="TEA", sku="cup")
    assert "Nothing of “nix” is to be put away" in scan(code="nix", sku="tea")
    assert "There is no bin “Z-9” here" in scan(bin="Z-9", sku="tea", units="1")
    told = scan(code="p-1", sku="tea", units="9")
    assert "9 units of tea lie in P-1 now." in told
    assert "fewer" not in scan(bin="R-1", sku="tea", units="4")
    assert "13 of tea are to be put away" not in scan(code="P-1", sku="tea", units="99")
    assert bin_acts.contents(shop) == {"P-1": 9, "R-1": 4}

    shown = get(bins.show_contents, db, f"{URL}?q=tea", code="A")
    assert ("P-1" in shown, "No bin" in shown) == (True, False)
    move = {"sku": "tea", "from": "P-1", "to": "P-2", "quantity": "2"}
    assert location_of(post(bins.move, db, f"{URL}/move", form=move, code="A")) == URL
    faulty = post(bins.move, db, f"{URL}/move", form=move | {"quantity": "99"}, code="A")
    assert (faulty.status, "Take fewer" in text_of(faulty)) == (422, True)
    moves = get(bins.show_moves, db, f"{URL}/moves", code="A")
    assert "Moved by hand" in moves
    with db.connection() as conn:
        last = conn.execute("SELECT max(id) FROM inventory.bin_move").fetchone()
    assert last is not None
    post(bins.undo, db, f"{URL}/undo?move={last[0]}", code="A")
    assert bin_acts.contents(shop) == {"P-1": 9, "R-1": 4}
    assert "(taken back)" in get(bins.show_moves, db, f"{URL}/moves", code="A")
    assert "Space" in get(bins.show_space, db, f"{URL}/space", code="A")
    _pick(shop)
    _fill(shop)
    _count(shop)
    bin_acts.assert_bins_sound(db)


def _pick(shop: make.Shop) -> None:
    """Ten of an order lie in two bins; the first has fewer than its record says."""
    db, order = shop.db, make.place(shop, {"tea": 10})
    acts.release(shop, order.id)
    url, where = f"/fulfillment/{order.number}/1/pick", {"number": str(order.number), "fo": "1"}
    assert "Take from, 9 are here" in get(floor.show_pick, db, url, **where)
    form = get(floor.short_form, db, f"{url}/short?line=1", **where)
    assert "Not in P-1: look in R-1" in form
    short = {"line": "1", "found": "8", "cause": "next"}
    post(floor.report_missing, db, f"{url}/short", form=short, **where)
    assert bin_acts.contents(shop) == {"@unplaced": 1, "P-1": 8, "R-1": 4}
    taken = post(floor.take_pick, db, f"{url}/take", form={"line": "1", "units": "8"}, **where)
    assert "R-1" not in text_of(taken).split("Next")[0].split("Take from")[0]
    undo = {"line": "1", "bin": "P-1"}
    post(floor.undo_pick, db, f"{url}/undo", form=undo, **where)
    assert bin_acts.contents(shop) == {"@unplaced": 1, "P-1": 1, "R-1": 4}
    post(floor.take_pick, db, f"{url}/take", form={"line": "1", "units": "3"}, **where)
    assert bin_acts.contents(shop) == {"R-1": 3}


def _fill(shop: make.Shop) -> None:
    db, url = shop.db, f"{URL}/levels/set"
    level = {"sku": "tea", "bin": "R-1", "units_min": "2", "units_max": "3"}
    wrong = post(bin_levels.set_level, db, url, form=level, code="A")
    assert (wrong.status, "no bin for picking" in text_of(wrong)) == (422, True)
    post(bin_levels.set_level, db, url, form=level | {"bin": "P-1"}, code="A")
    assert "P-1" in get(bin_levels.show_levels, db, f"{URL}/levels", code="A")
    assert "filled in P-1 from 2 up to 3 units" in get(
        locations.show_location, db, "/locations/A", code="A"
    )
    assert location_of(post(bin_work.raise_fill, db, f"{URL}/fill", code="A")) == f"{URL}/fill"
    assert "R-1" in get(bin_work.show_fill, db, f"{URL}/fill", code="A")
    floor_url = f"{URL}/fill/floor"
    assert "1 pick bin to fill" in get(bin_work.show_fill_floor, db, floor_url, code="A")

    def scan(**form: str) -> str:
        return text_of(post(bin_work.fill_on_floor, db, floor_url, form=form, code="A"))

    assert "From P-2. Now scan P-1." in scan(code="P-2", sku="tea")
    assert "lie in P-2. Take fewer" in scan(code="P-1", sku="tea", from_bin="P-2", units="3")
    assert "3 units of tea lie in P-1 now." in scan(sku="tea", from_bin="R-1", units="3")
    assert bin_acts.contents(shop) == {"P-1": 3}


def _count(shop: make.Shop) -> None:
    db, form = shop.db, {"location": "A", "skus": "tea", "blind": "yes"}
    post(cycle_counts.start, db, "/inventory/counts/new", form=form)
    shown = get(count_floor.show_floor, db, "/inventory/counts/1/floor", count="1")
    assert "All units in each bin" in shown
    entry = {"line": "1", "by": "bin", "bin-0": "2", "other-bin": "P-2", "other-units": "4"}
    told = post(count_floor.enter, db, "/inventory/counts/1/floor", form=entry, count="1")
    assert "Tea: 6 counted" in text_of(told)
    assert bin_acts.contents(shop) == {"P-1": 2, "P-2": 4}
