"""What runs low, lies too long or was lost, and the reasons for it, as people see it."""

import io
from zipfile import ZipFile

from ordito.listings.item_stock import find_item
from ordito.platform.database import Database
from ordito.web.pages import (
    inventory,
    losses,
    overstock,
    stock_acts,
    stock_limits,
    stock_reasons,
    watches,
)
from tests import make
from tests.flows import stock_acts as stock
from tests.flows.test_limit_stock import limit, lows, sold_shop
from tests.flows.test_sweep_watches import entries, user
from tests.web.acts import get, location_of, post, text_of, visit


def test_what_runs_low_is_explained_and_acted_on(db: Database) -> None:
    shop = sold_shop(db)
    user(db, "keeper")
    url = "/inventory/limits"
    assert "All items Each location Low is: enough for 3 days or less" in get(
        stock_limits.show_limits, db, url
    )
    form = {"sku": "tea", "location": "B", "low_by": "units", "low_at": "9", "over_days": ""}
    wrong = post(stock_limits.set_limit, db, url + "/set", form=form | {"sku": "no"})
    assert (wrong.status, "There is no stocked item “no”" in text_of(wrong)) == (422, True)
    done = post(stock_limits.set_limit, db, url + "/set", form=form)
    assert location_of(done) == url
    form = {"sku": "tea", "location": "*", "low_by": "days", "low_at": "90"}
    post(stock_limits.set_limit, db, url + "/set", form=form)
    listed = get(stock_limits.show_limits, db, url + "?sku=TEA")
    assert "tea Tea B Low is: 9 units or fewer" in listed
    assert "All locations together Low is: enough for 90 days or less" in listed
    assert "Set a limit" not in get(
        stock_limits.show_limits, db, url, permissions=["inventory.read"]
    )
    shown = stock_limits.limit_form(visit(db, "GET", url + "/set?sku=tea&location=B"))
    assert 'value="9"' in shown.body.decode()

    assert lows(db) == [("tea", "B", 4)]
    page = get(watches.show_watches, db, "/watch?list=low")
    assert "tea B 4 free, lasts 16 days (" in page
    assert "7 sold in 28 days. Low is: 9 units or fewer Limits" in page
    assert "Move 6 from C Count Keep some back" in page
    entry = watches.show_watches(visit(db, "GET", "/watch?list=low")).body.decode()
    assert "from_location=C&amp;to_location=B&amp;sku=tea+6" in entry
    looking = get(watches.show_watches, db, "/watch?list=low", permissions=["orders.read"])
    assert "Keep some back" not in looking
    total = get(watches.show_watches, db, "/watch?list=low_total")
    assert "All locations" in total
    assert "60 free, lasts 80 days (" in total
    assert "21 sold in 28 days. Low is: enough for 90 days or less" in total
    (low,) = entries(db, "low")
    item = get(inventory.show_item, db, f"/inventory/{low.item_id}", item=str(low.item_id))
    assert "B 4 free Low 7 sold in 28 days lasts 16 days (" in item
    assert "C 30 free None sold in 28 days –" in item
    assert shop.items["tea"] == low.item_id


