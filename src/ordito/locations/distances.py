"""How far it is from a location to an address: centroids of postal codes, else of the country.

The packaged tables are facts that never change while the program runs: reading them is the only
thing done here besides arithmetic.
"""

import csv
import gzip
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from io import TextIOWrapper
from math import asin, cos, radians, sin, sqrt

import msgspec

from ordito.kernel.addresses import normal_postal_code

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of WGS 84; the sphere is at most 0.5 % off, far below what a centroid is off."""

_DATA = files("ordito") / "data" / "postal"

# Countries whose postal codes are digits only: how many (a Dutch code has two letters after them).
_DIGITS = {
    "AT": 4, "AU": 4, "BE": 4, "BR": 8, "CH": 4, "CZ": 5, "DE": 5, "DK": 4, "ES": 5, "FI": 5,
    "FR": 5, "HU": 4, "IS": 3, "IT": 5, "NL": 4, "NO": 4, "NZ": 4, "PL": 5, "RO": 6, "SE": 5,
    "SK": 5, "US": 5,
}  # fmt: skip
_COARSER = {3: (1,), 4: (3, 2), 5: (3, 2), 6: (4, 2), 8: (5, 3)}
_BEGINNINGS = {"CA": (3, 2, 1), "IE": (3, 1), "MT": (3,)}
_COUNTRY_LETTERS = re.compile(r"^[A-Z]{1,3}(?=\d)")
_LEADING_DIGITS = re.compile(r"\d+")
_GB_INWARD = re.compile(r"\d[A-Z]{2}$")
_GB_OUTWARD = re.compile(r"([A-Z]{1,2})\d[0-9A-Z]?")


class Position(msgspec.Struct, frozen=True):
    """A spot on earth in degrees. `exact` is False when it is only the middle of a country."""

    latitude: float
    longitude: float
    exact: bool = True


def km_between(here: Position, there: Position) -> float:
    """Great-circle distance in km; the road is longer, in Europe by about a third.

    Source: the haversine formula, Sinnott (1984), Sky and Telescope 68(2), 159.
    """
    north, south = radians(here.latitude), radians(there.latitude)
    half_rise = sin((south - north) / 2)
    half_turn = sin(radians(there.longitude - here.longitude) / 2)
    chord = half_rise**2 + cos(north) * cos(south) * half_turn**2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def locate(
    country: str, postal_code: str, centroids: Mapping[tuple[str, str], tuple[float, float]]
) -> Position | None:
    """Where an address is, as exactly as is known.

    centroids: (country, key) -> (latitude, longitude) in degrees, for the keys of `lookup_keys`
               as far as they are known; the first key that is there wins.
    Without one: the country's centre, with `exact` False. None when the country is unknown too:
    the distance is then unknown, which the sourcing policy prices (`unknown_km`).
    """
    for key in lookup_keys(country, postal_code):
        found = centroids.get((country, key))
        if found is not None:
            return Position(found[0], found[1])
    return country_centre(country)


def lookup_keys(country: str, postal_code: str) -> list[str]:
    """Keys under which a centroid may be known for a postal code, most exact first.

    The code itself, then the part that the tables hold (GB outward code, CA forward sortation
    area, IE routing key, NL digits), then shorter beginnings, which the packaged table has too.
    Also understood: a country letter in front (D-80331), ZIP+4, CEDEX, leading zeros eaten by a
    spreadsheet. Empty without a code.
    """
    code = normal_postal_code(postal_code)
    if not code:
        return []
    if country in _DIGITS:
        return _unique(code, *_digit_keys(code, _DIGITS[country]))
    if country == "GB":
        return _unique(code, *_british_keys(code))
    return _unique(code, *(code[:size] for size in _BEGINNINGS.get(country, ())))


def _digit_keys(code: str, length: int) -> list[str]:
    digits = _LEADING_DIGITS.match(_COUNTRY_LETTERS.sub("", code))
    if digits is None:
        return []
    found = digits[0]
    if length - 2 <= len(found) < length:
        found = found.zfill(length)
    found = found[:length]
    return [found, *(found[:size] for size in _COARSER[length] if len(found) >= size)]


def _british_keys(code: str) -> list[str]:
    outward = code[:-3] if len(code) >= 5 and _GB_INWARD.search(code) else code
    match = _GB_OUTWARD.fullmatch(outward)
    if match is None:
        return []
    # EC1A is part of EC1, and EC1 of EC: not every outward code is in the tables.
    district = outward[:-1] if outward[-1].isalpha() else outward
    return [outward, district, match[1]]


def _unique(*keys: str) -> list[str]:
    return list(dict.fromkeys(keys))


def country_centre(country: str) -> Position | None:
    """Where a country's people are on average; None for a code that is no country's."""
    centre = _country_centres().get(country)
    return None if centre is None else Position(*centre, exact=False)


@cache
def _country_centres() -> dict[str, tuple[float, float]]:
    rows = csv.reader((_DATA / "country_centres.csv").read_text(encoding="utf-8").splitlines())
    next(rows)
    return {country: (float(latitude), float(longitude)) for country, latitude, longitude in rows}


def read_postal_codes() -> Iterator[tuple[str, str, float, float]]:
    """The packaged centroids: (country, key, latitude, longitude), sorted by country and key.

    About 220,000 rows of 26 countries, one per key; shorter keys (the beginnings of codes) are
    rows like any other. Data by GeoNames, CC BY 4.0; see data/postal/README.md.
    """
    with (
        (_DATA / "postal_codes.csv.gz").open("rb") as packed,
        gzip.open(packed) as unpacked,
        TextIOWrapper(unpacked, encoding="utf-8", newline="") as lines,
    ):
        rows = csv.reader(lines)
        next(rows)
        for country, key, latitude, longitude in rows:
            yield country, key, float(latitude), float(longitude)
