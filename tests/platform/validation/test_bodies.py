"""Input becomes structs, or a problem with all its faults."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta

from ordito.platform.problems import BodyTooLarge, InvalidInput, MalformedBody
from ordito.platform.validation import convert, decode, decode_many

Price = Annotated[
    Decimal, Meta(extra={"digits": 18, "decimal_places": 6, "ge": Decimal(0)}, description="exact")
]


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: Annotated[str, Meta(min_length=1, max_length=20)]
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    unit_price: Price | None = None
    title: str = ""


class Cash(msgspec.Struct, frozen=True, tag="cash", forbid_unknown_fields=True):
    amount: int


class Card(msgspec.Struct, frozen=True, tag="card", forbid_unknown_fields=True):
    last4: Annotated[str, Meta(pattern="^[0-9]{4}$")]


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    external_id: str | int
    lines: Annotated[list[Line], Meta(min_length=1, max_length=5)]
    placed_at: Annotated[datetime, Meta(tz=True)] | None = None
    due_on: date | None = None
    payment: Cash | Card | None = None
    mode: Literal["live", "history"] = "live"
    color: Color | None = None
    key: UUID | None = None
    count: int = 0
    share: Annotated[float, Meta(gt=0, lt=1)] | None = None
    rate: Decimal = Decimal(1)
    tags: list[str] = []
    labels: dict[Annotated[str, Meta(max_length=5)], int] = {}
    extra: Any = None


LEAN: dict[str, Any] = {
    "external_id": "A-1",
    "lines": [{"sku": "S1", "quantity": 2, "unit_price": "19.90"}],
}


def body(**changes: Any) -> bytes:
    return json.dumps(LEAN | changes).encode()


def line(**changes: Any) -> dict[str, Any]:
    return {"sku": "S1", "quantity": 2} | changes


def faults(kind: Any, content: bytes | str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        decode(kind, content)
    return [(fault.pointer, fault.code) for fault in caught.value.errors]


def detail(kind: Any, content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        decode(kind, content)
    assert len(caught.value.errors) == 1
    return caught.value.errors[0].detail


def test_a_lean_body_is_read_exactly() -> None:
    assert decode(Ask, body()) == Ask("A-1", [Line("S1", 2, Decimal("19.90"))])


def test_text_is_read_like_bytes() -> None:
    assert decode(Ask, body().decode()) == decode(Ask, body())


def test_defaults_spelled_out_are_read_like_defaults_left_out() -> None:
    spelled = body(placed_at=None, tags=[], labels={}, mode="live", count=0, extra=None)
    assert decode(Ask, spelled) == decode(Ask, body())


def test_colons_in_texts_do_no_harm() -> None:
    ask = decode(Ask, body(tags=[":", '":', "a:b"], placed_at="2026-11-21T10:00:00+01:00"))
    assert ask.tags == [":", '":', "a:b"]


def test_a_byte_order_mark_is_skipped() -> None:
    assert decode(Ask, b"\xef\xbb\xbf" + body()) == decode(Ask, body())
    assert len(decode_many(Ask, b"\xef\xbb\xbf[" + body() + b"]")) == 1


def test_all_faults_are_told_at_once_with_pointers() -> None:
    content = json.dumps(
        {
            "lines": [line(quantity=0), {"sku": "", "quantity": "two", "colour": 1}, 7],
            "placed_at": "2026-11-21T10:00:00",
            "due_on": "21.11.2026",
            "mode": "dead",
            "key": "nope",
            "count": 2**63,
            "share": 1,
            "rate": "a lot",
            "labels": {"too long": 1, "ok": "x"},
            "payment": {"type": "card", "last4": "12"},
            "color": "green",
            "a/b~c": 1,
        }
    ).encode()
    assert faults(Ask, content) == [
        ("/external_id", "required"),
        ("/lines/0/quantity", "too-small"),
        ("/lines/1/sku", "too-short"),
        ("/lines/1/quantity", "type"),
        ("/lines/1/colour", "unknown-field"),
        ("/lines/2", "type"),
        ("/placed_at", "time-zone"),
        ("/due_on", "date"),
        ("/payment/last4", "pattern"),
        ("/mode", "not-a-choice"),
        ("/color", "not-a-choice"),
        ("/key", "uuid"),
        ("/count", "too-large"),
        ("/share", "too-large"),
        ("/rate", "decimal"),
        ("/labels/ok", "type"),
        ("/labels/too long", "too-long"),
        ("/a~1b~0c", "unknown-field"),
    ]


def test_a_single_fault_is_the_detail_of_the_problem() -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(Ask, body(lines=[line(quantity="2")]))
    assert caught.value.detail == 'Expected a whole number, got the text "2".'


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lines": []}, "Expected at least 1 entries, got 0."),
        ({"lines": None}, "Expected a list, got null."),
        (
            {"lines": [line(qantity=1)]},
            "There is no field “qantity” here; did you mean “quantity”?",
        ),
        ({"mode": "dead"}, 'Expected one of history, live, got the text "dead".'),
        ({"payment": {"type": "iou"}}, 'Expected one of cash, card, got the text "iou".'),
        ({"payment": {}}, "“type” is missing; it says which kind this is: cash, card."),
        ({"external_id": True}, "Expected text or a whole number, got true."),
        ({"external_id": []}, "Expected text or a whole number, got a list."),
        ({"tags": ["a\0b"]}, "The text holds a NUL character (\\u0000); remove it."),
        ({"due_on": "0001-01-01"}, "Expected a year from 2 to 9998, got 1."),
        (
            {"lines": [line(unit_price="1.1234567")]},
            'Expected at most 6 digits after the point, got the text "1.1234567".',
        ),
        ({"lines": [line(unit_price="-1")]}, "Expected a number from 0, got the number -1."),
        (
            {"lines": [line(unit_price="1e12")]},
            'Expected at most 12 digits before the point, got the text "1e12".',
        ),
    ],
)
def test_details_say_what_is_expected_and_what_came(change: dict[str, Any], words: str) -> None:
    assert detail(Ask, body(**change)) == words


def test_long_values_and_keys_are_not_echoed() -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(Ask, body(mode="x" * 10_000, **{"k" * 10_000: 1}))
    for fault in caught.value.errors:
        assert len(fault.detail) < 160
        assert len(fault.pointer) < 50


def test_secrets_and_card_numbers_are_not_echoed() -> None:
    class Login(msgspec.Struct):
        password: Annotated[str, Meta(max_length=3)]
        pin: int
        note: Literal["a"]

    content = b'{"password": 5551234, "pin": "9876", "note": "4111 1111 1111 1111"}'
    with pytest.raises(InvalidInput) as caught:
        decode(Login, content)
    said = " ".join(fault.detail for fault in caught.value.errors)
    assert "5551234" not in said
    assert "9876" not in said
    assert "4111 1111 1111 1111" not in said
    assert "411111******1111" in said


def test_a_hundred_faults_are_listed_and_the_rest_counted() -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(list[int], json.dumps(["x"] * 250).encode())
    assert len(caught.value.errors) == 100
    assert caught.value.extra == {"errors_not_listed": 150}
    assert "250 faults" in caught.value.detail


LINES = '"lines":[{"sku":"S","quantity":1}]'


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ('{"external_id":"A","external_id":"B",LINES}', "/external_id"),
        (
            '{"external_id":"A","lines":[{"sku":"S","quantity":1,"quantity":1}]}',
            "/lines/0/quantity",
        ),
        ('{"external_id":"A","lines":[{"sku":"S","quantity":1,"sk\\u0075":"T"}]}', "/lines/0/sku"),
        ('{"external_id":"A",LINES,"labels":{"a":1,"a" :2}}', "/labels/a"),
        ('{"external_id":"A",LINES,"extra":{"x":[{"y":1,"y":2}]}}', "/extra/x/0/y"),
        ('{"external_id":"A",LINES,"tags":[],"tags":[]}', "/tags"),
        (
            '{"external_id":"A",LINES,"placed_at":"2026-11-21T10\\u003a00:00Z","count":0,"count":0}',
            "/count",
        ),
        (
            '{"external_id":"A",LINES,"payment":{"type":"cash","amount":1,"type":"cash"}}',
            "/payment/type",
        ),
    ],
)
def test_a_key_given_twice_is_refused_wherever_it_is(content: str, pointer: str) -> None:
    assert faults(Ask, content.replace("LINES", LINES)) == [(pointer, "duplicate-key")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"a" 1}',
        b"nonsense",
        b'{"external_id": NaN}',
        b"[1, -Infinity]",
        b'"\xff"',
        b'{"external_id": "\x00"}',
        b"[" * 100_000,
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 100_000,
        b"{} {}",
        '"\ud800"',
    ],
)
def test_what_is_no_json_is_malformed(content: bytes | str) -> None:
    with pytest.raises(MalformedBody) as caught:
        decode(Ask, content)
    assert len(caught.value.detail) < 200


def test_malformed_bodies_name_the_place() -> None:
    with pytest.raises(MalformedBody, match="line 2, column 1"):
        decode(Ask, b'{"external_id": 1,\n}')


def test_depth_in_free_form_fields_is_bounded() -> None:
    deepest = b"[" * 63 + b"]" * 63
    template = b'{"external_id":"A","lines":[{"sku":"S","quantity":1}],"extra":%b}'
    assert decode(Ask, template % deepest).extra is not None
    with pytest.raises(MalformedBody, match="64"):
        decode(Ask, template % (b"[%b]" % deepest))


def test_types_that_hold_themselves_are_bounded_in_depth() -> None:
    class Node(msgspec.Struct, forbid_unknown_fields=True):
        below: "list[Node]" = []

    def nested(levels: int) -> bytes:
        return b'{"below":[' * levels + b"]}" * levels

    # What is found under its name in the test's own function can't be resolved by msgspec.
    globals()["Node"] = Node
    assert len(decode(Node, nested(32)).below) == 1
    with pytest.raises(MalformedBody):
        decode(Node, nested(33))


def test_bodies_over_the_limit_are_too_large() -> None:
    with pytest.raises(BodyTooLarge, match="1,000,001"):
        decode(Ask, b" " * 1_000_001)
    with pytest.raises(BodyTooLarge):
        decode(Ask, body(), size_max=20)


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000b"])
def test_nul_is_refused_also_in_keys(text: str) -> None:
    content = f'{{"external_id":"A","lines":[{{"sku":"S","quantity":1}}],"extra":{{"{text}":1}}}}'
    assert [code for _, code in faults(Ask, content)] == ["nul-character"]


def test_a_written_backslash_u0000_is_no_nul() -> None:
    assert decode(Ask, body(tags=["\\u0000", "é"])).tags == ["\\u0000", "é"]


def test_half_a_surrogate_pair_is_refused_with_its_place() -> None:
    content = b'{"external_id":"A","lines":[{"sku":"\\ud83d","quantity":1}],"\\udc00":1}'
    assert faults(Ask, content) == [
        ("/lines/0/sku", "lone-surrogate"),
        ("/\\udc00", "unknown-field"),
    ]
    msgspec.json.encode(faults(Ask, content))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("9223372036854775808", "too-large"),
        ("-9223372036854775809", "too-small"),
        ("9" * 30, "too-large"),
        ("9" * 500, "too-large"),
        ("-" + "9" * 5000, "too-small"),
    ],
)
def test_integers_beyond_64_bits_are_refused(number: str, code: str) -> None:
    content = body().replace(b'"external_id"', b'"count":%b,"external_id"' % number.encode())
    assert faults(Ask, content) == [("/count", code)]


def test_integers_to_the_edge_of_64_bits_are_kept() -> None:
    for number in (2**63 - 1, -(2**63), 2**53 + 1):
        assert decode(Ask, body(count=number)).count == number


def test_ids_of_other_systems_are_kept_exactly_as_integer_or_text() -> None:
    for identity in (2**53 + 1, 2**64 + 1, 10**39 + 1, "9007199254740993", "00042"):
        got = decode(Ask, body(external_id=identity)).external_id
        assert got == identity
        assert type(got) is type(identity)
    assert faults(Ask, body(external_id=10**40)) == [("/external_id", "too-large")]
    assert faults(Ask, body(external_id=1.5)) == [("/external_id", "type")]


@pytest.mark.parametrize(
    "text", ["0.1", "0.10", "19.99", "123456789012.123456", "1e5", "0", "1E+3"]
)
def test_decimals_are_kept_exactly_from_number_and_text(text: str) -> None:
    for written in (text, f'"{text}"'):
        content = b'{"sku":"S","quantity":1,"unit_price":%b}' % written.encode()
        assert str(decode(Line, content).unit_price) == str(Decimal(text))


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-inf", "", "abc", "1,5"])
def test_what_is_no_number_is_no_decimal(text: str) -> None:
    assert faults(Ask, body(rate=text)) == [("/rate", "decimal")]


@pytest.mark.parametrize("text", ["1e999999999", "1e16", "-1e16", "9" * 5000])
def test_decimals_without_limits_of_their_own_have_16_digits_before_the_point(text: str) -> None:
    assert faults(Ask, body(rate=text)) == [("/rate", "too-large")]
    content = body().replace(b'"external_id"', b'"rate":%b,"external_id"' % text.encode())
    assert faults(Ask, content) == [("/rate", "too-large")]


def test_decimals_are_not_silently_rounded() -> None:
    assert faults(Ask, body(rate="1e-999999999")) == [("/rate", "too-precise")]
    assert faults(Ask, body(rate="0.1234567890123")) == [("/rate", "too-precise")]
    assert decode(Ask, body(rate="1234567890123456.123456789012")).rate == Decimal(
        "1234567890123456.123456789012"
    )


def test_a_line_feed_does_not_slip_past_the_end_of_a_pattern() -> None:
    assert faults(Card, b'{"last4":"1234\\n"}') == [("/last4", "pattern")]


def test_a_rule_in_a_structs_own_code_is_told_with_its_place() -> None:
    class Span(msgspec.Struct):
        low: int
        high: int

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError("low must not be above high")

    class Spans(msgspec.Struct):
        spans: list[Span]

    with pytest.raises(InvalidInput) as caught:
        decode(Spans, b'{"spans":[{"low":1,"high":2},{"low":3,"high":2}]}')
    fault = caught.value.errors[0]
    assert (fault.pointer, fault.code, fault.detail) == (
        "/spans/1",
        "rule",
        "low must not be above high",
    )
    assert faults(Spans, b'{"spans":[{"low":1,"high":2,"low":1}]}') == [
        ("/spans/0/low", "duplicate-key")
    ]


def test_lists_may_be_the_whole_body() -> None:
    assert decode(list[int], b"[1,2]") == [1, 2]
    assert faults(list[int], b"{}") == [("", "type")]
    assert faults(dict[str, int], b'{"a":1,"a":1}') == [("/a", "duplicate-key")]


# Bulk bodies


def test_a_bad_entry_never_spoils_the_others() -> None:
    entries = [
        body(),
        b"17",
        body(lines=[line(quantity=0)]),
        body(external_id="A-2"),
        b'{"external_id":"A","external_id":"A","lines":[{"sku":"S","quantity":1}]}',
        body(extra="\0"),
        b"[" * 70 + b"]" * 70,
        b'{"external_id":"\xff"}',
    ]
    answers = decode_many(Ask, b"[" + b",".join(entries) + b"]")
    assert answers[0] == decode(Ask, body())
    assert answers[3] == decode(Ask, body(external_id="A-2"))
    refused = [answer for answer in answers if isinstance(answer, InvalidInput)]
    assert [[(f.pointer, f.code) for f in problem.errors] for problem in refused] == [
        [("", "type")],
        [("/lines/0/quantity", "too-small")],
        [("/external_id", "duplicate-key")],
        [("/extra", "nul-character")],
        [("", "malformed")],
        [("", "malformed")],
    ]


def test_a_bulk_body_that_is_no_list_is_refused_whole() -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_many(Ask, body())
    assert [(f.pointer, f.code) for f in caught.value.errors] == [("", "type")]
    with pytest.raises(MalformedBody, match="line 1"):
        decode_many(Ask, b'[{"external_id": 1}, {"external_id" 2}]')
    with pytest.raises(MalformedBody):
        decode_many(Ask, b"[" * 100_000)


def test_a_bulk_body_is_bounded_in_bytes_entries_and_values() -> None:
    with pytest.raises(BodyTooLarge):
        decode_many(Ask, body(), size_max=10)
    with pytest.raises(InvalidInput, match="at most 2 entries, got 3"):
        decode_many(Ask, b"[1,2,3]", items_max=2)
    with pytest.raises(BodyTooLarge, match="2,000,000 values"):
        decode_many(Ask, b"[" + b"1," * 2_000_001 + b"1]")


def test_an_empty_list_has_no_entries() -> None:
    assert decode_many(Ask, b"[]") == []


# Values that Python holds already


def test_forms_may_write_numbers_as_text_when_not_strict() -> None:
    form = {"external_id": "7", "lines": [{"sku": "S", "quantity": "3", "unit_price": "1.50"}],
            "count": "-4", "share": "0.5"}  # fmt: skip
    ask = convert(Ask, form, strict=False)
    assert ask == Ask("7", [Line("S", 3, Decimal("1.50"))], count=-4, share=0.5)
    with pytest.raises(InvalidInput) as caught:
        convert(Ask, form)
    assert [f.pointer for f in caught.value.errors] == ["/lines/0/quantity", "/count", "/share"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"count": "9223372036854775808"}, ("/count", "too-large")),
        ({"count": "-" + "9" * 5000}, ("/count", "too-small")),
        ({"count": "twelve"}, ("/count", "type")),
        ({"share": "nan"}, ("/share", "too-large")),
        ({"share": float("nan")}, ("/share", "too-large")),
        ({"placed_at": "12"}, ("/placed_at", "date-time")),
        ({"extra": "a\0"}, ("/extra", "nul-character")),
        ({"extra": ["\ud800"]}, ("/extra/0", "lone-surrogate")),
        ({"extra": {"x": float("inf")}}, ("/extra/x", "too-large")),
    ],
)
def test_lax_values_are_held_to_the_same_bounds(
    change: dict[str, Any], fault: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        convert(Ask, LEAN | change, strict=False)
    assert [(f.pointer, f.code) for f in caught.value.errors] == [fault]


def test_values_that_are_python_objects_already_are_kept() -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    key = UUID("019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90")
    ask = convert(Ask, LEAN | {"placed_at": at, "key": key, "rate": Decimal("1.5")})
    assert (ask.placed_at, ask.key, ask.rate) == (at, key, Decimal("1.5"))
