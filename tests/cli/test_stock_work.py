"""Transfers, assemblies and counts on the command line."""

from ordito.flows.cycle_count import enter_cycle_count
from ordito.flows.start_cycle_count import set_count_limit
from ordito.inventory.cycle_count_asks import EnterCycleCount, SetCountLimit
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make
from tests.cli.conftest import Ordito
from tests.flows import bin_acts, lot_acts
from tests.flows.transfer_acts import cell


def test_a_transfer_is_drafted_sent_received_and_closed(ordito: Ordito, db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}, "B": {}})
    work = ("stock", "transfers")

    made = ordito(*work, "create", "A", "B", "--line", "tea", "6", "--json").json
    number = str(made["number"])
    assert ordito(*work, "receive", number).code == 1, "nothing has left yet"
    assert "6 unit(s) are on their way" in ordito(*work, "ship", number).out
    partly = ordito(
        *work, "receive", number, "--line", "tea", "3", "--damaged", "tea", "1", "--json"
    )
    assert partly.json["state"] == "partly_received"
    assert "2" in ordito(*work, "show", number).out
    closed = ordito(*work, "close", number, "--note", "Lost", "--json").json

    assert (closed["state"], closed["lines"][0]["missing"]) == ("received", 2)
    assert cell(shop, "tea", "A") == {"available": 4}
    assert cell(shop, "tea", "B") == {"available": 3, "damaged": 1}
    other = ordito(*work, "create", "A", "B", "--line", "tea", "1", "--json").json["number"]
    assert ordito(*work, "cancel", str(other)).code == 0
    states = [one["state"] for one in ordito(*work, "list", "--location", "B", "--json").json]
    assert states == ["cancelled", "received"]
    assert ordito(*work, "list", "--state", "shipped", "--json").json == []
    assert ordito(*work, "list", "--location", "nowhere").code == 1
    assert ordito(*work, "show", "999").code == 1
    assert "received" in ordito(*work, "list").out


def test_lots_are_said_of_what_was_announced(ordito: Ordito, db: Database) -> None:
    shop = lot_acts.shop(db)
    work = ("stock", "expected")

    made = ordito(*work, "add", "A", "milk", "9", "2099-12-01", "--json").json["id"]
    assert ordito(*work, "receive", made, "3").code == 1
    assert ordito(*work, "receive", made, "3", "--lot", "M1,soon").code == 2
    lots = ("--lot", "M1,2,2099-12-31", "--lot", "M2,2099-11-30", "--damaged-lot", "M1")
    assert "5 of milk received" in ordito(*work, "receive", made, "3", "--damaged", "2", *lots).out

    assert lot_acts.places(shop, "M1") == {"A": {"shelf": 2, "damaged": 2}}
    assert lot_acts.places(shop, "M2") == {"A": {"shelf": 1}}

    work = ("stock", "counts")
    ordito(*work, "start", "A", "--sku", "milk")
    assert ordito(*work, "enter", "1", "milk", "4").code == 1
    counted = ("--lot", "M1,3", "--lot", "M2,1")
    assert "has what was counted" in ordito(*work, "enter", "1", "milk", *counted).out
    assert lot_acts.places(shop, "M1") == {"A": {"shelf": 3, "damaged": 2}}

    work = ("stock", "assemblies")
    number = str(ordito(*work, "create", "shake", "A", "2", "--part", "milk", "2", "--json")
                 .json["number"])  # fmt: skip
    parts = ("--lot", "milk", "M1,3", "--lot", "milk", "M2,1")
    assert "2 unit(s) are to be made" in ordito(*work, "start", number, *parts).out
    assert ordito(*work, "book", number, "1", "--lot", "S1").code == 1, "shakes have no lots"
    assert ordito(*work, "book", number, "1").code == 0
    assert ordito(*work, "close", number).code == 1, "which two are left isn't known"
    assert ordito(*work, "close", number, "--lot", "milk", "M1,2").code == 0
    assert lot_acts.places(shop, "M1") == {"A": {"shelf": 2, "damaged": 2}}


def test_an_assembly_is_drafted_by_its_recipe_started_booked_and_closed(
    ordito: Ordito, db: Database
) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10, "gift": 0}})
    work = ("stock", "assemblies")

    assert ordito(*work, "recipe", "gift", "--part", "tea", "2", "--json").json["parts"][0][
        "quantity"] == 2  # fmt: skip
    assert "tea" in ordito(*work, "recipe", "gift").out
    made = ordito(*work, "create", "gift", "A", "3", "--due-on", "2027-01-05", "--json").json
    number = str(made["number"])
    assert ordito(*work, "book", number, "1").code == 1, "it isn't started"
    assert ordito(*work, "change", number, "--quantity", "4").code == 0
    assert "4 unit(s) are to be made" in ordito(*work, "start", number).out
    assert "2 unit(s) are still" in ordito(*work, "book", number, "1", "--spoiled", "1").out
    assert "2" in ordito(*work, "show", number).out
    closed = ordito(*work, "close", number, "--lost", "tea", "1", "--json").json

    assert (closed["state"], closed["parts"][0]["returned"]) == ("finished", 3)
    assert cell(shop, "tea", "A") == {"available": 5}
    other = ordito(*work, "create", "gift", "A", "1", "--part", "tea", "1", "--json").json
    assert ordito(*work, "cancel", str(other["number"])).code == 0
    assert [one["state"] for one in ordito(*work, "list", "--json").json] == [
        "cancelled", "finished"]  # fmt: skip
    assert ordito(*work, "recipe", "gift", "--none", "--json").json["parts"] == []


