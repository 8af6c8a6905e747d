"""What is written to the log, and what never is."""

import io
import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
import structlog

from ordito.platform import logs


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def logged(event: str, **values: Any) -> dict[str, Any]:
    """What one event looks like after it was written as JSON."""
    out = io.StringIO()
    logs.configure("debug", "json", out)
    structlog.get_logger().info(event, **values)
    (line,) = lines(out)
    return line


def test_an_event_is_one_line_of_json() -> None:
    line = logged("order placed", order="1042", lines=3, seconds=0.25, ok=True, none=None)
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "info",
        "event": "order placed",
        "order": "1042",
        "lines": 3,
        "seconds": 0.25,
        "ok": True,
        "none": None,
    }


def test_the_request_at_work_is_on_every_line_logged_meanwhile() -> None:
    out = io.StringIO()
    logs.configure("info", "json", out)
    with logs.working_on("req-1"):
        structlog.get_logger().info("inside")
        logging.getLogger("psycopg").warning("also inside")
    structlog.get_logger().info("outside")
    assert [line.get("request_id") for line in lines(out)] == ["req-1", "req-1", None]


def test_events_below_the_level_are_not_written() -> None:
    out = io.StringIO()
    logs.configure("warning", "json", out)
    structlog.get_logger().info("quiet")
    logging.getLogger("anything").info("quiet")
    logging.getLogger("anything").warning("loud")
    assert [line["event"] for line in lines(out)] == ["loud"]


def test_secrets_and_personal_data_are_masked_at_any_depth() -> None:
    class Person(msgspec.Struct):
        id: int
        email: str
        first_name: str

    line = logged(
        "login",
        password="hunter22",
        headers={"Authorization": "Bearer abcdef123", "Accept": "*/*"},
        customer=Person(7, "ann@example.com", "Ann"),
        rows=[{"phone": "+48 600 100 200", "sku": "A-1"}],
        token=12345,
    )
    assert line["password"] == "***"
    assert line["token"] == "***"
    assert line["headers"] == {"Authorization": "***", "Accept": "*/*"}
    assert line["customer"] == {"id": 7, "email": "***", "first_name": "***"}
    assert line["rows"] == [{"phone": "***", "sku": "A-1"}]


def test_cards_and_addresses_inside_texts_are_masked() -> None:
    paid = "paid with 4111 1111 1111 1111"
    line = logged(paid, said="ann@example.com wrote", number=4111111111111111)
    assert line["event"] == "paid with 411111******1111"
    assert line["said"] == "*** wrote"
    assert line["number"] == "411111******1111"


def test_an_address_at_the_cut_of_a_long_text_is_masked_whole() -> None:
    line = logged("long", said="x" * (logs.TEXT_MAX - 5) + " ann@example.com" + "y" * 5000)
    assert "ann" not in line["said"]
    assert len(line["said"]) < logs.TEXT_MAX + 100


def test_other_values_are_written_as_their_text() -> None:
    identity = UUID("019a7f3c-5c1e-7c3a-9b1f-2f6f3a1d8e90")
    line = logged("x", id=identity, price=Decimal("1.50"), body=b"1234", big=10**30, huge=10**5000)
    assert line["id"] == str(identity)
    assert line["price"] == "1.50"
    assert line["body"] == "(4 bytes)"
    assert line["big"] == str(10**30)
    assert line["huge"] == "(a longer integer)"


def test_long_and_deep_values_are_cut() -> None:
    deep: Any = "bottom"
    for _ in range(50):
        deep = [deep]
    line = logged("x", many=list(range(500)), deep=deep)
    assert len(line["many"]) == 51
    assert line["many"][-1] == "… (500 in all)"
    assert "bottom" not in json.dumps(line)


INJECTION = 'ok\n{"level":"error","event":"forged"}\r\x1b[31mred\x1b[0m\u202egnp\u2028next\ud800'


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_value_can_not_forge_a_line_or_steer_the_terminal(form: logs.LogFormat) -> None:
    out = io.StringIO()
    logs.configure("info", form, out)
    log = structlog.get_logger()
    log.info(INJECTION, value=INJECTION, **{"na\nme": 1})
    written = out.getvalue()
    assert written.count("\n") == 1
    assert not set(written) & set("\r\x1b\u202e\u2028\ud800")


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_exception_is_written_with_its_traceback_masked(form: logs.LogFormat) -> None:
    out = io.StringIO()
    logs.configure("info", form, out)
    try:
        raise ValueError("no card 4111111111111111\n2026-11-21 [info] forged \x1b[2J")
    except ValueError:
        structlog.get_logger().exception("it broke")
    written = out.getvalue()
    assert "ValueError" in written
    assert "test_logs.py" in written
    assert "4111111111111111" not in written
    assert "\x1b" not in written
    assert not any(line.startswith("2026-11-21 [info] forged") for line in written.splitlines())


def test_loggers_of_the_server_are_routed_in() -> None:
    server = logging.getLogger("uvicorn.access")
    server.addHandler(logging.StreamHandler())
    server.propagate = False
    out = io.StringIO()
    logs.configure("info", "json", out)
    server.info('%s - "%s %s HTTP/%s" %d', "10.0.0.1:1", "GET", "/x?token=abc", "1.1", 200)
    (line,) = lines(out)
    assert server.handlers == []
    assert line["logger"] == "uvicorn.access"
    assert line["event"] == '10.0.0.1:1 - "GET /x?token=*** HTTP/1.1" 200'


def test_console_lines_have_no_colors_in_a_file() -> None:
    out = io.StringIO()
    logs.configure("info", "console", out)
    structlog.get_logger().info("order placed", order="1042")
    assert "order placed" in out.getvalue()
    assert "order=1042" in out.getvalue()
    assert "\x1b" not in out.getvalue()
