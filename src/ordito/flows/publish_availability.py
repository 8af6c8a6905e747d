"""Publish availability: how much of each item a channel may sell, and where it lies."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from ordito.catalog.items import send_facts, send_find_facts
from ordito.catalog.types import ItemFacts, ItemKind
from ordito.channels.item_buffers import read_buffers
from ordito.channels.types import Channel
from ordito.flows.kept_stock import add_kept
from ordito.flows.reference import Reference, reference
from ordito.inventory.kept import Buyer
from ordito.inventory.stock import send_free
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx, beyond_scope
from ordito.platform.problems import NotFound
from ordito.sourcing.eligibility import (
    Circumstances,
    find_bars,
    find_refusal,
    find_tagged_keeps,
    find_terms,
    select_rules,
)
from ordito.sourcing.policies import CalendarRule, CountryRule, EligibilityRule
from ordito.sourcing.types import Place, Want

ITEMS_MAX = 1000


class PlaceAvailability(msgspec.Struct, frozen=True):
    """Units that a channel's orders may take from a location."""

    location: str
    free: int


class ItemAvailability(msgspec.Struct, frozen=True):
    """How much of an item a channel may sell. A kit counts whole kits, each from one location.

    free:      units at the locations that may ship for the channel.
    published: free less the item's buffer, or else the channel's, never below zero; zero when it
               is not on sale.
    unlimited: it takes no stock (a service); the numbers mean nothing then.
    """

    item_id: UUID
    sku: str
    kind: ItemKind
    on_sale: bool
    unlimited: bool
    free: int
    published: int
    locations: list[PlaceAvailability]


class Availability(msgspec.Struct, frozen=True):
    """The answer for many items, in the order they were asked for; unknown ones apart."""

    channel: str
    country: str | None
    items: list[ItemAvailability]
    unknown: list[str]


def read_availability(
    tx: Tx,
    channel: str,
    *,
    skus: Sequence[str] = (),
    item_ids: Sequence[UUID] = (),
    country: str | None = None,
) -> Availability:
    """What a channel may sell of items, named by SKU or by id; raises NotFound for the channel.

    country: for deliveries there, by the channel's policy; None is anywhere. Where a place is
             inactive, doesn't ship, or may not serve the channel, its stock counts for nothing,
             and a deficit there takes nothing from the others.
    """
    assert len(skus) + len(item_ids) <= ITEMS_MAX, "caller limits the number of items"
    known = reference(tx)
    seller = known.channels.get(channel)
    if seller is None or not tx.actor.sees_channel(seller.id):
        raise NotFound(f"There is no channel “{channel[:60]}”, or you don't see it.")
    items, unknown = _find_items(tx, skus, item_ids)
    stock = _Stock(tx, known, seller, country)
    stock.read(items)
    return Availability(channel, country, [stock.tell(item) for item in items], unknown)


def _find_items(
    tx: Tx, skus: Sequence[str], item_ids: Sequence[UUID]
) -> tuple[list[ItemFacts], list[str]]:
    """The items in the order they are named, each once, and the names that nothing has."""
    found: dict[str, ItemFacts] = {}
    unknown = []
    if skus:
        by_sku = {item.sku_key: item for item in send_find_facts(tx, map(normal_code, skus))}
        found |= {by_sku[key].id: by_sku[key] for key in map(normal_code, skus) if key in by_sku}
        unknown += [sku for sku in skus if normal_code(sku) not in by_sku]
    if item_ids:
        by_id = {item.id: item for item in send_facts(tx, item_ids)}
        found |= {key: by_id[key] for key in map(str, item_ids) if key in by_id}
        unknown += [key for key in map(str, item_ids) if key not in by_id]
    return list(found.values()), unknown


