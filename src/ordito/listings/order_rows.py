"""One order's rows from all slices, read in a single round trip."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Cursor

from ordito.fulfillment.part_promises import PartPromise
from ordito.fulfillment.schedules import Schedule
from ordito.fulfillment.types import FulfillmentOrder, Parcel
from ordito.kernel.addresses import Address
from ordito.listings.order_types import (
    AdjustmentRow,
    AssigneeName,
    ExpectationRow,
    HoldRow,
    NoteRow,
    OtherOrder,
    PartRow,
    RefusalRow,
    TaskRow,
)
from ordito.orders.dates import LineDates, Preorder
from ordito.orders.deadlines import Deadline
from ordito.orders.types import Line, Order, OrderFile
from ordito.platform.database import Query, Tx, query
from ordito.sourcing.types import Decision

TIMELINE_MAX = 200
OTHER_ORDERS_MAX = 20


class CustomerRow(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    name: str
    email: str
    phone: str


class PartyRow(msgspec.Struct, frozen=True):
    role: str
    email: str
    address: Address


class WorkLineRow(msgspec.Struct, frozen=True):
    """A fulfillment order's line of one item: pieces, `per_unit` of them make a unit."""

    fo_no: int
    line_no: int
    item_id: UUID
    qty: int
    per_unit: int
    picked: int
    packed: int
    shipped: int


class ParcelLineRow(msgspec.Struct, frozen=True):
    """Units of an order line in a parcel; kits count kits."""

    fo_no: int
    parcel_no: int
    line_no: int
    units: int


class DecisionRow(msgspec.Struct, frozen=True):
    decision_no: int
    at: datetime
    cause: str
    policy: str
    policy_version: int
    body: Decision


class EventRow(msgspec.Struct, frozen=True):
    seq: int
    at: datetime
    kind: str
    actor_kind: str
    actor: str
    body: dict[str, Any]


class OrderRows(msgspec.Struct, frozen=True):
    """One order's rows, each list in its natural order."""

    order: Order
    lines: list[Line]
    parts: list[PartRow]
    fos: list[FulfillmentOrder]
    work: list[WorkLineRow]
    parcels: list[Parcel]
    parcel_lines: list[ParcelLineRow]
    holds: list[HoldRow]
    tags: list[str]
    assignees: list[AssigneeName]
    notes: list[NoteRow]
    files: list[OrderFile]
    adjustments: list[AdjustmentRow]
    expectations: list[ExpectationRow]
    parties: list[PartyRow]
    customers: list[CustomerRow]
    other_orders: list[OtherOrder]
    decisions: list[DecisionRow]
    tasks: list[TaskRow]
    refusals: list[RefusalRow]
    deadlines: list[Deadline]
    dates: list[LineDates]
    preorders: list[Preorder]
    schedules: list[Schedule]
    promises: list[PartPromise]
    events: list[EventRow]


def find_order_id(tx: Tx, number: int) -> UUID | None:
    """The id of the order with that number."""
    return _ID.first(tx, number=number)


_ID = query(UUID, "SELECT id FROM orders.sales_order WHERE number = %(number)s")


def read_order_rows(tx: Tx, order_id: UUID) -> OrderRows | None:
    """Everything kept about an order, whoever asks; None when there is none."""
    channel_ids = None if tx.actor.channel_ids is None else sorted(tx.actor.channel_ids)
    params: dict[str, Any] = {"id": order_id, "channel_ids": channel_ids}
    sent: dict[str, Cursor[Any]] = {}
    with tx.conn.pipeline():
        for name, query_ in _QUERIES.items():
            named = {key: params[key] for key in _params_of(query_)}
            sent[name] = query_.send(tx, **named)
    rows: dict[str, Any] = {name: cursor.fetchall() for name, cursor in sent.items()}
    found = rows.pop("order")
    return OrderRows(order=found[0], **rows) if found else None


def _params_of(query_: Query[Any]) -> list[str]:
    return ["id", "channel_ids"] if "%(channel_ids)s" in query_.sql else ["id"]


