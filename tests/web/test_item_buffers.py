"""Buffers of single items in the browser: all of a channel in one field."""

from ordito.flows.buffer_items import tell_buffers
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.web.pages import channels, item_buffers
from tests import make
from tests.web.acts import get, location_of, post, text_of


def test_buffers_are_set_on_a_page_a_line_each(db: Database) -> None:
    shop = make.shop(db)
    url = "/settings/channels/web/item-buffers"
    post(item_buffers.set_buffers, db, url, form={"buffers": "cup 3"}, code="web")

    assert "Of every other item" in get(item_buffers.show_buffers, db, url, code="web")
    wrong = post(item_buffers.set_buffers, db, url, form={"buffers": "no 3"}, code="web")
    assert (wrong.status, "There is no item “no”" in text_of(wrong)) == (422, True)
    done = post(item_buffers.set_buffers, db, url, form={"buffers": "tea 5"}, code="web")

    assert location_of(done) == "/settings/channels/web"
    with db.reading(SYSTEM) as tx:
        rows = tell_buffers(tx, shop.channels["web"], limit=9)
    assert [(row.sku, row.units) for row in rows] == [("tea", 5)]
    page = get(channels.show_channel, db, "/settings/channels/web", code="web")
    assert "Kept back of single items: 2 items changed" in page
