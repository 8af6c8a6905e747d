import json
def test_x(api):
    from tests import make
    c=api.boss
    b=make.ask({"tea":2}, external_id=12345678901234567890123)
    for k in range(2):
        r=c.post("/api/v1/orders",json=b,headers={"Idempotency-Key":"a1"}); print(r.status_code,r.text[:300],dict(r.headers))
    id_=r.json()["id"]
    for p in ["/api/v1/orders/"+id_, "/api/v1/orders/by-number/1001","/api/v1/orders/by-external-id?channel=web&external_id=12345678901234567890123", f"/api/v1/orders/{id_}/timeline", f"/api/v1/fulfillment-orders/{id_}.1","/api/v1/tasks","/api/v1/stock","/api/v1/items","/api/v1/items/find?code=tea","/api/v1/availability?channel=web&sku=tea&sku=nope","/api/v1/channels","/api/v1/channels/web","/api/v1/locations","/api/v1/locations/A/bins","/api/v1/policies","/api/v1/markets","/api/v1/exchange-rates","/api/v1/events","/api/v1/me","/api/v1/users","/api/v1/keys","/api/v1/permissions","/problems","/problems/not-found","/health","/ready","/api/docs","/api/docs.js","/metrics","/nope", "/api/v1/orders/zzz","/api/v1/stock/receipts"]:
        r=c.get(p); print(p, r.status_code, r.text[:150].replace("\n"," "))
    print(c.post(f"/api/v1/orders/{id_}/hold", json={"holds":[{"reason":"x"}]}, headers={"If-Match":'"1"'}).text[:300])
    print(c.post(f"/api/v1/orders/{id_}/hold", json={"holds":[{"reason":"x"}]}, headers={"If-Match":'"1"'}).text[:300])
    print(c.post(f"/api/v1/orders/{id_}/cancel", json={"reason":"x"}).text[:300])
    r=c.post("/api/v1/orders/bulk", json=[b, make.ask({"cup":1}), {"bad":1}], headers={"Idempotency-Key":"k"}); print(r.status_code, r.text[:900])
    r=c.post("/api/v1/items/bulk", json=[{"sku":"n1","name":"N"}, {"bad":1}]); print(r.status_code, r.text[:900])
    r=c.post("/api/v1/stock/receipts/bulk", json=[{"location":"A","lines":[{"sku":"tea","quantity":3}]}, {"bad":1}]); print(r.status_code, r.text[:900])
    r=c.put("/api/v1/orders"); print(r.status_code, r.text, r.headers)
    r=c.options("/api/v1/orders"); print(r.status_code, r.text, r.headers)
    r=c.head("/api/v1/me"); print(r.status_code, r.text, r.headers)
    r=c.post("/api/v1/orders", content=b"x=1", headers={"content-type":"text/plain"}); print(r.status_code, r.text)
