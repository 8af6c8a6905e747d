"""Items: SKUs and barcodes belong to one item, kits are right at every level, many at once."""

import threading
import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.catalog.items import find_items, list_items, read_items
from ordito.catalog.types import (
    CreateItem,
    Item,
    UpdateItem,
    UpsertedItem,
    UpsertItem,
    UpsertItems,
)
from ordito.flows.manage_items import create_item, update_item, upsert_items
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.events import read_timeline
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    InvalidInput,
    NotPermitted,
    Problem,
    VersionConflict,
)
from tests import make


def create(db: Database, sku: str, **fields: Any) -> Item:
    ask = msgspec.convert({"sku": sku, "name": sku.capitalize()} | fields, CreateItem)
    return run(db, make.BOSS, create_item, ask)


def update(db: Database, item: Item | UUID, **fields: Any) -> Item:
    id_ = item.id if isinstance(item, Item) else item
    ask = msgspec.convert({"item_id": id_} | fields, UpdateItem)
    return run(db, make.BOSS, update_item, ask)


def upsert(db: Database, items: Sequence[dict[str, Any]]) -> list[UpsertedItem]:
    ask = UpsertItems(items=tuple(msgspec.convert(item, UpsertItem) for item in items))
    return run(db, make.BOSS, upsert_items, ask).results


def resolved(db: Database, item: Item | UUID) -> dict[UUID, int] | None:
    """What the database says that one kit takes."""
    id_ = item.id if isinstance(item, Item) else item
    with db.connection() as conn:
        row = conn.execute("SELECT parts FROM catalog.item WHERE id = %s", (id_,)).fetchone()
    assert row is not None
    return None if row[0] is None else {UUID(part): qty for part, qty in row[0]}


def kinds(db: Database, stream_id: UUID) -> list[tuple[int, str]]:
    with db.reading(make.BOSS) as tx:
        return [(entry.seq, entry.kind) for entry in read_timeline(tx, stream_id)]


def test_an_item_is_created_with_everything_that_was_said(db: Database) -> None:
    item = create(
        db,
        "Tea-1",
        barcodes=["590123", "400999"],
        weight_g=250,
        length_mm=100,
        prices={"EUR": "4.9900", "PLN": "19.99"},
    )

    with db.reading(make.BOSS) as tx:
        stored = read_items(tx, [item.id])[item.id]
    assert stored == item
    assert item.version == 1
    assert item.prices == {"EUR": Decimal("4.9900"), "PLN": Decimal("19.99")}
    assert item.barcodes == ["400999", "590123"]
    assert kinds(db, item.id) == [(1, "item.created")]


def test_a_sku_differing_only_in_case_is_the_same_sku(db: Database) -> None:
    item = create(db, "Tea-1")

    with pytest.raises(AlreadyExists) as caught:
        create(db, " tEA-1 ")

    assert caught.value.extra["existing"] == {"id": str(item.id), "sku": "Tea-1"}


def test_a_barcode_belongs_to_one_item(db: Database) -> None:
    create(db, "tea", barcodes=["590a"])
    cup = create(db, "cup")

    with pytest.raises(AlreadyExists, match="590A to tea"):
        update(db, cup, barcodes=["111", "590A"])

    with db.reading(make.BOSS) as tx:
        assert read_items(tx, [cup.id])[cup.id].barcodes == []


def test_an_update_changes_what_is_named_and_tells_both_values(db: Database) -> None:
    item = create(db, "tea", weight_g=250, prices={"EUR": "4.99", "PLN": "20"}, barcodes=["1"])

    changed = update(db, item, weight_g=None, prices={"EUR": "5.49", "PLN": None})

    assert changed.weight_g is None
    assert changed.prices == {"EUR": Decimal("5.49")}
    assert changed.barcodes == ["1"]
    assert changed.version == 2
    with db.reading(make.BOSS) as tx:
        entry = read_timeline(tx, item.id)[0]
    assert entry.body["changes"] == {
        "weight_g": [250, None],
        "prices": [{"EUR": "4.99", "PLN": "20"}, {"EUR": "5.49"}],
    }


def test_an_update_that_changes_nothing_writes_nothing(db: Database) -> None:
    item = create(db, "tea", prices={"EUR": "4.99"})

    assert update(db, item, prices={"EUR": "4.990"}, name="Tea").version == 1
    assert kinds(db, item.id) == [(1, "item.created")]


def test_an_older_version_is_refused(db: Database) -> None:
    item = create(db, "tea")
    update(db, item, version=1, name="Green tea")

    with pytest.raises(VersionConflict) as caught:
        update(db, item, version=1, name="Black tea")

    assert caught.value.extra == {"version": 2}


