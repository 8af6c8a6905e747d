"""Requests and answers of partners as files, on the command line."""

from pathlib import Path

from ordito.platform.database import Database
from tests import make
from tests.cli.conftest import Ordito
from tests.flows import acts


def test_a_partner_is_asked_and_answers_by_files(
    ordito: Ordito, db: Database, tmp_path: Path
) -> None:
    shop = make.shop(
        db, stock={"P": {"tea": 9}}, locations={"P": {"kind": "3pl", "answer_hours": 24}}
    )
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    asked = ordito("partners", "requests", "--location", "P")
    assert f"{order_id}.1,submitted" in asked.out
    assert ordito("partners", "requests", "--location", "nowhere").code == 1

    file = tmp_path / "answers.csv"
    file.write_text(
        f"request,answer,carrier,tracking_number\n{order_id}.1,accept,,\n{order_id}.1,ship,DPD,J1\n"
    )
    assert "2 answer(s) taken, 0 refused" in ordito("partners", "answers", str(file)).out
    assert ordito("partners", "answers", str(file)).code == 0, "taken twice, done once"
    assert acts.vector(acts.look(shop, order_id)) == {"shipped": 2}
    file.write_text(f"request,answer\n{order_id}.1,accept\n")
    late = ordito("partners", "answers", str(file))
    assert (late.code, "The request is closed" in late.out) == (0, False), "answered so before"
    file.write_text(f"request,answer\n{order_id}.1,reject\n")
    late = ordito("partners", "answers", str(file))
    assert (late.code, "row 2" in late.out) == (1, True)
    (kept,) = ordito("partners", "figures", "--json").json
    assert (kept["asked"], kept["answered_in_time"], kept["shipped_in_time"]) == (1, 1, 1)
