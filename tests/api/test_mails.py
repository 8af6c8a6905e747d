"""Mails, their texts and tracking links over HTTP."""

from uuid import UUID

from ordito.flows.tell_customers import TellCustomer, tell_customer
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.door import run
from tests import make
from tests.api.conftest import ANY, Api

ANNA = {"email": "anna@example.com", "name": "Anna Nowak"}


def test_the_customer_is_written_to_once_with_one_key(api: Api) -> None:
    order = make.place(api.shop, {"tea": 1}, customer=ANNA)
    body = {"subject": "Blue?", "text": "Hello,\n\nis <b>blue</b> fine?"}
    path, key = f"/api/v1/orders/{order.id}/mails", {"Idempotency-Key": "once"}
    answers = [api.boss.post(path, json=body, headers=key) for _n in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    (mail,) = api.boss.get(path).json()["items"]
    assert (mail["kind"], mail["subject"], mail["recipient"], mail["state"]) == (
        "written",
        "Blue?",
        "anna@example.com",
        "waiting",
    )
    timeline = api.boss.get(f"/api/v1/orders/{order.id}/timeline").json()["items"]
    assert (timeline[0]["kind"], timeline[0]["body"]) == (
        "order.customer_written",
        {"mail_id": answers[0].json()["id"]},
    )


def test_nobody_can_be_written_to_without_an_address(api: Api) -> None:
    order = make.place(api.shop, {"tea": 1})
    body = {"subject": "Blue?", "text": "x"}
    answer = api.boss.post(f"/api/v1/orders/{order.id}/mails", json=body)

    assert answer.status_code == 409
    assert api.boss.get(f"/api/v1/orders/{order.id}/mails").json() == {"items": []}


def test_a_tracking_link_is_made_once(api: Api) -> None:
    order = make.place(api.shop, {"tea": 1})
    path = f"/api/v1/orders/{order.id}/tracking-link"

    assert api.boss.get(path).status_code == 404
    made = [api.boss.post(path, json={}).json() for _n in range(2)]
    assert made[0] == made[1] == api.boss.get(path).json()
    assert made[0]["path"].startswith("/t/")


def test_a_text_is_changed_with_versions_and_refused_with_its_place(api: Api) -> None:
    path = "/api/v1/mail-templates/confirmed/pl"
    first = api.boss.get(path).json()
    assert first["version"] == 0

    good = {"subject": "Dzięki", "body": "Razem: {{ total }}"}
    saved = api.boss.put(path, json=good, headers={"If-Match": '"0"'})
    assert saved.json()["version"] == 1
    assert (
        api.boss.put(path, json=good | {"body": "x"}, headers={"If-Match": '"0"'}).status_code
        == 412
    )
    bad = api.boss.put(path, json=good | {"body": "Hi\n{{ nme }}"}, headers=ANY)
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["detail"].startswith("Line 2: there is no “nme”.")
    assert api.boss.get(path).json()["body"] == "Razem: {{ total }}"
    assert len(api.boss.get("/api/v1/mail-templates").json()["items"]) == 24


def test_what_a_channel_tells_is_what_is_sent(api: Api) -> None:
    path = "/api/v1/channels/web/mails"
    assert len(api.boss.get(path).json()["kinds"]) == 7
    wanted = {"kinds": ["shipped"], "locale": "de", "accent": "#FFcc00", "logo": "Teehaus"}
    assert api.boss.put(path, json=wanted, headers=ANY).json()["version"] == 1
    assert api.boss.put(path, json=wanted | {"contact": "no"}, headers=ANY).status_code == 422

    order = make.place(api.shop, {"tea": 1}, customer=ANNA)
    for kind in ("confirmed", "shipped"):
        ask = TellCustomer(order_id=UUID(str(order.id)), kind=kind, key=kind, base_url="")
        run(api.shop.db, SYSTEM, tell_customer, ask)

    (mail,) = api.boss.get(f"/api/v1/orders/{order.id}/mails").json()["items"]
    assert (mail["kind"], mail["locale"]) == ("shipped", "de")
    assert mail["text"].endswith("Teehaus\n")


def test_who_may_not_see_orders_sees_no_mails(api: Api) -> None:
    order = make.place(api.shop, {"tea": 1}, customer=ANNA)
    reader = api.key(EVERYTHING - {"orders.read", "orders.write", "settings.write"})

    for path in (f"/api/v1/orders/{order.id}/mails", "/api/v1/mails/failed"):
        assert reader.get(path).status_code == 403
    assert reader.post(f"/api/v1/orders/{order.id}/mails", json={}).status_code == 403
    assert (
        reader.put("/api/v1/channels/web/mails", json={"kinds": []}, headers=ANY).status_code == 403
    )
