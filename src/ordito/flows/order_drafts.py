"""From an ask to a priced draft: everything an order can be refused for, before any write."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from ordito.catalog.types import ItemFacts
from ordito.channels.types import Channel
from ordito.customers.customers import ContactKey, contact_keys
from ordito.flows.discount_rights import require_discount_right
from ordito.flows.local_slots import LocalFacts, SlotTime
from ordito.flows.order_dates import NO_DATES, DraftDates, draft_dates
from ordito.flows.reference import Reference
from ordito.flows.slot_choices import choose_slot, with_zones
from ordito.kernel.addresses import Address
from ordito.kernel.money import CURRENCIES, exponent, to_minor
from ordito.kernel.text import normal_code
from ordito.locations.distances import Position, locate, lookup_keys
from ordito.locations.types import Location
from ordito.orders.totals import Terms, Totals, TotalsImpossible, compute_totals
from ordito.orders.types import LineAsk, PlaceOrder
from ordito.platform.access import Actor
from ordito.platform.problems import Fault, InvalidInput
from ordito.sourcing.types import Destination, Part, SourcingRequest, Want

PRICE_MAX = Decimal(1_000_000_000_000)


class DraftLine(msgspec.Struct, frozen=True):
    """A line with the item found for it. `parts` is empty for what takes no stock."""

    no: int
    ask: LineAsk
    item: ItemFacts
    price: Decimal
    pinned: Location | None
    parts: tuple[Part, ...]


class Draft(msgspec.Struct, frozen=True):
    """An order that can be placed, if the stock is there."""

    ask: PlaceOrder
    channel: Channel
    external_id: str | None
    external_key: str | None
    lines: tuple[DraftLine, ...]
    totals: Totals
    terms: Terms
    country: str
    pickup: Location | None
    placed_at: datetime
    promised_on: date
    rate: Decimal | None
    rate_on: date | None
    base_total_minor: int | None
    contacts: list[ContactKey]
    sourcing: SourcingRequest
    dates: DraftDates = NO_DATES
    slot: SlotTime | None = None
    """When it is brought, and from where; `pickup` is that location then."""


class Known(msgspec.Struct, frozen=True):
    """What was read for a batch of asks."""

    reference: Reference
    items: Mapping[str, ItemFacts]
    centroids: Mapping[tuple[str, str], tuple[float, float]]
    now: datetime
    local: LocalFacts | None = None
    """What is taken of delivery slots, where an ask is about them."""


class Faults:
    """Collects everything that is wrong, then tells all of it at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, pointer: str, code: str, detail: str) -> None:
        self.found.append(Fault(pointer, code, detail))

    def raise_if_any(self) -> None:
        if self.found:
            raise InvalidInput(
                f"{len(self.found)} thing(s) to correct; nothing was placed.", errors=self.found
            )


def external_id_of(ask: PlaceOrder) -> str | None:
    """The channel's id as text, exactly as it was sent, without blanks around it."""
    if ask.external_id is None:
        return None
    return str(ask.external_id).strip() or None


def find_channel(actor: Actor, known: Reference, code: str) -> Channel:
    """The channel of an ask; raises InvalidInput when it is unknown, closed or out of scope."""
    channel = known.channels.get(code)
    if channel is None or not channel.active or not actor.sees_channel(channel.id):
        raise InvalidInput(
            "1 thing(s) to correct; nothing was placed.",
            errors=[
                Fault("/channel", "unknown-channel", f"There is no open channel “{code[:60]}”.")
            ],
        )
    return channel


