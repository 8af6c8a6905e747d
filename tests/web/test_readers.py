"""The reader's surroundings: names of zones and languages that are none, what a demo reaches."""

import pytest

from ordito.flows.manage_webhooks import issue_webhook
from ordito.platform.database import Database
from ordito.web.pages import home
from ordito.web.readers import SENDS_MAIL, known_locale, known_zone
from ordito.webhooks.types import CreateWebhook
from tests import make
from tests.web.acts import get

NO_ZONES = ["", ".", "..", "/", "Moon/Base", "Europe", "Europe/", "../x", "a" * 5000, "UTC\0", "é"]


@pytest.mark.parametrize("name", NO_ZONES)
def test_a_name_of_no_zone_is_utc(name: str) -> None:
    assert known_zone(name) == "UTC"
    assert known_zone("Europe/Warsaw") == "Europe/Warsaw"


@pytest.mark.parametrize("name", ["", "xx", "no such", "e" * 300])
def test_a_name_of_no_language_is_english(name: str) -> None:
    assert known_locale(name) == "en_GB"


def test_the_banner_of_a_demo_says_what_it_is_connected_to(db: Database) -> None:
    make.shop(db)
    assert "Demo" not in get(home.show_home, db, "/home")
    with db.transaction(make.BOSS) as tx:
        tx.conn.execute("UPDATE platform.installation SET kind = 'demo'")
    db.memory.pop("web.demo", None)

    assert "Nothing leaves this machine." in get(home.show_home, db, "/home")

    ask = CreateWebhook(url="https://hooks.example.com/x", kinds=("order.*",))
    issue_webhook(db, make.BOSS, ask)
    db.memory[SENDS_MAIL] = True
    shown = get(home.show_home, db, "/home")
    assert "connected to the outside: mail server, 1 webhook." in shown
    assert "Nothing leaves" not in shown
