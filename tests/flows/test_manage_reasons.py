"""Reasons belong to the shop: made, changed, put out of use; what was lost is told by them."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from ordito.flows.adjust_stock import adjust_stock, move_stock
from ordito.flows.manage_reasons import create_reason, update_reason
from ordito.inventory.asks import AdjustStock, MoveStock
from ordito.inventory.reasons import CreateReason, Reason, UpdateReason, read_reasons
from ordito.listings.losses import Loss, list_loss_postings, list_losses, month_of
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import (
    AlreadyExists,
    InvalidInput,
    NotFound,
    NotPermitted,
    VersionConflict,
)
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import stock_acts as stock

BROKE = {"code": "broke", "words": "It  broke", "fewer_to": "scrapped", "moves": True}


def create(db: Database, actor: Actor = make.BOSS, **fields: Any) -> Reason:
    made: Reason = run(db, actor, create_reason, msgspec.convert(BROKE | fields, CreateReason))
    return made


def update(db: Database, code: str = "broke", **fields: Any) -> Reason:
    ask = msgspec.convert({"code": code} | fields, UpdateReason)
    changed: Reason = run(db, make.BOSS, update_reason, ask)
    return changed


def move(db: Database, reason: str, qty: int = 1, note: str = "") -> None:
    line = {"sku": "tea", "quantity": qty, "from_bucket": "available", "to_bucket": "damaged"}
    body = {"location": "A", "lines": [line], "reason": reason, "note": note}
    run(db, make.BOSS, move_stock, msgspec.convert(body, MoveStock))


def adjust(db: Database, place: str, sku: str, qty: int, reason: str, note: str = "") -> None:
    body = {"location": place, "reason": reason, "note": note,
            "lines": [{"sku": sku, "quantity": qty}]}  # fmt: skip
    run(db, make.BOSS, adjust_stock, msgspec.convert(body, AdjustStock))


def refused(db: Database, act: Any) -> list[tuple[str, str]]:
    before = stock.postings(db)
    with pytest.raises(InvalidInput) as caught:
        act()
    assert stock.postings(db) == before
    return [(fault.pointer, fault.code) for fault in caught.value.errors]


def test_a_reason_of_ones_own_is_given_changed_and_put_out_of_use(db: Database) -> None:
    make.shop(db, stock={"A": {"tea": 20}})
    made = create(db)
    assert (made.words, made.version, made.active) == ("It broke", 1, True)
    adjust(db, "A", "tea", -2, "broke")
    move(db, "broke")
    assert refused(db, lambda: adjust(db, "A", "tea", 2, "broke")) == [
        ("/lines/0/quantity", "wrong-sign")
    ]

    changed = update(db, version=1, note_required=True, moves=False, more_from="adjustment")
    assert changed.version == 2
    assert update(db, version=2, note_required=True).version == 2, "it was so before"
    with pytest.raises(VersionConflict):
        update(db, version=1, words="Late")
    assert refused(db, lambda: adjust(db, "A", "tea", 2, "broke")) == [("/note", "required")]
    assert refused(db, lambda: move(db, "broke", note="x")) == [("/reason", "not-for-moves")]
    adjust(db, "A", "tea", 1, "broke", note="Glued")

    update(db, active=False)
    assert refused(db, lambda: adjust(db, "A", "tea", -1, "broke", note="x")) == [
        ("/reason", "unknown-reason")
    ]
    update(db, "move", active=False)
    assert refused(db, lambda: move(db, "move")) == [("/reason", "unknown-reason")]
    move(db, "check")
    with db.connection() as conn:
        rows = conn.execute("SELECT reason, to_bucket::text FROM inventory.posting ORDER BY seq")
        assert rows.fetchall() == [
            ("opening", "available"),
            ("broke", "scrapped"),
            ("broke", "damaged"),
            ("broke", "available"),
            ("check", "damaged"),
        ]
    told = [one.kind for one in stock.timeline(db, made.id)]
    assert told == ["stock_reason.created", "stock_reason.changed", "stock_reason.changed"]
    assert_well(db)


def test_what_is_no_reason_is_refused(db: Database) -> None:
    make.shop(db, stock={"A": {"tea": 1}})
    for fields, pointer in (
        ({"code": "shipped"}, "/code"),
        ({"words": "  "}, "/words"),
        ({"fewer_to": None, "moves": False}, "/moves"),
    ):
        with pytest.raises(InvalidInput) as caught:
            create(db, **fields)
        assert [fault.pointer for fault in caught.value.errors] == [pointer]
    with pytest.raises(AlreadyExists):
        create(db, code="lost")
    with pytest.raises(NotPermitted):
        create(db, Actor("user", make.BOSS.id, "P", frozenset(("inventory.write",))))
    with pytest.raises(NotFound):
        update(db, "nothing", words="x")
    with pytest.raises(InvalidInput):
        update(db, "lost", fewer_to=None)
    assert update(db, "lost", words="Gone").words == "Gone"
    assert update(db, "lost", words="").words == "", "as it came"
    with db.reading(make.BOSS) as tx:
        assert len(read_reasons(tx)) == 15


def losses(db: Database, actor: Actor = make.BOSS, **asked: Any) -> list[Loss]:
    month = datetime.now(UTC).date().replace(day=1)
    with db.reading(actor) as tx:
        return list_losses(tx, since=month, until=month, **asked)


def test_losses_are_told_by_month_reason_and_location(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50, "cup": 9}, "B": {"tea": 9}})
    adjust(db, "A", "tea", -3, "lost")
    adjust(db, "A", "cup", -1, "lost")
    adjust(db, "A", "tea", -2, "damaged")
    adjust(db, "A", "tea", 1, "found")
    adjust(db, "B", "tea", -4, "lost", note="Fell off the truck")
    adjust(db, "A", "tea", -5, "to_supplier")
    stock.count(shop, "B", {"tea": 7})
    with db.connection() as conn:
        conn.execute("UPDATE catalog.item SET prices = '{}' WHERE sku = 'cup'")

    rows = [(one.reason, one.location.code, one.lost, one.found, one.value_minor, one.unpriced)
            for one in losses(db)]  # fmt: skip
    assert rows == [
        ("lost", "B", 4, 0, 4_000, 0),
        ("lost", "A", 4, 0, 3_000, 1),
        ("count", "B", 0, 2, -2_000, 0),
        ("damaged", "A", 2, 0, 2_000, 0),
        ("found", "A", 0, 1, -1_000, 0),
    ]
    assert [one.reason for one in losses(db, location="A")] == ["lost", "damaged", "found"]
    at_b = Actor("user", make.BOSS.id, "B", EVERYTHING,
                 location_ids=frozenset((shop.locations["B"],)))  # fmt: skip
    assert {one.location.code for one in losses(db, at_b)} == {"B"}
    month = month_of(f"{datetime.now(UTC):%Y-%m}")
    with db.reading(make.BOSS) as tx:
        first = list_loss_postings(tx, month, reason="lost", limit=2)
        last = list_loss_postings(tx, month, reason="lost", cursor=first.next)
        with pytest.raises(NotFound):
            list_losses(tx, since=month, until=month, location="no")
        with pytest.raises(InvalidInput):
            list_losses(tx, since=month_of("2020-01"), until=month_of("2022-01"))
        with pytest.raises(InvalidInput):
            list_losses(tx, since=month_of("2020-02"), until=month_of("2020-01"))
    opened = [(one.sku, one.location.code, one.qty, one.note) for one in first.items + last.items]
    assert opened == [
        ("tea", "B", -4, "Fell off the truck"),
        ("cup", "A", -1, ""),
        ("tea", "A", -3, ""),
    ]
    with pytest.raises(InvalidInput):
        month_of("2020-13")
