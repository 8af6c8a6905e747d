"""Files brought in: what the look says is what the run does, once; and it can be put back."""

import io
import os
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
import xlsxwriter

from ordito.catalog.types import UpsertItem, UpsertItems
from ordito.flows.adjust_stock import adjust_stock
from ordito.flows.data_imports import (
    CarryOnImport,
    CheckImport,
    ImportAsk,
    carry_on_import,
    check_import,
    finish_work,
    resume_import,
    run_import,
    stop_import,
    undo_import,
)
from ordito.flows.manage_items import upsert_items
from ordito.flows.read_imports import read_file
from ordito.inventory.asks import AdjustLine, AdjustStock
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from ordito.uploads.jobs import read_import
from ordito.uploads.types import DataImport
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import bulk_shop
from tests.flows.import_files import look, put_back, rows_of, take, told
from tests.flows.order_files import rows, source
from tests.make import BOSS

SHOPIFY = (
    "Handle,Title,Variant SKU,Variant Grams,Variant Price,Variant Barcode,Status\n"
    "cup,Cup,CUP,300,9.50,4006381333931,active\n"
    "tea,Green tea,tea,100,4.00,5,draft\n"
    "mug,Mug,MUG,12x,1.00,5.90123E+12,active\n"
    "cup,Cup again,cup,300,9.50,,active\n"
)


def written(db: Database) -> list[Any]:
    return rows(
        db,
        """
        SELECT (SELECT count(*) FROM catalog.item), (SELECT count(*) FROM inventory.posting),
               (SELECT count(*) FROM customers.customer), (SELECT count(*) FROM locations.location),
               (SELECT count(*) FROM platform.event WHERE stream <> 'data_import')
        """,
    )


def test_items_are_looked_at_first_then_brought_in_once_and_put_back(db: Database) -> None:
    make.shop(db)
    before = written(db)

    seen = look(db, "items", SHOPIFY, currency="EUR")

    assert seen.state == "checked"
    assert seen.mapping == {
        "Variant SKU": "sku",
        "Title": "name",
        "Variant Grams": "weight_g",
        "Variant Price": "price",
        "Variant Barcode": "barcode",
        "Status": "active",
    }
    # “cup” is an item of the shop: the look changes it; the file's fourth row repeats it.
    assert seen.counts == {"check": {"changed": 2, "faulty": 2}}
    changed = rows_of(db, seen, "changed")
    assert changed[1].changes is not None
    assert changed[1].changes["active"] == (True, False)
    assert changed[1].changes["weight_g"] == (None, 100)
    assert told(rows_of(db, seen, "faulty")) == [
        (4, [("weight_g", "not-a-number"), ("barcode", "mangled-number")]),
        (5, [("sku", "duplicate")]),
    ]
    assert written(db) == before, "a look writes nothing"

    done = take(db, seen)

    assert (done.state, done.counts["run"]) == ("finished", {"changed": 2, "faulty": 2})
    weights = "SELECT sku, weight_g, active FROM catalog.item ORDER BY sku"
    assert rows(db, weights) == [("cup", 300, True), ("tea", 100, False)]
    cause = "SELECT DISTINCT request_id FROM platform.event WHERE kind = 'item.changed'"
    assert rows(db, cause) == [(f"import-{done.id}",)]
    again = look(db, "items", SHOPIFY)
    assert again.options.currency == "EUR", "what the columns mean is remembered"
    assert take(db, again).counts["run"] == {"same": 2, "faulty": 2}

    back = put_back(db, done)

    assert (back.state, back.counts["undo"]) == ("undone", {"undone": 2})
    assert rows(db, weights) == [("cup", None, True), ("tea", None, True)]
    assert rows(db, "SELECT prices FROM catalog.item ORDER BY sku") == [({"EUR": "10.00"},)] * 2
    assert_well(db)


def test_what_changed_since_is_not_put_back(db: Database) -> None:
    make.shop(db)
    job = take(db, look(db, "items", "sku,name\nNEW-1,One\nNEW-2,Two\ntea,Leaves\n"))
    run(db, BOSS, upsert_items, UpsertItems(items=(UpsertItem(sku="tea", name="Mine"),)))
    run(db, BOSS, upsert_items, UpsertItems(items=(UpsertItem(sku="NEW-2", name="Mine"),)))

    back = put_back(db, job)

    assert (back.state, back.counts["undo"]) == ("finished", {"undone": 1, "kept": 2})
    names = "SELECT sku, name, active FROM catalog.item WHERE sku <> 'cup' ORDER BY sku"
    assert rows(db, names) == [
        ("NEW-1", "One", False),
        ("NEW-2", "Mine", True),
        ("tea", "Mine", True),
    ]