def draft_order(actor: Actor, ask: PlaceOrder, known: Known) -> Draft:
    """Price an ask and prepare its sourcing; raises InvalidInput with every fault
    found, NotPermitted for a discount that the actor may not give."""
    faults = Faults()
    channel = find_channel(actor, known.reference, ask.channel)
    terms = _terms(ask, channel, faults)
    lines = [_draft_line(i, line, terms, known, faults) for i, line in enumerate(ask.lines)]
    country, pickup = _destination(ask, known.reference, faults)
    placed_at = _placed_at(ask, known.now, faults)
    external_id = external_id_of(ask)
    if external_id is not None and len(external_id) > 200:
        faults.add("/external_id", "too-long", "An external id has at most 200 characters.")
    drafted = tuple(line for line in lines if line is not None)
    dates = draft_dates(ask, drafted, channel, (known.reference, known.now), faults)
    faults.raise_if_any()
    try:
        totals = compute_totals(
            ask.lines, [line.price for line in drafted], ask.adjustments, ask.totals, terms
        )
    except TotalsImpossible as fault:
        faults.add(fault.pointer, "amount", fault.detail)
        faults.raise_if_any()
        raise
    require_discount_right(actor, ask, [line.item for line in drafted], totals, terms.currency)
    rate, rate_on, base_total = _base_total(channel, terms, totals, placed_at, known.reference)
    customer = ask.customer
    draft = Draft(
        ask=ask,
        channel=channel,
        external_id=external_id,
        external_key=normal_code(external_id) if external_id else None,
        lines=drafted,
        totals=totals,
        terms=terms,
        country=country,
        pickup=pickup,
        placed_at=placed_at,
        promised_on=ask.promised_on or (placed_at + timedelta(days=channel.promise_days)).date(),
        rate=rate,
        rate_on=rate_on,
        base_total_minor=base_total,
        contacts=contact_keys(customer.email, customer.phone, customer.reference, channel.id)
        if customer
        else [],
        sourcing=_sourcing_request(
            ask,
            channel,
            drafted,
            country,
            pickup,
            known,
            Decimal(1) if terms.currency == channel.base_currency else rate,
        ),
        dates=dates,
    )
    return draft if ask.delivery != "local" else _give_slot(draft, known)


def _give_slot(draft: Draft, known: Known) -> Draft:
    """The draft with its slot, which only the slot's location can keep; raises SlotUnavailable,
    InvalidInput."""
    if draft.dates.preorders:
        detail = "What isn't released yet can't be brought in a slot. Have it shipped."
        raise InvalidInput("Nothing was placed.", errors=[Fault("/delivery", "preorder", detail)])
    sourcing, there = draft.sourcing, draft.sourcing.destination
    position = (
        Position(there.latitude, there.longitude, there.exact)
        if there.latitude is not None and there.longitude is not None
        else None
    )
    local = known.local or LocalFacts({}, {})
    chosen = choose_slot(
        draft.ask,
        draft.lines,
        position,
        (known.reference, local, known.now),
        sourcing.places_allowed,
    )
    return msgspec.structs.replace(
        draft,
        pickup=chosen.time.location,
        promised_on=chosen.time.on_day,
        sourcing=with_zones(sourcing, chosen),
        slot=chosen.time,
    )


def _terms(ask: PlaceOrder, channel: Channel, faults: Faults) -> Terms:
    currency = ask.currency or channel.currency
    if currency not in CURRENCIES:
        faults.add("/currency", "unknown-currency", f"“{currency}” is no ISO 4217 currency.")
    included = channel.tax_included if ask.tax_included is None else ask.tax_included
    return Terms(currency, included, channel.rounding)


def _draft_line(
    i: int, line: LineAsk, terms: Terms, known: Known, faults: Faults
) -> DraftLine | None:
    item = known.items.get(normal_code(line.sku))
    if item is None or not item.active:
        faults.add(
            f"/lines/{i}/sku",
            "unknown-sku",
            f"There is no item “{line.sku[:60]}” on sale; create it or correct the SKU.",
        )
        return None
    price = _price(i, line, item, terms, faults)
    _check_taxes(f"/lines/{i}", line, faults)
    pinned = None
    if line.location is not None:
        pinned = known.reference.locations.get(line.location)
        if pinned is None:
            faults.add(
                f"/lines/{i}/location", "unknown-location", f"No location “{line.location[:60]}”."
            )
    if item.kind == "stocked":
        parts: tuple[Part, ...] = (Part(item.id, 1),)
    else:
        parts = tuple(Part(id_, qty) for id_, qty in item.parts or ())
    return DraftLine(i + 1, line, item, price, pinned, parts)


def _price(i: int, line: LineAsk, item: ItemFacts, terms: Terms, faults: Faults) -> Decimal:
    price = line.unit_price
    if price is None:
        text = item.prices.get(terms.currency)
        if text is None:
            faults.add(
                f"/lines/{i}/unit_price",
                "no-price",
                f"Item “{item.sku}” has no price in {terms.currency}; send one.",
            )
            return Decimal(0)
        return Decimal(text)
    if not price.is_finite() or price < 0 or price >= PRICE_MAX:
        faults.add(f"/lines/{i}/unit_price", "out-of-range", "A price is 0 or more, below 10¹².")
        return Decimal(0)
    exponent_ = price.as_tuple().exponent
    if isinstance(exponent_, int) and exponent_ < -6 and price != round(price, 6):
        faults.add(f"/lines/{i}/unit_price", "too-exact", "A price has at most 6 decimal places.")
    return price


