"""Channels: their terms, and what the form writes."""

import pytest

from ordito.channels.channels import read_channels
from ordito.channels.types import Channel
from ordito.platform.database import Database
from ordito.platform.problems import NotPermitted
from ordito.web.pages import channels
from tests import make
from tests.doctor.wellness import assert_well
from tests.web.acts import get, location_of, post, text_of

NEW = [
    ("code", "shop-pl"),
    ("name", "Sklep"),
    ("kind", "shop"),
    ("time_zone", "Europe/Warsaw"),
    ("active", "yes"),
    ("currency", "pln"),
    ("base_currency", ""),
    ("rounding", "half_even"),
    ("tax_included", "yes"),
    ("shortage", "refuse"),
    ("stock_buffer", "2"),
    ("policy", "default"),
    ("promise_days", "1"),
    ("pickup_days", "5"),
    ("uncollected", "keep"),
    ("market", ""),
    ("reach", "some"),
    ("locations", "A"),
]


def read(db: Database, code: str) -> Channel | None:
    with db.reading(make.BOSS) as tx:
        return next((channel for channel in read_channels(tx) if channel.code == code), None)


def test_the_form_makes_a_channel_with_all_it_says(db: Database) -> None:
    shop = make.shop(db)

    answer = post(channels.create, db, "/settings/channels/-new", form=NEW)

    made = read(db, "shop-pl")
    assert made is not None
    assert location_of(answer) == "/settings/channels/shop-pl"
    assert (made.currency, made.base_currency, made.rounding) == ("PLN", "PLN", "half_even")
    assert (made.shortage, made.stock_buffer, made.promise_days) == ("refuse", 2, 1)
    assert (made.pickup_days, made.uncollected) == (5, "keep")
    assert made.location_ids == [shop.locations["A"]]
    assert_well(db)


def test_all_faults_are_told_at_once_and_nothing_is_written(db: Database) -> None:
    make.shop(db)
    form = [pair for pair in NEW if pair[0] not in ("name", "promise_days")]
    form += [("name", ""), ("promise_days", "900")]

    answer = post(channels.create, db, "/settings/channels/-new", form=form)

    html = answer.body.decode()
    assert answer.status == 422
    assert 'id="field-name-fault"' in html
    assert 'id="field-promise_days-fault"' in html
    assert read(db, "shop-pl") is None


def test_an_edit_keeps_what_is_not_asked_and_its_history_names_places(db: Database) -> None:
    make.shop(db)
    post(channels.create, db, "/settings/channels/-new", form=NEW)
    form = [pair for pair in NEW if pair[0] != "locations"] + [("locations", "B")]

    post(channels.edit, db, "/settings/channels/shop-pl/edit", form=form, code="shop-pl")

    after = read(db, "shop-pl")
    assert after is not None
    assert after.base_currency == "PLN"
    shown = get(channels.show_channel, db, "/settings/channels/shop-pl", code="shop-pl")
    assert "Locations: A → B" in shown


def test_an_edit_of_what_changed_meanwhile_is_refused(db: Database) -> None:
    make.shop(db)
    post(channels.create, db, "/settings/channels/-new", form=NEW)
    form = [*NEW, ("version", "9")]

    answer = post(channels.edit, db, "/settings/channels/shop-pl/edit", form=form, code="shop-pl")

    assert answer.status == 422
    assert "You read version 9" in text_of(answer)


def test_who_may_only_read_makes_no_channel(db: Database) -> None:
    make.shop(db)

    with pytest.raises(NotPermitted):
        post(channels.create, db, "/settings/channels/-new", form=NEW,
             permissions={"settings.read"})  # fmt: skip

    assert read(db, "shop-pl") is None
