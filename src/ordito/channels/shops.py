"""Shops: what a channel's own system can be asked for, and what it tells. Adapters implement it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

import msgspec


class Access(msgspec.Struct, frozen=True):
    """How a shop is reached. Holds the token: never encoded, never logged."""

    domain: str
    token: str

    def __repr__(self) -> str:
        return f"Access({self.domain})"


class Delivery(msgspec.Struct, frozen=True):
    """What the envelope of a webhook says. `id` is the same when it is sent again."""

    id: str
    topic: str
    domain: str


class ShopTax(msgspec.Struct, frozen=True):
    name: str
    rate: Decimal
    amount: Decimal


class ShopLine(msgspec.Struct, frozen=True):
    """A line as the shop has it.

    quantity:   units when it was placed; removed: of these taken off by edits, not by refunds.
    goods:      False for gift cards and what else is neither shipped nor kept in stock.
    discount:   off the whole line.
    """

    id: str
    variant: str
    sku: str
    title: str
    quantity: int
    removed: int
    goods: bool
    price: Decimal
    discount: Decimal
    taxes: tuple[ShopTax, ...] = ()


class ShopExtra(msgspec.Struct, frozen=True):
    """Shipping, a fee or a discount of the whole order; positive, the kind gives the sign."""

    kind: Literal["shipping", "fee", "discount"]
    title: str
    amount: Decimal
    taxes: tuple[ShopTax, ...] = ()


class RefundLine(msgspec.Struct, frozen=True):
    """Units that are paid back.

    goods: cancelled were not sent; returned are on sale again; kept: only money went back.
    """

    line: str
    quantity: int
    goods: Literal["cancelled", "returned", "kept"]


class ShopRefund(msgspec.Struct, frozen=True):
    """Money given back. Shops round ids in places, so the order may be known by its lines only."""

    id: str
    order: str
    lines: tuple[RefundLine, ...]


class ShopOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as a shop tells it, amounts in the shop's currency. Holds personal data.

    ship_to, bill_to: fields of an Address; None when the shop tells none.
    pickup:    how the shop calls the place where it is collected; "" when it is shipped.
    fulfilled: the shop says that all of it was sent.
    """

    id: str
    name: str
    placed_at: datetime
    changed_at: datetime
    cancelled: bool
    fulfilled: bool
    test: bool
    currency: str
    tax_included: bool
    total: Decimal
    email: str
    phone: str
    customer: str
    customer_name: str
    ship_to: dict[str, str] | None
    bill_to: dict[str, str] | None
    pickup: str
    lines: tuple[ShopLine, ...]
    extras: tuple[ShopExtra, ...]
    refunds: tuple[ShopRefund, ...]
    payment: str
    tags: tuple[str, ...]
    note: str


class ShopVariant(msgspec.Struct, frozen=True):
    """A variant of a product. sku is "" where the shop gives none."""

    id: str
    sku: str
    stock_item: str


class ShopProduct(msgspec.Struct, frozen=True):
    variants: tuple[ShopVariant, ...]


class ShopStock(msgspec.Struct, frozen=True):
    """Units that the shop shows of an item at one of its places."""

    stock_item: str
    location: str
    available: int


class Unheeded(msgspec.Struct, frozen=True):
    """A topic that means nothing to us; it is kept."""


Document = ShopOrder | ShopRefund | ShopProduct | ShopStock | Unheeded


class ChangedOrder(msgspec.Struct, frozen=True):
    id: str
    changed_at: datetime


class ChangedOrders(msgspec.Struct, frozen=True):
    """One page; `after` leads to the next, "" ends."""

    orders: tuple[ChangedOrder, ...]
    after: str


class Fulfilment(msgspec.Struct, frozen=True):
    """What left: the shop's line id → units. ours: fulfilments we know to be others of ours."""

    shop_order: str
    lines: dict[str, int]
    carrier: str
    tracking_number: str
    ours: tuple[str, ...] = ()


class StockLevel(msgspec.Struct, frozen=True):
    """known is what the shop is believed to have; when it has something else, nothing is set."""

    stock_item: str
    units: int
    known: int


class ShopFacts(msgspec.Struct, frozen=True):
    """What a shop says of itself when the connection is tested."""

    name: str
    domain: str
    currency: str


class DocumentUnreadable(Exception):
    """A document of a known topic that can't be read: a code, and words for people."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason
        self.words = words


class ShopRefused(Exception):
    """The shop understood and said no; the same call will be refused again."""


class ShopUnreachable(Exception):
    """No answer, or none yet: whether the call took effect may be unknown. Try again later."""


class Shop(Protocol):
    """One kind of shop. Calls raise ShopRefused and ShopUnreachable; each has a time-out."""

    kind: str

    def open_delivery(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
    ) -> Delivery | None:
        """The envelope of a webhook; None unless one of the secrets has signed it."""
        ...

    def is_domain(self, domain: str) -> bool:
        """Whether a shop of this kind can have the address: nothing else is ever called."""
        ...

    def read(self, topic: str, document: bytes) -> Document:
        """Raises DocumentUnreadable."""
        ...

    def subject(self, topic: str, document: bytes) -> str:
        """The id of the order it is about, "" when it is about none or can't be read."""
        ...

    def tell(self, access: Access) -> ShopFacts: ...

    def changed_orders(self, access: Access, since: datetime, after: str) -> ChangedOrders:
        """Orders changed since then, oldest change first."""
        ...

    def fetch_order(self, access: Access, id_: str) -> tuple[str, bytes]:
        """An order as (topic, document) that `read` takes."""
        ...

    def fulfil(self, access: Access, what: Fulfilment) -> str:
        """Tell that goods have left; gives the shop's id of it."""
        ...

    def find_fulfilment(self, access: Access, what: Fulfilment) -> str:
        """The shop's id of a fulfilment that an interrupted call made; "" when there is none."""
        ...

    def cancel(self, access: Access, shop_order: str) -> str:
        """Cancel the order there, without refund and mails; done already is well done."""
        ...

    def read_stock(
        self, access: Access, location: str, stock_items: Sequence[str]
    ) -> dict[str, int]:
        """Units the shop has now."""
        ...

    def set_stock(
        self, access: Access, location: str, levels: Sequence[StockLevel], key: str
    ) -> bool:
        """Set all levels or, when one isn't as known, none: False."""
        ...


Shops = Mapping[str, Shop]
