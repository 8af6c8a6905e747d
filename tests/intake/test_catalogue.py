from collections.abc import Callable
from decimal import Decimal

from ordito.intake.catalogue import Catalogue, ImpliedItem
from ordito.intake.types import Entry

FILE = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,85123a,HEART,3,2011-01-31,2.55,7,EIRE
1,85123A,WHITE HEART,3,2011-01-31,2.95,7,EIRE
1,POST,POSTAGE,1,2011-01-31,18.00,7,EIRE
2,85123A,WHITE HEART,3,2011-01-31,2.55,7,EIRE
2,85123A,WHITE HEART,1,2011-01-31,2.95,7,EIRE
2,85123A,WHITE HEART,1,2011-01-31,0,7,EIRE
C3,22086,CHAIN,-1,2011-01-31,1.25,7,EIRE
4,21777,damaged,-1,2011-01-31,0,,EIRE
5,99999,NEVER,x,2011-01-31,1,7,EIRE
"""


def test_a_file_implies_its_items(read_text_as: Callable[..., list[Entry]]) -> None:
    catalogue = Catalogue()
    for entry in read_text_as("online-retail", FILE):
        catalogue.add(entry)
    assert catalogue.items() == [
        ImpliedItem("21777", "", None, "GBP", "", True, ("21777",)),
        ImpliedItem("22086", "CHAIN", None, "GBP", "", True, ("22086",)),
        ImpliedItem(
            "85123A", "WHITE HEART", Decimal("2.95"), "GBP", "", True, ("85123A", "85123a")
        ),
    ]
