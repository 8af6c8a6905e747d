"""Markets and rates: one at a time, none lost to another's edit, faults beside their fields."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ordito.channels.channels import read_markets, read_rates
from ordito.channels.types import MarketKey, PutMarket
from ordito.flows.manage_markets import put_market, remove_market
from ordito.platform.access import EVERYTHING
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, NotPermitted
from ordito.web.pages import markets
from tests import make
from tests.doctor.wellness import assert_well
from tests.web.acts import get, post

HERE = "/settings/markets"
NORDICS = {"market": "nordics", "name": "Nordics", "countries": "dk, fi; NO se"}


def stored(db: Database) -> dict[str, list[str]]:
    with db.reading(make.BOSS) as tx:
        return {market.code: market.countries for market in read_markets(tx)}


def test_a_market_is_made_changed_and_taken_away(db: Database) -> None:
    make.shop(db)
    assert "No market yet" in get(markets.show_markets, db, HERE)

    assert post(markets.create, db, f"{HERE}/-new", form=NORDICS).status == 303
    assert stored(db) == {"nordics": ["DK", "FI", "NO", "SE"]}
    shown = get(markets.show_markets, db, HERE)
    assert "Denmark, Finland, Norway, Sweden" in shown
    assert "Markets: nordics" in shown

    changed = {"name": "North", "countries": "DK"}
    post(markets.edit, db, f"{HERE}/nordics/edit", form=changed, market="nordics")
    assert stored(db) == {"nordics": ["DK"]}
    post(markets.remove, db, f"{HERE}/nordics/remove", market="nordics")
    assert stored(db) == {}
    assert_well(db)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"market": "nordics"}, "There is a market with this code already."),
        ({"market": "x", "countries": "PL DK"}, "is in market “nordics” already"),
        ({"market": "x", "countries": "Poland"}, "field-countries-fault"),
        ({"market": "x", "name": "", "countries": "PL"}, "Fill this in."),
        ({"market": "-x", "countries": "PL"}, "field-market-fault"),
    ],
)
def test_a_faulty_market_is_told_beside_its_field(
    db: Database, fields: dict[str, str], words: str
) -> None:
    make.shop(db)
    post(markets.create, db, f"{HERE}/-new", form=NORDICS)

    answer = post(markets.create, db, f"{HERE}/-new", form=NORDICS | fields)

    assert answer.status == 422
    assert words in answer.body.decode()
    assert stored(db) == {"nordics": ["DK", "FI", "NO", "SE"]}


def test_a_market_with_members_stays(db: Database) -> None:
    shop = make.shop(db, locations={"A": {"market": "nordics"}})
    post(markets.create, db, f"{HERE}/-new", form=NORDICS)

    with pytest.raises(ActionNotAllowed):
        run(db, make.BOSS, remove_market, MarketKey(market="nordics"))
    post(markets.remove, db, f"{HERE}/nordics/remove", market="nordics")
    with pytest.raises(NotFound):
        run(db, make.BOSS, remove_market, MarketKey(market="moon"))

    assert list(stored(shop.db)) == ["nordics"]
    assert "A" in get(markets.show_markets, db, HERE)


def test_two_who_add_markets_at_once_lose_none_and_share_no_country(db: Database) -> None:
    make.shop(db)

    def put(code: str, countries: tuple[str, ...]) -> bool:
        try:
            run(db, make.BOSS, put_market, PutMarket(market=code, name=code, countries=countries))
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        apart = list(threads.map(put, ("a", "b", "c"), (("PL",), ("DE",), ("FR",))))
        same = list(threads.map(put, ("d", "e"), (("US",), ("US",))))

    assert apart == [True] * 3
    assert sorted(same) == [False, True]
    assert sorted(country for found in stored(db).values() for country in found) == [
        "DE", "FR", "PL", "US",
    ]  # fmt: skip


def test_a_rate_is_set_and_a_wrong_one_told(db: Database) -> None:
    make.shop(db)
    rate = {"currency": "pln", "rate": "0.2345", "base_currency": "EUR", "valid_on": "2026-01-01"}

    assert post(markets.save_rate, db, f"{HERE}/-rate", form=rate).status == 303
    wrong = post(markets.save_rate, db, f"{HERE}/-rate", form=rate | {"rate": "-1"})
    unknown = post(markets.save_rate, db, f"{HERE}/-rate", form=rate | {"currency": "XYZ"})

    assert (wrong.status, unknown.status) == (422, 422)
    assert "field-rate-fault" in wrong.body.decode()
    assert "field-currency-fault" in unknown.body.decode()
    with db.reading(make.BOSS) as tx:
        assert [str(one.rate.normalize()) for one in read_rates(tx)] == ["0.2345"]
    assert "PLN 0.2345 EUR" in get(markets.show_markets, db, HERE)
    assert "1 exchange rate set" in get(markets.show_markets, db, HERE)


def test_who_may_only_read_changes_nothing(db: Database) -> None:
    make.shop(db)
    may = EVERYTHING - {"settings.write"}
    with pytest.raises(NotPermitted):
        post(markets.create, db, f"{HERE}/-new", form=NORDICS, permissions=may)
    with pytest.raises(NotPermitted):
        post(markets.save_rate, db, f"{HERE}/-rate", form={}, permissions=may)
    assert stored(db) == {}
    assert "New market" not in get(markets.show_markets, db, HERE, permissions=may)
