from ordito.listings.orders_list import *
from ordito.listings.follower import ORDER_LISTINGS, rebuild
from ordito.platform.followers import follow
from ordito.platform.feed import move_pending
from ordito.platform.access import SYSTEM
from tests import make
import json, msgspec
def show(x): print(json.dumps(msgspec.to_builtins(x), indent=None)[:1500])
def test_all(db):
    shop = make.shop(db, stock={"A": {"tea": 500,"cup":2}, "B": {"cup": 5}}, kits={"set":{"tea":1,"cup":2}})
    for n in range(12): a=make.place(shop, {"tea": 2}, tags=["gift"] if n%2 else [], customer={"name":"Łukasz Żak","email":"l.zak@x.pl","phone":"+48 601 234 567"})
    with db.transaction(SYSTEM) as tx: move_pending(tx)
    follow(db, ORDER_LISTINGS)
    with db.reading(make.BOSS) as tx:
        for f in (OrderFilter(tags=("gift",)), OrderFilter(text="lukasz"), OrderFilter(text="ZAK 34567"), OrderFilter(text="601-234 567"), OrderFilter(text="zzz")):
            p=list_orders(tx, f, limit=4)
            ids=[r.number for r in p.items]
            while p.older:
                p=list_orders(tx, f, limit=4, cursor=p.older); ids+=[r.number for r in p.items]
            print(ids, count_capped(tx,f))
        show(list_orders(tx, OrderFilter(), limit=1))
    assert rebuild(db)==12
