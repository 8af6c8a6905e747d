"""Whose each table is: which rows a scoped reader sees, what is only added to, what is secret.

Every table with a channel_id, location_id or order_id is in POLICIES or, with the reason, in
OPEN: a test compares. The text of a policy is what must be true of a row. In it, a subselect
around a setting makes PostgreSQL look at it once a query, and a subselect on another table shows
only what the reader sees of that one.
"""

_CHANNEL = (
    "(SELECT platform.all_channels()) OR {} = ANY ((SELECT platform.seen_channels())::uuid[])"
)
_LOCATION = (
    "(SELECT platform.all_locations()) OR {} = ANY ((SELECT platform.seen_locations())::uuid[])"
)
_ORDER = "EXISTS (SELECT FROM orders.sales_order AS o WHERE o.id = {})"

_SERVED = (
    "EXISTS (SELECT FROM fulfillment.fulfillment_order AS f WHERE f.order_id = sales_order.id)"
)
_RECEIPT = "EXISTS (SELECT FROM inventory.receipt AS r WHERE r.id = {})"
_AT_SEEN_PLACE = (
    "(SELECT platform.all_locations()) OR EXISTS (SELECT FROM locations.location AS l"
    " WHERE l.code = event.body ->> 'location'"
    " AND l.id = ANY ((SELECT platform.seen_locations())::uuid[]))"
)
_OF_SEEN_WORK = (
    "(SELECT platform.all_locations()) OR NOT (body ? 'fo_no') OR EXISTS"
    " (SELECT FROM fulfillment.fulfillment_order AS f"
    " WHERE f.order_id = event.stream_id AND f.fo_no = (event.body ->> 'fo_no')::int4)"
)
_ROLLOUT = "EXISTS (SELECT FROM sourcing.rollout AS t WHERE t.id = {})"
_HOLD = "EXISTS (SELECT FROM inventory.stock_hold AS h WHERE h.id = {})"

_OF_DESTINATION = "destination_id = ANY ((SELECT platform.seen_locations())::uuid[])"

OF_CHANNEL = _CHANNEL.format("channel_id")
OF_LOCATION = _LOCATION.format("location_id")
OF_ORDER = _ORDER.format("order_id")
OF_CHANNEL_AND_ORDER = f"({OF_CHANNEL}) AND (order_id IS NULL OR {OF_ORDER})"
OF_WORK = (
    "EXISTS (SELECT FROM fulfillment.fulfillment_order AS f"
    " WHERE f.order_id = {table}.order_id AND f.fo_no = {table}.fo_no)"
)

