"""What may be asked of a lot."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.inventory.asks import Reference
from ordito.kernel.asks import Ask, Version


class LotAsk(Ask, frozen=True, kw_only=True):
    """An ask about a lot; with `version` refused when the lot has changed since."""

    lot_id: UUID
    version: Version | None = None


class BlockLot(LotAsk, frozen=True, kw_only=True):
    """Nobody may pick or ship it any more; what lies on shelves is set aside."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class UnblockLot(LotAsk, frozen=True, kw_only=True):
    """It may be sold again; what was set aside because of it is put back."""


class ChangeLot(LotAsk, frozen=True, kw_only=True):
    """What was said wrongly of a lot; what is left out stays as it is."""

    expires_on: date | UnsetType | None = UNSET
    made_on: date | UnsetType | None = UNSET
    supplier_reference: Reference | UnsetType = UNSET


class SettleLot(Ask, frozen=True, kw_only=True):
    """Set a lot aside at a location when it may not be sold, or put it back when it may again."""

    lot_id: UUID
    location_id: UUID


class LotSettled(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces set aside, or put back; 0 where all was right."""

    set_aside: int = 0
    put_back: int = 0
