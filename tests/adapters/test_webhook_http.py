"""Calls end in time, follow nobody, and stay out of this network."""

import socket
import threading

import pytest

from ordito.adapters.webhook_http import HttpCaller
from ordito.webhooks.calls import Call, Outcome
from tests.webhooks.receivers import Reply, receiving


def call(url: str, *, lan: bool = True, timeout_s: float = 5) -> Outcome:
    return HttpCaller(lan=lan, timeout_s=timeout_s)(Call(url, {"webhook-id": "evt_1"}, b"{}"))


def test_a_taken_message_is_an_outcome_without_error() -> None:
    with receiving() as receiver:
        receiver.reply = lambda _r: Reply(204)
        outcome = call(receiver.url)

    assert (outcome.status, outcome.error, outcome.taken) == (204, "", True)
    assert receiver.got[0].body == b"{}"
    assert receiver.got[0].headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0.0.0.0"])
def test_an_address_inside_is_never_connected_to(host: str) -> None:
    with receiving() as receiver:
        plain = call(f"http://{host}:{receiver.port}/", lan=False)
        secure = call(f"https://{host}:{receiver.port}/", lan=False)

    assert receiver.got == []
    assert plain.status is None
    assert secure.status is None
    assert "https" in plain.error
    assert "private network" in secure.error


def test_a_name_that_leads_inside_is_refused_when_it_is_resolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(*_given: object, **_named: object) -> list[object]:
        family, kind = socket.AF_INET, socket.SOCK_STREAM
        return [
            (family, kind, 6, "", ("93.184.216.34", 443)),
            (family, kind, 6, "", ("169.254.169.254", 443)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    outcome = call("https://rebinding.example/", lan=False)

    assert outcome.status is None
    assert "private network" in outcome.error


def test_redirects_are_not_followed() -> None:
    with receiving() as receiver, receiving() as other:
        receiver.reply = lambda _r: Reply(307, {"location": other.url})
        outcome = call(receiver.url)

    assert outcome.status == 307
    assert "redirects are not followed" in outcome.error
    assert other.got == []


def test_an_answer_is_kept_up_to_a_kilobyte() -> None:
    with receiving() as receiver:
        receiver.reply = lambda _r: Reply(500, body=b"x" * 5_000_000)
        outcome = call(receiver.url)

    assert outcome.status == 500
    assert outcome.answer == "x" * 1024


def test_what_an_answer_tells_of_people_is_masked() -> None:
    with receiving() as receiver:
        receiver.reply = lambda _r: Reply(400, body=b"no user anna@example.com\0")
        outcome = call(receiver.url)

    assert outcome.answer == "no user ***"


def test_what_the_receiver_asks_to_wait_is_read() -> None:
    with receiving() as receiver:
        receiver.reply = lambda _r: Reply(429, {"retry-after": "120"})
        assert call(receiver.url).retry_after_s == 120
        receiver.reply = lambda _r: Reply(503, {"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"})
        assert (call(receiver.url).retry_after_s or 0) > 10**9
        receiver.reply = lambda _r: Reply(503, {"retry-after": "soon"})
        assert call(receiver.url).retry_after_s is None


def test_a_receiver_that_never_answers_costs_the_timeout() -> None:
    gate = threading.Event()
    with receiving() as receiver:
        receiver.reply = lambda _r: Reply(200, gate=gate)
        outcome = call(receiver.url, timeout_s=0.3)
        gate.set()

    assert outcome.status is None
    assert outcome.error == "No answer within 0.3 seconds"
    assert 250 <= outcome.ms < 3_000


def test_a_byte_now_and_then_is_no_way_around_the_timeout() -> None:
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        client, _ = listener.accept()
        client.recv(10_000)
        client.sendall(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            try:
                client.sendall(b"x")
            except OSError:
                break
        client.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        outcome = call(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout_s=0.5)
        over.set()
        thread.join(5)

    assert outcome.status is None
    assert outcome.ms < 3_000


def test_nobody_at_the_port_is_told_without_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = call(f"http://127.0.0.1:{port}/secret-path")

    assert outcome.status is None
    assert outcome.error.startswith("Could not connect")
    assert "secret-path" not in outcome.error


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with receiving() as receiver:
        outcome = call(f"https://127.0.0.1:{receiver.port}/")

    assert outcome.status is None
    assert outcome.error.startswith("TLS")
    assert receiver.got == []
