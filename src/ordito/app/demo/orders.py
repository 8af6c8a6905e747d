"""The month as orders of the demo's channels; what the table lacks is made up, always alike."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import msgspec

from ordito.app.demo.world import FIRST_NAMES, LAST_NAMES, MARKETS, STREET_NAMES, STREETS
from ordito.intake.presets import shipped_preset
from ordito.intake.readings import read_entries
from ordito.intake.tables import open_table
from ordito.intake.types import OrderEntry
from ordito.orders.types import PlaceOrder

EUR_IN_GBP = Decimal("0.855")
_DATA = files("ordito") / "data" / "demo"
_EU = frozenset(next(m["countries"] for m in MARKETS if m["code"] == "eu"))


def read_month() -> list[OrderEntry]:
    """The month's orders, oldest first."""
    table = open_table((_DATA / "orders.csv.gz").read_bytes(), "orders.csv.gz")
    entries = read_entries(table, shipped_preset("online-retail"))
    orders = [entry for entry in entries if isinstance(entry, OrderEntry) and entry.placed_at]
    return sorted(orders, key=lambda entry: (entry.placed_at or _EPOCH, entry.external_id))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def demand_of(entries: Iterable[OrderEntry]) -> Counter[str]:
    """Units sold per SKU in the month."""
    demand: Counter[str] = Counter()
    for entry in entries:
        for line in entry.lines:
            demand[line.sku] += line.quantity
    return demand


def dice(*words: object) -> int:
    """A number that is always the same for the same words."""
    text = "|".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big")


def choose(options: Sequence[Any], *words: object) -> Any:
    return options[dice(*words) % len(options)]


class Asks:
    """Makes the asks; the last day of the month becomes today."""

    def __init__(self, entries: Sequence[OrderEntry], now: datetime) -> None:
        last = max(entry.placed_at or _EPOCH for entry in entries)
        self._shift = timedelta(days=(now.date() - last.date()).days)
        self._now = now
        self._cities: dict[str, list[tuple[str, str]]] = {}
        with (_DATA / "cities.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self._cities.setdefault(row["country"], []).append(
                    (row["city"], row["postal_code"])
                )

    def ask(self, entry: OrderEntry) -> PlaceOrder:
        """An entry as an order of one of the channels."""
        channel = _channel_of(entry)
        who = entry.customer.number or f"guest-{entry.external_id}"
        country = entry.country if entry.country in self._cities else "GB"
        name = f"{choose(FIRST_NAMES, 'f', who)} {choose(LAST_NAMES, 'l', who)}"
        address = self._address(who, country, name)
        pickup = _pickup_of(entry, channel, country)
        body: dict[str, Any] = {
            "channel": channel,
            "external_id": entry.external_id,
            "placed_at": self.placed_at(entry),
            "lines": [_line(line, channel) for line in entry.lines],
            "customer": {
                "name": name,
                "reference": who,
                "email": f"{_mail_name(name)}.{dice('m', who) % 900 + 100}@example.com",
            },
            "delivery": "pickup" if pickup else "ship",
            "ship_to": address,
            "adjustments": _shipping(entry, channel, pickup),
            "payment": _payment(channel),
            "tags": _tags(entry, channel),
        } | _marks(entry)
        if pickup:
            body["pickup_location"] = pickup
        return msgspec.convert(body, PlaceOrder)

    def placed_at(self, entry: OrderEntry) -> datetime:
        """The entry's time, shifted; what would lie ahead of now is moved a day back."""
        at = (entry.placed_at or _EPOCH) + self._shift
        return at if at <= self._now else at - timedelta(days=1)

    def _address(self, who: str, country: str, name: str) -> dict[str, str]:
        city, postal_code = choose(self._cities[country], "c", who)
        street = STREETS.get(country, "{n} {s} Street")
        line1 = street.format(n=dice("n", who) % 140 + 1, s=choose(STREET_NAMES, "s", who))
        return {
            "country": country,
            "name": name,
            "line1": line1,
            "city": city,
            "postal_code": postal_code,
        }


def _channel_of(entry: OrderEntry) -> str:
    if entry.country in _EU:
        return "web-eu"
    if len(entry.lines) > 60 or sum(line.quantity for line in entry.lines) > 600:
        return "phone"
    turn = dice("channel", entry.external_id) % 10
    if not entry.customer.number:
        return "market" if turn < 7 else "web-uk"
    return "phone" if turn == 0 else "market" if turn < 3 else "web-uk"


def _pickup_of(entry: OrderEntry, channel: str, country: str) -> str | None:
    small = len(entry.lines) <= 8
    if channel == "web-uk" and country == "GB" and small and dice("p", entry.external_id) % 4 == 0:
        return str(choose(("MAN", "BRS"), "place", entry.external_id))
    return None


def _line(line: Any, channel: str) -> dict[str, Any]:
    price = line.unit_price or Decimal(0)
    if channel == "web-eu":
        price = (price / EUR_IN_GBP).quantize(Decimal("0.01"))
    name, rate = ("VAT", "0.21") if channel == "web-eu" else ("VAT", "0.20")
    return {
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": str(price),
        "taxes": [{"name": name, "rate": rate}],
    }


def _shipping(entry: OrderEntry, channel: str, pickup: str | None) -> list[dict[str, Any]]:
    if pickup or channel == "phone":
        return []
    amount = sum((line.amount or Decimal(0) for line in entry.lines), Decimal(0))
    if amount >= 50:
        return []
    return [{"kind": "shipping", "amount_minor": 395, "title": "Standard delivery"}]


def _payment(channel: str) -> dict[str, Any]:
    return {"method": "invoice" if channel == "phone" else "card"}


def _tags(entry: OrderEntry, channel: str) -> list[str]:
    tags = ["trade"] if channel == "phone" else []
    if any(line.unit_price == 0 for line in entry.lines):
        tags.append("free-gift")
    return tags


def _marks(entry: OrderEntry) -> dict[str, Any]:
    """Some orders are special: a code, a kind, a hold, a note."""
    turn = dice("marks", entry.external_id) % 100
    amount = sum((line.amount or Decimal(0) for line in entry.lines), Decimal(0))
    if amount > 2000:
        return {"kind": "vip", "code": f"VIP-{entry.external_id}"}
    if turn == 1:
        return {"kind": "gift", "code": f"GIFT-{entry.external_id}", "note": "No prices inside."}
    if turn == 2:
        return {"note": "Leave with the neighbour if nobody answers."}
    return {}


def _mail_name(name: str) -> str:
    plain = name.lower().replace(" ", ".").replace("’", "")
    return plain.encode("ascii", "ignore").decode()
