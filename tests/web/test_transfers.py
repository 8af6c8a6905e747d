"""Transfers in the browser: drafted from pasted lines, sent, received by number, closed."""

from ordito.platform.database import Database
from ordito.web.pages import inventory, transfer_arrivals, transfers
from tests import make
from tests.flows import transfer_acts as goods
from tests.web.acts import get, location_of, post, text_of

URL = "/inventory/transfers"


def test_a_transfer_is_drafted_sent_and_received_by_forms(db: Database) -> None:
    shop = make.shop(db)
    form = {"from_location": "A", "to_location": "B", "lines": "tea 4\ncup;2", "reference": "T 7",
            "expected_on": "2027-01-05", "note": ""}  # fmt: skip
    answer = post(transfers.create, db, URL + "/new", form=form)
    assert location_of(answer) == f"{URL}/1"
    at = f"{URL}/1"
    told = get(transfers.show_transfer, db, at, transfer="1")
    assert "Drafted: 6 units from A to B" in told
    changed = {"lines": "tea 5\ncup 2", "reference": "T 7", "version": "1"}
    assert location_of(post(transfers.edit, db, at + "/edit", form=changed, transfer="1")) == at
    assert location_of(post(transfers.request, db, at + "/request", transfer="1")) == at
    assert "5 asked for" in get(transfer_arrivals.ship_form, db, at + "/ship", transfer="1")
    sent = {"units-1": "4", "units-2": "2"}
    post(transfer_arrivals.ship, db, at + "/ship", form=sent, transfer="1")
    assert goods.cell(shop, "tea", "B") == {"available": 10, "incoming": 4}

    slip = {"units-1": "5"}
    asked = post(transfer_arrivals.receive, db, at + "/receive", form=slip, transfer="1")
    assert (asked.status, "1 more than was sent" in text_of(asked)) == (422, True)
    assert goods.cell(shop, "tea", "B") == {"available": 10, "incoming": 4}
    post(transfer_arrivals.receive, db, at + "/receive", transfer="1",
         form={"units-1": "4", "damaged-2": "1"})  # fmt: skip
    assert goods.cell(shop, "tea", "B") == {"available": 14}
    assert goods.cell(shop, "cup", "B") == {"available": 10, "damaged": 1, "incoming": 1}
    assert "1 × cup" in get(transfers.close_form, db, at + "/close", transfer="1")
    post(transfers.close, db, at + "/close", form={"words": "lost"}, transfer="1")
    page = get(transfers.show_transfer, db, at, transfer="1")
    assert "Written off as missing: 1 × cup. lost" in page
    assert "Transfer 1" not in get(transfers.show_transfers, db, URL)
    assert "Transfer 1" in get(transfers.show_transfers, db, URL + "?view=done")
    item = str(shop.items["cup"])
    assert "Never arrived with transfer" in get(
        inventory.show_item, db, f"/inventory/{item}?location=A", item=item
    )


def test_every_fault_stands_beside_its_field(db: Database) -> None:
    make.shop(db)
    form = {"from_location": "A", "to_location": "A", "lines": "tea 4\nno 1"}
    answer = post(transfers.create, db, URL + "/new", form=form)
    said = text_of(answer)
    assert answer.status == 422
    assert "There is no item “no”" in said
    assert "The goods are there already" in said


def test_a_draft_is_cancelled_and_sends_nothing(db: Database) -> None:
    shop = make.shop(db)
    made = goods.draft(shop, {"tea": 1})
    post(transfers.cancel, db, f"{URL}/1/cancel", transfer="1")
    answer = post(transfer_arrivals.ship, db, f"{URL}/1/ship", form={"units-1": "1"}, transfer="1")
    assert (answer.status, made.number) == (422, 1)
    assert goods.cell(shop, "tea", "A") == {"available": 10}