POLICIES: dict[str, str] = {
    # Whoever is bound to locations sees the orders that these have a part in.
    "orders.sales_order": f"({OF_CHANNEL}) AND ((SELECT platform.all_locations()) OR {_SERVED})",
    # What is sent to a shop is seen by both ends.
    "fulfillment.fulfillment_order": f"({OF_LOCATION} OR {_OF_DESTINATION})"
    " AND ((SELECT platform.all_channels()) OR orders.is_of_seen_channel(order_id))",
    "fulfillment.line": OF_WORK.format(table="line"),
    "fulfillment.line_lot": OF_WORK.format(table="line_lot"),
    "fulfillment.parcel": OF_WORK.format(table="parcel"),
    "fulfillment.parcel_lot": OF_WORK.format(table="parcel_lot"),
    "fulfillment.parcel_line": OF_WORK.format(table="parcel_line"),
    "fulfillment.task": f"(order_id IS NULL OR {_ORDER.format('task.order_id')})"
    f" AND (location_id IS NULL OR {OF_LOCATION})",
    "fulfillment.promise": OF_WORK.format(table="promise"),
    "fulfillment.schedule": OF_WORK.format(table="schedule"),
    "fulfillment.forecast": OF_WORK.format(table="forecast"),
    "fulfillment.pace": OF_LOCATION,
    "fulfillment.backlog": OF_LOCATION,
    "sourcing.delay_group": f"location_id IS NULL OR {OF_LOCATION}",
    "fulfillment.request": OF_WORK.format(table="request"),
    "fulfillment.cancellation_ask": OF_WORK.format(table="cancellation_ask"),
    "desk.watch": f"(channel_id IS NULL OR {OF_CHANNEL}) AND (location_id IS NULL OR {OF_LOCATION})"
    f" AND (order_id IS NULL OR {OF_ORDER})",
    "fulfillment.daily_load": OF_LOCATION,
    "sourcing.location_service": OF_LOCATION,
    "locations.zone": OF_LOCATION,
    "locations.slot": OF_LOCATION,
    "fulfillment.slot_day": OF_LOCATION,
    "fulfillment.stop": f"({OF_LOCATION}) AND ((SELECT platform.all_channels())"
    " OR orders.is_of_seen_channel(order_id))",
    "fulfillment.stop_attempt": "EXISTS (SELECT FROM fulfillment.stop AS s"
    " WHERE s.order_id = stop_attempt.order_id)",
    **dict.fromkeys(
        (
            "orders.adjustment",
            "orders.assignment",
            "orders.choice",
            "orders.file",
            "orders.file_chunk",
            "orders.hold",
            "orders.line",
            "orders.line_component",
            "orders.line_date",
            "orders.line_deadline",
            "orders.line_preorder",
            "orders.line_supply",
            "orders.mention",
            "orders.note",
            "orders.party",
            "orders.tag",
            "payments.expectation",
            "sourcing.decision",
            "sourcing.rollout_order",
            "notifications.tracking_link",
            "desk.job_item",
        ),
        OF_ORDER,
    ),
    **dict.fromkeys(
        ("orders.external_id", "channels.order_link", "channels.write_back", "intake.charge"),
        OF_CHANNEL_AND_ORDER,
    ),
    "notifications.mail": OF_ORDER,
    "orders.refusal": f"({OF_ORDER}) AND ({OF_LOCATION})",
    **dict.fromkeys(
        (
            "channels.connection",
            "catalog.release_channel",
            "channels.item_buffer",
            "channels.variant_link",
            "intake.booked_row",
            "intake.import_run",
            "intake.message",
            "inventory.stock_hold",
            "notifications.channel_mails",
            "sourcing.rollout",
            "sourcing.rollout_refusal",
        ),
        OF_CHANNEL,
    ),
    **dict.fromkeys(
        (
            "inventory.bin_move",
            "inventory.bin_stock",
            "inventory.binned",
            "inventory.count_limit",
            "inventory.assembly",
            "inventory.endless_item",
            "inventory.cycle_count",
            "inventory.lot_posting",
            "inventory.lot_stock",
            "inventory.expected_receipt",
            "inventory.pick_level",
            "inventory.posting",
            "inventory.receipt",
            "inventory.replenishment",
            "inventory.reservation",
            "inventory.stock",
            "locations.bin",
            "locations.bin_item",
        ),
        OF_LOCATION,
    ),
    "inventory.receipt_line": _RECEIPT.format("receipt_id"),
    "inventory.cycle_count_line": "EXISTS (SELECT FROM inventory.cycle_count AS c"
    " WHERE c.id = count_id)",
    "inventory.assembly_part": "EXISTS (SELECT FROM inventory.assembly AS a"
    " WHERE a.id = assembly_id)",
    **dict.fromkeys(
        ("inventory.assembly_part_lot", "inventory.assembly_made_lot"),
        "EXISTS (SELECT FROM inventory.assembly AS a WHERE a.id = assembly_id)",
    ),
    # Both ends see it.
    "inventory.transfer": f"({_LOCATION.format('from_location_id')})"
    f" OR ({_LOCATION.format('to_location_id')})",
    "inventory.transfer_line": "EXISTS (SELECT FROM inventory.transfer AS t"
    " WHERE t.id = transfer_id)",
    "inventory.transfer_lot": "EXISTS (SELECT FROM inventory.transfer AS t"
    " WHERE t.id = transfer_id)",
    "listings.sold_day": OF_LOCATION,
    # What holds for all locations is for all to know who see one.
    "inventory.stock_limit": f"{OF_LOCATION}"
    " OR (location_id IS NULL AND cardinality((SELECT platform.seen_locations())) > 0)",
    "listings.promise_score": f"({OF_CHANNEL}) AND ({OF_LOCATION})",
    "listings.quarter_figure": f"({OF_CHANNEL}) AND ({OF_LOCATION})",
    # What happened at a location is told with the fulfillment order or the code of it.
    # Timelines of what belongs to a channel or location; those of items, policies and the like
    # are for everybody who may read such things.
    "platform.event": (
        "CASE stream"
        f" WHEN 'order' THEN {_ORDER.format('stream_id')} AND ({_OF_SEEN_WORK})"
        f" WHEN 'receipt' THEN {_AT_SEEN_PLACE} WHEN 'adjustment' THEN {_AT_SEEN_PLACE}"
        f" WHEN 'count' THEN {_AT_SEEN_PLACE} WHEN 'stock_move' THEN {_AT_SEEN_PLACE}"
        f" WHEN 'supply' THEN {_AT_SEEN_PLACE}"
        f" WHEN 'bin_stock' THEN {_AT_SEEN_PLACE}"
        f" WHEN 'lot' THEN NOT (body ? 'location') OR ({_AT_SEEN_PLACE})"
        f" WHEN 'hold' THEN {_HOLD.format('stream_id')}"
        f" WHEN 'rollout' THEN {_ROLLOUT.format('stream_id')}"
        f" WHEN 'location' THEN {_LOCATION.format('stream_id')}"
        f" WHEN 'channel' THEN {_CHANNEL.format('stream_id')}"
        # One event may be of several locations.
        " WHEN 'stock_limits' THEN (SELECT platform.all_locations())"
        " ELSE true END"
    ),
}
"""Table → which of its rows a scoped reader sees."""

OPEN: dict[str, str] = {
    "listings.order_entry": "words to find orders by: under a policy its index could not be used,"
    " nor what is known of its words. Whatever is found is read from orders.sales_order",
    "channels.connection_secret": "no reader may look into it at all",
}
"""Tables without a policy, with the reason. channels.channel and locations.location, whose keys
are called `id`, have none either: processes keep them in memory, for all readers alike."""

APPEND_ONLY = frozenset(
    {
        "platform.event",
        "platform.feed",
        "platform.seal",
        "inventory.bin_move",
        "inventory.posting",
        "inventory.lot_posting",
        "sourcing.decision",
        "sourcing.policy_version",
    }
)
"""What was written there is never changed: no grant, and a trigger that binds the owner too."""

SECRETS = frozenset(
    {
        "platform.user_secret",
        "platform.api_key_secret",
        "platform.user_factor",
        "platform.recovery_code",
        "platform.account_link",
        "platform.sign_in_step",
        "platform.idempotency",
        "channels.connection_secret",
        "webhooks.endpoint_secret",
    }
)
"""What scoped readers don't look into; the few reads of their own account step out for it."""
