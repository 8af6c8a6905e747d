"""`ordito doctor`: its exit code tells well, warned and broken apart."""

from ordito.platform.database import Database
from tests import make
from tests.cli.conftest import Ordito


def test_a_sound_shop_ends_with_0(ordito: Ordito, db: Database) -> None:
    make.place(make.shop(db), {"tea": 2})

    told = ordito("doctor", "--json")

    assert told.code == 0
    assert told.json["exit_code"] == 0
    assert told.json["findings"] == []
    assert "checks are well" in ordito("doctor").out


def test_only_warnings_end_with_1(ordito: Ordito, db: Database) -> None:
    make.place(make.shop(db), {"tea": 2})
    with db.connection() as conn:
        conn.execute("UPDATE platform.pending SET at = now() - interval '2 hours'")

    told = ordito("doctor", "--json")

    assert {finding["severity"] for finding in told.json["findings"]} == {"warning"}
    assert told.code == 1


def test_a_violation_ends_with_2(ordito: Ordito, db: Database) -> None:
    make.place(make.shop(db), {"tea": 2})
    with db.connection() as conn:
        conn.execute(
            "UPDATE inventory.stock SET reserved = reserved + 1, available = available - 1"
        )

    told = ordito("doctor", "--json")

    assert told.code == 2
    assert "I2" in {finding["id"] for finding in told.json["findings"]}
    assert "violation" in ordito("doctor").out


def test_one_order_is_looked_at_and_an_unknown_one_is_a_problem(
    ordito: Ordito, db: Database
) -> None:
    placed = make.place(make.shop(db), {"tea": 2})

    assert ordito("doctor", "--order", str(placed.number)).code == 0
    refused = ordito("doctor", "--order", "999999")
    assert refused.code == 1
    assert "There is no order 999999." in refused.err
