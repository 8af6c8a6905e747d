"""Files on orders: kept whole, refused whole, erased for good."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from ordito.flows.attach_file import (
    FILE_BYTES_MAX,
    FILES_MAX,
    AddFile,
    RemoveFile,
    add_file,
    find_file,
    next_bytes,
    remove_file,
)
from ordito.listings.order_page import read_order_page
from ordito.orders.files import CHUNK_BYTES
from ordito.orders.problems import FileKindRefused
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import (
    ActionNotAllowed,
    BodyTooLarge,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from tests import make
from tests.flows import acts

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2_200
"""Three chunks."""


def whole(db: Database, order_id: UUID, file_no: int) -> bytes:
    return b"".join(next_bytes(db, make.BOSS, (order_id, file_no), no) for no in range(5))


def test_a_file_is_kept_with_its_note_and_erased_for_good(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    ask = AddFile(order_id=order_id, name="../Jan Kowalski.exe", body=PDF, note="Damage, see photo")

    added = acts.do(db, add_file, ask)

    assert (added.file_no, added.media_type, added.size_bytes) == (1, "application/pdf", len(PDF))
    assert len(PDF) > 2 * CHUNK_BYTES
    assert whole(db, order_id, 1) == PDF
    body = {"file_no": 1, "media_type": "application/pdf", "size_bytes": len(PDF), "note_no": 1}
    assert acts.last_event(shop, order_id) == body
    with db.reading(make.BOSS) as tx:
        page = read_order_page(tx, order_id)
    assert [(f.name, f.note_no, f.author) for f in page.files] == [
        ("Jan Kowalski.exe.pdf", 1, "Test boss")
    ]
    assert [(i.kind, i.note) for i in page.timeline[:2]] == [
        ("order.file_added", "Jan Kowalski.exe.pdf"),
        ("order.note_added", "Damage, see photo"),
    ]

    acts.do(db, remove_file, RemoveFile(order_id=order_id, file_no=1))
    again = acts.do(db, add_file, AddFile(order_id=order_id, name="b", body=b"words"))

    assert again.file_no == 2, "a number is never given twice"
    with db.reading(make.BOSS) as tx:
        page = read_order_page(tx, order_id)
        with pytest.raises(NotFound):
            find_file(tx, order_id, 1)
        left = tx.conn.execute(
            "SELECT name, removed_at IS NOT NULL, (SELECT count(*) FROM orders.file_chunk)"
            " FROM orders.file WHERE file_no = 1"
        ).fetchone()
    assert left == ("", True, 1)
    assert [file.name for file in page.files] == ["b.txt"]
    assert [i.note for i in page.timeline if i.kind == "order.file_added"] == ["b.txt", None]
    with pytest.raises(NotFound):
        next_bytes(db, make.BOSS, (order_id, 1), 0)


def test_what_may_not_be_kept_leaves_nothing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"cup": 1}})
    order_id = make.place(shop, {"tea": 1}).id

    def refused(body: bytes, actor: Actor = make.BOSS) -> object:
        ask = AddFile(order_id=order_id, name="x.pdf", body=body, note="words")
        return acts.refusal(shop, lambda: acts.do(db, add_file, ask, actor))

    assert isinstance(refused(b""), InvalidInput)
    assert isinstance(refused(b"<html><script>"), FileKindRefused)
    assert isinstance(refused(b"%PDF-" + bytes(FILE_BYTES_MAX)), BodyTooLarge)
    assert isinstance(refused(b"words", acts.clerk(shop, "B")), NotFound)
    gone = RemoveFile(order_id=order_id, file_no=1)
    assert isinstance(acts.refusal(shop, lambda: acts.do(db, remove_file, gone)), NotFound)
    with db.reading(make.BOSS) as tx:
        count = "SELECT (SELECT count(*) FROM orders.file), (SELECT count(*) FROM orders.note)"
        assert tx.conn.execute(count).fetchone() == (0, 0)


def test_only_who_reads_orders_there_finds_a_file(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"cup": 1}})
    order_id = make.place(shop, {"tea": 1}).id
    acts.do(db, add_file, AddFile(order_id=order_id, name="x", body=b"words"))
    packer = Actor("user", make.BOSS.id, "Bo", frozenset({"fulfillment.write"}))

    with db.reading(packer) as tx:
        assert read_order_page(tx, order_id).files == ()
        with pytest.raises(NotPermitted):
            find_file(tx, order_id, 1)
    with db.reading(acts.clerk(shop, "B")) as tx, pytest.raises(NotFound):
        find_file(tx, order_id, 1)
    with db.reading(acts.clerk(shop, "A")) as tx:
        assert find_file(tx, order_id, 1).name == "x.txt"


def test_two_files_at_once_never_pass_the_limit(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    add = AddFile(order_id=order_id, name="x", body=b"words")
    for _n in range(FILES_MAX - 1):
        run(db, make.BOSS, add_file, add)

    def try_one(_n: int) -> type[object]:
        try:
            return type(run(db, make.BOSS, add_file, add))
        except ActionNotAllowed as problem:
            return type(problem)

    with ThreadPoolExecutor(3) as threads:
        outcomes = list(threads.map(try_one, range(3)))

    assert outcomes.count(ActionNotAllowed) == 2
    with db.reading(make.BOSS) as tx:
        assert len(read_order_page(tx, order_id).files) == FILES_MAX