def test_a_count_is_started_entered_approved_and_ended(ordito: Ordito, db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10, "cup": 4, "jar": 3}, "B": {}})
    run(db, make.BOSS, set_count_limit, SetCountLimit(location="A", units=2))
    work = ("stock", "counts")

    begun = ordito(
        *work, "start", "A", "--sku", "tea", "--sku", "cup", "--sku", "jar", "--json"
    ).json
    number = str(begun["number"])
    assert "has what was counted" in ordito(*work, "enter", number, "cup", "5").out
    assert "waits" in ordito(*work, "enter", number, "tea", "4").out
    assert ordito(*work, "approve", number, "tea").code == 1, "not by who counted"
    assert ordito(*work, "recount", number, "tea", "--note", "look behind").code == 0
    by_boss = EnterCycleCount(count_id=begun["id"], sku="tea", counted=5)
    run(db, make.BOSS, enter_cycle_count, by_boss)
    assert ordito(*work, "approve", number, "tea").code == 0
    ended = ordito(*work, "end", number, "--json").json

    assert [(line["sku"], line["state"]) for line in ended["lines"]] == [
        ("tea", "done"), ("cup", "done"), ("jar", "skipped")]  # fmt: skip
    assert cell(shop, "tea", "A") == {"available": 5}
    assert cell(shop, "cup", "A") == {"available": 5}
    (row,) = ordito(*work, "list", "--location", "A", "--json").json
    assert (row["state"], row["different"]) == ("finished", 2)
    assert "tea" in ordito(*work, "show", number).out
    assert "A" in ordito(*work, "list").out
    assert ordito(*work, "list", "--location", "nowhere").code == 1
    assert ordito(*work, "end", "999").code == 1


def test_stock_is_kept_for_a_channel_and_given_back(ordito: Ordito, db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}})
    work = ("stock", "kept")

    kept = ordito(*work, "keep", "web", "tea", "4", "--reason", "Campaign", "--json").json
    assert cell(shop, "tea", "A") == {"available": 6, "reserved": 4}
    (row,) = ordito(*work, "list", "--json").json
    assert (row["hold_id"], row["qty"], row["until"]) == (kept["id"], 4, None)
    assert "Campaign" in ordito(*work, "list").out
    assert ordito(*work, "keep", "web", "tea", "7").code == 1
    assert ordito(*work, "give-back", kept["id"]).code == 0

    assert cell(shop, "tea", "A") == {"available": 10}
    assert ordito(*work, "give-back", kept["id"]).code == 1


def test_bins_are_kept_filled_and_looked_at(ordito: Ordito, db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}, "B": {}})
    bin_acts.lay_out(shop)
    work = ("stock", "bins")

    assert ordito(*work, "put-away", "A", "tea", "P-1", "1").code == 1, "none is kept"
    assert "10 unit(s) to put away" in ordito(*work, "keep", "A", "--on").out
    (task,) = ordito(*work, "to-put-away", "A", "--json").json
    assert (task["units"], task["proposals"][0]["bin"]) == (10, "P-1")
    assert "P-1 (10)" in ordito(*work, "to-put-away", "A").out
    assert (
        "6 of tea lie in R-1 (other-bin)" in ordito(*work, "put-away", "A", "tea", "R-1", "6").out
    )
    assert ordito(*work, "move", "A", "tea", "R-1", "P-1", "1", "--json").json["quantity"] == 1
    assert (
        "from 2 up to 4"
        in ordito(*work, "level", "A", "tea", "P-1", "--min", "2", "--max", "4").out
    )
    assert [one["units"] for one in ordito(*work, "fill", "A", "--look", "--json").json] == [3]
    assert "R-1" in ordito(*work, "fill", "A").out
    assert ordito(*work, "filled", "A", "tea", "R-1", "3").code == 0
    rows = ordito(*work, "show", "A", "--json").json
    assert {row["bin"]: row["qty"] for row in rows} == {"@unplaced": 4, "P-1": 4, "R-1": 2}
    assert "P-1" in ordito(*work, "show", "A", "--bin", "P-1").out
    assert len(ordito(*work, "moves", "A", "--sku", "tea", "--json").json) == 4
    assert "replenished" in ordito(*work, "moves", "A").out
    assert ordito(*work, "space", "A", "--json").json["units"] == 10
    assert "10 unit(s) without sizes" in ordito(*work, "space", "A").out
    assert "is off" in ordito(*work, "keep", "A", "--off").out
    again = ordito(*work, "keep", "A", "--on", "--at-home", "--json").json
    assert again["units"] == 0
    assert bin_acts.contents(shop) == {"P-1": 10}
    assert ordito(*work, "show", "nowhere").code == 1
