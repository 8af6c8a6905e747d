"""People, roles, keys, accounts and the audit log, as their pages serve them."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from ordito.platform.database import Database
from ordito.platform.second_factors import code_at
from ordito.platform.settings import Settings
from tests import make
from tests.doctor.wellness import assert_well
from tests.web.visiting import PASSWORD, Site, running_site

NEW = "another battery of correct staples"


@pytest.fixture
def site(db: Database) -> Iterator[Site]:
    make.shop(db)
    settings = Settings(data_dir="unused", public_url="https://orders.example.com")
    with running_site(db, settings) as found:
        yield found


def count(site: Site, table: str) -> int:
    with site.db.connection() as conn:
        row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def link_of(text: str) -> str:
    found = re.search(r"https://orders\.example\.com(/password\?token=\w+)", unescape(text))
    assert found, text
    return found[1]


def step_now(site: Site) -> int:
    with site.db.connection() as conn:
        row = conn.execute("SELECT extract(epoch FROM now())::int8 / 30").fetchone()
    assert row is not None
    return int(row[0])


def secret_of(text: str) -> str:
    found = re.search(r"data-secret>([A-Z2-7 ]+)<", text)
    assert found, text
    return found[1].replace(" ", "")


def test_all_pages_of_the_settings_open_for_an_administrator(site: Site) -> None:
    boss = site.person("admin")
    for path in ("/settings", "/settings/people", "/settings/people/invite", "/settings/roles",
                 "/settings/roles/new", "/settings/keys", "/settings/keys/new", "/settings/audit",
                 "/settings/audit.csv", "/account", "/account/password",
                 "/account/second-factor", "/account/second-factor/remove"):  # fmt: skip
        assert boss.get(path).status_code == 200, path


def test_who_is_invited_chooses_a_password_once(site: Site) -> None:
    boss = site.person("admin")
    answer = boss.post(
        "/settings/people/invite",
        {"email": "kim@example.com", "name": "Kim", "role": "store", "all_channels": "yes",
         "locations": "A"},
    )  # fmt: skip
    assert answer.status_code == 200
    link = link_of(answer.text)
    kim = site.stranger()
    assert "kim@example.com" in kim.get(link).text
    token = link.partition("token=")[2]
    weak = kim.form(link, {"token": token, "password": "short"})
    assert weak.status_code == 422
    chosen = kim.form(link, {"token": token, "password": NEW})
    assert chosen.status_code == 200
    assert kim.get(link).status_code == 410
    entered = kim.form("/login", {"email": "kim@example.com", "password": NEW})
    assert entered.status_code == 303
    assert kim.get("/account").status_code == 200
    assert kim.get("/settings/people").status_code == 403
    with site.db.connection() as conn:
        stored = conn.execute("SELECT string_agg(answer, '') FROM platform.idempotency").fetchone()
    assert token not in str(stored)
    assert_well(site.db)


def test_a_wrong_address_of_an_invitation_is_told_in_the_form(site: Site) -> None:
    boss = site.person("admin")
    before = count(site, "platform.app_user")
    answer = boss.post("/settings/people/invite", {"email": "nonsense", "name": "Kim"})
    assert answer.status_code == 422
    assert "field-fault" in answer.text
    assert count(site, "platform.app_user") == before


def test_asking_for_a_new_password_never_tells_who_is_there(site: Site) -> None:
    user = site.add(["store"])
    stranger = site.stranger()
    texts = []
    for email in (user.email, "nobody@example.com"):
        answer = stranger.form("/forgot", {"email": email})
        assert answer.status_code == 200
        texts.append(answer.text.replace(email, ""))
    keys = [re.sub(r'(value|content)="\w+"', "", text) for text in texts]
    assert keys[0] == keys[1]
    assert count(site, "platform.account_link") == 1


def test_asking_again_and_again_is_slowed_down(site: Site) -> None:
    user = site.add(["store"])
    stranger = site.stranger()
    codes = [stranger.form("/forgot", {"email": user.email}).status_code for _ in range(7)]
    assert codes[-1] == 429


def test_a_changed_role_holds_at_the_next_request(site: Site) -> None:
    boss = site.person("admin")
    made = boss.post(
        "/settings/roles/new", {"code": "desk", "name": "Desk", "permission": ["orders.read"]}
    )
    assert made.status_code == 303
    person = site.person("desk")
    assert person.get("/orders").status_code == 200
    assert person.get("/inventory").status_code == 403
    role = re.search(
        r'href="(/settings/roles/[^"]+)"[^>]*><bdi>Desk', boss.get("/settings/roles").text
    )
    assert role
    changed = boss.post(role[1], {"name": "Desk", "permission": ["inventory.read"]})
    assert changed.status_code == 303
    assert person.get("/orders").status_code == 403
    assert person.get("/inventory").status_code == 200
    assert boss.post(role[1] + "/remove").status_code == 409
    assert_well(site.db)


def test_a_disabled_person_is_out_at_once(site: Site) -> None:
    boss, person = site.person("admin"), site.person("viewer")
    assert person.user
    assert boss.post(f"/settings/people/{person.user.id}/active").status_code == 303
    assert person.get("/orders").headers["location"].startswith("/login")


def test_a_key_is_shown_once_and_its_use_is_seen(site: Site) -> None:
    boss = site.person("admin")
    fields = {"name": "Shop", "days": "30", "permission": ["orders.read"], "all_channels": "yes",
              "all_locations": "yes", "_key": "one"}  # fmt: skip
    first, again = (boss.post("/settings/keys/new", fields).text for _ in range(2))
    token = re.search(r"ordito_\w+", first)
    assert token
    assert token[0] not in again
    assert token[0] not in boss.get("/settings/keys").text
    assert "never used" in boss.get("/settings/keys").text
    headers = {"Authorization": f"Bearer {token[0]}"}
    assert site.stranger().client.get("/api/v1/orders", headers=headers).status_code == 200
    page = boss.get("/settings/keys").text
    assert "never used" not in page
    revoke = re.search(r'action="(/settings/keys/[^"]+/revoke)"', page)
    assert revoke
    assert boss.post(revoke[1]).status_code == 303
    assert site.stranger().client.get("/api/v1/orders", headers=headers).status_code in (200, 401)
    assert "Revoked" in boss.get("/settings/keys").text


def test_a_second_factor_is_asked_for_and_no_code_works_twice(site: Site) -> None:
    person = site.person("store")
    assert person.user
    secret = secret_of(person.get("/account/second-factor").text)
    wrong = person.post("/account/second-factor", {"code": "000000x"})
    assert wrong.status_code == 422
    step = step_now(site)
    shown = person.post("/account/second-factor", {"code": code_at(secret, step - 1)})
    codes = re.findall(r">([a-z2-9]{5}-[a-z2-9]{5})<", shown.text)
    assert len(set(codes)) == 10

    other = site.stranger("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    entered = other.form("/login", {"email": person.user.email, "password": PASSWORD})
    assert entered.headers["location"].startswith("/login/code")
    assert other.get("/orders").headers["location"].startswith("/login")
    used = other.form("/login/code", {"code": code_at(secret, step - 1)})
    assert used.status_code == 401
    right = other.form("/login/code", {"code": code_at(secret, step)})
    assert right.status_code == 303
    assert other.get("/orders").status_code == 200
    assert "Firefox, Linux" in person.get("/account").text

    third = site.stranger()
    for code, status in ((codes[0].upper(), 303), (codes[0], 401), (codes[1], 303)):
        third.client.cookies.clear()
        third.form("/login", {"email": person.user.email, "password": PASSWORD})
        assert third.form("/login/code", {"code": code}).status_code == status
    assert "8 recovery codes left" in person.get("/account").text
    assert_well(site.db)


def test_an_administrator_takes_away_a_lost_factor(site: Site) -> None:
    boss, person = site.person("admin"), site.person("store")
    assert person.user
    secret = secret_of(person.get("/account/second-factor").text)
    person.post("/account/second-factor", {"code": code_at(secret, step_now(site))})
    assert boss.post(f"/settings/people/{person.user.id}/remove-factor").status_code == 303
    assert person.get("/account").status_code == 303
    assert site.person(user=person.user).get("/account").status_code == 200


def test_a_role_may_demand_a_second_factor(site: Site) -> None:
    boss, person = site.person("admin"), site.person("store")
    page = boss.get("/settings/roles").text
    role = re.search(r'href="(/settings/roles/[^"]+)"[^>]*><bdi>Store', page)
    assert role
    assert boss.post(role[1], {"second_factor": "yes"}).status_code == 303
    assert person.get("/orders").headers["location"] == "/account/second-factor"
    assert person.client.get("/api/v1/orders").status_code == 403
    secret = secret_of(person.get("/account/second-factor").text)
    person.post("/account/second-factor", {"code": code_at(secret, step_now(site))})
    assert person.get("/orders").status_code == 200


def test_other_sessions_can_be_ended(site: Site) -> None:
    first = site.person("viewer")
    second = site.person(user=first.user)
    third = site.person(user=first.user)
    ends = re.findall(r'action="(/account/sessions/[0-9a-f-]+/end)"', first.get("/account").text)
    assert len(ends) == 2
    assert first.post(ends[0]).status_code == 303
    assert first.post("/account/sessions/end-others").status_code == 303
    assert [p.get("/account").status_code for p in (first, second, third)] == [200, 303, 303]
    stranger = site.person("viewer")
    own = re.findall(r"/account/sessions/[0-9a-f-]+/end", site.person(user=first.user)
                     .get("/account").text)  # fmt: skip
    assert stranger.post(own[0]).status_code == 303
    assert first.get("/account").status_code == 200


def test_everybody_changes_their_own_account_and_password(site: Site) -> None:
    person = site.person("viewer")
    assert person.user
    fields = {"name": "Ann Other", "locale": "de", "time_zone": "Europe/Berlin"}
    assert person.post("/account", fields).status_code == 303
    assert "Ann Other" in person.get("/account").text
    wrong = person.post("/account", fields | {"time_zone": "Mars"})
    assert wrong.status_code == 422
    refused = person.post("/account/password", {"current": "wrong", "new": NEW})
    assert refused.status_code == 422
    assert person.post("/account/password", {"current": PASSWORD, "new": NEW}).status_code == 303
    assert person.get("/account").status_code == 303


def test_the_audit_log_finds_who_did_what(site: Site) -> None:
    boss, viewer = site.person("admin"), site.person("viewer")
    assert boss.user
    assert viewer.user
    site.stranger().form("/login", {"email": viewer.user.email, "password": "wrong"})
    boss.post(f"/settings/people/{viewer.user.id}/active")
    page = boss.get("/settings/audit").text
    assert "Failed to sign in" in page
    assert "somebody unknown" in page
    assert "User changed" in page
    mine = boss.get("/settings/audit", person=str(boss.user.id)).text
    assert "User changed" in mine
    assert "Failed to sign in" not in mine
    nothing = boss.get("/settings/audit", until="2020-01-01").text
    assert "Nothing found" in nothing
    export = boss.get("/settings/audit.csv", group="sign_in").text
    assert "user.sign_in_failed" in export
    assert "user.changed" not in export
    assert viewer.get("/settings/audit").status_code == 303
    assert site.person("store").get("/settings/audit").status_code == 403
    scoped = site.person(permissions=["audit.read"], locations=("A",))
    assert scoped.get("/settings/audit").status_code == 403
