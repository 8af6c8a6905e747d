"""What an order list can be asked for, and the query that its filter makes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.money import MINOR_MAX
from ordito.kernel.text import normal_code
from ordito.listings.places import Names
from ordito.listings.terms import (
    all_of,
    any_of,
    cover_amounts,
    item_term,
    quote,
    text_queries,
)
from ordito.listings.words import split
from ordito.orders.types import Delivery, Fulfilment, Life, Mode, MoneyState, ReturnState
from ordito.platform.access import Actor
from ordito.platform.problems import Fault, InvalidInput

Several = Meta(max_length=50)
Word = Annotated[str, Meta(max_length=200)]


QUERIES_MAX = 5
"""Conditions that listings.match_entries takes."""


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders. What is empty or None doesn't filter; several values of one mean any of them.

    channels, locations: codes. sku, item_id: a line is that item, or a kit with it in it; of a SKU
    that no item has, a line that says so.
    placed_from, placed_before: instants; the second is not included.
    total_min_minor, total_max_minor: included, in minor units of `currency`, which they need.
    late:    promised before today (UTC) and not all shipped.
    unserved: units have no place to ship from: they wait for a decision, or no location may serve
    them whatever it has.
    preorder: units that were ordered before their release are still to be sent.
    held:    whether a hold is open; hold_reasons: for one of these reasons.
    assignee: who looks after it: “me”, “nobody” or a user's id.
    placed_within_days: today (UTC) and the days before it, so many in all.
    text:    words that must all occur, the last one perhaps only begun: of order and channel
             number, name, e-mail, phone, SKU, tracking number, city, postal code or special code,
             in any case, without accents. Of longer numbers the end is enough. A begun word that
             many orders have as it is is taken as whole.
    """

    life: Annotated[tuple[Life, ...], Several] = ()
    fulfilment: Annotated[tuple[Fulfilment, ...], Several] = ()
    money: Annotated[tuple[MoneyState, ...], Several] = ()
    return_state: Annotated[tuple[ReturnState, ...], Several] = ()
    channels: Annotated[tuple[Word, ...], Several] = ()
    countries: Annotated[tuple[Word, ...], Several] = ()
    locations: Annotated[tuple[Word, ...], Several] = ()
    sku: Word | None = None
    item_id: UUID | None = None
    tags: Annotated[tuple[Word, ...], Several] = ()
    code: Word | None = None
    kind: Word | None = None
    delivery: Delivery | None = None
    mode: Mode | None = None
    customer_number: int | None = None
    placed_from: Annotated[datetime, Meta(tz=True)] | None = None
    placed_before: Annotated[datetime, Meta(tz=True)] | None = None
    currency: Word | None = None
    total_min_minor: int | None = None
    total_max_minor: int | None = None
    backordered: bool | None = None
    unserved: bool | None = None
    preorder: bool | None = None
    late: bool = False
    held: bool | None = None
    hold_reasons: Annotated[tuple[Word, ...], Several] = ()
    assignee: Word | None = None
    placed_within_days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    text: Word = ""


class Matching(msgspec.Struct, frozen=True):
    """A filter as the search carries it out.

    parts:  tsqueries that must all match; none when everything does.
    coarse: further ones for the index, which bring too much or take long to check on an entry;
            what they mean exactly is in the other fields.
    """

    parts: tuple[str, ...]
    coarse: tuple[str, ...]
    currency: str | None
    placed_from: datetime | None
    placed_before: datetime | None
    total_min_minor: int | None
    total_max_minor: int | None
    promised_before: date | None

    @property
    def check(self) -> str | None:
        """The tsquery to check an entry by, together with the other fields."""
        return all_of(self.parts) if self.parts else None

    @property
    def is_by_words(self) -> bool:
        """Whether the parts say all: no amounts or moments, for which lexemes are too coarse."""
        return not self.coarse and (self.placed_from, self.placed_before, self.promised_before) == (
            None,
            None,
            None,
        )

    @property
    def is_just_late(self) -> bool:
        """Whether nothing but being late is asked for, with amounts and moments perhaps."""
        return self.promised_before is not None and self.parts == (LATE,)

    def ask_index(self, *further: str) -> list[str]:
        """The tsqueries to ask the index, at most QUERIES_MAX, with `further` ones."""
        asked = [*further, *self.parts, *self.coarse]
        first, rest = asked[: QUERIES_MAX - 1], asked[QUERIES_MAX - 1 :]
        return [*first, all_of(rest)] if rest else first


NOTHING = quote("nothing")
"""A query that no entry answers."""
LATE = quote("q")
"""A query for what can be late: something promised is awaited."""


