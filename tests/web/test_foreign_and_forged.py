"""Every page and endpoint, from their tables: closed to strangers, to forged forms, to who lacks
the permission or sees other channels and locations only. A new route is covered by being listed.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import psycopg
import pytest

from ordito.adapters.highs import solve
from ordito.api.endpoints import Endpoint
from ordito.api.table import ENDPOINTS
from ordito.flows.manage_keys import CreateKey, issue_key
from ordito.flows.manage_policies import create_policy
from ordito.flows.resource_jointly import PlanJointly, plan_open_orders
from ordito.flows.roll_out_policy import start_rollout
from ordito.flows.sweep_watches import sweep_watches
from ordito.kernel.ids import new_id
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.settings import Settings
from ordito.sourcing.policies import Objective, Policy
from ordito.sourcing.stored_policies import CreatePolicy
from ordito.sourcing.stored_rollouts import StartRollout
from ordito.web.routes import Route
from ordito.web.site import ROUTES
from tests import make
from tests.flows.cycle_count_acts import start
from tests.flows.test_complete_cart import cart
from tests.flows.test_sweep_watches import entries
from tests.flows.transfer_acts import draft
from tests.web.visiting import Person, Site, running_site

OTHER = Policy(objective=Objective(per_100_km=900))

OPEN_TO_ALL = {
    "/orders/columns": "keeps a choice in a cookie of one's own",
    "/": "leads to the first page that one may see",
    "/scope": "keeps a choice in a cookie of one's own",
    "/palette": "finds only what one may see",
}
"""Pages that need no permission, with the reason; those under /account are one's own."""

NOT_SCOPED = {
    "item": "items belong to no channel; their pages show the stock of seen locations only",
    "market": "markets belong to no channel",
    "list": "rules of watch lists are for all: whoever sees a part can look, and changes none",
    "column": "a column of the board, which holds only what is seen",
    "role": "roles reach everywhere: whoever sees a part can look, and changes none",
    "key": "keys have their own test below",
}
"""Names in paths that stand for nothing of a channel or location, with the reason."""

ALL_SEE = {
    "kind": "texts of mails belong to no channel",
    "locale": "the same",
    "item_id": "items belong to no channel; cells of stock are those of seen locations",
    "policy": "policies decide for all channels alike, and everybody who may read settings does",
    "kit_id": "kits are items",
    "market": "markets belong to no channel",
    "role_id": "roles reach everywhere: whoever sees a part can look, and changes none",
}
"""The same of the API."""


class Ground(msgspec.Struct):
    """A site with things to reach for: by name in a path, the value that leads to it."""

    site: Site
    things: dict[str, str]
    conn: Any
    """One connection for all looks: each of two thousand tests looks twice."""

    def written(self) -> tuple[Any, ...]:
        """What moves with every write."""
        row = self.conn.execute("""
                SELECT (SELECT count(*) FROM platform.event),
                       (SELECT count(*) FROM platform.idempotency),
                       (SELECT count(*) FROM platform.account_link),
                       (SELECT count(*) FROM platform.session),
                       (SELECT count(*) FROM platform.user_factor),
                       (SELECT count(*) FROM inventory.posting),
                       (SELECT count(*) FROM orders.sales_order)
            """).fetchone()
        assert row is not None
        return tuple(row)

    def fill(self, path: str) -> str:
        """The path with things that exist."""
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: self.things.get(m[1], str(new_id())), path)


