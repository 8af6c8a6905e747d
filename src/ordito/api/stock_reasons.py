"""Reasons of stock, and what was lost by each, over HTTP."""

from typing import Annotated

import msgspec
from msgspec import Meta

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams
from ordito.flows.manage_reasons import create_reason, update_reason
from ordito.inventory.reasons import Reason, ReasonCode, read_reasons
from ordito.kernel.asks import Ask, Code
from ordito.listings.losses import (
    Loss,
    LossPosting,
    list_loss_postings,
    list_losses,
    month_of,
)
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Inventory"


class NoReasonParams(Ask, frozen=True):
    """No parameters."""


class ReasonKey(Ask, frozen=True, kw_only=True):
    code: ReasonCode


Month = Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$", description="As 2026-03")]


class LossParams(Ask, frozen=True, kw_only=True):
    """The months from `since` to `until`, both included, up to 24."""

    since: Month
    until: Month
    location: Code | None = None


class LossPostingParams(PageParams, frozen=True, kw_only=True):
    month: Month
    reason: Annotated[str, Meta(max_length=60)] | None = None
    location: Code | None = None


class Losses(msgspec.Struct, frozen=True):
    items: list[Loss]


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


def list_stock_losses(tx: Tx, params: LossParams) -> Losses:
    """What was written off, found missing or found, by month (UTC, of booking), reason and
    location; worth today's price, in the currency of reports."""
    since, until = month_of(params.since, "/since"), month_of(params.until, "/until")
    return Losses(list_losses(tx, since=since, until=until, location=params.location))


def list_stock_loss_postings(tx: Tx, params: LossPostingParams) -> Page[LossPosting]:
    """The postings that a month's losses are made of, newest first."""
    found = list_loss_postings(
        tx,
        month_of(params.month),
        reason=params.reason,
        location=params.location,
        cursor=params.cursor,
        limit=params.limit,
    )
    return Page(list(found.items), found.next)


_PATH = "/stock/reasons/{code}"

ENDPOINTS = [
    reading("/stock/reasons", TAG, "List reasons of stock", list_stock_reasons, "inventory.read"),
    reading(_PATH, TAG, "Read a reason of stock", get_stock_reason, "inventory.read"),
    writing("POST", "/stock/reasons", TAG, "Create a reason of stock", create_reason, status=201,
            problems=("already-exists",),
            example={"code": "broken-jar", "words": "Jar broke", "fewer_to": "scrapped"}),
    writing("PATCH", _PATH, TAG, "Change a reason of stock", update_reason,
            example={"note_required": True}),
    reading("/stock/losses", TAG, "List losses by reason", list_stock_losses, "inventory.read"),
    reading("/stock/losses/postings", TAG, "List the postings of a month's losses",
            list_stock_loss_postings, "inventory.read"),
]  # fmt: skip
