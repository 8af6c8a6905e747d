"""Events reach their receivers at least once, in order, and nobody waits for anybody else."""

import base64
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from uuid import UUID

import pytest

from ordito.adapters.webhook_http import HttpCaller
from ordito.app.duties import webhook_crew
from ordito.flows.cancel_order import cancel_order
from ordito.flows.deliver_webhooks import due_endpoints, prune_messages, serve_endpoint
from ordito.flows.manage_webhooks import issue_secret, ping_webhook, replay_webhook
from ordito.orders.asks import CancelOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import read_feed
from ordito.platform.worker import Worker
from ordito.webhooks.calls import Call, Outcome
from ordito.webhooks.endpoints import failing_endpoints, read_health
from ordito.webhooks.types import ReplayWebhook, WebhookKey
from tests import make
from tests.doctor.wellness import assert_well
from tests.webhooks.acts import attempts, create, deliver, feed, let_time_pass, read
from tests.webhooks.receivers import Received, Receiver, Reply, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def cancel(db: Database, order_id: UUID) -> None:
    run(db, make.BOSS, cancel_order, CancelOrder(order_id=order_id, reason="other"))


def verify(secret: str, received: Received) -> bool:
    """As a receiver does it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = received.headers["webhook-timestamp"]
    content = f"{received.id}.{stamp}.".encode() + received.body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    sent = received.headers["webhook-signature"].split()
    return any(hmac.compare_digest(f"v1,{expected}", one) for one in sent)


def failing(db: Database) -> int:
    with db.reading(SYSTEM) as tx:
        return failing_endpoints(tx)


def test_an_event_arrives_signed_and_as_the_feed_tells_it(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    order = make.place(shop, {"tea": 1})

    assert deliver(db) == 1

    (got,) = receiver.got
    with db.reading(SYSTEM) as tx:
        entry = next(e for e in read_feed(tx, 0, 100) if e.kind == "order.placed")
    assert issued.secret is not None
    assert verify(issued.secret, got)
    assert got.message["id"] == got.id == f"evt_{order.id.hex}_1"
    assert got.message["type"] == "order.placed"
    assert got.message["data"]["position"] == entry.position
    assert got.message["data"]["stream_id"] == str(order.id)
    assert got.message["data"]["body"] == entry.body
    assert deliver(db) == 0
    assert_well(db)


def test_what_happened_before_and_what_nobody_wants_is_not_sent(
    db: Database, receiver: Receiver
) -> None:
    shop = make.shop(db)
    make.place(shop, {"tea": 1})
    create(db, receiver.url, ["order.units_cancelled"])
    order = make.place(shop, {"tea": 1})
    cancel(db, order.id)

    deliver(db)

    assert [r.message["type"] for r in receiver.got] == ["order.units_cancelled"]


def test_a_later_event_waits_for_the_earlier_one_of_its_order(
    db: Database, receiver: Receiver
) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url)
    first, second = make.place(shop, {"tea": 1}), make.place(shop, {"tea": 1})
    cancel(db, first.id)
    broken = f"evt_{first.id.hex}_1"
    receiver.reply = lambda r: Reply(500 if r.id == broken else 200)
    deliver(db)

    assert {r.id for r in receiver.got if first.id.hex in r.id} == {broken}
    assert any(second.id.hex in r.id for r in receiver.got)
    assert_well(db)

    receiver.reply = lambda _r: Reply()
    receiver.got.clear()
    let_time_pass(db, issued.id, 10)
    deliver(db)

    seqs = [seq for _kind, seq in receiver.events]
    assert seqs == sorted(seqs)
    assert seqs[0] == 1
    assert len(seqs) >= 2


@pytest.mark.parametrize("status", [500, 404, 302, 429])
def test_what_was_not_taken_is_tried_again_after_its_pause(
    db: Database, receiver: Receiver, status: int
) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    receiver.reply = lambda _r: Reply(status)

    assert deliver(db) == 1
    let_time_pass(db, issued.id, 3)
    assert deliver(db) == 0
    let_time_pass(db, issued.id, 3)
    assert deliver(db) == 1
    let_time_pass(db, issued.id, 200)
    assert deliver(db) == 0
    receiver.reply = lambda _r: Reply()
    let_time_pass(db, issued.id, 200)
    assert deliver(db) == 1

    log = attempts(db, issued.id)
    assert [(a.attempt, a.status) for a in log] == [(1, status), (2, status), (3, 200)]
    assert len({r.id for r in receiver.got}) == 1
    assert len({r.body for r in receiver.got}) == 1
    assert {a.state for a in log} == {"sent"}


def test_a_receiver_that_is_not_there_or_silent_is_tried_again(db: Database) -> None:
    shop = make.shop(db)
    with receiving() as receiver:
        gone = receiver.url
    issued = create(db, gone, ["order.placed"])
    make.place(shop, {"tea": 1})
    assert deliver(db) == 1

    with receiving() as silent:
        gate = threading.Event()
        silent.reply = lambda _r: Reply(gate=gate)
        with db.connection() as conn:
            conn.execute("UPDATE webhooks.endpoint SET url = %s", (silent.url,))
        let_time_pass(db, issued.id, 10)
        assert deliver(db, caller=HttpCaller(lan=True, timeout_s=0.3)) == 1
        gate.set()

    refused, late = attempts(db, issued.id)
    assert refused.error.startswith("Could not connect")
    assert late.error == "No answer within 0.3 seconds"
    assert late.state == "waiting"
    assert late.retry_at is not None


def test_what_the_receiver_asks_to_wait_is_kept(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    receiver.reply = lambda _r: Reply(429, {"retry-after": "100"})
    deliver(db)
    make.place(shop, {"tea": 1})

    let_time_pass(db, issued.id, 90)
    assert deliver(db) == 0
    receiver.reply = lambda _r: Reply()
    let_time_pass(db, issued.id, 20)
    assert deliver(db) == 2


def test_a_receiver_that_is_gone_is_switched_off(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    receiver.reply = lambda _r: Reply(410)
    deliver(db)
    make.place(shop, {"tea": 1})

    assert deliver(db) == 0
    webhook = read(db, issued.id)
    assert (webhook.active, webhook.off_reason) == (False, "gone")
    assert failing(db) == 1
    assert_well(db)


def test_five_days_of_failures_switch_an_endpoint_off(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    receiver.reply = lambda _r: Reply(500)
    deliver(db)
    let_time_pass(db, issued.id, 4 * 86_400)
    deliver(db)
    assert read(db, issued.id).active
    let_time_pass(db, issued.id, 86_400 + 60)
    deliver(db)

    webhook = read(db, issued.id)
    assert (webhook.active, webhook.off_reason) == (False, "failing")
    assert failing(db) == 1


def test_a_message_is_given_up_after_ten_tries_and_the_next_one_goes(
    db: Database, receiver: Receiver
) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed", "order.units_cancelled"])
    order = make.place(shop, {"tea": 1})
    cancel(db, order.id)
    first = f"evt_{order.id.hex}_1"
    receiver.reply = lambda r: Reply(400 if r.id == first else 200)
    for _ in range(11):
        deliver(db)
        with db.connection() as conn:
            # Not so long that the endpoint is switched off.
            conn.execute("UPDATE webhooks.message SET due_at = now() WHERE due_at IS NOT NULL")
            conn.execute("UPDATE webhooks.progress SET resume_at = now()")

    log = attempts(db, issued.id)
    assert [a.attempt for a in log if a.status == 400] == list(range(1, 11))
    assert [a.state for a in log if a.status == 400] == ["gave_up"] * 10
    assert [a.kind for a in log if a.status == 200] == ["order.units_cancelled"]


def test_one_that_is_down_is_tried_with_one_message_and_caught_up_when_it_is_back(
    db: Database, receiver: Receiver
) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    for _ in range(12):
        make.place(shop, {"tea": 1})
    receiver.reply = lambda _r: Reply(503)

    assert deliver(db) == 8
    let_time_pass(db, issued.id, 200)
    assert deliver(db) == 1
    receiver.reply = lambda _r: Reply()
    let_time_pass(db, issued.id, 320)
    receiver.got.clear()
    deliver(db)

    assert len({r.id for r in receiver.got}) == 12
    assert failing(db) == 0


def test_both_secrets_sign_for_a_day_after_rotation(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    rotated = issue_secret(db, make.BOSS, WebhookKey(endpoint_id=issued.id))
    make.place(shop, {"tea": 1})
    deliver(db)
    let_time_pass(db, issued.id, 86_400)
    make.place(shop, {"tea": 1})
    deliver(db)

    during, after = receiver.got
    assert issued.secret is not None
    assert rotated.secret is not None
    assert issued.secret != rotated.secret
    assert verify(issued.secret, during)
    assert verify(rotated.secret, during)
    assert not verify(issued.secret, after)
    assert verify(rotated.secret, after)


def test_one_message_is_sent_again(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    make.place(shop, {"tea": 1})
    deliver(db)
    first = attempts(db, issued.id)[0]

    ask = ReplayWebhook(endpoint_id=issued.id, position=first.position)
    run(db, make.BOSS, replay_webhook, ask)
    deliver(db)

    assert [r.message["data"]["position"] for r in receiver.got].count(first.position) == 2
    assert len(receiver.got) == 3


def test_all_since_an_instant_is_sent_again_even_what_never_was(
    db: Database, receiver: Receiver
) -> None:
    shop = make.shop(db)
    old = make.place(shop, {"tea": 1})
    feed(db)
    with make.owner(db) as conn:
        conn.execute("UPDATE platform.event SET at = '2020-01-01 00:00Z'")
    before = make.place(shop, {"tea": 1})
    issued = create(db, receiver.url, ["order.placed"])
    after = make.place(shop, {"tea": 1})
    deliver(db)

    ask = ReplayWebhook(endpoint_id=issued.id, since=make.at("2021-01-01T00:00+00:00"))
    run(db, make.BOSS, replay_webhook, ask)
    deliver(db)

    ids = [r.message["data"]["stream_id"] for r in receiver.got]
    assert ids.count(str(after.id)) == 2
    assert ids.count(str(before.id)) == 1
    assert str(old.id) not in ids


def test_a_ping_reaches_its_endpoint_alone(db: Database, receiver: Receiver) -> None:
    make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    create(db, receiver.url.replace("/hooks", "/other"), ["*"])
    deliver(db)
    receiver.got.clear()

    run(db, make.BOSS, ping_webhook, WebhookKey(endpoint_id=issued.id))
    deliver(db)

    assert [(r.path, r.message["type"]) for r in receiver.got] == [("/hooks", "webhook.pinged")]


def test_an_endpoint_of_a_channel_sees_nothing_of_others(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    create(db, receiver.url, ["*"], channels=["web"])
    order = make.place(shop, {"tea": 1})
    other = make.place(shop, {"tea": 1})
    with db.connection() as conn:
        conn.execute(
            "UPDATE orders.sales_order SET channel_id = gen_random_uuid() WHERE id = %s",
            (other.id,),
        )
    deliver(db)

    assert {r.message["data"]["stream_id"] for r in receiver.got} == {str(order.id)}


def test_what_was_sent_but_not_noted_is_sent_again(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    feed(db)
    program = (
        "import os, sys, uuid\n"
        "from ordito.adapters.webhook_http import HttpCaller\n"
        "from ordito.flows.deliver_webhooks import serve_endpoint\n"
        "from ordito.platform.database import Database\n"
        "def call(c):\n"
        "    HttpCaller(lan=True)(c)\n"
        "    os.kill(os.getpid(), 9)\n"
        "serve_endpoint(Database(sys.argv[1]).open(), uuid.UUID(sys.argv[2]), call)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, db.dsn, str(issued.id)],
        timeout=60,
        check=False,
        env=os.environ,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(receiver.got) == 1

    assert deliver(db) == 0, "the lease of the killed worker still runs"
    let_time_pass(db, issued.id, 60)
    assert deliver(db) == 1

    assert len({r.id for r in receiver.got}) == 1
    assert len(receiver.got) == 2


def test_two_workers_do_not_send_the_same_message(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    feed(db)
    within: list[int] = []

    def call(_call: Call) -> Outcome:
        within.append(serve_endpoint(db, issued.id, call))
        return Outcome(200, 1, "", "")

    assert serve_endpoint(db, issued.id, call) == 1
    assert within == [0]


def test_a_slow_endpoint_delays_no_other(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    gate = threading.Event()
    with receiving() as slow:
        slow.reply = lambda _r: Reply(gate=gate)
        create(db, slow.url, ["order.placed"])
        create(db, receiver.url, ["order.placed"])
        worker = Worker(db, crews=[webhook_crew(lan=True)], poll_s=0.1)
        worker.start()
        for _ in range(3):
            make.place(shop, {"tea": 1})
        receiver.wait_for(3)
        slow.wait_for(1)
        gate.set()
        slow.wait_for(3)
        assert worker.stop(timeout_s=10) == []

    assert len({r.id for r in receiver.got}) == 3


def test_health_says_what_waits(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    receiver.reply = lambda _r: Reply(500)
    deliver(db)

    with db.reading(SYSTEM) as tx:
        health = read_health(tx)[issued.id]
    assert (health.behind, health.waiting, health.failures) == (0, 1, 1)
    assert health.failing_since is not None
    assert failing(db) == 0


def test_old_messages_are_forgotten_and_waiting_ones_kept(db: Database, receiver: Receiver) -> None:
    shop = make.shop(db)
    issued = create(db, receiver.url, ["order.placed"])
    make.place(shop, {"tea": 1})
    deliver(db)
    receiver.reply = lambda _r: Reply(500)
    make.place(shop, {"tea": 1})
    deliver(db)
    with db.connection() as conn:
        conn.execute("UPDATE webhooks.message SET taken_at = now() - interval '31 days'")
        conn.execute("UPDATE webhooks.attempt SET at = now() - interval '31 days'")

    assert prune_messages(db) == 3

    assert attempts(db, issued.id) == []
    with db.reading(SYSTEM) as tx:
        assert read_health(tx)[issued.id].waiting == 1
    assert due_endpoints(db) == []