@pytest.fixture(scope="module")
def ground(cluster: Any, template: str) -> Iterator[Ground]:
    """One site and shop for all of this module: nothing here may write."""
    name = f"{template}_foreign"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        db = Database(cluster(name)).open()
        shop = make.shop(db)
        placed = make.place(shop, {"tea": 1})
        held = cart(shop, {"tea": 1})
        make.place(shop, {"tea": 999})
        sweep_watches(db)
        with running_site(db, Settings(data_dir="unused")) as site:
            other = site.person("admin")
            assert other.user
            moving = draft(shop, {"tea": 1})
            counted = start(shop)
            key = issue_key(db, SYSTEM, CreateKey(name="k", permissions=tuple(EVERYTHING)))
            run(db, SYSTEM, create_policy, CreatePolicy(code="near", name="Near", policy=OTHER))
            begun = run(db, SYSTEM, start_rollout,
                        StartRollout(channel="web", policy="near", percent=5))  # fmt: skip
            plan = plan_open_orders(db, SYSTEM, solve, PlanJointly(seconds=1)).plan
            things = {
                "plan": str(plan.plan_no),
                "plan_no": str(plan.plan_no),
                "rollout": str(begun.id),
                "rollout_id": str(begun.id),
                "number": str(placed.number),
                "fo": "1",
                "parcel": "1",
                "order_id": str(placed.id),
                "fulfillment_order_id": f"{placed.id}.1",
                "item": str(shop.items["tea"]),
                "item_id": str(shop.items["tea"]),
                "count": str(counted.number),
                "count_id": str(counted.id),
                "transfer": str(moving.number),
                "transfer_id": str(moving.id),
                "user": str(other.user.id),
                "user_id": str(other.user.id),
                "key": str(key.id),
                "key_id": str(key.id),
                "role": "01990000-0000-7000-8000-000000000001",
                "role_id": "01990000-0000-7000-8000-000000000001",
                "column": "open",
                "cart": str(held.id),
                "hold_id": str(held.id),
                "watch": str(entries(db)[0].id),
                "watch_id": str(entries(db)[0].id),
                "list": "short",
                "location": "A",
                "code": "web",
                "channel": "web",
                "on": "2027-01-15",
                "slot": "DAY",
            }
            with psycopg.connect(cluster(name), autocommit=True) as looking:
                yield Ground(site, things, looking)
        db.close()
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def stranger(ground: Ground) -> Person:
    """Somebody who is not signed in."""
    return ground.site.stranger()


@pytest.fixture(scope="module")
def nowhere(ground: Ground) -> Person:
    """A program that may do everything, in no channel and no location."""
    return client_of(ground, permissions=tuple(sorted(EVERYTHING)), channels=(), locations=())


@pytest.fixture(scope="module")
def boss(ground: Ground) -> Person:
    return ground.site.person("admin")


@pytest.fixture(scope="module")
def powerless(ground: Ground) -> Person:
    """Somebody who is signed in and may do nothing."""
    return ground.site.person()


