"""Packing: what is scanned must be what was picked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ordito.flows.pack_units import pack_units
from ordito.fulfillment.asks import PackUnits, Scan
from ordito.fulfillment.problems import ScanMismatch
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed
from tests import make
from tests.flows import acts


def barcode(shop: make.Shop, sku: str, code: str) -> None:
    with shop.db.connection() as conn:
        conn.execute(
            "INSERT INTO catalog.barcode (code_key, code, item_id) VALUES (%s, %s, %s)",
            (code.lower(), code, shop.items[sku]),
        )


def scan(shop: make.Shop, order_id: UUID, scans: Sequence[tuple[str, int]], **fields: Any) -> Any:
    ask = PackUnits(
        order_id=order_id, fo_no=1, scans=tuple(Scan(code, qty) for code, qty in scans), **fields
    )
    return acts.do(shop.db, pack_units, ask)


def picked(shop: make.Shop, lines: dict[str, int]) -> UUID:
    order_id: UUID = make.place(shop, lines).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    return order_id


def test_skus_and_barcodes_are_scanned_in_any_order(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    barcode(shop, "tea", "5901234123457")
    order_id = picked(shop, {"tea": 3, "cup": 1})

    state = scan(shop, order_id, [("5901234123457", 2), (" CUP ", 1), ("tea", 1)])

    assert [acts.vector(state, no) for no in (1, 2)] == [{"packed": 3}, {"packed": 1}]
    assert acts.parts(state) == [("A", "packed")]
    assert acts.last_event(shop, order_id)["lines"] == {"1": 3, "2": 1}


def test_everything_wrong_in_the_box_is_told_at_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5, "jam": 1}})
    order_id = picked(shop, {"tea": 3, "cup": 1})

    problem = acts.refusal(
        shop, lambda: scan(shop, order_id, [("tea", 1), ("cup", 2), ("jam", 1), ("???", 1)])
    )

    assert isinstance(problem, ScanMismatch)
    assert problem.extra == {
        "missing": [{"sku": "tea", "qty": 2}],
        "extra": [{"sku": "cup", "qty": 1}, {"sku": "jam", "qty": 1}],
        "unknown": [{"code": "???", "qty": 1}],
    }
    assert problem.detail == (
        "missing: 2 × tea; too many: 1 × cup, 1 × jam; unknown: 1 × ???. Nothing was packed."
    )


def test_packing_without_scans_must_be_said(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = picked(shop, {"tea": 2})

    assert isinstance(acts.refusal(shop, lambda: scan(shop, order_id, [])), ScanMismatch)
    assert acts.vector(scan(shop, order_id, [], unchecked=True)) == {"packed": 2}


def test_scans_are_checked_even_when_they_need_not_be(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = picked(shop, {"tea": 2})

    problem = acts.refusal(shop, lambda: scan(shop, order_id, [("tea", 1)], unchecked=True))

    assert isinstance(problem, ScanMismatch)


def test_a_part_of_what_is_picked_can_be_packed(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = picked(shop, {"tea": 3})

    state = scan(shop, order_id, [("tea", 1)], lines={"1": 1})

    assert acts.vector(state) == {"picked": 2, "packed": 1}
    assert acts.parts(state) == [("A", "picked")]


def test_a_kit_is_scanned_by_its_own_code_or_by_its_parts(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}}, kits={"set": {"tea": 3, "cup": 1}})
    order_id = picked(shop, {"set": 2, "tea": 1})

    state = scan(shop, order_id, [("set", 1), ("tea", 4), ("cup", 1)])

    assert [acts.vector(state, no) for no in (1, 2)] == [{"packed": 2}, {"packed": 1}]


def test_what_is_not_picked_is_not_packed(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    acts.start(shop, order_id)

    problem = acts.refusal(shop, lambda: scan(shop, order_id, [("tea", 2)]))

    assert isinstance(problem, ActionNotAllowed)
    assert problem.detail.startswith("Nothing is picked and waiting to be packed.")