def test_a_sku_can_be_changed_unless_another_item_has_it(db: Database) -> None:
    tea = create(db, "tea")
    create(db, "cup")

    with pytest.raises(AlreadyExists):
        update(db, tea, sku="CUP")
    assert update(db, tea, sku="TEA").sku == "TEA"
    with db.reading(make.BOSS) as tx:
        assert [item.id for item in find_items(tx, "tea")] == [tea.id]


def test_all_faults_are_told_at_once(db: Database) -> None:
    with pytest.raises(InvalidInput) as caught:
        create(
            db,
            "  ",
            prices={"EUR": "-1", "XQQ": "1", "PLN": "1.0000001", "USD": "NaN"},
            barcodes=["1", " 1", "\t"],
            parts=[{"sku": "x", "quantity": 1}, {"sku": "X", "quantity": 2}],
        )

    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [
        ("/sku", "pattern"),
        ("/prices/EUR", "out-of-range"),
        ("/prices/XQQ", "unknown-currency"),
        ("/prices/PLN", "too-exact"),
        ("/prices/USD", "out-of-range"),
        ("/barcodes/1", "duplicate"),
        ("/barcodes/2", "pattern"),
        ("/parts/1/sku", "duplicate"),
    ]


def test_without_the_permission_nothing_is_created(db: Database) -> None:
    reader = Actor("key", UUID(int=9), "Reader", frozenset(("catalog.read",)))

    with pytest.raises(NotPermitted, match=r"catalog\.write"):
        run(db, reader, create_item, CreateItem(sku="tea", name="Tea"))


def test_a_change_deep_in_a_kit_reaches_every_kit_above(db: Database) -> None:
    screw, plate = create(db, "screw"), create(db, "plate")
    bag = create(db, "bag", parts=[{"sku": "SCREW", "quantity": 4}])
    shelf = create(
        db, "shelf", parts=[{"sku": "bag", "quantity": 2}, {"sku": "plate", "quantity": 1}]
    )
    assert bag.kind == "kit"
    assert resolved(db, shelf) == {screw.id: 8, plate.id: 1}

    changed = update(db, bag, parts=[{"sku": "screw", "quantity": 5}])

    assert [(part.sku, part.quantity) for part in changed.parts] == [("screw", 5)]
    assert resolved(db, shelf) == {screw.id: 10, plate.id: 1}
    assert kinds(db, shelf.id) == [(1, "item.created")]


def test_a_kit_inside_itself_is_refused(db: Database) -> None:
    create(db, "screw")
    bag = create(db, "bag", parts=[{"sku": "screw", "quantity": 4}])
    create(db, "shelf", parts=[{"sku": "bag", "quantity": 2}])

    with pytest.raises(InvalidInput) as caught:
        update(db, bag, parts=[{"sku": "shelf", "quantity": 1}])

    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [("/parts", "cycle")]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([{"sku": "nothing", "quantity": 1}], "unknown-sku"),
        ([{"sku": "wrapping", "quantity": 1}], "no-stock"),
        ([], "required"),
    ],
)
def test_a_kit_is_made_of_things_that_are_kept(
    db: Database, parts: list[dict[str, Any]], code: str
) -> None:
    create(db, "wrapping", kind="service")

    with pytest.raises(InvalidInput) as caught:
        create(db, "box", kind="kit", parts=parts)

    assert [fault.code for fault in caught.value.errors] == [code]


def test_what_stock_was_kept_of_stays_stocked(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 0}})

    with pytest.raises(ActionNotAllowed, match="stock has been kept"):
        update(db, shop.items["tea"], kind="service")
    assert update(db, shop.items["cup"], kind="service").kind == "service"


def test_what_kits_are_made_of_becomes_no_service(db: Database) -> None:
    screw = create(db, "screw")
    create(db, "bag", parts=[{"sku": "screw", "quantity": 4}])

    with pytest.raises(ActionNotAllowed, match="kits are made of it"):
        update(db, screw, kind="service")


def test_what_orders_wait_for_keeps_its_kind(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 0}})
    make.place(shop, {"cup": 1})

    with pytest.raises(ActionNotAllowed, match="orders wait for it"):
        update(db, shop.items["cup"], kind="service")


def test_a_part_that_becomes_a_kit_is_resolved_in_the_kits_above(db: Database) -> None:
    screw, bag = create(db, "screw"), create(db, "bag")
    shelf = create(db, "shelf", parts=[{"sku": "bag", "quantity": 2}])
    assert resolved(db, shelf) == {bag.id: 2}

    update(db, bag, kind="kit", parts=[{"sku": "screw", "quantity": 4}])
    assert resolved(db, shelf) == {screw.id: 8}

    update(db, bag, kind="stocked")
    assert resolved(db, shelf) == {bag.id: 2}
    assert resolved(db, bag) is None