@pytest.fixture(scope="module")
def foreigner(ground: Ground) -> Person:
    """Somebody who may do everything, in no channel and no location."""
    return ground.site.person(permissions=EVERYTHING, channels=(), locations=())


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def names_in(path: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", path))


REFUSED = {403, 410}
"""410: a link to choose a password that is none; it is told before the form is looked at."""

FILLED = {
    "text": "x", "body": "x", "note": "x", "words": "x", "reason": "other", "carrier": "x",
    "kind": "call", "code": "X1", "order": "1", "number": "1", "tags": "x", "name": "Ann",
    "email": "ann@example.com", "id": "01990000-0000-7000-8000-0000000000ff",
    "order_id": "01990000-0000-7000-8000-0000000000ff", "role": "viewer",
    "all_channels": "yes", "all_locations": "yes",
}  # fmt: skip
"""What forms ask for, so that none is refused merely for being empty."""

SAYS_NOTHING = {
    "/orders/{number:str}/hold": "an empty form: nothing in it comes from the order",
    "/orders/{number:str}/work/{fo:str}/hand-over": "the same",
}
"""Forms that are shown for whatever number; sending them is refused."""

POSTS = [route for route in ROUTES if route.method == "POST"]
BEFORE_SIGNING_IN = ("/login", "/login/code", "/logout", "/forgot", "/password")
GUARDED = [
    route
    for route in ROUTES
    if route.path not in OPEN_TO_ALL and not route.path.startswith("/account")
]
SCOPED = [
    route for route in ROUTES if (names := names_in(route.path)) and not names & set(NOT_SCOPED)
]
WRITES = [endpoint for endpoint in ENDPOINTS if not endpoint.reads]


@pytest.mark.parametrize("path", [*(r.path for r in POSTS), *BEFORE_SIGNING_IN])
def test_a_forged_form_writes_nothing(ground: Ground, boss: Person, path: str) -> None:
    url, before = ground.fill(path), ground.written()
    for fields in ({}, {"_csrf": "x" * 32}):
        answer = boss.client.post(url, data=fields)
        assert answer.status_code in REFUSED or answer.headers.get("location") in {"/", "/login"}
    crossed = boss.client.post(
        url, data={"_csrf": boss.csrf}, headers={"origin": "https://evil.example"}
    )
    assert crossed.status_code in REFUSED or crossed.headers["location"] in {"/", "/login"}
    assert ground.written() == before


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_stranger_is_sent_to_sign_in(ground: Ground, stranger: Person, route: Route) -> None:
    before = ground.written()
    answer = stranger.client.request(route.method, ground.fill(route.path))
    assert answer.headers["location"].startswith("/login")
    assert ground.written() == before


@pytest.mark.parametrize("route", GUARDED, ids=named)
def test_a_page_needs_a_permission(ground: Ground, powerless: Person, route: Route) -> None:
    before = ground.written()
    url = ground.fill(route.path)
    answer = powerless.get(url) if route.method == "GET" else powerless.post(url, FILLED)
    assert answer.status_code in {403, 404}
    assert ground.written() == before


@pytest.mark.parametrize("route", SCOPED, ids=named)
def test_what_is_elsewhere_does_not_exist(ground: Ground, foreigner: Person, route: Route) -> None:
    before = ground.written()
    url = ground.fill(route.path)
    answer = foreigner.get(url) if route.method == "GET" else foreigner.post(url, FILLED)
    if route.path.startswith("/account/sessions"):
        assert answer.status_code == 303
    elif route.method == "GET" and route.path in SAYS_NOTHING:
        assert answer.status_code == 200
    elif route.path.startswith("/settings/people") and route.method == "GET":
        assert answer.status_code == 200, "who manages people sees all of them"
    else:
        assert answer.status_code in {403, 404}
    assert ground.written() == before


def test_a_key_of_elsewhere_is_not_revoked(ground: Ground, foreigner: Person) -> None:
    before = ground.written()
    assert foreigner.post(ground.fill("/settings/keys/{key}/revoke")).status_code == 404
    role = ground.fill("/settings/roles/{role}")
    assert foreigner.post(role, {"second_factor": "yes"}).status_code == 403
    assert ground.written() == before


def client_of(ground: Ground, **fields: Any) -> Person:
    ask = CreateKey(name="t", **fields)
    token = issue_key(ground.site.db, SYSTEM, ask).token
    person = ground.site.stranger()
    person.client.headers["authorization"] = f"Bearer {token}"
    return person


def send(
    person: Person, ground: Ground, endpoint: Endpoint, headers: dict[str, str] | None = None
) -> Any:
    path = "/api/v1" + ground.fill(endpoint.path)
    body = None if endpoint.reads else endpoint.example or {}
    headers = (headers or {}) | ({"if-match": "*"} if endpoint.version == "required" else {})
    return person.client.request(endpoint.method, path, json=body, headers=headers)


def title(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


@pytest.mark.parametrize("endpoint", WRITES, ids=title)
def test_a_session_writes_through_the_api_only_with_its_token(
    ground: Ground, boss: Person, endpoint: Endpoint
) -> None:
    before = ground.written()
    answer = send(boss, ground, endpoint)
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/csrf-failed"
    assert ground.written() == before


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.needs], ids=title)
def test_an_endpoint_needs_its_permission(
    ground: Ground, stranger: Person, endpoint: Endpoint
) -> None:
    lacking = tuple(sorted(EVERYTHING - {endpoint.needs}))
    token = issue_key(ground.site.db, SYSTEM, CreateKey(name="t", permissions=lacking)).token
    before = ground.written()
    answer = send(stranger, ground, endpoint, {"authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert answer.json()["permission"] == endpoint.needs
    assert ground.written() == before


@pytest.mark.parametrize(
    "endpoint",
    [e for e in ENDPOINTS if set(e.path_names) - set(ALL_SEE)],
    ids=title,
)
def test_what_is_elsewhere_does_not_exist_in_the_api(
    ground: Ground, nowhere: Person, endpoint: Endpoint
) -> None:
    before = ground.written()
    answer = send(nowhere, ground, endpoint)
    if endpoint.path == "/users/{user_id}":
        assert answer.status_code == (200 if endpoint.reads else 403)
    else:
        assert answer.status_code in {403, 404}
    assert ground.written() == before


OURS = {"channel": "web", "location": "A", "sku": "tea", "customer": None}
"""What examples name, by the field: things of the ground, which are elsewhere for some."""


def pointed_at(ground: Ground, value: Any, field: str = "") -> Any:
    """The example of a body with what it refers to replaced by things that exist."""
    if isinstance(value, dict):
        return {name: pointed_at(ground, inner, name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [pointed_at(ground, inner, field) for inner in value]
    name = field.removesuffix("s")
    if name in OURS and OURS[name] is not None:
        return OURS[name]
    if name.endswith("_id") and name in ground.things:
        return ground.things[name]
    return ground.things["number"] if name == "number" else value


NO_PLACE_OF_ITS_OWN = {
    "POST /items": "items belong to no channel and no location",
    "POST /items/bulk": "the same",
    "POST /policies": "policies decide for all channels alike",
    "POST /tariffs": "carriers' prices are the same for all",
    "POST /stock/reasons": "reasons are the same at all locations",
    "POST /data-imports": "a file of one's own; what it writes is checked row by row",
    "PUT /exchange-rates": "rates are the same everywhere",
    "PUT /markets": "the same of markets",
    "PUT /views/arrangement": "one's own tabs",
    "POST /views": "a filter of one's own, which finds only what one sees",
    "POST /mail-templates/preview": "a text that is shown and not kept",
}
"""Endpoints that write for whoever has the permission, with the reason."""

PATHLESS_WRITES = [e for e in WRITES if not e.path_names and title(e) not in NO_PLACE_OF_ITS_OWN]


@pytest.mark.parametrize("endpoint", PATHLESS_WRITES, ids=title)
def test_a_body_can_name_nothing_that_is_elsewhere(
    ground: Ground, nowhere: Person, endpoint: Endpoint
) -> None:
    before = ground.written()
    body = pointed_at(ground, endpoint.example)
    key = {"idempotency-key": str(new_id()), "if-match": "*"}
    path = "/api/v1" + endpoint.path
    answer = nowhere.client.request(endpoint.method, path, json=body, headers=key)
    # Of many things each is refused alone; one that finds nothing to do says so.
    assert answer.status_code in {200, 403, 404, 409, 422}, answer.text
    if answer.status_code == 200:
        told = answer.json()
        results = told.get("results") or told.get("items") or []
        assert all(one["problem"] for one in results), answer.text
        assert "/problems/" in answer.text or told == {"orders": 0, "units": 0, "after": None}
    # A batch of refusals is remembered under its key; nothing else may be written.
    assert forgetful(ground.written()) == forgetful(before)


def forgetful(written: tuple[Any, ...]) -> tuple[Any, ...]:
    """What was written without the answers that are kept for repetitions."""
    return written[:1] + written[2:]


def ids_of_ground(ground: Ground) -> list[str]:
    """What gives away that something of the ground was told."""
    with ground.site.db.connection() as conn:
        rows = conn.execute(
            "SELECT id::text FROM orders.sales_order UNION ALL SELECT id::text"
            " FROM locations.location UNION ALL SELECT id::text FROM channels.channel"
        ).fetchall()
    return [id_ for (id_,) in rows]


TELLS_ALL = {
    "GET /policies": "policies decide for all channels alike",
    "GET /users": "who manages people sees all of them, with their scopes",
    "GET /keys": "the same of keys",
    "GET /webhooks": "needs a caller who sees everything",
}


@pytest.mark.parametrize(
    "endpoint",
    [e for e in ENDPOINTS if e.reads and not set(e.path_names) - set(ALL_SEE)],
    ids=title,
)
def test_no_list_tells_of_what_is_elsewhere(
    ground: Ground, nowhere: Person, endpoint: Endpoint
) -> None:
    answer = nowhere.get("/api/v1" + ground.fill(endpoint.path))
    assert answer.status_code in {200, 403, 404, 422}
    if title(endpoint) not in TELLS_ALL:
        assert [id_ for id_ in ids_of_ground(ground) if id_ in answer.text] == []


@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if r.method == "GET" and not names_in(r.path)],
    ids=named,
)
def test_no_page_tells_of_what_is_elsewhere(
    ground: Ground, foreigner: Person, route: Route
) -> None:
    answer = foreigner.get(route.path)
    assert answer.status_code < 500
    shown = answer.text
    assert f"/orders/{ground.things['number']}" not in shown
    assert [id_ for id_ in ids_of_ground(ground) if id_ in shown] == []


@pytest.mark.parametrize(
    "path",
    ["/api/v1/me", "/api/v1/none", "/api/docs", "/api/docs.js", "/api/v1/openapi.json", "/health",
     "/ready", "/metrics", "/problems", "/login", "/nothing", "/static/x/nothing.css",
     "/t/nothing", "/hooks/shopify/web"],
)  # fmt: skip
def test_every_kind_of_answer_carries_the_headers_that_protect(
    ground: Ground, stranger: Person, path: str
) -> None:
    for answer in (stranger.client.get(path), stranger.client.request("DELETE", path)):
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}
        assert answer.headers["x-request-id"]
