"""`ordito import orders` keeps its contract: what it prints, what it writes, how it ends."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ordito.cli.imports import import_
from ordito.cli.main import main
from tests.flows.order_files import body

CONTENT = body(
    ("536365", "TEA", 3, "2010-12-01", "2.55", "17850.0"),
    ("536365", "POST", 1, "2010-12-01", "18.00", "17850.0"),
    ("C536366", "TEA", -1, "2011-01-02", "2.55", "17850.0"),
    ("C536367", "TEA", -9, "2011-01-02", "2.55", "17850.0"),
)
KINDS = ["order", "line", "cancellation", "return", "adjustment", "charge", "parked"]


@pytest.fixture
def files(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("ORDITO_DATABASE_URL", dsn)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CONTENT))
    (tmp_path / "b.csv").write_bytes(body(("536368", "CUP", 1, "2011-01-03", "0.105", "17850.0")))
    return [str(tmp_path / "a.csv.gz"), str(tmp_path / "b.csv")]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(import_, list(arguments))


def answer(*arguments: str) -> dict[str, Any]:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_orders_prints_counts_and_monthly_sums_per_kind(files: list[str]) -> None:
    orders = ["orders", *files, "--preset", "online-retail", "--channel", "uci", "--json"]
    preview = answer(*orders, "--dry-run")
    told = answer(*orders)
    again = answer(*orders)
    assert list(told)[:7] == KINDS
    assert {kind: told[kind] for kind in KINDS} == {
        "order": {"count": 2, "months": {}},
        "line": {"count": 2, "months": {"2010-12": "7.65", "2011-01": "0.105"}},
        "cancellation": {"count": 0, "months": {}},
        "return": {"count": 1, "months": {"2011-01": "-2.55"}},
        "adjustment": {"count": 0, "months": {}},
        "charge": {"count": 1, "months": {"2010-12": "18.00"}},
        "parked": {"count": 1, "months": {"2011-01": "-22.95"}},
    }
    for other in (preview, again):
        assert {kind: other[kind] for kind in KINDS} == {kind: told[kind] for kind in KINDS}
    assert (preview["run"]["state"], told["run"]["state"]) == ("preview", "done")
    assert again["run"]["repeated"]


def test_people_get_a_table_and_the_inbox(files: list[str]) -> None:
    result = invoke("orders", *files, "--preset", "online-retail", "--channel", "uci")
    assert result.exit_code == 0
    assert "1 rows are parked" in result.stdout
    messages = json.loads(invoke("inbox", "--json").stdout)
    assert [message["reason"] for message in messages] == ["no-earlier-order"]
    replayed = json.loads(invoke("replay", "--all", "--json").stdout)
    assert [message["state"] for message in replayed] == ["parked"]
    assert invoke("replay").exit_code == 2


def test_an_unusable_file_ends_with_1_and_wrong_usage_with_2(
    files: list[str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    arguments = ["import", "orders", str(bad), "--preset", "online-retail", "--channel", "uci"]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 1
    arguments[4] = "nothing"
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 1
    with pytest.raises(SystemExit) as ended:
        main(arguments[:3])
    assert ended.value.code == 2


def test_items_are_looked_at_mapped_brought_in_and_put_back(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDITO_DATABASE_URL", dsn)
    file = tmp_path / "items.csv"
    file.write_text("Thing,Name,Weight g\nA-1,Cup,300\nA-2,Tea,x\n")
    call = ["items", str(file), "--map", "Thing=sku", "--json"]

    seen = answer(*call, "--dry-run")
    done = answer(*call)
    again = answer(*call)
    back = answer("undo", done["id"], "--json")

    assert (seen["state"], seen["taken"]) == ("checked", {"created": 1})
    assert [(row["line"], row["reason"]) for row in seen["refused"]] == [(3, "not-a-number")]
    assert (done["state"], done["taken"]) == ("finished", {"created": 1})
    assert again["taken"] == {"unchanged": 1}
    assert (back["state"], back["taken"]) == ("undone", {"undone": 1})
    assert invoke("items", str(file), "--map", "nonsense").exit_code == 2
    assert "sku,name,kind" in invoke("template", "items").output