def test_of_many_items_each_succeeds_or_is_refused_alone(db: Database) -> None:
    known = create(db, "tea", barcodes=["1"])
    create(db, "cup")

    results = upsert(
        db,
        [
            {"sku": "shelf", "parts": [{"sku": "bag", "quantity": 2}]},
            {"sku": "bag", "parts": [{"sku": "screw", "quantity": 4}]},
            {"sku": "screw", "barcodes": ["7"]},
            {"sku": "TEA", "name": "Green tea"},
            {"sku": "CUP"},
            {"sku": "screw", "name": "again"},
            {"sku": "plate", "barcodes": ["7"]},
            {"sku": "box", "parts": [{"sku": "plate", "quantity": 1}]},
            {"sku": "loop", "parts": [{"sku": "pool", "quantity": 1}]},
            {"sku": "pool", "parts": [{"sku": "loop", "quantity": 1}]},
            {"sku": "ink", "prices": {"EUR": "-1"}},
        ],
    )

    assert [(r.sku, r.outcome) for r in results] == [
        ("shelf", "created"),
        ("bag", "created"),
        ("screw", "created"),
        ("TEA", "changed"),
        ("CUP", "unchanged"),
        ("screw", "refused"),
        ("plate", "refused"),
        ("box", "refused"),
        ("loop", "refused"),
        ("pool", "refused"),
        ("ink", "refused"),
    ]
    assert results[3].id == known.id
    assert [result.version for result in results[:5]] == [1, 1, 1, 2, 1]
    assert results[7].problem is not None
    assert results[7].problem["errors"][0]["code"] == "unknown-sku"
    shelf, screw = results[0].id, results[2].id
    assert shelf is not None
    assert screw is not None
    assert resolved(db, shelf) == {screw: 8}
    with db.reading(make.BOSS) as tx:
        assert [item.sku for item in list_items(tx)] == ["bag", "cup", "screw", "shelf", "tea"]


def test_the_same_items_again_change_nothing(db: Database) -> None:
    items: list[dict[str, Any]] = [
        {"sku": "screw", "name": "Screw", "prices": {"EUR": "0.10"}, "barcodes": ["b", "a"]},
        {"sku": "bag", "name": "Bag", "parts": [{"sku": "screw", "quantity": 4}]},
    ]
    upsert(db, items)

    again = upsert(db, items)

    assert [(result.outcome, result.version) for result in again] == [
        ("unchanged", 1),
        ("unchanged", 1),
    ]


def test_ten_thousand_items_take_seconds(db: Database) -> None:
    items = [
        {"sku": f"S{n:05}", "name": f"Thing {n}", "barcodes": [f"59{n:08}"], "prices": {"EUR": "1"}}
        for n in range(10_000)
    ]
    began = time.monotonic()

    results = upsert(db, items)

    assert [result.outcome for result in results] == ["created"] * 10_000
    assert time.monotonic() - began < 30
    with db.reading(make.BOSS) as tx:
        assert [item.sku for item in find_items(tx, "5900000042")] == ["S00042"]
        page = list_items(tx, search="thing 99", after="S09990", limit=3)
        assert [item.sku for item in page] == ["S09991", "S09992", "S09993"]


def test_search_takes_signs_of_patterns_as_they_are(db: Database) -> None:
    create(db, "50%_off")
    create(db, "50xxoff", name="Back\\slash")

    with db.reading(make.BOSS) as tx:
        assert [item.sku for item in list_items(tx, search="0%_o")] == ["50%_off"]
        assert [item.sku for item in list_items(tx, search="k\\s")] == ["50xxoff"]
        assert [item.sku for item in list_items(tx, kind="kit")] == []


def test_the_same_new_sku_from_sixteen_clients_is_one_item(db: Database) -> None:
    outcomes: list[str] = []

    def attempt(n: int) -> None:
        try:
            create(db, "tea", barcodes=[f"{n}"])
            outcomes.append("created")
        except Problem as problem:
            outcomes.append(problem.slug)

    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(outcomes) == ["already-exists"] * 15 + ["created"]


def test_two_kits_never_come_to_contain_each_other(db: Database) -> None:
    create(db, "screw")
    one = create(db, "one", parts=[{"sku": "screw", "quantity": 1}])
    two = create(db, "two", parts=[{"sku": "screw", "quantity": 1}])
    refused: list[str] = []

    def attempt(kit: Item, part: str) -> None:
        try:
            update(db, kit, parts=[{"sku": part, "quantity": 1}])
        except InvalidInput as problem:
            refused.append(problem.errors[0].code)

    threads = [threading.Thread(target=attempt, args=pair) for pair in ((one, "two"), (two, "one"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert refused == ["cycle"]
