"""Signatures are those of Standard Webhooks."""

import base64

from ordito.webhooks.signatures import new_secret, show_secret, sign


def test_the_example_of_the_specification_gives_its_signature() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'

    signature = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_secret_signs() -> None:
    old, new = new_secret(), new_secret()
    both = sign([new, old], "evt_1", 1, b"{}")
    assert both == f"{sign([new], 'evt_1', 1, b'{}')} {sign([old], 'evt_1', 1, b'{}')}"


def test_a_secret_has_256_bits_and_says_what_it_is() -> None:
    shown = show_secret(new_secret())
    assert shown.startswith("whsec_")
    assert len(base64.b64decode(shown.removeprefix("whsec_"))) == 32
