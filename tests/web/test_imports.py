"""Bringing data in by the pages: columns, the look, the import, the rows not taken, undo."""

from ordito.flows.data_imports import finish_work
from ordito.platform.database import Database
from ordito.uploads.jobs import list_imports
from ordito.uploads.types import DataImport
from ordito.web.import_words import KINDS
from ordito.web.pages import imports, products
from ordito.web.visits import Upload
from tests import make
from tests.flows.order_files import rows
from tests.web.acts import get, location_of, post, text_of

FILE = (
    b"Item no,Title,Price,Note\n"
    b"tea,Green tea,4.50,x\n"
    b"NEW,New thing,1.00,\n"
    b"=1+1,Formula,cheap,=cmd()\n"
)


def only_job(db: Database) -> DataImport:
    with db.reading(make.BOSS) as tx:
        (job,) = list_imports(tx, actor_id=None)
    return job


def test_a_file_is_brought_in_by_the_pages_and_undone(db: Database) -> None:
    shop = make.shop(db)
    upload = {"file": Upload("goods.csv", FILE)}

    answer = post(imports.bring, db, "/imports", form={"kind": "items"}, files=upload)

    job = only_job(db)
    url = f"/imports/{job.id}"
    named = {"upload": str(job.id)}
    assert location_of(answer) == url
    page = get(imports.show_import, db, url, **named)
    assert "What do the columns mean?" in page
    assert "Green tea · New thing · Formula" in page

    form = [("column-0", "sku"), ("column-1", "name"), ("column-2", "price")]
    refused = post(imports.check, db, f"{url}/check", form=form, **named)
    assert refused.status == 422
    assert "Say which currency the prices are in." in text_of(refused)
    post(imports.check, db, f"{url}/check", form=[*form, ("currency", "EUR")], **named)
    assert "Looking at the rows" in get(imports.show_import, db, url, **named)
    finish_work(db, make.BOSS, job.id)

    page = get(imports.show_import, db, url, **named)
    assert "Import 2 rows" in page
    assert "Name Tea → Green tea" in page
    assert "1 new · 1 changed · 0 same · 1 not taken" in page
    assert "Green tea" not in get(imports.show_import, db, f"{url}?rows=faulty", **named)

    post(imports.start, db, f"{url}/run", **named)
    finish_work(db, make.BOSS, job.id)
    faults = imports.download_faults
    body = post(faults, db, f"{url}/faults", **named).body.decode("utf-8-sig")
    assert body.splitlines()[0] == "Item no,Title,Price,Note,line,fault"
    assert body.splitlines()[1].startswith("'=1+1,Formula,cheap,'=cmd(),4,")
    history = get(products.show_product, db, "/products/tea", item=str(shop.items["tea"]))
    assert "Import of goods.csv" in history

    post(imports.undo, db, f"{url}/undo", **named)
    assert finish_work(db, make.BOSS, job.id).state == "undone"
    assert "2 rows undone" in get(imports.show_import, db, url, **named)
    names = rows(db, "SELECT sku, name, active FROM catalog.item ORDER BY sku")
    assert names == [("NEW", "New thing", False), ("cup", "Cup", True), ("tea", "Tea", True)]


def test_what_is_no_table_is_told_and_templates_come_back_as_they_are(db: Database) -> None:
    make.shop(db)
    upload = {"file": Upload("a.pdf", b"%PDF-1.7")}
    answer = post(imports.bring, db, "/imports", form={"kind": "items"}, files=upload)
    assert answer.status == 422
    assert "a.pdf is a PDF" in text_of(answer)
    page = get(imports.show_imports, db, "/imports", permissions=("intake.write",))
    assert "change neither items, stock, locations nor customers" in page
    for kind in KINDS:
        path = f"/imports/templates/{kind}"
        sheet = post(imports.download_template, db, path, kind=kind).body
        upload = {"file": Upload(f"{kind}.csv", sheet)}
        post(imports.bring, db, "/imports", form={"kind": kind}, files=upload)
        with db.reading(make.BOSS) as tx:
            job = list_imports(tx, actor_id=None, limit=1)[0]
        assert set(job.mapping) == set(job.columns), kind
