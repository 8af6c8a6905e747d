"""Channels, markets and exchange rates."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.channels.channels import read_channels, read_markets, read_rates
from ordito.channels.markets import MARKETS_ID, RATES_ID
from ordito.channels.types import (
    Channel,
    CreateChannel,
    MarketsSet,
    RatesSet,
    SetMarkets,
    SetRates,
    UpdateChannel,
)
from ordito.flows.manage_channels import create_channel, set_markets, set_rates, update_channel
from ordito.flows.reference import reference
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    VersionConflict,
)
from tests import make


def create(db: Database, code: str, **fields: Any) -> Channel:
    body = {
        "code": code,
        "name": code,
        "kind": "api",
        "currency": "PLN",
        "policy": "default",
        "time_zone": "Europe/Warsaw",
    }
    return run(db, make.BOSS, create_channel, msgspec.convert(body | fields, CreateChannel))


def update(db: Database, code: str, **fields: Any) -> Channel:
    ask = msgspec.convert({"code": code} | fields, UpdateChannel)
    return run(db, make.BOSS, update_channel, ask)


def markets(db: Database, **countries: list[str]) -> MarketsSet:
    listed = [{"code": code, "name": code, "countries": of} for code, of in countries.items()]
    return run(db, make.BOSS, set_markets, msgspec.convert({"markets": listed}, SetMarkets))


def rates(db: Database, *rows: tuple[str, str, str, str]) -> RatesSet:
    names = ("base_currency", "currency", "valid_on", "rate")
    listed = [dict(zip(names, row, strict=True)) for row in rows]
    return run(db, make.BOSS, set_rates, msgspec.convert({"rates": listed}, SetRates))


def test_a_channel_takes_its_policy_and_locations_by_their_codes(db: Database) -> None:
    shop = make.shop(db)

    made = create(db, "allegro", locations=["B", "A", "B"], stock_buffer=2, shortage="refuse")

    assert made.location_ids == sorted([shop.locations["A"], shop.locations["B"]])
    assert (made.currency, made.base_currency, made.version) == ("PLN", "PLN", 1)
    assert (made.stock_buffer, made.shortage) == (2, "refuse")
    with db.reading(make.BOSS) as tx:
        assert [channel.code for channel in read_channels(tx)] == ["allegro", "web"]
        assert read_channels(tx)[0] == made
        assert [entry.kind for entry in read_timeline(tx, made.id)] == ["channel.created"]


def test_a_code_belongs_to_one_channel(db: Database) -> None:
    make.shop(db)

    with pytest.raises(AlreadyExists):
        create(db, "web")


def test_all_faults_are_told_at_once(db: Database) -> None:
    make.shop(db)

    with pytest.raises(InvalidInput) as caught:
        create(
            db,
            "allegro",
            currency="XQQ",
            time_zone="Mars/Base",
            market="Nowhere",
            policy="none",
            locations=["A", "Z"],
        )

    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [
        ("/currency", "unknown-currency"),
        ("/time_zone", "unknown-time-zone"),
        ("/market", "unknown-market"),
        ("/policy", "unknown-policy"),
        ("/locations/1", "unknown-location"),
    ]


def test_a_change_counts_for_the_next_order(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 0}})
    make.place(shop, {"tea": 1})

    changed = update(db, "web", shortage="refuse", locations=["B"], version=1)

    assert changed.version == 2
    assert changed.location_ids == [shop.locations["B"]]
    with db.reading(make.BOSS) as tx:
        assert reference(tx).channels["web"].shortage == "refuse"
    assert update(db, "web", locations=None).location_ids is None


def test_an_older_version_and_a_foreign_channel_are_refused(db: Database) -> None:
    make.shop(db)
    update(db, "web", stock_buffer=1)

    with pytest.raises(VersionConflict) as caught:
        update(db, "web", stock_buffer=2, version=1)
    assert caught.value.extra == {"version": 2}
    bound = Actor("key", UUID(int=9), "Bound", EVERYTHING, channel_ids=frozenset())
    with pytest.raises(NotFound):
        run(db, bound, update_channel, UpdateChannel(code="web", stock_buffer=3))


def test_markets_are_set_together_and_a_country_is_in_one(db: Database) -> None:
    make.shop(db)
    markets(db, EU=["PL", "DE", "PL"], UK=["GB"])

    with db.reading(make.BOSS) as tx:
        assert [(m.code, m.countries) for m in read_markets(tx)] == [
            ("EU", ["DE", "PL"]),
            ("UK", ["GB"]),
        ]
        assert reference(tx).market_of["DE"] == "EU"
    with pytest.raises(InvalidInput) as caught:
        markets(db, EU=["PL"], DACH=["DE", "PL"])
    assert [(f.pointer, f.code) for f in caught.value.errors] == [
        ("/markets/1/countries/1", "duplicate")
    ]
    markets(db, EU=["PL"])
    with db.reading(make.BOSS) as tx:
        entries = read_timeline(tx, MARKETS_ID)
    assert [(entry.seq, entry.body["markets"]) for entry in entries] == [
        (2, {"EU": ["PL"]}),
        (1, {"EU": ["DE", "PL"], "UK": ["GB"]}),
    ]


def test_a_market_with_members_is_not_left_out(db: Database) -> None:
    make.shop(db)
    markets(db, EU=["PL"])
    update(db, "web", market="EU")

    with pytest.raises(ActionNotAllowed, match="channel web"):
        markets(db, UK=["GB"])


def test_rates_are_set_by_day_and_replaced_on_the_same_day(db: Database) -> None:
    make.shop(db)
    rates(db, ("EUR", "PLN", "2026-01-01", "0.23"), ("EUR", "PLN", "2026-02-01", "0.2345678901"))

    assert rates(db, ("EUR", "PLN", "2026-01-01", "0.24")).count == 1
    assert rates(db, ("EUR", "PLN", "2026-01-01", "0.240")).count == 0

    with db.reading(make.BOSS) as tx:
        assert [(rate.valid_on, rate.rate) for rate in read_rates(tx)] == [
            (date(2026, 1, 1), Decimal("0.24")),
            (date(2026, 2, 1), Decimal("0.2345678901")),
        ]
        found = reference(tx).rate("EUR", "PLN", date(2026, 1, 31))
        assert found is not None
        assert found.rate == Decimal("0.24")
        assert [entry.seq for entry in read_timeline(tx, RATES_ID)] == [2, 1]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("EUR", "EUR", "2026-01-01", "1"), "same-currency"),
        (("EUR", "XQQ", "2026-01-01", "1"), "unknown-currency"),
        (("EUR", "PLN", "2026-01-01", "0"), "out-of-range"),
        (("EUR", "PLN", "2026-01-01", "NaN"), "out-of-range"),
        (("EUR", "PLN", "2026-01-01", "0.23456789012"), "too-exact"),
    ],
)
def test_an_impossible_rate_is_refused(
    db: Database, row: tuple[str, str, str, str], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        rates(db, row)

    assert [fault.code for fault in caught.value.errors] == [code]
    with db.reading(make.BOSS) as tx:
        assert read_rates(tx) == []
