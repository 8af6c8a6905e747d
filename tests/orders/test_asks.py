"""Asks as they come over the wire: read strictly, every fault pointed at."""

import msgspec
import pytest
from msgspec import UNSET

from ordito.fulfillment import asks as work_asks
from ordito.kernel.ids import new_id
from ordito.orders import asks
from ordito.platform.problems import InvalidInput
from ordito.platform.validation import decode

ID = new_id()


def read(ask: type, **fields: object) -> object:
    return decode(ask, msgspec.json.encode({"order_id": ID} | fields))


def test_units_are_asked_by_line_number() -> None:
    ask = read(asks.CancelOrder, reason="x", lines={"1": 2, "12": 1})

    assert ask == asks.CancelOrder(order_id=ID, reason="x", lines={"1": 2, "12": 1})


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        ({"0": 1}, [("/lines/0", "pattern")]),
        ({"one": 1}, [("/lines/one", "pattern")]),
        ({"01": 1}, [("/lines/01", "pattern")]),
        ({"1": 0}, [("/lines/1", "too-small")]),
        ({"1": -1}, [("/lines/1", "too-small")]),
        ({"1": 1.5}, [("/lines/1", "type")]),
        ({"1": 10**30}, [("/lines/1", "too-large")]),
        ({}, [("/lines", "too-short")]),
    ],
)
def test_units_that_make_no_sense_are_pointed_at(
    lines: dict[str, object], faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(asks.CancelOrder, reason="x", lines=lines)

    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == faults


def test_what_is_left_out_of_a_mark_stays_and_null_takes_the_code_away() -> None:
    assert read(asks.MarkOrder, kind="b2b") == asks.MarkOrder(order_id=ID, kind="b2b", code=UNSET)
    assert read(asks.MarkOrder, code=None) == asks.MarkOrder(order_id=ID, code=None)


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        read(asks.CancelOrder, reason="x", refund=True)

    assert [(f.pointer, f.code) for f in caught.value.errors] == [("/refund", "unknown-field")]


def test_every_ask_can_be_read() -> None:
    fields = {"order_id": str(ID), "fo_no": 3, "version": 7}
    given = fields | {"lines": {"1": 1}, "parts": {"1": ["cup"]}}
    short = decode(work_asks.ReportShort, msgspec.json.encode(given))
    assert short.parts == {"1": ("cup",)}
    pack = decode(work_asks.PackUnits, msgspec.json.encode(fields | {"scans": [{"code": "a"}]}))
    assert pack.scans == (work_asks.Scan("a", 1),)
    ship = decode(work_asks.ShipUnits, msgspec.json.encode(fields | {"carrier": "DHL"}))
    assert (ship.version, ship.carrier) == (7, "DHL")
    hold = {"order_id": str(ID), "holds": [{"reason": "x", "owner_id": str(ID)}]}
    assert decode(asks.HoldOrder, msgspec.json.encode(hold)).holds[0].owner_id == ID
