"""Stock from tables: taken row by row, refused with the line."""

import pytest

from ordito.flows.import_tables import import_stock
from ordito.platform.database import Database
from ordito.platform.problems import InvalidInput
from tests import make
from tests.flows.order_files import source
from tests.make import BOSS


def test_the_same_stock_file_is_received_once(db: Database) -> None:
    shop = make.shop(db)
    content = source(b"location;sku;quantity\nA;tea;5\nA;nothing;5\nB;cup;0\n")
    reports = [import_stock(db, BOSS, content) for _ in range(2)]
    assert reports[0] == reports[1]
    assert reports[0].taken == {"received": 1}
    assert [row.line for row in reports[0].refused] == [3, 4]
    assert make.free(shop, "tea") == {"A": 15, "B": 10}


def test_a_missing_column_is_named(db: Database) -> None:
    with pytest.raises(InvalidInput) as refused:
        import_stock(db, BOSS, source(b"sku,quantity\ntea,1\n"))
    assert refused.value.errors[0].detail == "There is no column “location”."
