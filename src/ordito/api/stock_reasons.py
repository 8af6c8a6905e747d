"""Reasons of stock, and what was lost by each, over HTTP."""

import msgspec

from ordito.api.endpoints import reading, writing
from ordito.flows.manage_reasons import create_reason, update_reason
from ordito.inventory.reasons import Reason, ReasonCode, read_reasons
from ordito.kernel.asks import Ask
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Inventory"


class NoReasonParams(Ask, frozen=True):
    """No parameters."""


class ReasonKey(Ask, frozen=True, kw_only=True):
    code: ReasonCode


class Reasons(msgspec.Struct, frozen=True):
    items: list[Reason]


def list_stock_reasons(tx: Tx, params: NoReasonParams) -> Reasons:
    """What can be given when stock differs, is written off or is set aside. words: "" for those
    that came with Ordito and are called as they came."""
    return Reasons(list(read_reasons(tx).values()))


def get_stock_reason(tx: Tx, params: ReasonKey) -> Reason:
    """One reason; its ETag is the version for If-Match."""
    reason = read_reasons(tx).get(params.code)
    if reason is None:
        raise NotFound("There is no such reason.")
    return reason


_PATH = "/stock/reasons/{code}"

ENDPOINTS = [
    reading("/stock/reasons", TAG, "List reasons of stock", list_stock_reasons, "inventory.read"),
    reading(_PATH, TAG, "Read a reason of stock", get_stock_reason, "inventory.read"),
    writing("POST", "/stock/reasons", TAG, "Create a reason of stock", create_reason, status=201,
            problems=("already-exists",),
            example={"code": "broken-jar", "words": "Jar broke", "fewer_to": "scrapped"}),
    writing("PATCH", _PATH, TAG, "Change a reason of stock", update_reason,
            example={"note_required": True}),
]  # fmt: skip
