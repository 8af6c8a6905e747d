"""A variant of a shop gets its SKU by form, as by the API."""

import pytest

from ordito.channels.variant_links import list_variants
from ordito.platform.database import Database
from ordito.platform.problems import NotFound
from ordito.web.pages import shop_connection
from tests import make
from tests.web.acts import post

URL = "/settings/channels/web/shop/variant"


def test_a_variant_gets_its_sku_and_an_empty_form_is_told(db: Database) -> None:
    shop = make.shop(db)
    form = {"variant": " 4711 ", "sku": "tea"}
    with pytest.raises(NotFound):
        post(shop_connection.save_variant, db, URL, form=form, channel="web")
    with db.transaction(make.BOSS) as tx:
        tx.conn.execute(
            "INSERT INTO channels.connection (channel_id, kind, domain, swept_to)"
            " VALUES (%s, 'shopify', 'tea.myshopify.com', now())",
            (shop.channels["web"],),
        )

    saved = post(shop_connection.save_variant, db, URL, form=form, channel="web")
    empty = post(shop_connection.save_variant, db, URL, form={"variant": "1"}, channel="web")

    assert (saved.status, empty.status) == (303, 422)
    assert "Fill this in." in empty.body.decode()
    with db.reading(make.BOSS) as tx:
        found = list_variants(tx, shop.channels["web"], after="", limit=10)
    assert [(one.variant, one.sku) for one in found] == [("4711", "tea")]
