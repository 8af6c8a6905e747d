"""Stock acts in the browser: set aside, looked at, thrown away, released."""

from ordito.platform.database import Database
from ordito.web.pages import stock_acts
from tests import make
from tests.flows import stock_acts as acts
from tests.web.acts import get, post, text_of


def test_units_are_set_aside_thrown_away_and_released(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}})
    item = str(shop.items["tea"])
    url = f"/inventory/{item}"
    form = {"location": "A", "quantity": "4", "from_bucket": "available",
            "to_bucket": "quality_control", "words": "wet box"}  # fmt: skip
    assert "Set aside, or release" in get(stock_acts.move_form, db, url + "/move", item=item)
    post(stock_acts.move, db, url + "/move", form=form, item=item)
    worse = form | {"quantity": "3", "from_bucket": "quality_control", "to_bucket": "damaged"}
    post(stock_acts.move, db, url + "/move", form=worse, item=item)
    gone = {"location": "A", "quantity": "-2", "reason": "damaged", "bucket": "damaged"}
    post(stock_acts.adjust, db, url + "/adjust", form=gone, item=item)
    assert acts.buckets(shop, "tea", "A") == {
        "available": 6, "quality_control": 1, "damaged": 1,
    }  # fmt: skip
    for wrong, told in (
        (form | {"quantity": "7"}, "asked 7, free 6"),
        (form | {"quantity": ""}, "Say how many."),
        (form | {"to_bucket": "available"}, "lie there already"),
    ):
        answer = post(stock_acts.move, db, url + "/move", form=wrong, item=item)
        assert (answer.status, told in text_of(answer)) == (422, True)
    assert acts.buckets(shop, "tea", "A")["available"] == 6
