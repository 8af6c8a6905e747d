"""Makes src/ordito/data/postal/*.csv from GeoNames data. Run it again when the data is renewed.

    python tools/condense_postal_codes.py FOLDER [--cities cities15000.json]

FOLDER holds GeoNames postal codes as zipcodes.<country>.csv.gz with a header (columns
country_code, zipcode, latitude, longitude are used). With --cities the country centres are made
anew too, from GeoNames cities as a JSON object of {countrycode, latitude, longitude, population}.
"""

import argparse
import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import asin, atan2, cos, degrees, radians, sin, sqrt
from pathlib import Path
from statistics import median

from babel import Locale

from ordito.locations.distances import lookup_keys

TARGET = Path(__file__).parent.parent / "src" / "ordito" / "data" / "postal"

Spot = tuple[float, float]

# Uninhabited or with no town in the cities file: their one station, or the middle of the island.
WITHOUT_TOWNS: dict[str, Spot] = {
    "AQ": (-77.85, 166.67),
    "BV": (-54.42, 3.36),
    "HM": (-53.08, 73.50),
    "IO": (-7.31, 72.41),
    "TF": (-49.35, 70.22),
    "UM": (19.28, 166.65),
}
# GeoNames keeps two dissolved countries.
DISSOLVED = {"AN", "CS"}


def read_codes(folder: Path) -> dict[tuple[str, str], Spot]:
    """One spot per country and full code: the median of its places, since a few lie far off."""
    places: dict[tuple[str, str], list[Spot]] = defaultdict(list)
    for path in sorted(folder.glob("zipcodes.*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                code = full_code(row["country_code"], row["zipcode"])
                spot = (float(row["latitude"]), float(row["longitude"]))
                places[row["country_code"], code].append(spot)
    return {
        key: (median(spot[0] for spot in spots), median(spot[1] for spot in spots))
        for key, spots in places.items()
    }


def full_code(country: str, code: str) -> str:
    """The code without what follows it: 75001 CEDEX 07 in France is 75001."""
    keys = lookup_keys(country, code)
    return keys[1] if country == "FR" and len(keys[0]) > 5 else keys[0]


def shorter_codes(codes: dict[tuple[str, str], Spot]) -> dict[tuple[str, str], Spot]:
    """The middle of all codes with the same beginning, for every beginning that is looked up."""
    groups: dict[tuple[str, str], list[Spot]] = defaultdict(list)
    for (country, code), spot in codes.items():
        for key in lookup_keys(country, code)[1:]:
            groups[country, key].append(spot)
    return {key: middle((spot, 1.0) for spot in spots) for key, spots in groups.items()}


def brazilian_gaps(codes: dict[tuple[str, str], Spot]) -> dict[tuple[str, str], Spot]:
    """Brazil's table has the first code of each town only; a town's range goes on to the next."""
    known = sorted(code for country, code in codes if country == "BR")
    filled, latest = {}, known[0]
    position = 0
    for number in range(10, 1000):
        prefix = f"{number:03}"
        while position < len(known) and known[position][:3] < prefix:
            latest = known[position]
            position += 1
        filled["BR", prefix] = codes["BR", latest]
    return filled


def middle(spots: Iterable[tuple[Spot, float]]) -> Spot:
    """Weighted middle on the sphere, in degrees; right across the date line too."""
    x = y = z = 0.0
    for (latitude, longitude), weight in spots:
        north, east = radians(latitude), radians(longitude)
        x += weight * cos(north) * cos(east)
        y += weight * cos(north) * sin(east)
        z += weight * sin(north)
    size = sqrt(x * x + y * y + z * z)
    return degrees(asin(z / size)), degrees(atan2(y, x))


def country_centres(cities: Path) -> dict[str, Spot]:
    """Per country the middle of its towns, weighted by population."""
    towns: dict[str, list[tuple[Spot, float]]] = defaultdict(list)
    for town in json.loads(cities.read_text(encoding="utf-8")).values():
        spot = (float(town["latitude"]), float(town["longitude"]))
        towns[town["countrycode"]].append((spot, float(town["population"]) or 1.0))
    centres = WITHOUT_TOWNS | {country: middle(found) for country, found in towns.items()}
    territories = Locale("en").territories
    return {
        country: spot
        for country, spot in centres.items()
        if country in territories and country not in DISSOLVED
    }


def code_rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    codes = read_codes(folder)
    rows = brazilian_gaps(codes) | shorter_codes(codes) | codes
    for (country, code), (latitude, longitude) in sorted(rows.items()):
        yield country, code, short(latitude, 4), short(longitude, 4)


def short(degree: float, digits: int) -> str:
    return f"{degree:.{digits}f}".rstrip("0").rstrip(".")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cities", type=Path)
    arguments = parser.parse_args()
    # No name and time in the gzip header: the same input gives the same bytes.
    with (
        (TARGET / "postal_codes.csv.gz").open("wb") as packed,
        gzip.GzipFile("", "wb", 9, packed, mtime=0) as binary,
    ):
        lines = ["country,code,latitude,longitude\n"]
        lines += [",".join(row) + "\n" for row in code_rows(arguments.folder)]
        binary.write("".join(lines).encode())
    print(f"{len(lines) - 1} codes")
    if arguments.cities:
        centres = country_centres(arguments.cities)
        text = "country,latitude,longitude\n" + "".join(
            f"{country},{short(spot[0], 2)},{short(spot[1], 2)}\n"
            for country, spot in sorted(centres.items())
        )
        (TARGET / "country_centres.csv").write_text(text, encoding="utf-8")
        print(f"{len(centres)} countries")


if __name__ == "__main__":
    main()
