"""The watch lists as staff see them."""

from ordito.flows.sweep_watches import sweep_watches
from ordito.platform.database import Database
from ordito.web.pages.watches import give, rule_form, set_rule, show_watches
from tests import make
from tests.flows.test_sweep_watches import entries, user
from tests.web.acts import get, post, visit


def test_the_lists_tell_what_is_wrong_whose_it_is_and_what_to_do(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})
    keeper, ann = user(db, "keeper"), user(db, "ann")
    placed = make.place(shop, {"tea": 2})
    sweep_watches(db)
    (entry,) = entries(db)

    page = get(show_watches, db, "/watch")
    assert f"#{placed.number} Short · 1 unit · tea Web shop" in page
    assert "Go to stock" in page
    assert "Nothing is wrong here" in get(show_watches, db, "/watch?list=cart")
    assert "Nothing is wrong here" in get(show_watches, db, "/watch?mine=yes")
    looking = get(show_watches, db, "/watch?list=short", permissions=["orders.read"])
    assert "keeper" in looking
    assert "Give" not in looking
    assert "Owner and due time" not in looking

    path = f"/watch/{entry.id}/owner"
    post(give, db, path, watch=str(entry.id), form={"user_id": str(ann.id)})
    assert entries(db)[0].owner == "ann"

    rule = "/watch/short/rule"
    assert "Due within" in get(rule_form, db, rule, list="short")
    wrong = post(set_rule, db, rule, list="short", form={"due_hours": "0"})
    assert wrong.status == 422
    form = {"due_hours": "2", "owner_id": str(keeper.id), "escalate_to": ""}
    post(set_rule, db, rule, list="short", form=form)
    shown = rule_form(visit(db, "GET", rule, list="short")).body.decode()
    assert 'value="2"' in shown
    assert f'value="{keeper.id}" selected' in shown
