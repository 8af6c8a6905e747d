"""Values in Shopify's documents: ids exact, amounts as decimals, words never None."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ordito.channels.shops import DocumentUnreadable

Json = Mapping[str, Any]


def id_of(node: Json, name: str = "id") -> str:
    """The digits of an id; "" when there is none.

    The gid is exact, where the number beside it may have been rounded through a double.
    """
    gid = node.get("admin_graphql_api_id") if name == "id" else None
    return plain_id(gid if isinstance(gid, str) and gid else node.get(name))


def plain_id(value: Any) -> str:
    """The last part of a gid, or the digits of a number. Raises DocumentUnreadable for a float."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise unreadable("id", f"“{value}” is no id: it would not be exact.")
    return str(value).rpartition("/")[2].partition("?")[0]


def words(value: Any) -> str:
    """Text without blanks around it; numbers as they are, None as "" ."""
    return "" if value is None else str(value).strip()


def listed(node: Json, name: str) -> list[Json]:
    """A list of objects; a missing one is empty."""
    value = node.get(name) or []
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        raise unreadable(name, f"“{name}” should be a list of objects.")
    return value


def member(node: Json, name: str) -> Json:
    """An object; a missing one is empty."""
    value = node.get(name) or {}
    if not isinstance(value, Mapping):
        raise unreadable(name, f"“{name}” should be an object.")
    return value


def decimal(value: Any, name: str = "amount") -> Decimal:
    """An amount or a rate; a missing one is 0."""
    if value is None or value == "":
        return Decimal(0)
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise unreadable(name, f"“{str(value)[:40]}” is no amount.")
    return found


def money(node: Json, name: str) -> Decimal:
    """An amount in the shop's currency: of `price_set` where there is one, else `price`."""
    shop = member(member(node, f"{name}_set"), "shop_money")
    return decimal(shop.get("amount") if shop else node.get(name), name)


def units(value: Any, name: str = "quantity") -> int:
    """A number of units; a missing one is 0."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1_000_000_000:
        raise unreadable(name, f"“{str(value)[:40]}” is no number of units.")
    return value


def instant(value: Any, name: str) -> datetime:
    """A moment with its zone. Raises DocumentUnreadable."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise unreadable(name, f"“{str(value)[:40]}” is no moment with a time zone.")
    return found


def unreadable(name: str, why: str) -> DocumentUnreadable:
    return DocumentUnreadable("unreadable", f"The document's {name} can't be read: {why}")
