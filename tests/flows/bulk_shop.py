"""People and jobs for tests of bulk jobs: begun through the door, carried out chunk by chunk."""

from typing import Any
from uuid import UUID

from ordito.desk.jobs import list_items, read_job
from ordito.desk.types import BulkJob
from ordito.flows.bulk_jobs import (
    CarryOnBulkJob,
    StartBulkJob,
    carry_on_bulk_job,
    start_bulk_job,
)
from ordito.flows.manage_access import CreateUser, create_user
from ordito.flows.place_orders import place_orders
from ordito.listings.follower import rebuild
from ordito.orders.types import PlaceOrder
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.accounts import actor_of_user
from ordito.platform.database import Database
from ordito.platform.door import prepare, run, run_many
from ordito.platform.validation import convert
from tests import make


def person(db: Database, name: str = "Kasia", *, without: str = "") -> Actor:
    """A user who may do everything but one thing."""
    ask = CreateUser(
        email=f"{name.lower()}@example.com",
        name=name,
        permissions=tuple(sorted(EVERYTHING - {without})),
    )
    return actor_of_user(run(db, SYSTEM, create_user, ask))


def place_many(shop: make.Shop, count: int, **fields: Any) -> list[UUID]:
    """So many orders of one cup of tea each, found by lists at once."""
    ask = convert(PlaceOrder, make.ask({"tea": 1}, **fields))
    requests = [prepare(make.BOSS, place_orders, ask) for _ in range(count)]
    placed = [
        order.id
        for start in range(0, count, 256)
        for order in run_many(shop.db, place_orders, requests[start : start + 256])
    ]
    rebuild(shop.db)
    return placed


def start(db: Database, actor: Actor, **fields: Any) -> BulkJob:
    return run(db, actor, start_bulk_job, StartBulkJob(**fields))


def carry_out(db: Database, actor: Actor, job: BulkJob) -> BulkJob:
    """All chunks that are left, as the worker does them."""
    while True:
        job = run(
            db, actor, carry_on_bulk_job, CarryOnBulkJob(job_id=job.id, chunk=job.chunks_done)
        )
        if job.state != "running":
            return job


def now(db: Database, job: BulkJob) -> BulkJob:
    with db.reading(SYSTEM) as tx:
        found = read_job(tx, job.id)
    assert found is not None
    return found


def outcomes(db: Database, job: BulkJob) -> dict[UUID, str | None]:
    with db.reading(SYSTEM) as tx:
        return {item.order_id: item.outcome for item in list_items(tx, job.id, limit=10_000)}
