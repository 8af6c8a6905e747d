"""Carrier tariffs as tables: one line per zone and weight, for spreadsheets."""

import csv
import io
from typing import Any

from msgspec import UNSET

from ordito.flows.manage_tariffs import create_tariff, update_tariff
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import Fault, InvalidInput
from ordito.platform.validation import convert
from ordito.sourcing.stored_tariffs import CreateTariff, StoredTariff, UpdateTariff, read_tariffs
from ordito.sourcing.tariffs import Tariff, plain_postal_code
from ordito.sourcing.weekdays import names_of, parse_days

COLUMNS = (
    "carrier",
    "service",
    "zone",
    "countries",
    "postal_prefixes",
    "max_km",
    "transit_days",
    "delivery_days",
    "up_to_g",
    "price",
    "per_kg",
)
"""Prices are in the policies' money, such as 4.90; lists have blanks between; weekdays are names,
such as mon-fri or mon,wed."""
SIZE_MAX = 4_000_000


def write_tariff(tariff: Tariff) -> str:
    """A tariff as CSV."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for zone in tariff.zones:
        for rate in zone.rates:
            table.writerow(
                [
                    tariff.carrier,
                    tariff.service,
                    zone.code,
                    " ".join(zone.countries),
                    " ".join(zone.postal_prefixes),
                    "" if zone.max_km is None else zone.max_km,
                    zone.transit_days,
                    names_of(zone.delivery_days),
                    rate.up_to_g,
                    _money(rate.price),
                    _money(rate.per_kg),
                ]
            )
    return out.getvalue()


def read_tariff(text: str) -> Tariff:
    """A tariff from CSV, comma or semicolon between; raises InvalidInput with every fault.

    Lines of a zone follow each other; what is said of a zone is taken from its first line.
    """
    if len(text) > SIZE_MAX:
        raise InvalidInput("The table is too large: 4 MB at most.")
    first = text.partition("\n")[0]
    table = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    named = table.fieldnames or ()
    missing = [name for name in ("zone", "up_to_g", "price") if name not in named]
    if missing:
        detail = f"The table has no column {', '.join(missing)}."
        raise InvalidInput(detail, errors=[Fault("/tariff", "missing-column", detail)])
    faults: list[Fault] = []
    body: dict[str, Any] = {"carrier": "", "service": "", "zones": []}
    for line, row in enumerate(table, start=2):
        cells = {name: (value or "").strip() for name, value in row.items() if name is not None}
        if not any(cells.values()):
            continue
        body["carrier"] = body["carrier"] or cells.get("carrier", "")
        body["service"] = body["service"] or cells.get("service", "")
        if not body["zones"] or body["zones"][-1]["code"] != cells["zone"]:
            body["zones"].append(_zone(cells, line, faults))
        body["zones"][-1]["rates"].append(_rate(cells, line, faults))
    if faults:
        raise InvalidInput(f"{len(faults)} thing(s) to correct in the table.", errors=faults)
    return convert(Tariff, body)


def _zone(cells: dict[str, str], line: int, faults: list[Fault]) -> dict[str, Any]:
    zone: dict[str, Any] = {
        "code": cells["zone"],
        "countries": [code.upper() for code in _list(cells.get("countries", ""))],
        "postal_prefixes": [
            plain_postal_code(code) for code in _list(cells.get("postal_prefixes", ""))
        ],
        "rates": [],
    }
    for name in ("max_km", "transit_days"):
        if cells.get(name):
            zone[name] = _number(cells[name], name, line, faults)
    if cells.get("delivery_days"):
        zone["delivery_days"] = _days(cells["delivery_days"], line, faults)
    return zone


def _rate(cells: dict[str, str], line: int, faults: list[Fault]) -> dict[str, Any]:
    return {
        "up_to_g": _number(cells["up_to_g"], "up_to_g", line, faults),
        "price": _milli(cells["price"], "price", line, faults),
        "per_kg": _milli(cells.get("per_kg") or "0", "per_kg", line, faults),
    }


def _list(text: str) -> list[str]:
    return text.replace(",", " ").replace(";", " ").split()


def _number(text: str, name: str, line: int, faults: list[Fault]) -> int:
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text)
    detail = f"Line {line}, {name}: “{text[:40]}” is no whole number."
    faults.append(Fault("/tariff", "number", detail))
    return 0


def _days(text: str, line: int, faults: list[Fault]) -> str:
    bits = parse_days(text)
    if bits is None:
        detail = f"Line {line}, delivery_days: “{text[:40]}” is no weekdays such as mon-fri."
        faults.append(Fault("/tariff", "weekdays", detail))
    return names_of(bits or 0b0011111)


def _milli(text: str, name: str, line: int, faults: list[Fault]) -> int:
    whole, _point, rest = text.replace(",", ".").partition(".")
    if (whole + rest).isascii() and (whole + rest).isdigit() and len(rest) <= 3 and len(whole) < 10:
        return int(whole or "0") * 1000 + int(rest.ljust(3, "0"))
    detail = f"Line {line}, {name}: “{text[:40]}” is no price such as 4.90."
    faults.append(Fault("/tariff", "price", detail))
    return 0


def _money(milli: int) -> str:
    whole, rest = divmod(milli, 1000)
    return f"{whole}.{rest:03}".removesuffix("0")


def save_tariff(db: Database, actor: Actor, code: str, name: str, text: str) -> StoredTariff:
    """Make a tariff of a table, or a new version of the one that has the code."""
    tariff = read_tariff(text)
    with db.reading(actor) as tx:
        known = {stored.code for stored in read_tariffs(tx)}
    if code in known:
        ask = UpdateTariff(code=code, name=name or UNSET, tariff=tariff)
        return run(db, actor, update_tariff, ask)
    created = convert(CreateTariff, {"code": code, "name": name or code, "tariff": tariff})
    return run(db, actor, create_tariff, created)