_QUERIES: dict[str, Query[Any]] = {
    "order": query(
        Order,
        """
        SELECT id, number, channel_id, external_id, customer_id, mode, kind, code, delivery,
               pickup_location_id, country, currency, tax_included, rounding, items_minor,
               discount_minor, shipping_minor, fees_minor, tax_minor, rounding_minor, total_minor,
               base_currency, rate, rate_on, base_total_minor, life, fulfilment, money,
               return_state, backordered, promised_on, placed_at, updated_at, version
        FROM orders.sales_order
        WHERE id = %(id)s
        """,
    ),
    "lines": query(
        Line,
        """
        SELECT order_id, line_no, item_id, sku, title, item_kind, unit_price, gross_minor,
               discount_minor, net_minor, tax_minor, taxes, pinned_location_id, ordered, cancelled,
               open, backordered, reserved, released, picked, packed, shipped, completed,
               delivered, return_requested, returned, restocked, written_off
        FROM orders.line
        WHERE order_id = %(id)s
        ORDER BY line_no
        """,
    ),
    "parts": query(
        PartRow,
        """
        SELECT c.line_no, c.item_id, i.sku, i.name, c.per_kit AS per_unit
        FROM orders.line_component AS c
        JOIN catalog.item AS i ON i.id = c.item_id
        WHERE c.order_id = %(id)s
        ORDER BY c.line_no, i.sku_key
        """,
    ),
    "fos": query(
        FulfillmentOrder,
        """
        SELECT order_id, fo_no, location_id, delivery, state, decision_no, promised_on,
               pickup_code, created_at, released_at, updated_at, version, collect_by,
               request, destination_id
        FROM fulfillment.fulfillment_order
        WHERE order_id = %(id)s
        ORDER BY fo_no
        """,
    ),
    "work": query(
        WorkLineRow,
        """
        SELECT fo_no, line_no, item_id, qty, per_unit, picked, packed, shipped
        FROM fulfillment.line
        WHERE order_id = %(id)s
        ORDER BY fo_no, line_no, item_id
        """,
    ),
    "parcels": query(
        Parcel,
        """
        SELECT order_id, fo_no, parcel_no, carrier, service, tracking_number, weight_g,
               shipped_at, delivered_at, destination_id
        FROM fulfillment.parcel
        WHERE order_id = %(id)s
        ORDER BY fo_no, parcel_no
        """,
    ),
    "parcel_lines": query(
        ParcelLineRow,
        """
        SELECT p.fo_no, p.parcel_no, p.line_no, min(p.qty / l.per_unit)::int8 AS units
        FROM fulfillment.parcel_line AS p
        JOIN fulfillment.line AS l USING (order_id, fo_no, line_no, item_id)
        WHERE p.order_id = %(id)s
        GROUP BY p.fo_no, p.parcel_no, p.line_no
        ORDER BY p.fo_no, p.parcel_no, p.line_no
        """,
    ),
    "holds": query(
        HoldRow,
        """
        SELECT h.hold_no, h.reason, h.note, coalesce(u.name, k.name) AS owner, h.release_at,
               h.placed_at, h.released_at
        FROM orders.hold AS h
        LEFT JOIN platform.app_user AS u ON u.id = h.owner_id
        LEFT JOIN platform.api_key AS k ON k.id = h.owner_id
        WHERE h.order_id = %(id)s
        ORDER BY h.hold_no
        """,
    ),
    "tags": query(str, "SELECT tag FROM orders.tag WHERE order_id = %(id)s ORDER BY tag"),
    "assignees": query(
        AssigneeName,
        """
        SELECT a.user_id AS id, u.name
        FROM orders.assignment AS a
        JOIN platform.app_user AS u ON u.id = a.user_id
        WHERE a.order_id = %(id)s
        """,
    ),
    "notes": query(
        NoteRow,
        "SELECT note_no, author, at, body FROM orders.note WHERE order_id = %(id)s"
        " ORDER BY note_no",
    ),
    "files": query(
        OrderFile,
        """
        SELECT file_no, note_no, name, media_type, size_bytes, width, height, author, at
        FROM orders.file
        WHERE order_id = %(id)s AND removed_at IS NULL
        ORDER BY file_no
        """,
    ),
    "adjustments": query(
        AdjustmentRow,
        """
        SELECT adjustment_no, kind, title, amount_minor, tax_minor, taxes
        FROM orders.adjustment
        WHERE order_id = %(id)s
        ORDER BY adjustment_no
        """,
    ),
    "expectations": query(
        ExpectationRow,
        """
        SELECT method, currency, amount_minor, due_on, state
        FROM payments.expectation
        WHERE order_id = %(id)s
        """,
    ),
    "parties": query(
        PartyRow,
        "SELECT role, email, address FROM orders.party WHERE order_id = %(id)s ORDER BY role",
    ),
    "customers": query(
        CustomerRow,
        """
        SELECT c.id, c.number, p.name, p.email, p.phone
        FROM orders.sales_order AS o
        JOIN customers.customer AS c ON c.id = o.customer_id
        JOIN customers.person AS p ON p.customer_id = c.id
        WHERE o.id = %(id)s
        """,
    ),
    # Found by the search table: the orders themselves have no index over customers.
    "other_orders": query(
        OtherOrder,
        f"""
        SELECT t.id, t.number, t.placed_at, t.fulfilment, t.total_minor, t.currency
        FROM orders.sales_order AS o
        JOIN customers.customer AS c ON c.id = o.customer_id
        CROSS JOIN LATERAL listings.match_entries(
            ARRAY['''u:' || c.number || '''', '''l:open''']::tsquery[], 1000
        ) AS m
        JOIN orders.sales_order AS t ON t.id = m.order_id
        WHERE o.id = %(id)s AND t.id <> %(id)s AND t.life = 'open'
          AND (%(channel_ids)s::uuid[] IS NULL OR t.channel_id = ANY(%(channel_ids)s::uuid[]))
        ORDER BY t.placed_at DESC, t.id DESC
        LIMIT {OTHER_ORDERS_MAX}
        """,  # noqa: S608 (a constant of this module)
    ),
    "decisions": query(
        DecisionRow,
        """
        SELECT d.decision_no, d.at, d.cause, p.name AS policy, d.policy_version, d.body
        FROM sourcing.decision AS d
        JOIN sourcing.policy AS p ON p.id = d.policy_id
        WHERE d.order_id = %(id)s
        ORDER BY d.decision_no DESC
        """,
    ),
    "tasks": query(
        TaskRow,
        """
        SELECT t.id, t.kind, t.line_no, t.location_id, p.code AS location, i.sku, t.qty,
               t.raised_at
        FROM fulfillment.task AS t
        LEFT JOIN locations.location AS p ON p.id = t.location_id
        LEFT JOIN catalog.item AS i ON i.id = t.item_id
        WHERE t.order_id = %(id)s AND t.closed_at IS NULL
        ORDER BY t.raised_at, t.id
        """,
    ),
    "refusals": query(
        RefusalRow,
        """
        SELECT r.location_id, p.code AS location, r.fo_no, r.reason, r.at
        FROM orders.refusal AS r
        JOIN locations.location AS p ON p.id = r.location_id
        WHERE r.order_id = %(id)s
        ORDER BY r.at, p.code
        """,
    ),
    "deadlines": query(
        Deadline,
        """
        SELECT order_id, line_no, cancel_after
        FROM orders.line_deadline
        WHERE order_id = %(id)s
        ORDER BY line_no
        """,
    ),
    "dates": query(
        LineDates,
        """
        SELECT order_id, line_no, not_before, requested_on, latest_on, late
        FROM orders.line_date
        WHERE order_id = %(id)s
        ORDER BY line_no
        """,
    ),
    "preorders": query(
        Preorder,
        """
        SELECT order_id, line_no, item_id, per_unit, released_on
        FROM orders.line_preorder
        WHERE order_id = %(id)s
        ORDER BY line_no, item_id
        """,
    ),
    "schedules": query(
        Schedule,
        """
        SELECT order_id, fo_no, opens_at
        FROM fulfillment.schedule
        WHERE order_id = %(id)s
        ORDER BY fo_no
        """,
    ),
    "promises": query(
        PartPromise,
        """
        SELECT p.order_id, p.fo_no, p.ready_at, p.ships_at, p.ships_on, p.delivers_on, p.tariff,
               coalesce(c.calendar_on, p.ships_on) AS calendar_on,
               coalesce(c.calendar_delivers_on, p.delivers_on) AS calendar_delivers_on,
               coalesce(c.queue_minutes, 0) AS queue_minutes, c.level, c.probability, c.model,
               c.observations
        FROM fulfillment.promise AS p
        LEFT JOIN fulfillment.forecast AS c ON c.order_id = p.order_id AND c.fo_no = p.fo_no
        WHERE p.order_id = %(id)s
        """,
    ),
    "events": query(
        EventRow,
        f"""
        SELECT e.seq, e.at, e.kind, e.actor_kind,
               coalesce(u.name, k.name, CASE e.actor_kind WHEN 'system' THEN 'Ordito' ELSE '' END)
                   AS actor,
               CASE WHEN e.kind = 'order.assigned' AND g.name IS NOT NULL
                    THEN e.body || jsonb_build_object('user_name', g.name) ELSE e.body END AS body
        FROM platform.event AS e
        LEFT JOIN platform.app_user AS u ON u.id = e.actor_id
        LEFT JOIN platform.api_key AS k ON k.id = e.actor_id
        LEFT JOIN platform.app_user AS g
            ON e.kind = 'order.assigned' AND g.id = (e.body ->> 'user_id')::uuid
        WHERE e.stream_id = %(id)s
        ORDER BY e.seq DESC
        LIMIT {TIMELINE_MAX}
        """,  # noqa: S608 (a constant of this module)
    ),
}
