"""What may be asked about rounds of local delivery and their stops."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from ordito.kernel.asks import Ask, Code, Version

PHOTO_BYTES_MAX = 15_000_000

FailReason = Literal["nobody_home", "refused", "wrong_address", "no_access", "damaged", "no_time"]
MoveReason = Literal["customer_request", "not_ready", "staff", "weather", "failed", "other"]
OrderIds = Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=1000)]
Words = Annotated[str, Meta(max_length=300)]
Photo = Annotated[bytes, Meta(max_length=PHOTO_BYTES_MAX, description="A picture, as base64")]


class RoundAsk(Ask, frozen=True, kw_only=True):
    """The round of a slot on a day."""

    location: Code
    on: date
    slot: Code


class StartRound(RoundAsk, frozen=True, kw_only=True):
    """What is packed leaves now; what is packed later leaves when the round is started again."""


class ArrangeRound(RoundAsk, frozen=True, kw_only=True):
    """Put stops into this order; those that aren't named follow, the nearest first."""

    order_ids: OrderIds


class StopAsk(Ask, frozen=True, kw_only=True):
    """With `version` (of the order) it is refused when the order has changed since."""

    order_id: UUID
    version: Version | None = None


class DeliverStop(StopAsk, frozen=True, kw_only=True):
    """Somebody took it (`taken_by`), or it was left somewhere (`left_at`); perhaps with a photo."""

    taken_by: Words = ""
    left_at: Words = ""
    note: Words = ""
    photo: Photo | None = None


class FailStop(StopAsk, frozen=True, kw_only=True):
    """It could not be delivered. It stays on its way until it is tried again or taken back."""

    reason: FailReason
    note: Words = ""
    photo: Photo | None = None


class MoveStop(StopAsk, frozen=True, kw_only=True):
    """Bring it in another slot of its location. The customer is told when it is later."""

    slot: Code
    on: date
    reason: MoveReason = "customer_request"


class TryAgain(StopAsk, frozen=True, kw_only=True):
    """After a failed attempt, bring it in another slot of its location."""

    slot: Code
    on: date
