"""An examination: its report, its exit code, its one snapshot, and the few milliseconds of one."""

import json
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from ordito.cli.doctor import doctor
from ordito.listings.doctor.event_checks import DEFINED_IN
from ordito.listings.doctor.examination import (
    CHECKS,
    SCOPED,
    everything_in,
    examine,
    scope_of_orders,
)
from ordito.listings.doctor.types import Scope
from ordito.platform.database import Database
from ordito.platform.documents.problems import import_all_modules
from ordito.platform.events import Event
from ordito.platform.problems import InvalidInput
from tests import make


def execute(db: Database, sql: str) -> None:
    with make.owner(db) as conn:
        conn.execute(sql.encode())


@pytest.fixture
def shop(db: Database) -> make.Shop:
    return make.shop(db, stock={"A": {"tea": 9, "cup": 9}})


def test_a_sound_database_is_found_sound(busy: make.Shop) -> None:
    told: list[str] = []
    report = examine(busy.db, on_check=lambda check: told.append(check.id))
    assert report.findings == []
    assert report.exit_code == 0
    assert report.checked == len(CHECKS)
    assert told == [check.id for check in CHECKS] == [time.id for time in report.times]


def test_a_new_database_is_sound(db: Database) -> None:
    assert examine(db).findings == []


def test_one_order_is_examined_with_its_cells_alone(shop: make.Shop) -> None:
    whole, broken = make.place(shop, {"tea": 1}), make.place(shop, {"cup": 2})
    execute(shop.db, f"DELETE FROM inventory.reservation WHERE holder_id = '{broken.id}'")
    of_whole, _ = scope_of_orders(shop.db, [whole.number])
    assert of_whole == Scope((whole.id,), ((shop.items["tea"], shop.locations["A"]),))
    assert examine(shop.db, only=of_whole).findings == []
    # Without its reservation the order doesn't lead to the cell any more: its work does.
    of_broken, _ = scope_of_orders(shop.db, [broken.number])
    report = examine(shop.db, only=of_broken)
    assert [finding.id for finding in report.findings] == ["I2", "I3", "I3b", "I7"]
    assert report.checked == len(SCOPED)
    assert report.exit_code == 2
    everything = examine(shop.db, only=everything_in(shop.db))
    assert [finding.id for finding in everything.findings] == ["I2", "I3", "I3b", "I7"]


def test_a_finding_counts_all_and_shows_twenty(shop: make.Shop) -> None:
    for _ in range(5):
        make.place(shop, {"tea": 1})
    for _ in range(3):
        execute(
            shop.db,
            "INSERT INTO orders.tag (tag, order_id)"
            " SELECT gen_random_uuid()::text, gen_random_uuid() FROM generate_series(1, 10)",
        )
    (finding,) = examine(shop.db).findings
    assert (finding.id, finding.severity) == ("X2", "violation")
    assert finding.count == 30
    assert len(finding.samples) == 20
    assert finding.samples[0]["table"] == "orders.tag"


def test_a_check_that_cannot_be_asked_is_a_finding(shop: make.Shop) -> None:
    execute(shop.db, "ALTER TABLE orders.tag RENAME TO label")
    (finding,) = [found for found in examine(shop.db).findings if found.id == "X2"]
    assert "orders.tag" in finding.samples[0]["could_not_be_checked"]


def test_only_warnings_are_exit_code_one(shop: make.Shop) -> None:
    make.place(shop, {"tea": 1})
    execute(shop.db, "UPDATE platform.pending SET at = now() - interval '2 hours'")
    report = examine(shop.db)
    assert [finding.id for finding in report.findings] == ["I35"]
    assert report.exit_code == 1


def test_the_doctor_writes_nothing(shop: make.Shop) -> None:
    make.place(shop, {"tea": 1})
    with psycopg.connect(shop.db.dsn) as conn:
        # Another writer's locks on everything it looks at are no hindrance.
        conn.execute("UPDATE inventory.stock SET seq = seq")
        conn.execute("UPDATE orders.line SET ordered = ordered")
        assert examine(shop.db).findings == []
        assert examine(shop.db, only=everything_in(shop.db)).findings == []


def test_every_kind_of_event_is_known_to_the_doctor() -> None:
    import_all_modules()
    known = {module.__name__ for module in DEFINED_IN}
    assert {event.__module__ for event in Event.kinds.values() if _ours(event)} == known


def _ours(event: type[Any]) -> bool:
    return event.__module__.startswith("ordito.")


def test_the_command_tells_what_is_wrong(shop: make.Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDITO_DATABASE_URL", shop.db.dsn)
    number = make.place(shop, {"tea": 1}).number
    well = CliRunner().invoke(doctor, [])
    assert well.exit_code == 0
    assert "checks are well" in well.output
    execute(shop.db, "UPDATE orders.sales_order SET life = 'closed'")
    sick = CliRunner().invoke(doctor, [])
    assert sick.exit_code == 2
    assert "violation I12" in sick.output
    report = json.loads(CliRunner().invoke(doctor, ["--json"]).output)
    assert report["exit_code"] == 2
    found = {finding["id"]: finding["count"] for finding in report["findings"]}
    assert found == {"I5": 1, "I12": 1}
    one = CliRunner().invoke(doctor, ["--order", str(number), "--json"])
    assert one.exit_code == 2
    assert {finding["id"] for finding in json.loads(one.output)["findings"]} == {"I5", "I12"}
    assert isinstance(CliRunner().invoke(doctor, ["--order", "7"]).exception, InvalidInput)