def test_what_lies_too_long_is_a_list_a_file_and_a_tag(db: Database) -> None:
    shop = sold_shop(db)
    limit(db, {"over_days": 50})
    with make.owner(db) as conn:
        conn.execute("UPDATE inventory.posting SET at = at - interval '40 days' WHERE seq = 1")
        conn.execute("UPDATE catalog.item SET name = '=SUM(A1)' WHERE sku = 'tea'")
    url = "/inventory/overstock"
    page = get(overstock.show_overstock, db, url)
    assert "30 too many €300.00 never" in page
    assert "Move 10 to B" in page
    assert "doesn't sell" in page
    asked = overstock.show_overstock(visit(db, "GET", url + "?days=3650")).body.decode()
    assert 'value="3650"' in asked
    looking = get(overstock.show_overstock, db, url, permissions=["inventory.read"])
    assert "Sell off" not in looking
    assert "Move 10" not in looking

    item_id = shop.items["tea"]
    post(overstock.mark, db, f"{url}/{item_id}/mark?on=1", item=str(item_id))
    post(overstock.mark, db, f"{url}/{item_id}/mark?on=1", item=str(item_id))
    with db.reading(make.BOSS) as tx:
        assert find_item(tx, item_id).tags == ["liquidation"]
    assert "Selling off" in get(overstock.show_overstock, db, url)
    text = overstock.overstock_csv(visit(db, "GET", url + ".csv")).body.decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("sku,name,location,free,sold_28_days,days_left,limit_days,excess,")
    assert lines[1].startswith("tea,'=SUM(A1),C,30,0,,50,30,300.00,EUR,")
    assert lines[1].endswith(",,yes")
    book = overstock.overstock_xlsx(visit(db, "GET", url + ".xlsx"))
    with ZipFile(io.BytesIO(book.body)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    post(overstock.mark, db, f"{url}/{item_id}/mark?on=", item=str(item_id))
    with db.reading(make.BOSS) as tx:
        assert find_item(tx, item_id).tags == []


def test_reasons_are_kept_given_and_reported(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 20}})
    url = "/settings/stock-reasons"
    form = {"words": "Jar broke", "code": "jar-broke", "fewer_to": "scrapped", "moves": "yes"}
    wrong = post(stock_reasons.create, db, url + "/-new", form=form | {"code": "Jar!"})
    assert wrong.status == 422
    taken = post(stock_reasons.create, db, url + "/-new", form=form | {"code": "lost"})
    assert "There is a reason “lost” already" in text_of(taken)
    done = post(stock_reasons.create, db, url + "/-new", form=form)
    assert location_of(done) == url
    listed = get(stock_reasons.show_reasons, db, url)
    assert "Jar broke jar-broke" in listed
    assert "New reason" not in get(
        stock_reasons.show_reasons, db, url, permissions=["settings.read"]
    )
    one, edit = f"{url}/jar-broke", f"{url}/jar-broke/edit"
    form = {"words": "Jar fell", "fewer_to": "scrapped", "moves": "yes", "active": "yes"}
    late = post(stock_reasons.edit, db, edit, code="jar-broke", form=form | {"version": "7"})
    assert late.status == 422
    post(stock_reasons.edit, db, edit, code="jar-broke", form=form | {"version": "1"})
    told = get(stock_reasons.show_reason, db, one, code="jar-broke")
    assert "Name: Jar broke → Jar fell" in told
    assert "Created as jar-broke" in told
    renamed = get(stock_reasons.edit_form, db, f"{url}/lost/edit", code="lost")
    assert "Left empty, its name is the one that came with Ordito." in renamed

    item = str(shop.items["tea"])
    path = f"/inventory/{item}"
    asked = get(stock_acts.adjust_form, db, f"{path}/adjust", item=item)
    assert "Jar fell (fewer)" in asked
    assert "Jar fell" in get(stock_acts.move_form, db, f"{path}/move", item=item)
    act = {"location": "A", "quantity": "-2", "reason": "jar-broke", "words": "All over"}
    post(stock_acts.adjust, db, f"{path}/adjust", item=item, form=act)
    act = {"location": "A", "quantity": "1", "reason": "jar-broke", "from_bucket": "available",
           "to_bucket": "damaged"}  # fmt: skip
    post(stock_acts.move, db, f"{path}/move", item=item, form=act)
    assert stock.buckets(shop, "tea", "A") == {"available": 17, "damaged": 1}
    ledger = get(inventory.show_item, db, path, item=item)
    assert ledger.count("Jar fell") == 2

    report = get(losses.show_losses, db, "/inventory/losses")
    assert "€20.00 lost in all Jar fell €20.00" in report
    page = losses.show_losses(visit(db, "GET", "/inventory/losses")).body.decode()
    query = page.partition("/inventory/losses/postings?")[2].partition('"')[0]
    asked = "/inventory/losses/postings?" + query.replace("&amp;", "&")
    assert "\u22122 Jar fell All over" in get(losses.show_postings, db, asked)
    assert "No posting" in get(losses.show_postings, db, "/inventory/losses/postings?month=2020-01")
    file = losses.losses_csv(visit(db, "GET", "/inventory/losses.csv?months=1")).body.decode()
    assert ",jar-broke,A,2,0,20.00,EUR,0" in file
    assert losses.losses_xlsx(visit(db, "GET", "/inventory/losses.xlsx")).status == 200
