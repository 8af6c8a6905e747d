"""What came of a trial, as words and pictures: figures, days, locations, orders that differ."""

from typing import Any

from ordito.sourcing.comparisons import Compared
from ordito.sourcing.sentences import plain_money
from ordito.sourcing.stored_replays import ReplayResult
from ordito.web.charts import bar, two_lines, whisker
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import gettext as _
from ordito.web.statuses import N_
from ordito.web.words import word

MEASURES = {
    "cost": N_("Cost"),
    "parcels": N_("Parcels"),
    "km": N_("Distance in km"),
    "missing": N_("Units without stock"),
    "days": N_("Days until delivery"),
    "late": N_("Late, of 100 orders"),
}


def find_figure(result: ReplayResult | None, measure: str) -> Compared | None:
    rows = result.figures if result else []
    return next((one for one in rows if one.measure == measure), None)


def scaled(measure: str, value: float) -> str:
    if measure == "cost":
        return plain_money(round(value))
    if measure in ("late", "unserved", "rejected"):
        return f"{value * 100:.1f}"
    return f"{value:.0f}" if measure == "km" else f"{value:.2f}"


def figure_words(one: Compared) -> dict[str, Any]:
    """A row: all of these are better when they are smaller."""
    tone, words = "", _("No clear difference")
    if one.high < 0:
        tone, words = "success", _("Better")
    elif one.low > 0:
        tone, words = "attention", _("Worse")
    elif one.difference == one.low == one.high == 0:
        words = _("The same")
    name = one.measure
    return {
        "label": word(MEASURES, name),
        "orders": one.orders,
        "before": scaled(name, one.before),
        "after": scaled(name, one.after),
        "difference": signed(name, one.difference),
        "low": signed(name, one.low),
        "high": signed(name, one.high),
        "picture": whisker(one.difference, one.low, one.high),
        "tone": tone,
        "words": words,
    }


def signed(measure: str, value: float) -> str:
    text = scaled(measure, abs(value))
    if not text.strip("0."):
        return text
    return f"−{text}" if value < 0 else f"+{text}"


def verdict_words(result: ReplayResult) -> str:
    cost = find_figure(result, "cost")
    if cost is None or result.changed == 0:
        return _("Every order would have been served just as it was.")
    amounts = {
        "amount": plain_money(abs(round(cost.difference))),
        "low": plain_money(min(abs(round(cost.low)), abs(round(cost.high)))),
        "high": plain_money(max(abs(round(cost.low)), abs(round(cost.high)))),
    }
    if cost.high < 0:
        return _("Cheaper by %(amount)s an order, with 95%% confidence by %(low)s to %(high)s.",
                 **amounts)  # fmt: skip
    if cost.low > 0:
        return _("Dearer by %(amount)s an order, with 95%% confidence by %(low)s to %(high)s.",
                 **amounts)  # fmt: skip
    return _("These orders don't tell which of the two is cheaper. Take a longer period.")


def cost_lines(result: ReplayResult) -> dict[str, Any] | None:
    days = result.days
    if len(days) < 2:
        return None
    lines = two_lines(
        [day.cost_before / day.orders for day in days],
        [day.cost_after / day.orders for day in days],
    )
    return {
        "picture": lines,
        "most": plain_money(round(lines.most)),
        "first": midday(days[0].day),
        "last": midday(days[-1].day),
    }


def load_bars(result: ReplayResult, names: dict[str, str]) -> list[dict[str, Any]]:
    most = max((max(one.before, one.after) for one in result.locations), default=0)
    return [
        {
            "name": names.get(one.location, one.location),
            "before": one.before,
            "after": one.after,
            "bar_before": bar(one.before, most),
            "bar_after": bar(one.after, most),
        }
        for one in result.locations
    ]


def example_orders(result: ReplayResult, names: dict[str, str]) -> list[dict[str, Any]]:
    def places(units: dict[str, int]) -> list[tuple[str, int]]:
        return [(names.get(code, code), qty) for code, qty in units.items()]

    return [
        {
            "number": one.number,
            "before": places(one.before),
            "after": places(one.after),
            "cost": signed("cost", one.cost_difference),
        }
        for one in result.examples
    ]
