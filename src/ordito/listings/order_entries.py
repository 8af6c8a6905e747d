"""Search entries of orders: read set-based from what the slices keep, written by the follower."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.kernel.text import normal_code
from ordito.listings.terms import (
    amount_terms,
    day_number,
    day_terms,
    item_term,
)
from ordito.listings.words import find_tails, index_words
from ordito.orders.types import Fulfilment, Life
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

NEVER = date(9999, 12, 31)
"""Stands for “not promised”: sorts last."""

_SEPARATOR = "\x1f"


class Contact(msgspec.Struct, frozen=True):
    """A party or the customer, as far as lists are searched by it."""

    email: str = ""
    address: dict[str, str] = {}


class OrderFacts(msgspec.Struct, frozen=True):
    """What of an order is searched by. locations: numbers; codes: external id, parcels."""

    order_id: UUID
    version: int
    placed_at: datetime
    number: int
    promised_on: date | None
    currency: str
    total_minor: int
    life: Life
    fulfilment: Fulfilment
    money: str
    return_state: str
    backordered: bool
    mode: str
    delivery: str
    kind: str
    code: str | None
    country: str
    channel: str
    external_id: str | None
    customer_no: int | None
    name: str
    email: str
    phone: str
    parties: list[Contact]
    locations: list[int]
    items: list[UUID]
    skus: list[str]
    tags: list[str]
    hold_reasons: list[str]
    tracking_numbers: list[str]
    assignee_id: UUID | None
    unserved: bool
    """Whether units have no place to ship from: nobody is asked, or no location may serve them.

    After a short pick the place is asked again as soon as it gets stock: such an order waits.
    """
    preorder: bool
    """Whether units that were ordered before their release are still to be sent."""


def refresh_entries(tx: Tx, order_ids: Iterable[UUID]) -> int:
    """Write the entries of orders anew from what is true now; returns how many have changed.

    An entry that is newer than what was read stays.
    """
    facts = _FACTS.all(tx, ids=uuids(order_ids))
    return _WRITE.run(tx, [_entry(row) for row in facts])


def is_awaited(life: Life, fulfilment: Fulfilment) -> bool:
    """Whether units of the order are still to leave, so that a promise can be broken."""
    return life == "open" and fulfilment != "fulfilled"


def terms_of(facts: OrderFacts) -> set[str]:
    """Every lexeme that the order is filed under."""
    terms = {
        f"l:{facts.life}",
        f"f:{facts.fulfilment}",
        f"m:{facts.money}",
        f"r:{facts.return_state}",
        f"o:{facts.mode}",
        f"d:{facts.delivery}",
        f"k:{facts.kind}",
        f"y:{facts.country}",
        f"c:{facts.channel}",
        f"a:{facts.currency}",
        *amount_terms(f"a{facts.currency}", facts.total_minor),
        *day_terms("d", day_number(facts.placed_at)),
        *(f"p:{no}" for no in facts.locations),
        *(item_term(id_) for id_ in facts.items),
        *(f"t:{tag}" for tag in facts.tags),
        *(f"h:{reason}" for reason in facts.hold_reasons),
    }
    if facts.backordered:
        terms.add("b")
    if facts.hold_reasons:
        terms.add("h")
    if facts.unserved:
        terms.add("n")
    if facts.preorder:
        terms.add("z")
    if facts.assignee_id is not None:
        terms.update(("g", f"g:{facts.assignee_id.hex}"))
    if facts.code is not None:
        terms.add(f"x:{normal_code(facts.code)}")
    if facts.customer_no is not None:
        terms.add(f"u:{facts.customer_no}")
    if facts.promised_on is not None and is_awaited(facts.life, facts.fulfilment):
        terms.add("q")
    terms.update(_word_terms(facts))
    return terms


def _word_terms(facts: OrderFacts) -> set[str]:
    addresses = [party.address for party in facts.parties]
    texts = [facts.name, facts.email, *(party.email for party in facts.parties)]
    texts += [a.get(part, "") for a in addresses for part in ("name", "company", "city")]
    tails = [facts.phone, facts.external_id or "", *facts.tracking_numbers]
    tails += [address.get("phone", "") for address in addresses]
    codes = [*tails, str(facts.number), facts.code or "", *facts.skus]
    codes += [address.get("postal_code", "") for address in addresses]
    words = {f"w:{word}" for word in index_words(texts, codes)}
    words.update(f"v:{tail}" for tail in find_tails(tails))
    return words


def _entry(facts: OrderFacts) -> tuple[Any, ...]:
    terms = terms_of(facts)
    joined = _SEPARATOR.join(terms)
    if joined.count(_SEPARATOR) >= len(terms):
        joined = _SEPARATOR.join(term.replace(_SEPARATOR, " ") for term in terms)
    return (
        facts.order_id,
        facts.version,
        facts.placed_at,
        facts.number,
        facts.promised_on or NEVER,
        facts.currency,
        facts.total_minor,
        is_awaited(facts.life, facts.fulfilment),
        joined,
    )


_FACTS = query(
    OrderFacts,
    """
    SELECT o.id AS order_id, o.version, o.placed_at, o.number, o.promised_on, o.currency,
           o.total_minor, o.life, o.fulfilment, o.money, o.return_state, o.backordered, o.mode,
           o.delivery, o.kind, o.code, o.country, c.code AS channel, o.external_id,
           u.number AS customer_no, coalesce(p.name, '') AS name, coalesce(p.email, '') AS email,
           coalesce(p.phone, '') AS phone,
           (
               SELECT coalesce(jsonb_agg(
                          jsonb_build_object('email', a.email, 'address', a.address)), '[]')
               FROM orders.party AS a
               WHERE a.order_id = o.id
           ) AS parties,
           ARRAY(
               SELECT DISTINCT l.no
               FROM fulfillment.fulfillment_order AS f
               JOIN locations.location AS l ON l.id = f.location_id
               WHERE f.order_id = o.id
           ) AS locations,
           ARRAY(
               SELECT l.item_id
               FROM orders.line AS l
               WHERE l.order_id = o.id AND l.item_id IS NOT NULL
               UNION
               SELECT k.item_id
               FROM orders.line_component AS k
               WHERE k.order_id = o.id
           ) AS items,
           ARRAY(SELECT DISTINCT l.sku FROM orders.line AS l WHERE l.order_id = o.id) AS skus,
           ARRAY(SELECT t.tag FROM orders.tag AS t WHERE t.order_id = o.id) AS tags,
           ARRAY(
               SELECT DISTINCT h.reason
               FROM orders.hold AS h
               WHERE h.order_id = o.id AND h.released_at IS NULL
           ) AS hold_reasons,
           ARRAY(
               SELECT b.tracking_number
               FROM fulfillment.parcel AS b
               WHERE b.order_id = o.id AND b.tracking_number <> ''
           ) AS tracking_numbers,
           g.user_id AS assignee_id,
           o.life = 'open' AND o.mode = 'live' AND (
               EXISTS (
                   SELECT
                   FROM orders.line AS l
                   WHERE l.order_id = o.id AND l.open > 0 AND l.item_kind IN ('stocked', 'kit')
               )
               OR o.backordered AND coalesce((
                   SELECT jsonb_array_length(e.body -> 'places') = 0 AND e.cause <> 'short_pick'
                          AND coalesce(jsonb_array_length(e.body #> '{brought,places}'), 0) = 0
                   FROM sourcing.decision AS e
                   WHERE e.order_id = o.id
                   ORDER BY e.decision_no DESC
                   LIMIT 1
               ), false)
           ) AS unserved,
           EXISTS (
               SELECT
               FROM orders.line_preorder AS b
               JOIN orders.line AS l ON l.order_id = b.order_id AND l.line_no = b.line_no
               WHERE b.order_id = o.id AND l.ordered > l.cancelled + l.shipped + l.completed
           ) AS preorder
    FROM orders.sales_order AS o
    JOIN channels.channel AS c ON c.id = o.channel_id
    LEFT JOIN customers.customer AS u ON u.id = o.customer_id
    LEFT JOIN customers.person AS p ON p.customer_id = o.customer_id
    LEFT JOIN orders.assignment AS g ON g.order_id = o.id
    WHERE o.id = ANY(%(ids)s::uuid[])
    """,
)

_WRITE = bulk("""
    INSERT INTO listings.order_entry AS e
        (order_id, version, placed_at, number, promised_on, currency, total_minor, awaited, doc)
    SELECT d.order_id, d.version, d.placed_at, d.number, d.promised_on, d.currency, d.total_minor,
           d.awaited, array_to_tsvector(string_to_array(d.terms, E'\\x1f'))
    FROM unnest(%s::uuid[], %s::int8[], %s::timestamptz[], %s::int8[], %s::date[], %s::text[],
                %s::int8[], %s::bool[], %s::text[])
        AS d (order_id, version, placed_at, number, promised_on, currency, total_minor, awaited,
              terms)
    ON CONFLICT (order_id) DO UPDATE
    SET version = excluded.version, placed_at = excluded.placed_at, number = excluded.number,
        promised_on = excluded.promised_on, currency = excluded.currency,
        total_minor = excluded.total_minor, awaited = excluded.awaited, doc = excluded.doc
    WHERE e.version < excluded.version
       OR (e.version = excluded.version
           AND (e.doc <> excluded.doc OR e.promised_on <> excluded.promised_on
                OR e.placed_at <> excluded.placed_at OR e.total_minor <> excluded.total_minor))
""")
