"""Where personal data is: the only columns that may hold it, erased by rewriting their rows."""

PERSONAL: dict[str, tuple[str, ...]] = {
    "customers.person": ("name", "email", "phone"),
    "customers.contact": ("value_key",),
    "orders.party": ("email", "address"),
    "orders.note": ("body",),
    "orders.file": ("name",),
    "orders.file_chunk": ("body",),
    "orders.hold": ("note",),
    "fulfillment.stop_attempt": ("taken_by", "left_at", "note"),
    "inventory.stock_hold": ("contact", "link"),
    "intake.message": ("body", "words"),
    "listings.order_entry": ("doc",),
    "notifications.mail": ("recipient", "subject", "body_text", "body_html", "error"),
    "desk.saved_view": ("look",),
    "desk.export_part": ("cells",),
    "uploads.row": ("cells", "key", "changes", "faults"),
    "platform.app_user": ("email", "name"),
    "locations.location": ("partner_email",),
}
"""Table → columns. Events, decisions, stored answers and logs hold ids only."""
