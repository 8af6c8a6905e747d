"""Acts on cycle counts for tests: one short call each, through the door, checked afterwards."""

from typing import Any
from uuid import UUID

import msgspec

from ordito.flows.cycle_count import (
    approve_difference,
    ask_recount,
    end_cycle_count,
    enter_cycle_count,
)
from ordito.flows.start_cycle_count import set_count_limit, start_cycle_count
from ordito.inventory.cycle_count_asks import (
    ApproveDifference,
    AskRecount,
    CycleCount,
    EndCycleCount,
    EnterCycleCount,
    SetCountLimit,
    StartCycleCount,
)
from ordito.platform.access import EVERYTHING, Actor
from tests import make
from tests.flows.stock_acts import do

COUNTER = Actor("user", UUID(int=11), "Kim", EVERYTHING - {"inventory.approve"})


def start(shop: make.Shop, location: str = "A", **fields: Any) -> CycleCount:
    ask = msgspec.convert({"location": location} | fields, StartCycleCount)
    made: CycleCount = do(shop.db, start_cycle_count, ask)
    return made


def enter(
    shop: make.Shop,
    made: CycleCount,
    sku: str,
    counted: int | None,
    actor: Actor = COUNTER,
    **fields: Any,
) -> CycleCount:
    body = {"count_id": made.id, "sku": sku, "counted": counted} | fields
    ask = msgspec.convert(body, EnterCycleCount)
    entered: CycleCount = do(shop.db, enter_cycle_count, ask, actor)
    return entered


def approve(shop: make.Shop, made: CycleCount, sku: str, actor: Actor = make.BOSS) -> CycleCount:
    ask = ApproveDifference(count_id=made.id, sku=sku)
    approved: CycleCount = do(shop.db, approve_difference, ask, actor)
    return approved


def recount(shop: make.Shop, made: CycleCount, sku: str) -> CycleCount:
    again: CycleCount = do(shop.db, ask_recount, AskRecount(count_id=made.id, sku=sku))
    return again


def end(shop: make.Shop, made: CycleCount) -> CycleCount:
    ended: CycleCount = do(shop.db, end_cycle_count, EndCycleCount(count_id=made.id))
    return ended


def limit(shop: make.Shop, location: str = "A", **fields: Any) -> None:
    do(shop.db, set_count_limit, msgspec.convert({"location": location} | fields, SetCountLimit))
