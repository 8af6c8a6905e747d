"""Believable data for looking at pages without a database: preview_samples.json, made into objects.

In the file "@-2.5h" is an instant two and a half hours before NOW, and "#12.75" a decimal.
"""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from ordito.web.view_context import Choice, Scope

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=ZoneInfo("Europe/Warsaw"))
SCANNED_RIGHT = "5012345678900"


def read(page: str) -> dict[str, Any]:
    """A page's context, made anew for each call."""
    text = Path(__file__).with_suffix(".json").read_text("utf-8")
    return {name: _object(value) for name, value in json.loads(text)[page].items()}


def _object(value: Any) -> Any:
    if isinstance(value, dict):
        made = {name: _object(inner) for name, inner in value.items()}
        # An empty object is a mapping: faults by the name of their field.
        return SimpleNamespace(**made) if made else {}
    if isinstance(value, list):
        return [_object(inner) for inner in value]
    if isinstance(value, str) and value.startswith("@"):
        return NOW + timedelta(hours=float(value[1:-1]))
    if isinstance(value, str) and value.startswith("#") and value[1:].replace(".", "").isdigit():
        return Decimal(value[1:])
    return value


def scope() -> Scope:
    """Five locations, four channels."""
    made = read("scope")
    return Scope(
        locations=tuple(Choice(one.value, one.label) for one in made["locations"]),
        channels=tuple(Choice(one.value, one.label) for one in made["channels"]),
    )


def no_orders() -> dict[str, Any]:
    """The list when its filters leave nothing."""
    return read("orders") | {"orders": []}


def changed_rows(ids: list[str]) -> dict[str, Any]:
    """The asked-for orders, one step further than in the list."""
    rows = [order for order in read("orders")["orders"] if order.id in ids]
    for order in rows:
        order.fulfilment, order.units_done = "fulfilled", order.units
    return {"orders": rows, "shown": read("orders")["shown"]}


def cancel_form(*, faulty: bool = False) -> dict[str, Any]:
    """The form as it is opened, or as it comes back."""
    return read("cancel") | ({} if faulty else {"faults": []})


def pick(outcome: str = "") -> dict[str, Any]:
    """A picking task: before a scan, after a right one, after a wrong one, or all done."""
    context = read("pick")
    if outcome == "done":
        return context | {
            "task": None,
            "done": context["whole"],
            "confirm_url": "/fulfillment/pack",
        }
    if outcome == "right":
        context["task"].picked = 1
        context["outcome"] = SimpleNamespace(kind="right", text="Right. 1 of 3 taken.")
    elif not outcome:
        context["outcome"] = None
    return context


def pack(*, ready: bool = False) -> dict[str, Any]:
    """The bench with something missing, or with everything in."""
    context = read("pack")
    if ready:
        for line in context["lines"]:
            line.packed, line.current = line.quantity, False
        context |= {"outcome": None, "can_ship": True, "packed": context["whole"]}
    return context


def palette(query: str) -> dict[str, Any]:
    """What the palette finds: always the same, but for "zzz", which it doesn't know."""
    return read("palette") | {"query": query} | ({"groups": []} if query == "zzz" else {})


def openapi() -> dict[str, Any]:
    """A small API document, as plain JSON."""
    document: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return dict(document["openapi"])
