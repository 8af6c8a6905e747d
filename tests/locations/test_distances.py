import re
from itertools import pairwise

import pytest
from babel import Locale

from ordito.locations.distances import (
    Position,
    country_centre,
    km_between,
    locate,
    lookup_keys,
    read_postal_codes,
)

WARSAW = Position(52.2297, 21.0122)
LODZ = Position(51.7592, 19.4560)
# Exceptional reservations and pseudo codes of the locale data.
NO_COUNTRIES = set(re.findall("..", "ACCPCQDGEAEUEZICQOTAUNXAXBZZ"))
NO_CODES: dict[tuple[str, str], tuple[float, float]] = {}


@pytest.fixture(scope="module")
def centroids() -> dict[tuple[str, str], tuple[float, float]]:
    return {(country, key): (lat, lon) for country, key, lat, lon in read_postal_codes()}


def test_distance_of_two_cities_is_the_great_circle() -> None:
    assert round(km_between(WARSAW, LODZ)) == 119
    assert km_between(WARSAW, WARSAW) == 0
    assert km_between(WARSAW, LODZ) == km_between(LODZ, WARSAW)


def test_distance_is_right_across_the_date_line_and_to_the_antipode() -> None:
    assert round(km_between(Position(0, 179.5), Position(0, -179.5))) == 111
    assert round(km_between(Position(0, 0), Position(0, 180))) == 20015
    assert round(km_between(Position(90, 0), Position(-90, 77))) == 20015


@pytest.mark.parametrize(
    ("country", "code", "keys"),
    [
        ("GB", "SW1A 1AA", ["SW1A1AA", "SW1A", "SW1", "SW"]),
        ("GB", "m1 1ae", ["M11AE", "M1", "M"]),
        ("GB", "EC1A", ["EC1A", "EC1", "EC"]),
        ("GB", "GIR 0AA", ["GIR0AA"]),
        ("CA", "K1A 0B1", ["K1A0B1", "K1A", "K1", "K"]),
        ("IE", "D02 AF30", ["D02AF30", "D02", "D"]),
        ("MT", "VLT 1117", ["VLT1117", "VLT"]),
        ("NL", "1234 AB", ["1234AB", "1234", "123", "12"]),
        ("PL", "00-950", ["00950", "009", "00"]),
        ("PL", "PL-00-950", ["PL00950", "00950", "009", "00"]),
        ("DE", "D-80331", ["D80331", "80331", "803", "80"]),
        ("SE", "624 66", ["62466", "624", "62"]),
        ("BR", "01310-100", ["01310100", "01310", "013"]),
        ("BR", "01310", ["01310", "013"]),
        ("US", "02138-1234", ["021381234", "02138", "021", "02"]),
        ("US", "2138", ["2138", "02138", "021", "02"]),
        ("FR", "75001 CEDEX 07", ["75001CEDEX07", "75001", "750", "75"]),
        ("IS", "101", ["101", "1"]),
        ("JP", "100-0001", ["1000001"]),
        ("US", "n/a", ["N/A"]),
        ("US", "  ", []),
        ("HK", "", []),
    ],
)
def test_lookup_keys_go_from_most_to_least_exact(country: str, code: str, keys: list[str]) -> None:
    assert lookup_keys(country, code) == keys


def test_a_full_code_is_found_by_the_part_that_the_table_holds(
    centroids: dict[tuple[str, str], tuple[float, float]],
) -> None:
    assert locate("GB", "SW1A 1AA", centroids) == Position(51.5018, -0.1328)
    assert locate("CA", "K1A 0B1", centroids) == Position(45.4207, -75.7023)
    assert locate("PL", "00-950", centroids) is not None


def test_a_code_between_two_brazilian_towns_belongs_to_the_town_before(
    centroids: dict[tuple[str, str], tuple[float, float]],
) -> None:
    paulista = Position(-23.5614, -46.6559)
    found = locate("BR", "01310-100", centroids)
    assert found is not None
    assert km_between(found, paulista) < 20


def test_without_a_known_code_the_country_centre_stands_in_and_says_so() -> None:
    centre = locate("PL", "", NO_CODES)
    assert centre is not None
    assert not centre.exact
    assert locate("PL", "99-999", NO_CODES) == centre
    assert km_between(centre, LODZ) < 30


def test_an_unknown_country_is_nowhere() -> None:
    assert locate("ZZ", "12345", NO_CODES) is None


def test_every_country_of_the_locale_data_has_a_centre() -> None:
    codes = {code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)}
    for code in codes - NO_COUNTRIES:
        centre = country_centre(code)
        assert centre is not None, code
        assert -90 <= centre.latitude <= 90
        assert -180 <= centre.longitude <= 180
    assert len(codes - NO_COUNTRIES) == 250


def test_the_packaged_table_has_one_sorted_row_per_key(
    centroids: dict[tuple[str, str], tuple[float, float]],
) -> None:
    keys = [(country, key) for country, key, _, _ in read_postal_codes()]
    assert all(one < other for one, other in pairwise(keys))
    assert len({country for country, _ in keys}) == 26
    assert len(keys) == len(centroids) == 231_940


def test_the_packaged_table_lies_where_the_cities_are(
    centroids: dict[tuple[str, str], tuple[float, float]],
) -> None:
    known = {
        ("US", "10001"): Position(40.7506, -73.9972),
        ("DE", "10115"): Position(52.5323, 13.3846),
        ("PL", "90-001"): LODZ,
        ("FR", "13001"): Position(43.2996, 5.3820),
        ("AU", "2000"): Position(-33.8688, 151.2093),
        ("NZ", "6011"): Position(-41.2924, 174.7787),
    }
    for (country, code), truth in known.items():
        found = locate(country, code, centroids)
        assert found is not None, code
        assert km_between(found, truth) < 10, (country, code)
