"""Inventory in the past: what the pages tell, and where their numbers lead."""

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import unquote

from ordito.platform.database import Database
from ordito.web.pages.inventory import show_item
from ordito.web.pages.stock_past import show_past_inventory, show_past_item
from tests import make
from tests.flows import stock_acts as acts
from tests.web.acts import get, text_of, visit


def local(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat()


def test_complaint_41_the_list_and_the_item_tell_the_past_and_the_difference(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 20}, "B": {"tea": 5}})
    start = acts.clock(db)
    acts.adjust(shop, "A", {"tea": -3}, "lost")
    acts.move(shop, "B", "tea", 2, "available", "damaged")
    tea = str(shop.items["tea"])
    path = f"/inventory/{tea}/past"
    both = f"?at={local(start)}&until={local(acts.clock(db))}"

    assert " tea Tea 25 0 0 25 0 " in get(show_past_inventory, db, f"/inventory/past?at={start}")
    listed = get(show_past_inventory, db, f"/inventory/past{both}&q=tea")
    assert " tea Tea 20 \u22125 0 0 22 \u22123 0 " in listed
    then = get(show_past_item, db, f"{path}?at={local(start)}", item=tea)
    assert " A 20 0 0 0 0 0 20 0 0 B 5 0 0 0 0 0 5 0 0 In all 25 " in then
    assert "Why it changed" not in then
    changed = visit(db, "GET", path + both, item=tea)
    page = show_past_item(changed)
    assert re.search(r"Why it changed .*Lost free adjustment 3 1", text_of(page))
    # A number leads to the postings it is made of, a cause to its own.
    links = re.findall(r'href="(/inventory/[^"]+bucket=damaged)#ledger-title"', page.body.decode())
    only = get(show_past_item, db, unquote(unescape(links[-1])), item=tea)
    assert "Show all" in only
    assert "Lost" not in only[only.index("Movements between") :]

    opened = get(show_item, db, f"/inventory/{tea}?bucket=damaged", item=tea)
    assert "Lost" not in opened[opened.index("Ledger") :]


def test_a_moment_that_is_none_or_to_come_is_said_beside_the_form(db: Database) -> None:
    make.shop(db, stock={"A": {"tea": 20}})
    later = local(acts.clock(db) + timedelta(days=2))
    assert "still to come" in get(show_past_inventory, db, f"/inventory/past?at={later}")
    assert "Say of which moment." in get(show_past_inventory, db, "/inventory/past?at=noon")
    assert "Say of" not in get(show_past_inventory, db, "/inventory/past")