class _Stock:
    """The free stock that orders of a channel may take, by item and place."""

    def __init__(self, tx: Tx, known: Reference, channel: Channel, country: str | None) -> None:
        self.tx = tx
        self.known = known
        self.channel = channel
        rules, places = _find_places(known, channel, country)
        self.terms = {place.no: find_terms(place, rules) for place in places}
        self.bars = find_bars(places, rules)
        self.tagged = find_tagged_keeps(places, rules)
        self.some_is_kept = any(terms.keep or terms.least for terms in self.terms.values())
        self.free: dict[str, dict[int, int]] = {}
        self.buffers: dict[str, int] = {}

    def read(self, items: Iterable[ItemFacts]) -> None:
        items = list(items)
        self.buffers = read_buffers(self.tx, self.channel.id, [item.id for item in items])
        ids = {item_id for item in items for item_id, _ in _parts(item)}
        places = {self.known.id_by_no[no]: no for no in self.terms}
        with beyond_scope(self.tx):
            rows = send_free(self.tx, ids, places).fetchall()
        free = {row.item_id: dict(zip(row.places, row.units, strict=True)) for row in rows}
        add_kept(self.tx, Buyer(self.channel.id), self.known, free, ids)
        for item_id, units in free.items():
            here = {no: n for no, n in units.items() if no in self.terms}
            self.free[item_id] = self._leave_kept(here) if self.some_is_kept else here

    def _leave_kept(self, units: dict[int, int]) -> dict[int, int]:
        """What the policy leaves to orders: some is kept for those who walk in."""
        terms = self.terms
        return {
            no: left
            for no, here in units.items()
            if here >= terms[no].least and (left := here - terms[no].keep) > 0
        }

    def _count_units(self, item: ItemFacts) -> dict[int, int]:
        """Units of an item by place; kits are whole, so each place counts for itself."""
        parts = _parts(item)
        if not parts:
            return {}
        if item.tags or self.bars:
            return self._count_by_rules(item)
        first, per_unit = parts[0]
        free = self.free.get(first, {})
        if len(parts) == 1 and per_unit == 1:
            return free
        return {
            no: units
            for no in free
            if (units := min(self.free.get(id_, {}).get(no, 0) // per for id_, per in parts))
        }

    def _count_by_rules(self, item: ItemFacts) -> dict[int, int]:
        """The same where rules about items say which places send it and what they keep of it."""
        want = Want(1, 1, (), None, tuple(item.tags), item.weight_g)
        barred = frozenset[int]().union(
            *(bar.places for bar in self.bars if bar.is_about(want.tags, want.weight_g))
        )
        keep: dict[int, int] = {}
        for rule in self.tagged:
            if not rule.tags.isdisjoint(item.tags):
                keep |= {no: max(pieces, keep.get(no, 0)) for no, pieces in rule.keep.items()}
        counted = {}
        for no in self.terms.keys() - barred:
            # What everything keeps is taken off already; only what is beyond it is left here.
            more = max(0, keep.get(no, 0) - self.terms[no].keep)
            units = min((self.free.get(id_, {}).get(no, 0) - more) // n for id_, n in _parts(item))
            if units > 0:
                counted[no] = units
        return counted

    def tell(self, item: ItemFacts) -> ItemAvailability:
        units = self._count_units(item)
        codes = self.known.locations_by_no
        places = [PlaceAvailability(codes[no].code, here) for no, here in units.items()]
        places.sort(key=lambda place: place.location)
        free = sum(units.values())
        buffer = self.buffers.get(item.id, self.channel.stock_buffer)
        return ItemAvailability(
            item_id=UUID(item.id),
            sku=item.sku,
            kind=item.kind,
            on_sale=item.active,
            unlimited=not _parts(item),
            free=free,
            published=max(0, free - buffer) if item.active else 0,
            locations=places,
        )


def _parts(item: ItemFacts) -> Sequence[tuple[str, int]]:
    return [(item.id, 1)] if item.kind == "stocked" else item.parts or ()


def _find_places(
    known: Reference, channel: Channel, country: str | None
) -> tuple[list[EligibilityRule], list[Place]]:
    """The rules that apply, and the places whose stock counts.

    Rules about the day are left out (tomorrow is another one), and so is the distance, which a
    country doesn't tell.
    """
    market = "" if country is None else known.market_of.get(country) or channel.market
    circumstances = Circumstances(
        channel=channel.code,
        delivery="ship",
        market=market,
        country=country or "",
        places_allowed=known.places_allowed[channel.id],
        pickup_place=None,
        weekday=0,
        date="",
    )
    network = known.networks[channel.policy_id]
    rules: list[EligibilityRule] = [
        rule
        for rule in select_rules(network.policy.rules, circumstances)
        if not isinstance(rule, CalendarRule)
        and not (country is None and isinstance(rule, CountryRule) and rule.same)
    ]
    return rules, [
        place for place in network.places if find_refusal(place, rules, circumstances) is None
    ]
