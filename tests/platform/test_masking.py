"""What must not be repeated."""

import pytest

from ordito.platform.masking import is_personal, is_secret, mask_cards, mask_text, passes_luhn


@pytest.mark.parametrize(
    "name",
    ["password", "newPassword", "passwd", "Authorization", "Cookie", "set-cookie", "api_key",
     "X-Api-Key", "apiKey", "token", "csrf_token", "X-CSRF-Token", "key", "idempotency_key",
     "client_secret", "webhook_key", "database_url", "owner_url", "pin", "cvv", "totp",
     "session_id", "card"],
)  # fmt: skip
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name", ["email", "E-Mail", "phone", "shipping_address", "first_name", "customer_name",
             "postal_code", "line1", "street", "recipient", "note", "ship_to"],
)  # fmt: skip
def test_names_of_personal_data_are_known(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize(
    "name", ["order_id", "key_id", "keyboard", "monkey", "status", "route", "sku", "lines",
             "line_no", "seconds", "passed", "country", "channel", "spinner", "pipeline"],
)  # fmt: skip
def test_names_of_other_things_are_left_alone(name: str) -> None:
    assert not is_secret(name)
    assert not is_personal(name)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111111111111111", "411111******1111"),
        ("pay 4111 1111 1111 1111 now", "pay 411111******1111 now"),
        ("4111-1111-1111-1111", "411111******1111"),
        ("378282246310005", "378282*****0005"),
        ("4222222222222", "422222***2222"),
        ("6304000000000000000", "630400*********0000"),
        ("4111 1111 1111 1111 12 28", "411111******1111 12 28"),
        ("43 4111111111111111 5555555555554444", "43 411111******1111 555555******4444"),
        ("4111111111111112", "4111111111111112"),
        ("41111111111111111111111", "41111111111111111111111"),
        ("order 1042 of 2026-11-21 10:30", "order 1042 of 2026-11-21 10:30"),
        ("", ""),
    ],
)
def test_card_numbers_are_cut_to_first_six_and_last_four(text: str, masked: str) -> None:
    assert mask_cards(text) == masked


def test_the_check_digit_is_luhns() -> None:
    assert passes_luhn("79927398713")
    assert not passes_luhn("79927398710")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail to ann.k@example.com failed", "mail to *** failed"),
        ("<ann@example.co.uk>", "<***>"),
        ("postgresql://ordito:s3cret@db:5432/x", "postgresql://ordito:***@db:5432/x"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("GET /login?token=abc123&next=/orders", "GET /login?token=***&next=/orders"),
        ("host=db password=s3cret user=x", "host=db password=*** user=x"),
        ("Key (email)=(ann@example.com) already exists.", "Key (email)=(***) already exists."),
        ("Failing row contains (1, Ann, Kowalska).", "Failing row contains (***)."),
        ("3 orders placed", "3 orders placed"),
    ],
)
def test_free_text_loses_what_must_not_be_logged(text: str, masked: str) -> None:
    assert mask_text(text) == masked
