"""The demo's merchant: a gift retailer with eight locations in five countries and four channels."""

from typing import Any

MARKETS: list[dict[str, Any]] = [
    {"code": "uk", "name": "United Kingdom and Ireland", "countries": ["GB", "IE"]},
    {
        "code": "eu",
        "name": "Continental Europe",
        "countries": [
            "AT", "BE", "CH", "CY", "CZ", "DE", "DK", "ES", "FI", "FR", "GR", "IS", "IT", "LT",
            "MT", "NL", "NO", "PL", "PT", "SE",
        ],
    },
    {
        "code": "world",
        "name": "Rest of the world",
        "countries": ["AE", "AU", "BH", "BR", "CA", "HK", "IL", "JP", "LB", "SA", "SG", "US", "ZA"],
    },
]  # fmt: skip

RATES: list[tuple[str, str, str]] = [("GBP", "EUR", "0.8550"), ("GBP", "USD", "0.7600")]
"""What one unit of the second currency is worth in the first."""

POLICY: dict[str, Any] = {
    "rules": [
        {"rule": "capacity"},
        {"rule": "owner", "excluded": ["Dublin franchise"], "channels": ["market"]},
    ],
    "objective": {"parcel": 4500, "per_100_km": 250, "load": 1500, "out_of_market": 3000},
}

LOCATIONS: list[dict[str, Any]] = [
    {
        "code": code,
        "name": name,
        "kind": kind,
        "address": {
            "country": country, "name": name, "line1": line1, "city": city, "postal_code": postal,
        },
        "latitude": latitude,
        "longitude": longitude,
        "time_zone": zone,
        "market": market,
        "priority": priority,
        "can_ship": ships,
        "can_pickup": pickup,
        "owner": owner,
        "capacity_daily": capacity,
    }
    for (
        code, name, kind, country, line1, city, postal, latitude, longitude, zone, market,
        priority, ships, pickup, owner, capacity,
    ) in [
        ("LON", "London warehouse", "warehouse", "GB", "12 Dock Road", "London", "E16",
         51.51, 0.02, "Europe/London", "uk", 1, True, False, "", None),
        ("MAN", "Manchester store", "store", "GB", "41 Market Street", "Manchester", "M1",
         53.48, -2.24, "Europe/London", "uk", 3, True, True, "", 40),
        ("BRS", "Bristol store", "store", "GB", "7 Park Row", "Bristol", "BS1",
         51.45, -2.59, "Europe/London", "uk", 3, True, True, "", 30),
        ("DUB", "Dublin store", "store", "IE", "5 Grafton Street", "Dublin", "D02",
         53.34, -6.26, "Europe/Dublin", "uk", 4, True, True, "Dublin franchise", 25),
        ("LEJ", "Leipzig 3PL", "3pl", "DE", "Messe-Allee 1", "Leipzig", "04356",
         51.40, 12.40, "Europe/Berlin", "eu", 1, True, False, "", None),
        ("BER", "Berlin store", "store", "DE", "Kastanienallee 20", "Berlin", "10435",
         52.54, 13.41, "Europe/Berlin", "eu", 3, True, True, "", 20),
        ("LDZ", "Łódź warehouse", "warehouse", "PL", "ul. Piotrkowska 90", "Łódź", "90-001",
         51.77, 19.46, "Europe/Warsaw", "eu", 2, True, False, "", None),
        ("LIL", "Lille store", "store", "FR", "14 rue de Béthune", "Lille", "59000",
         50.63, 3.06, "Europe/Paris", "eu", 3, True, True, "", 20),
    ]
]  # fmt: skip

STOCK_SHARE = {
    "LON": 60, "MAN": 7, "BRS": 5, "DUB": 4, "LEJ": 12, "BER": 3, "LDZ": 6, "LIL": 3,
}  # fmt: skip
"""How an item's opening stock is spread, in percent."""

CHANNELS: list[dict[str, Any]] = [
    {
        "code": code,
        "name": name,
        "kind": kind,
        "currency": currency,
        "base_currency": "GBP",
        "policy": "nearest",
        "time_zone": zone,
        "tax_included": included,
        "market": market,
        "shortage": "backorder",
        "stock_buffer": buffer,
        "promise_days": days,
    }
    for code, name, kind, currency, zone, included, market, buffer, days in [
        ("web-uk", "Web shop UK", "shop", "GBP", "Europe/London", True, "uk", 0, 3),
        ("web-eu", "Web shop Europe", "shop", "EUR", "Europe/Berlin", True, "eu", 0, 4),
        ("market", "Marketplace", "marketplace", "GBP", "Europe/London", True, "uk", 2, 2),
        ("phone", "Trade desk", "phone", "GBP", "Europe/London", False, "uk", 0, 5),
    ]
]

FIRST_NAMES = """
    Ada Amir Anna Bram Carla Chloé Dawid Elif Emil Erin Femke Gosia Greta Hana Hugo Ines Ivo
    Jana Jonas Kaja Karim Lena Liam Livia Maja Marek Mila Nadia Noah Nora Olek Oskar Petra
    Priya Rosa Ruben Sara Tariq Tomasz Una Vera Wanda Yusuf Zoe Zuzanna
""".split()  # noqa: SIM905
LAST_NAMES = """
    Adler Baker Becker Borg Brandt Brown Byrne Carter Castel Dahl Dubois Evans Fischer
    Fournier Garcia Gray Hansen Hughes Jansen Kaminski Keller Kowalczyk Lange Lewis
    Lindqvist Marino Mazur Meyer Moreau Murphy Nowicki O’Neill Olsen Patel Pereira Rossi
    Schmid Silva Stone Taylor Turner Visser Walsh Weber Wood Zieliński
""".split()  # noqa: SIM905
STREETS = {
    "GB": "{n} {s} Road", "IE": "{n} {s} Street", "AU": "{n} {s} Street", "US": "{n} {s} Avenue",
    "DE": "{s}straße {n}", "AT": "{s}gasse {n}", "CH": "{s}weg {n}", "PL": "ul. {s} {n}",
    "FR": "{n} rue {s}", "BE": "{n} rue {s}", "NL": "{s}laan {n}", "ES": "Calle {s} {n}",
    "IT": "Via {s} {n}",
}  # fmt: skip

STREET_NAMES = """
    Linden Victoria Garden Station Mill Church Rose Market Harbour Park Spring Meadow Bridge
    Orchard Forest Castle Abbey River Hill Sunny
""".split()  # noqa: SIM905
CARRIERS = {
    "GB": ("Royal Mail", "Tracked 48", "RM"), "IE": ("An Post", "Registered", "AP"),
    "DE": ("DHL", "Paket", "DH"), "PL": ("InPost", "Kurier", "IP"),
    "FR": ("La Poste", "Colissimo", "LP"), "": ("UPS", "Standard", "1Z"),
}  # fmt: skip