def test_counts_are_set_and_counted_back(db: Database) -> None:
    shop = make.shop(db)
    text = (
        "Warehouse;SKU;On hand;Expected\nA;tea;7;10\nA;cup;10;\nB;tea;3;4\nB;nothing;1;\n"
        "B;cup;25;\nX;tea;1;\nA;nothing;-1;\n"
    )
    job = take(db, look(db, "counts", text))

    assert job.counts["check"] == job.counts["run"] == {"changed": 2, "same": 1, "faulty": 4}
    assert make.free(shop, "tea") == {"A": 7, "B": 10}
    assert make.free(shop, "cup") == {"A": 10, "B": 25}
    assert told(rows_of(db, job, "faulty")) == [
        (4, [("", "count-outdated")]),
        (5, [("sku", "unknown-sku")]),
        (7, [("location", "unknown-location")]),
        (8, [("counted", "negative")]),
    ]
    note = "SELECT body->>'note' FROM platform.event WHERE kind = 'stock.counted' LIMIT 1"
    assert rows(db, note) == [("Import of file.csv",)]
    take_one = AdjustStock(location="B", reason="lost", lines=(AdjustLine("cup", -1),))
    run(db, BOSS, adjust_stock, take_one)

    back = put_back(db, job)

    assert back.counts["undo"] == {"undone": 1, "kept": 1}
    assert make.free(shop, "tea") == {"A": 10, "B": 10}
    assert make.free(shop, "cup") == {"A": 10, "B": 24}
    assert_well(db)


def test_receipts_of_one_file_come_in_once_unless_undone(db: Database) -> None:
    shop = make.shop(db)
    text = "location,sku,quantity,reference\nA,tea,5,DN-1\nA,cup,0,DN-1\nB,tea,2,DN-1\n"
    job = take(db, look(db, "receipts", text))
    assert job.counts["run"] == {"new": 2, "faulty": 1}
    again = look(db, "receipts", text)
    with pytest.raises(AlreadyExists):
        take(db, again)
    assert make.free(shop, "tea") == {"A": 15, "B": 12}
    lost = AdjustStock(location="B", reason="lost", lines=(AdjustLine("tea", -11),))
    run(db, BOSS, adjust_stock, lost)
    back = put_back(db, job)
    assert (back.state, back.counts["undo"]) == ("finished", {"undone": 1, "kept": 1})
    assert told(rows_of(db, job, "kept")) == [(4, [("", "out-of-stock")])]
    assert make.free(shop, "tea") == {"A": 10, "B": 1}
    assert_well(db)


def test_kits_prices_bins_locations_and_customers_come_in_and_twice_is_the_same(
    db: Database,
) -> None:
    make.shop(db)
    files: dict[Any, tuple[str, dict[str, int], dict[str, int]]] = {
        "kits": (
            "kit,part,quantity,name\nSET,tea,2,Set\nBOX,SET,1,Box\nSET,cup,1,\nBAD,none,1,\n",
            {"new": 3, "faulty": 1},
            {"same": 3, "faulty": 1},
        ),
        "prices": (
            'sku,price_EUR,price_PLN\ntea,"4.50",19\nnone,1,1\n',
            {"changed": 1, "faulty": 1},
            {"same": 1, "faulty": 1},
        ),
        "locations": (
            "code,name,kind,time_zone,country,city,priority\n"
            "WAW,Warsaw,store,Europe/Warsaw,Poland,Warszawa,2\n"
            "A,Alpha,,,,,\nBAD,Bad,store,Nowhere/At,PL,,\n",
            {"new": 1, "changed": 1, "faulty": 1},
            {"same": 2, "faulty": 1},
        ),
        "bins": (
            "location,bin,walk order,sku\nA,A-1,10,tea\nA,A-1,10,cup\nA,A-2,20,\nB,B-1,,none\n",
            {"new": 3, "faulty": 1},
            {"same": 3, "faulty": 1},
        ),
        "limits": (
            "sku,location,Reorder point,low_days,over days\n"
            "tea,A,12,,90\ncup,,,14,\ntea,B,3,4,\nnone,A,1,,\n",
            {"new": 2, "faulty": 2},
            {"same": 2, "faulty": 2},
        ),
        "customers": (
            "Email,First,Last,Phone\nAnna@example.com,Anna,Nowak,+48 601 000 111\n"
            "bad,,,\n,Only,Name,\nanna@example.com,Again,,\n",
            {"new": 1, "faulty": 3},
            {"same": 1, "faulty": 3},
        ),
    }
    for kind, (text, first, second) in files.items():
        job = take(db, look(db, kind, text))
        assert (kind, job.counts["check"]) == (kind, first)
        assert (kind, job.counts["run"]) == (kind, first)
        before = written(db)
        assert (kind, take(db, look(db, kind, text)).counts["run"]) == (kind, second)
        assert written(db) == before
    people = rows(db, "SELECT name, email, phone FROM customers.person")
    assert people == [("Anna Nowak", "Anna@example.com", "+48 601 000 111")]
    with pytest.raises(ActionNotAllowed, match="ordered since"):
        run(db, BOSS, undo_import, ImportAsk(import_id=job.id))
    assert_well(db)


def test_columns_are_mapped_by_hand_and_what_is_missing_is_named(db: Database) -> None:
    make.shop(db)
    job = read_file(db, BOSS, "counts", source(b"what;how many\ntea;4\n"))
    assert job.mapping == {}
    with pytest.raises(InvalidInput) as refused:
        run(db, BOSS, check_import, CheckImport(import_id=job.id))
    assert [fault.detail for fault in refused.value.errors] == [
        "No column is “sku”; say which one it is.",
        "No column is “counted”; say which one it is.",
        "No column is “location”; say which one it is.",
    ]
    mapped = {"what": "sku", "how many": "counted"}
    seen = look(db, "counts", "what;how many\ntea;4\n", mapped, location="B")
    assert seen.counts["check"] == {"changed": 1}


