"""Ids across slices: no foreign key guards them, so that hot rows aren't locked."""

import msgspec

from ordito.listings.doctor.types import Check, Reach


class Reference(msgspec.Struct, frozen=True):
    """A column with an id, or an array of ids, of a row elsewhere. NULL points to nothing."""

    table: str
    column: str
    target: str
    many: bool = False
    key: str = "id"


ORDERS = (
    Reference("orders.sales_order", "channel_id", "channels.channel"),
    Reference("orders.sales_order", "customer_id", "customers.customer"),
    Reference("orders.sales_order", "pickup_location_id", "locations.location"),
    Reference("orders.line", "item_id", "catalog.item"),
    Reference("orders.line", "pinned_location_id", "locations.location"),
    Reference("orders.line_component", "item_id", "catalog.item"),
    Reference("orders.line_preorder", "item_id", "catalog.item"),
)

AROUND_ORDERS = (
    Reference("orders.tag", "order_id", "orders.sales_order"),
    Reference("orders.note", "order_id", "orders.sales_order"),
    Reference("payments.expectation", "order_id", "orders.sales_order"),
    Reference("sourcing.decision", "order_id", "orders.sales_order"),
    Reference("sourcing.decision", "policy_id", "sourcing.policy"),
    Reference("sourcing.rollout_order", "order_id", "orders.sales_order"),
    Reference("fulfillment.fulfillment_order", "order_id", "orders.sales_order"),
    Reference("fulfillment.fulfillment_order", "location_id", "locations.location"),
    Reference("fulfillment.line", "item_id", "catalog.item"),
    Reference("fulfillment.stop", "order_id", "orders.sales_order"),
    Reference("fulfillment.stop", "location_id", "locations.location"),
    Reference("fulfillment.parcel_line", "item_id", "catalog.item"),
    Reference("notifications.mail", "order_id", "orders.sales_order"),
    Reference("notifications.tracking_link", "order_id", "orders.sales_order"),
)

STOCK = (
    Reference("inventory.stock", "item_id", "catalog.item"),
    Reference("inventory.stock", "location_id", "locations.location"),
    Reference("inventory.reservation", "item_id", "catalog.item"),
    Reference("inventory.reservation", "location_id", "locations.location"),
)

DOCUMENTS = (
    Reference("inventory.stock_hold", "channel_id", "channels.channel"),
    Reference("inventory.stock_hold", "order_id", "orders.sales_order"),
    Reference("desk.watch", "order_id", "orders.sales_order"),
    Reference("desk.watch", "owner_id", "platform.app_user"),
    Reference("inventory.receipt", "location_id", "locations.location"),
    Reference("inventory.receipt_line", "item_id", "catalog.item"),
    Reference("inventory.receipt_line", "expected_id", "inventory.expected_receipt"),
    Reference("inventory.expected_receipt", "item_id", "catalog.item"),
    Reference("inventory.expected_receipt", "location_id", "locations.location"),
    Reference("catalog.release", "item_id", "catalog.item"),
    Reference("catalog.release_channel", "channel_id", "channels.channel"),
    Reference("inventory.transfer", "from_location_id", "locations.location"),
    Reference("inventory.transfer", "to_location_id", "locations.location"),
    Reference("inventory.transfer_line", "item_id", "catalog.item"),
    Reference("inventory.assembly", "location_id", "locations.location"),
    Reference("inventory.assembly", "item_id", "catalog.item"),
    Reference("inventory.assembly_part", "item_id", "catalog.item"),
    Reference("inventory.recipe_part", "item_id", "catalog.item"),
    Reference("inventory.recipe_part", "part_item_id", "catalog.item"),
    Reference("inventory.cycle_count", "location_id", "locations.location"),
    Reference("inventory.cycle_count_line", "item_id", "catalog.item"),
    Reference("inventory.count_limit", "location_id", "locations.location"),
    Reference("fulfillment.daily_load", "location_id", "locations.location"),
    Reference("fulfillment.task", "order_id", "orders.sales_order"),
    Reference("fulfillment.task", "location_id", "locations.location"),
    Reference("fulfillment.task", "item_id", "catalog.item"),
    Reference("locations.bin_item", "item_id", "catalog.item"),
)

