from ordito.listings.board import read_board, list_cards, read_card
from ordito.listings.pick_list import read_pick_list
from ordito.listings.pickups import list_pickups
from ordito.listings.stock_list import StockFilter, list_stock
from ordito.listings.item_stock import list_holders, read_item_stock
from ordito.listings.stock_ledger import list_ledger
from tests import make
import json, msgspec

def show(x): print(json.dumps(msgspec.to_builtins(x), indent=1)[:2500])

def test_all(db):
    shop = make.shop(db, stock={"A": {"tea": 5,"cup":2}, "B": {"cup": 5}}, kits={"set":{"tea":1,"cup":2}})
    a=make.place(shop, {"tea": 2, "set": 1}); make.place(shop, {"tea": 1})
    make.place(shop, {"cup": 1}, delivery="pickup", pickup_location="B")
    with db.reading(make.BOSS) as tx:
        show(read_board(tx, "A", limit=1))
        p=list_cards(tx,"A","open",limit=1); show(list_cards(tx,"A","open",limit=1,cursor=p.next))
        show(read_pick_list(tx, a.id, 1))
        show(list_pickups(tx, "B", states=("packed","ready")))
        l=list_stock(tx, StockFilter(text="te"), limit=1); show(l)
        i=read_item_stock(tx, "TEA"); show(i)
        show(list_holders(tx, i.item.id)); 
        g=list_ledger(tx, i.item.id, limit=2);show(g); show(list_ledger(tx, i.item.id, limit=2,cursor=g.next))