def test_odd_files_are_read_or_refused_with_words(db: Database) -> None:
    make.shop(db)
    polish = "sku;name\nZ1;Łódź żółta\n".encode("cp1250")
    assert look(db, "items", polish).counts["check"] == {"new": 1}
    formula = 'sku,name,weight_g\n"=HYPERLINK(""x"")",a,1\nA\x00B,b,2\nC,"c,3\n'
    assert look(db, "items", formula).counts["check"]["faulty"] >= 1
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["location", "sku", "quantity", "received_at"])
        sheet.write_row(1, 0, ["A", "tea", 3])
        dated = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_number(1, 3, 45000, dated)
    seen = look(db, "receipts", book.getvalue(), name="in.xlsx")
    assert seen.counts["check"] == {"new": 1}
    take(db, seen)
    received = rows(db, "SELECT received_at::date::text FROM inventory.receipt")
    assert received == [("2023-03-15",)]


def test_an_import_stops_goes_on_and_does_no_chunk_twice(db: Database) -> None:
    shop = make.shop(db)
    lines = "".join(f"A,tea,1,DN-{n}\n" for n in range(1100))
    seen = look(db, "receipts", "location,sku,quantity,reference\n" + lines)
    ask = ImportAsk(import_id=seen.id)
    run(db, BOSS, run_import, ask)
    first = CarryOnImport(import_id=seen.id, phase="run", chunk=0)
    for _ in range(2):
        run(db, BOSS, carry_on_import, first)
    assert make.free(shop, "tea")["A"] == 510
    stopped = run(db, BOSS, stop_import, ask)
    assert (stopped.state, stopped.chunks_done) == ("stopped", 1)
    second = CarryOnImport(import_id=seen.id, phase="run", chunk=1)
    run(db, BOSS, carry_on_import, second)
    assert make.free(shop, "tea")["A"] == 510, "a stopped import rests"
    run(db, BOSS, resume_import, ask)
    run(db, BOSS, carry_on_import, second)
    last = msg = CarryOnImport(import_id=seen.id, phase="run", chunk=2)
    assert run(db, BOSS, carry_on_import, msg).state == "finished"
    assert run(db, BOSS, carry_on_import, last).counts["run"] == {"new": 1100}
    assert make.free(shop, "tea")["A"] == 1110
    assert_well(db)


def test_imports_are_closed_to_others_and_to_who_may_not_write(db: Database) -> None:
    shop = make.shop(db)
    reader = Actor("user", shop.items["tea"], "Reader", frozenset({"intake.write"}))
    with pytest.raises(NotPermitted, match=r"catalog\.write"):
        read_file(db, reader, "items", source(b"sku\nx\n"))
    assert rows(db, "SELECT count(*) FROM uploads.job") == [(0,)]
    seen = look(db, "items", "sku\nx\n")
    other = Actor("user", shop.items["cup"], "Other", EVERYTHING - {"access.write"})
    for command in (run_import, undo_import, stop_import, resume_import):
        with pytest.raises(NotFound):
            run(db, other, command, ImportAsk(import_id=seen.id))
    bound = Actor("user", shop.items["cup"], "Bound", EVERYTHING, location_ids=frozenset())
    job = look(db, "counts", "location,sku,counted\nA,tea,4\n", actor=bound)
    assert told(rows_of(db, job, "faulty")) == [(2, [("location", "unknown-location")])]


def test_a_killed_worker_is_followed_by_another_and_no_row_is_done_twice(
    db: Database, dsn: str
) -> None:
    shop, kasia = make.shop(db), bulk_shop.person(db)
    lines = "".join(f"A,tea,1,DN-{n % 50}\n" for n in range(3000))
    text = "location,sku,quantity,reference\n" + lines
    job = look(db, "receipts", text, actor=kasia)
    run(db, kasia, run_import, ImportAsk(import_id=job.id))
    for least in (500, 3000):
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.bulk_worker"],
            env=os.environ | {"ORDITO_TEST_DSN": dsn},
            stdout=subprocess.PIPE,
        )
        try:
            done = _wait_for(db, job, least)
        finally:
            worker.kill()
            worker.wait()
        assert make.free(shop, "tea")["A"] == 10 + _done(db, job), done
    assert rows(db, "SELECT count(*), sum(qty) FROM inventory.receipt_line") == [(3000, 3000)]
    assert finish_work(db, kasia, job.id).counts["run"] == {"new": 3000}


def _done(db: Database, job: DataImport) -> int:
    with db.reading(BOSS) as tx:
        found = read_import(tx, job.id)
    assert found is not None
    return found.done("run")


def _wait_for(db: Database, job: DataImport, least: int) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (done := _done(db, job)) >= least:
            return done
        threading.Event().wait(0.002)
    raise AssertionError("the import did not get so far")
