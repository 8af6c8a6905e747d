"""Names of events with * for any letters."""

from ordito.webhooks.kinds import wanted_kinds

KINDS = ["order.placed", "order.units_shipped", "stock.received", "stock.moved"]


def test_a_star_stands_for_any_letters() -> None:
    assert wanted_kinds(["order.*"], KINDS) == ["order.placed", "order.units_shipped"]
    assert wanted_kinds(["*.moved", "order.placed"], KINDS) == ["order.placed", "stock.moved"]
    assert wanted_kinds(["*"], KINDS) == sorted(KINDS)


def test_a_dot_is_a_dot() -> None:
    assert wanted_kinds(["order.placed"], ["orderxplaced"]) == []