def match(asked: OrderFilter, names: Names, actor: Actor, today: date) -> Matching:
    """The search for a filter and the reader's scopes; raises InvalidInput for amounts without a
    currency."""
    by_total = asked.total_min_minor is not None or asked.total_max_minor is not None
    if by_total and not asked.currency:
        raise InvalidInput(
            "Amounts of several currencies can't be compared.",
            errors=[Fault("/currency", "missing", "Name the currency that the amounts are in.")],
        )
    queries = [
        *_axes(asked),
        *_places(asked, names, actor),
        *_marks(asked),
        *_assignee(asked, actor),
        *text_queries(asked.text),
    ]
    if asked.text.strip() and not text_queries(asked.text):
        queries.append(NOTHING)
    return Matching(
        parts=tuple(queries),
        coarse=tuple(_amounts(asked)),
        currency=asked.currency or None,
        placed_from=_placed_from(asked, today),
        placed_before=asked.placed_before,
        total_min_minor=asked.total_min_minor,
        total_max_minor=asked.total_max_minor,
        promised_before=today if asked.late else None,
    )


def _axes(asked: OrderFilter) -> list[str]:
    axes = (
        ("l", asked.life),
        ("f", asked.fulfilment),
        ("m", asked.money),
        ("r", asked.return_state),
        ("y", asked.countries),
        ("t", asked.tags),
        ("h", asked.hold_reasons),
    )
    return [any_of(f"{name}:{value}" for value in values) for name, values in axes if values]


def _places(asked: OrderFilter, names: Names, actor: Actor) -> list[str]:
    """Channels and locations asked for, and those that the reader is bound to."""
    queries = []
    if asked.channels:
        queries.append(any_of(f"c:{code}" for code in asked.channels))
    if actor.channel_ids is not None:
        seen = [c.code for c in names.channels.values() if actor.sees_channel(c.id)]
        queries.append(any_of(f"c:{code}" for code in seen) if seen else NOTHING)
    if asked.locations:
        queries.append(_at_places(names, actor, asked.locations))
    elif actor.location_ids is not None:
        queries.append(_at_places(names, actor, [p.code for p in names.locations.values()]))
    return queries


def _at_places(names: Names, actor: Actor, codes: tuple[str, ...] | list[str]) -> str:
    """For orders with a part at one of the places, of those that the reader sees."""
    terms = [
        f"p:{place.no}"
        for place in names.locations.values()
        if place.code in codes and actor.sees_location(place.id)
    ]
    return any_of(terms) if terms else NOTHING


def _marks(asked: OrderFilter) -> list[str]:
    queries = []
    if asked.sku is not None:
        queries += [quote(f"w:{word}") for word in split(asked.sku)] or [NOTHING]
    if asked.item_id is not None:
        queries.append(quote(item_term(asked.item_id)))
    if asked.code is not None:
        queries.append(quote(f"x:{normal_code(asked.code)}"))
    if asked.kind is not None:
        queries.append(quote(f"k:{asked.kind}"))
    if asked.currency:
        queries.append(quote(f"a:{asked.currency}"))
    if asked.late:
        queries.append(LATE)
    if asked.delivery is not None:
        queries.append(quote(f"d:{asked.delivery}"))
    if asked.mode is not None:
        queries.append(quote(f"o:{asked.mode}"))
    if asked.customer_number is not None:
        queries.append(quote(f"u:{asked.customer_number}"))
    for flag, term in (
        (asked.backordered, "'b'"),
        (asked.unserved, "'n'"),
        (asked.preorder, "'z'"),
        (asked.held, "'h'"),
    ):
        if flag is not None:
            queries.append(term if flag else f"!{term}")
    return queries


def _assignee(asked: OrderFilter, actor: Actor) -> list[str]:
    if not asked.assignee:
        return []
    if asked.assignee == "nobody":
        return ["!'g'"]
    who = actor.id.hex if asked.assignee == "me" else asked.assignee.replace("-", "").lower()
    return [quote(f"g:{who}")]


def _placed_from(asked: OrderFilter, today: date) -> datetime | None:
    """The later of the instant asked for and the first of the last days asked for."""
    if asked.placed_within_days is None:
        return asked.placed_from
    first = datetime.combine(today - timedelta(days=asked.placed_within_days - 1), time(), UTC)
    return first if asked.placed_from is None else max(first, asked.placed_from)


def _amounts(asked: OrderFilter) -> list[str]:
    low, high = asked.total_min_minor, asked.total_max_minor
    if low is None and high is None:
        return []
    stretches = cover_amounts(0 if low is None else low, MINOR_MAX if high is None else high)
    terms = [stretch.term(f"a{asked.currency}") for stretch in stretches]
    return [any_of(terms) if terms else NOTHING]