SETTINGS = (
    Reference("channels.channel", "policy_id", "sourcing.policy"),
    Reference("sourcing.rollout", "channel_id", "channels.channel"),
    Reference("channels.item_buffer", "item_id", "catalog.item"),
    Reference("notifications.channel_mails", "channel_id", "channels.channel"),
    Reference("channels.channel", "location_ids", "locations.location", many=True),
    Reference("platform.app_user", "channel_ids", "channels.channel", many=True),
    Reference("platform.app_user", "role_ids", "platform.role", many=True),
    Reference("platform.app_user", "location_ids", "locations.location", many=True),
    Reference("platform.api_key", "channel_ids", "channels.channel", many=True),
    Reference("platform.api_key", "location_ids", "locations.location", many=True),
)

INTAKE = (
    Reference("intake.import_run", "channel_id", "channels.channel"),
    Reference("intake.message", "channel_id", "channels.channel"),
    Reference("intake.message", "run_id", "intake.import_run"),
    Reference("intake.booked_row", "channel_id", "channels.channel"),
    Reference("intake.booked_row", "message_id", "intake.message"),
    Reference("intake.charge", "channel_id", "channels.channel"),
    Reference("intake.charge", "order_id", "orders.sales_order"),
    Reference("intake.charge", "message_id", "intake.message"),
)


def _restriction(reference: Reference, reach: Reach) -> str:
    if reach == "everything":
        return "true"
    if reach == "cells":
        return "t IN CELLS"
    return f"t.{'id' if reference.table == 'orders.sales_order' else 'order_id'} IN ORDERS"


def _dangling(reference: Reference, reach: Reach) -> str:
    """Rows whose id finds nothing, as (from table, from column, id, rows)."""
    id_ = "one.id" if reference.many else f"t.{reference.column}"
    source = f"{reference.table} AS t"
    if reference.many:
        source += f" CROSS JOIN unnest(t.{reference.column}) AS one (id)"
    return f"""
            SELECT '{reference.table}' AS "table", '{reference.column}' AS "column",
                   {id_} AS id, count(*) AS rows
            FROM {source}
            LEFT JOIN {reference.target} AS found ON found.{reference.key} = {id_}
            WHERE {_restriction(reference, reach)} AND {id_} IS NOT NULL
              AND found.{reference.key} IS NULL
            GROUP BY {id_}"""  # noqa: S608 (constants of this module)


def _check(id_: str, what: str, references: tuple[Reference, ...], reach: Reach) -> Check:
    return Check(
        id=id_,
        title=f"Every id in {what} is of something that exists",
        hint="What it pointed to was deleted past the program, or a restore was not complete."
        " Restore it from a backup.",
        reach=reach,
        sql=" UNION ALL ".join(_dangling(reference, reach) for reference in references),
    )


CHECKS = (
    _check("X1", "orders and their lines", ORDERS, "orders"),
    _check("X2", "what belongs to orders", AROUND_ORDERS, "orders"),
    _check("X3", "stock", STOCK, "cells"),
    _check("X4", "stock documents, tasks and bins", DOCUMENTS, "everything"),
    _check("X5", "settings and scopes", SETTINGS, "everything"),
    _check("X6", "the inbox", INTAKE, "everything"),
    Check(
        id="X7",
        title="A decision names a version of its policy that was kept",
        hint="Why the order was sourced so can't be told any more.",
        reach="orders",
        sql="""
            SELECT d.order_id, d.decision_no, d.policy_id, d.policy_version
            FROM sourcing.decision AS d
            LEFT JOIN sourcing.policy_version AS v
              ON v.policy_id = d.policy_id AND v.version = d.policy_version
            WHERE d.order_id IN ORDERS AND v.policy_id IS NULL
        """,
    ),
    Check(
        id="X9",
        title="An order drawn for a candidate was sourced by it when it was placed",
        hint="The comparison of that roll-out counts an order on the wrong side.",
        reach="orders",
        sql="""
            SELECT r.order_id, r.rollout_id, d.policy_id, d.policy_version
            FROM sourcing.rollout_order AS r
            JOIN sourcing.rollout AS t ON t.id = r.rollout_id
            LEFT JOIN sourcing.decision AS d
              ON d.order_id = r.order_id AND d.decision_no = 1 AND d.cause = 'placed'
            WHERE r.order_id IN ORDERS AND r.candidate
              AND (d.policy_id, d.policy_version)
                  IS DISTINCT FROM (t.candidate_id, t.candidate_version)
        """,
    ),
    Check(
        id="X8",
        title="A task names a line that its order has",
        hint="Close the task.",
        sql="""
            SELECT t.id, t.kind, t.order_id, t.line_no
            FROM fulfillment.task AS t
            LEFT JOIN orders.line AS l ON l.order_id = t.order_id AND l.line_no = t.line_no
            WHERE t.line_no IS NOT NULL AND l.order_id IS NULL
        """,
    ),
)
