"""Stock kept for channels in the browser: kept by a form, listed, given back."""

from uuid import uuid4

import pytest

from ordito.flows.keep_for_channel import tell_kept
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import NotFound
from ordito.web.pages import inventory, kept_stock
from tests import make
from tests.flows import stock_acts as acts
from tests.web.acts import get, location_of, post, text_of

URL = "/inventory/kept"


def test_units_are_kept_by_a_form_listed_and_given_back(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}, "B": {"tea": 10}})
    form = {"sku": "tea", "quantity": "12", "location": "", "channel": "web",
            "until": "2099-11-30", "reason": "Campaign"}  # fmt: skip

    assert "Nothing is kept" in get(kept_stock.show_kept, db, URL)
    assert "Until the end of" in get(kept_stock.new_form, db, URL + "/new?sku=tea")
    assert location_of(post(kept_stock.keep, db, URL + "/new", form=form)) == URL

    assert acts.buckets(shop, "tea", "A") == {"reserved": 10}
    page = get(kept_stock.show_kept, db, URL)
    assert page.count("Campaign") == 2
    with db.reading(SYSTEM) as tx:
        rows = tell_kept(tx, channel_ids=None, location_ids=None, limit=3)
    assert [row.qty for row in rows] == [10, 2]
    hold = str(rows[0].hold_id)
    item = str(shop.items["tea"])
    assert "kept for web" in get(inventory.show_item, db, f"/inventory/{item}", item=item)
    answer = post(kept_stock.release, db, f"{URL}/{hold}/release", hold=hold)
    assert location_of(answer) == URL
    assert acts.buckets(shop, "tea", "A") == {"available": 10}
    assert location_of(post(kept_stock.release, db, f"{URL}/{hold}/release", hold=hold)) == URL


def test_every_fault_stands_beside_its_field_and_nothing_is_kept(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}})
    form = {"sku": "no", "quantity": "1", "location": "", "channel": "web", "until": "1999-01-01"}

    answer = post(kept_stock.keep, db, URL + "/new", form=form)
    more = post(kept_stock.keep, db, URL + "/new",
                form=form | {"sku": "tea", "quantity": "11", "until": ""})  # fmt: skip

    assert (answer.status, more.status) == (422, 422)
    assert "There is no item “no”" in text_of(answer)
    assert "lies ahead" in text_of(answer)
    assert "asked 11, free 10" in text_of(more)
    assert acts.buckets(shop, "tea", "A") == {"available": 10}
    with pytest.raises(NotFound):
        post(kept_stock.release, db, URL + "/x/release", hold=str(uuid4()))