def _check_taxes(pointer: str, line: LineAsk, faults: Faults) -> None:
    for n, tax in enumerate(line.taxes):
        if not tax.rate.is_finite() or not 0 <= tax.rate <= 10:
            faults.add(f"{pointer}/taxes/{n}/rate", "out-of-range", "A rate is 0 to 10 (1000 %).")


def _destination(ask: PlaceOrder, known: Reference, faults: Faults) -> tuple[str, Location | None]:
    if ask.slot is not None and ask.delivery != "local":
        faults.add("/slot", "unwanted", "Only what is brought (delivery “local”) takes a slot.")
    if ask.delivery != "pickup":
        if ask.ship_to is None:
            faults.add("/ship_to", "required", "Where does it go? Give at least the country.")
            return "", None
        return ask.ship_to.country, None
    pickup = known.locations.get(ask.pickup_location or "")
    if pickup is None or not pickup.can_pickup:
        faults.add(
            "/pickup_location",
            "unknown-location",
            "For pick-up, name a location where customers can collect.",
        )
        return "", None
    return pickup.country, pickup


def _placed_at(ask: PlaceOrder, now: datetime, faults: Faults) -> datetime:
    if ask.placed_at is None:
        return now
    if ask.placed_at > now + timedelta(days=1):
        faults.add("/placed_at", "in-future", "An order can't have been placed in the future.")
    return ask.placed_at


def _base_total(
    channel: Channel, terms: Terms, totals: Totals, at: datetime, known: Reference
) -> tuple[Decimal | None, date | None, int | None]:
    """Rate, its day and the total in the channel's base currency; None where no rate is known."""
    base = channel.base_currency
    if terms.currency == base:
        return None, None, totals.total_minor
    rate = known.rate(base, terms.currency, at.date())
    if rate is None:
        return None, None, None
    amount = Decimal(totals.total_minor).scaleb(-exponent(terms.currency)) * rate.rate
    return rate.rate, rate.valid_on, to_minor(amount, base, terms.rounding)


def _sourcing_request(
    ask: PlaceOrder,
    channel: Channel,
    lines: Sequence[DraftLine],
    country: str,
    pickup: Location | None,
    known: Known,
    rate: Decimal | None,
) -> SourcingRequest:
    reference = known.reference
    networks = reference.guides.networks(channel.id)
    valued = any(one.policy.limits.min_parcel_value is not None for one in networks)
    return SourcingRequest(
        channel=channel.code,
        market=reference.market_of.get(country) or channel.market,
        places_allowed=reference.places_allowed[channel.id],
        delivery=ask.delivery,
        pickup_place=pickup.no if pickup else None,
        destination=_locate(ask.ship_to, country, pickup, known.centroids),
        wants=tuple(
            Want(
                line.no,
                line.ask.quantity,
                line.parts,
                line.pinned.no if line.pinned else None,
                tuple(line.item.tags),
                line.item.weight_g,
                _value_milli(line.price, rate) if valued else None,
            )
            for line in lines
            if line.parts
        ),
        weekday=known.now.weekday(),
        date=known.now.date().isoformat(),
        at=known.now,
        level=channel.promise_level,
        bring_days=reference.bring_days(channel, pickup),
    )


def _value_milli(price: Decimal, rate: Decimal | None) -> int | None:
    """A unit's price in thousandths of the channel's base currency; None without a rate."""
    return None if rate is None else int(price * rate * 1000)


def _locate(
    ship_to: Address | None,
    country: str,
    pickup: Location | None,
    centroids: Mapping[tuple[str, str], tuple[float, float]],
) -> Destination:
    if pickup is not None:
        return Destination(country, pickup.latitude, pickup.longitude, pickup.latitude is not None)
    postal_code = ship_to.postal_code if ship_to else ""
    position = locate(country, postal_code, centroids)
    if position is None:
        return Destination(country, None, None, False, postal_code)
    return Destination(country, position.latitude, position.longitude, position.exact, postal_code)


def postal_keys(asks: Iterable[PlaceOrder]) -> set[tuple[str, str]]:
    """The (country, code) keys under which the asks' destinations may be known."""
    return {
        (ask.ship_to.country, key)
        for ask in asks
        if ask.ship_to is not None and ask.ship_to.postal_code
        for key in lookup_keys(ask.ship_to.country, ask.ship_to.postal_code)
    }


def item_ids(drafts: Iterable[Draft]) -> set[str]:
    """The items whose stock the drafts take."""
    return {str(part.item_id) for draft in drafts for line in draft.lines for part in line.parts}
