"""The feed and the timelines of who sees a part: theirs, and nothing that is elsewhere."""

from collections.abc import Callable
from typing import Any

from ordito.flows.manage_channels import create_channel
from ordito.platform.access import SYSTEM
from ordito.platform.feed import SEEN_SCAN_MAX, move_pending
from tests import make
from tests.api.conftest import Api, Client
from tests.doctor.busy import do
from tests.flows import acts


def sequence(api: Api) -> None:
    with api.shop.db.transaction(SYSTEM) as tx:
        while move_pending(tx):
            pass


def told(client: Client, **params: Any) -> list[dict[str, Any]]:
    """All that a caller is told, from the beginning, page by page."""
    items, after = [], 0
    while True:
        page = client.get("/api/v1/events", params={"after": after} | params).json()
        items += page["items"]
        assert page["newest"] <= page["next"] + 1
        if page["next"] >= page["newest"]:
            return items
        after = page["next"]


def test_a_part_of_the_feed_is_told_to_who_sees_a_part(start_api: Callable[..., Api]) -> None:
    api = start_api(stock={"A": {"tea": 3}, "B": {"tea": 3}})
    shop = api.shop
    other = {"code": "shop", "name": "Shop", "kind": "api", "currency": "EUR", "policy": "default"}
    do(shop, create_channel, other | {"time_zone": "Europe/Warsaw"})
    split = make.place(shop, {"tea": 5})
    elsewhere = make.place(shop, {"tea": 1}, channel="shop")
    for part in split.fulfillment_orders:
        acts.release(shop, split.id, int(part.id.rpartition(".")[2]))
    sequence(api)

    whole = told(api.boss)
    mine = told(api.key(channels=("web",)))
    at_b = told(api.key(locations=("B",)), limit=1)
    nothing = told(api.key(channels=(), locations=()))

    orders = {str(split.id), str(elsewhere.id)}
    of_orders = [e for e in whole if e["stream_id"] in orders]
    assert [e for e in mine if e["stream"] == "order"] == [
        e for e in of_orders if e["stream_id"] == str(split.id)
    ]
    assert {e["stream_id"] for e in mine} & {str(elsewhere.id)} == set()
    assert nothing == [e for e in whole if e["stream"] == "item"]
    released = [e for e in of_orders if e["kind"] == "order.units_released"]
    assert len(released) == 2
    seen = [e for e in at_b if e["stream_id"] == str(split.id)]
    assert [e["body"]["location"] for e in seen if e["kind"] == "order.units_released"] == ["B"]
    sourced = next(e for e in seen if e["kind"] == "order.sourced")
    assert set(sourced["body"]["reserved"]) == {"B"}

    path = f"/api/v1/orders/{split.id}/timeline"
    timeline = api.key(locations=("B",)).get(path).json()["items"]
    assert [e["body"] for e in reversed(timeline)] == [e["body"] for e in seen]
    assert api.key(locations=("HIST",)).get(path).status_code == 404
    assert len(api.boss.get(path).json()["items"]) == len(timeline) + 1


def test_the_cursor_passes_over_what_is_elsewhere(start_api: Callable[..., Api]) -> None:
    api = start_api()
    with make.owner(api.shop.db) as conn:
        conn.execute(
            "WITH made AS ("
            " INSERT INTO platform.event (stream_id, seq, stream, kind, version, at, actor_kind,"
            " actor_id, body)"
            " SELECT '00000000-0000-0000-0000-00000000000f', n, 'user', 'user.changed', 1, now(),"
            " 'system', '00000000-0000-0000-0000-000000000000', '{}'"
            " FROM generate_series(1, %s) AS n RETURNING stream_id, seq, kind)"
            " INSERT INTO platform.feed (position, stream_id, seq, kind)"
            " SELECT seq, stream_id, seq, kind FROM made",
            (SEEN_SCAN_MAX + 10,),
        )
    client = api.key(channels=("web",))
    first = client.get("/api/v1/events").json()
    assert first == {"items": [], "next": SEEN_SCAN_MAX, "newest": SEEN_SCAN_MAX + 1}
    last = client.get("/api/v1/events", params={"after": first["next"]}).json()
    assert last["items"] == []
    assert last["next"] == last["newest"] >= SEEN_SCAN_MAX + 10
    order = make.place(api.shop, {"tea": 1})
    sequence(api)
    news = client.get("/api/v1/events", params={"after": last["next"]}).json()["items"]
    assert {entry["stream_id"] for entry in news if entry["stream"] == "order"} == {str(order.id)}
