"""`ordito stock`: the past on the command line."""

from ordito.platform.database import Database
from tests import make
from tests.cli.conftest import Ordito
from tests.flows import stock_acts as acts


def test_stock_of_a_moment_and_its_changes_are_told(db: Database, ordito: Ordito) -> None:
    shop = make.shop(db, stock={"A": {"tea": 20}, "B": {"tea": 5}})
    start = acts.clock(db).isoformat()
    acts.adjust(shop, "A", {"tea": -3}, "lost")

    then = ordito("stock", "at", "tea", start, "--json").json
    assert then["totals"]["on_hand"] == 25
    assert then["locations"]["A"]["available"] == 20
    changed = ordito("stock", "changes", "TEA", start, "--json").json
    assert (changed["difference"]["on_hand"], changed["after"]["on_hand"]) == (-3, 22)
    assert [(c["reason"], c["qty"]) for c in changed["causes"]] == [("lost", 3)]
    assert "lost" in ordito("stock", "changes", "tea", start).out
    only = ordito("stock", "at", "tea", start, "--location", "A", "--json").json
    assert list(only["locations"]) == ["A"]
    assert ordito("stock", "at", "tea", "2999-01-01").code == 1
    assert ordito("stock", "at", "tea", "noon").code == 2
    assert ordito("stock", "at", "nothing", start).code == 1
