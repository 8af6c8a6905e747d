"""Words for what the system tells in codes: events, reasons, stock moves, tasks, roles."""

from collections.abc import Mapping

from ordito.platform.roles import Role
from ordito.web.rendering import gettext as _
from ordito.web.statuses import N_
from ordito.web.view_context import Choice

HOLD_REASONS: Mapping[str, str] = {
    "address_check": N_("Check the address"),
    "address": N_("Check the address"),
    "fraud": N_("Check for fraud"),
    "payment": N_("Check the payment"),
    "fraud_check": N_("Check for fraud"),
    "payment_check": N_("Check the payment"),
    "customer_request": N_("The customer asked to wait"),
    "stock_check": N_("Check the stock"),
    "recall": N_("Recall of a product"),
    "other": N_("Other"),
}
CANCEL_REASONS: Mapping[str, str] = {
    "customer_request": N_("The customer changed their mind"),
    "out_of_stock": N_("Out of stock"),
    "payment_failed": N_("The payment failed"),
    "fraud": N_("Fraud"),
    "wrong_price": N_("Wrong price"),
    "duplicate": N_("Ordered twice"),
    "other": N_("Other"),
}
RETURN_REASONS: Mapping[str, str] = {
    "too_small": N_("Too small"),
    "too_large": N_("Too large"),
    "not_as_described": N_("Not as described"),
    "faulty": N_("Faulty"),
    "changed_mind": N_("Changed their mind"),
    "wrong_item": N_("Wrong item sent"),
    "other": N_("Other"),
}
REASONS_OF_SHOPS: Mapping[str, str] = {
    "address_changed": N_("The shop changed the address"),
    "fulfilled_elsewhere": N_("The shop says it was sent"),
    "channel_cancelled": N_("Cancelled in the shop"),
    "channel_refunded": N_("Refunded in the shop"),
    "channel_edited": N_("Taken off in the shop"),
    "past_deadline": N_("Not shipped in time"),
    "not_collected": N_("Not collected"),
    "unanswered": N_("No answer in time"),
    "withdrawn": N_("Taken back by staff"),
}
"""Reasons that nobody chooses: they come with what a shop tells, or from the clock."""
REJECT_REASONS: Mapping[str, str] = {
    "out_of_stock": N_("The items are not here"),
    "closed": N_("Closed"),
    "too_busy": N_("Too much to do"),
    "damaged": N_("The items are damaged"),
    "other": N_("Other"),
}
TRACKINGS: Mapping[str, str] = {
    "none": N_("not at all"),
    "lot": N_("lots"),
    "serial": N_("serial numbers"),
}
SHORT_REASONS: Mapping[str, str] = {
    "missing": N_("not there"),
    "damaged": N_("damaged"),
    "wrong_location": N_("somewhere else"),
    "lot": N_("the lot may not be sold"),
}
STOCK_REASONS: Mapping[str, str] = {
    "correction": N_("Correction"),
    "found": N_("Found"),
    "lost": N_("Lost"),
    "theft": N_("Stolen"),
    "damaged": N_("Damaged"),
    "expired": N_("Past its date"),
    "internal_use": N_("Used by ourselves"),
    "sample": N_("Given as a sample"),
    "customer_return": N_("Customer return"),
    "to_supplier": N_("Back to the supplier"),
    "opening": N_("Opening stock"),
    "other": N_("Other"),
    "move": N_("Set aside or released"),
    "check": N_("To be checked"),
    "checked": N_("Checked, and fine"),
}
LEDGER_REASONS: Mapping[str, str] = {
    "opening": N_("Opening stock"),
    "order": N_("Reserved for"),
    "placed": N_("Reserved for"),
    "placing": N_("Reserved for"),
    "released": N_("Released for"),
    "picked": N_("Picked for"),
    "put_back": N_("Put back from"),
    "packed": N_("Packed for"),
    "shipped": N_("Shipped with"),
    "handed_over": N_("Handed over with"),
    "cancelled": N_("Freed by cancelling"),
    "returned": N_("Came back from"),
    "received": N_("Received with"),
    "receipt": N_("Received with"),
    "endless": N_("Filled up by the supplier"),
    "withdrawn": N_("Taken back from a partner"),
    "counted": N_("Counted"),
    "count": N_("Counted"),
    "lot": N_("Lot set aside or put back"),
    "short_pick": N_("Missing when picking"),
    "rejected": N_("Rejected by the location"),
    "pinned": N_("Moved to the location chosen"),
    "delivery_changed": N_("Moved since the delivery changed"),
    "location_closed": N_("Moved from a closed location"),
    "backorder": N_("Given to a waiting order"),
    "joint_plan": N_("Moved by a joint plan"),
    "hold": N_("Kept for a cart"),
    "kept": N_("Kept for a channel:"),
    "kept_used": N_("Taken by an order of the channel:"),
    "not_collected": N_("Not collected"),
    "slot_moved": N_("Moved to another delivery slot"),
    "transfer": N_("Moved with transfer"),
    "assembly": N_("Assembly"),
    "transfer_damaged": N_("Arrived damaged with transfer"),
    "transfer_surplus": N_("More than was sent with transfer"),
    "transfer_missing": N_("Never arrived with transfer"),
    "brought": N_("Brought to the shop for"),
    "brought_damaged": N_("Brought to the shop damaged for"),
    "brought_missing": N_("Never arrived at the shop for"),
    "move": N_("Set aside or released"),
    "expected": N_("Announced by the supplier:"),
    "not_coming": N_("Not coming any more:"),
}
PAYMENT_METHODS: Mapping[str, str] = {
    "card": N_("card"),
    "invoice": N_("invoice"),
    "cash": N_("cash"),
    "bank_transfer": N_("bank transfer"),
    "cash_on_delivery": N_("cash on delivery"),
}
"""What channels usually say; any other name is shown as it was given."""
BUCKETS: Mapping[str, str] = {
    "supplier": N_("supplier"),
    "customer": N_("customer"),
    "adjustment": N_("adjustment"),
    "available": N_("free"),
    "reserved": N_("reserved"),
    "picked": N_("picked"),
    "quality_control": N_("quality control"),
    "damaged": N_("damaged"),
    "safety": N_("safety stock"),
    "transit": N_("in transit"),
    "in_transit": N_("in transit"),
    "scrap": N_("scrap"),
    "scrapped": N_("thrown away"),
    "incoming": N_("incoming"),
    "transfer": N_("another location"),
    "assembly": N_("being made"),
}
BIN_PLACES: Mapping[str, str] = {
    "@receiving": N_("Goods in"),
    "@unplaced": N_("No bin"),
}
BIN_PURPOSES: Mapping[str, str] = {
    "pick": N_("Picking"),
    "reserve": N_("Reserve"),
    "receiving": N_("Goods in"),
    "quality": N_("Quality control"),
}
BIN_REASONS: Mapping[str, str] = {
    "put_away": N_("Put away"),
    "moved": N_("Moved by hand"),
    "replenished": N_("Pick bin filled"),
    "not_found": N_("Not found in the bin"),
    "undone": N_("Taken back"),
    "switched_on": N_("Bin stock switched on"),
    "switched_off": N_("Bin stock switched off"),
    "picked": N_("Picked"),
    "put_back": N_("Put back"),
    "receipt": N_("Received"),
    "return": N_("Came back from a customer"),
    "transfer": N_("Transfer"),
    "transfer_damaged": N_("Arrived damaged"),
    "brought": N_("Brought to the shop"),
    "brought_damaged": N_("Arrived damaged"),
    "transfer_surplus": N_("More than was sent"),
    "shipped": N_("Shipped"),
    "not_collected": N_("Not collected"),
}
PUT_AWAY_WHYS: Mapping[str, str] = {
    "lies-here": N_("lies there already"),
    "home": N_("belongs there"),
    "empty": N_("is empty"),
}
BIN_WARNINGS: Mapping[str, str] = {
    "other-bin": N_("Another bin was proposed."),
    "over-capacity": N_("By its record the bin is over full now."),
    "mixed": N_("Other items lie in it too."),
}
TASKS: Mapping[str, str] = {
    "count": N_("Count"),
    "put_back": N_("Put back"),
    "shortage": N_("Find a way to supply"),
}
ITEM_KINDS: Mapping[str, str] = {
    "stocked": N_("Stocked"),
    "kit": N_("Kit"),
    "service": N_("Service"),
    "custom": N_("Custom"),
}
CAPACITY_UNITS: Mapping[str, str] = {
    "orders": N_("Parts of orders"),
    "lines": N_("Lines of orders"),
    "units": N_("Units"),
}
LOCATION_KINDS: Mapping[str, str] = {
    "warehouse": N_("Warehouse"),
    "store": N_("Store"),
    "3pl": N_("Fulfillment partner"),
    "supplier": N_("Supplier that sends"),
    "history": N_("The past"),
}
MAIL_KINDS: Mapping[str, str] = {
    "confirmed": N_("Order confirmed"),
    "shipped": N_("Parcel shipped"),
    "ready": N_("Ready for pick-up"),
    "delivered": N_("Parcel delivered"),
    "cancelled": N_("Order cancelled"),
    "delayed": N_("Order delayed"),
    "cart": N_("Cart left behind"),
    "choice": N_("Choice for a pick-up"),
    "written": N_("Letter"),
    "test": N_("Test of a text"),
}
MAIL_STATES: Mapping[str, str] = {
    "waiting": N_("Waiting"),
    "sent": N_("Sent"),
    "failed": N_("Failed"),
}
LANGUAGES: Mapping[str, str] = {
    "en": N_("English"),
    "pl": N_("Polish"),
    "de": N_("German"),
}
MESSAGE_STATES: Mapping[str, str] = {
    "received": N_("Received"),
    "done": N_("Done"),
    "duplicate": N_("Sent before"),
    "parked": N_("Waiting"),
    "refused": N_("Refused"),
}

WEBHOOK_KINDS: Mapping[str, str] = {
    "order.*": N_("Orders and their fulfillment"),
    "stock.*": N_("Stock"),
    "transfer.*": N_("Transfers between locations"),
    "supply.*": N_("Expected receipts"),
    "bin_stock.*": N_("Moves between bins"),
    "cycle_count.*": N_("Cycle counts"),
    "assembly.*": N_("Assemblies"),
    "lot.*": N_("Lots and serial numbers"),
    "hold.*": N_("Stock held for carts"),
    "item.*": N_("Items"),
    "location.*": N_("Locations"),
    "channel.*": N_("Channels"),
    "*": N_("Everything"),
}


ROLES: Mapping[str, str] = {
    "admin": N_("Administrator"),
    "order-desk": N_("Order desk"),
    "warehouse": N_("Warehouse"),
    "warehouse-lead": N_("Warehouse lead"),
    "partner": N_("Partner"),
    "store": N_("Store"),
    "viewer": N_("Viewer"),
}
AUDIT_GROUPS: Mapping[str, str] = {
    "sign_in": N_("Signing in"),
    "access": N_("Users, roles and keys"),
    "orders": N_("Orders"),
    "stock": N_("Receipts and kept stock"),
    "items": N_("Items"),
    "settings": N_("Channels, locations, policies"),
}
AUDIT_KINDS: Mapping[str, str] = {
    "user.created": N_("User added"),
    "user.changed": N_("User changed"),
    "user.password_changed": N_("Password changed"),
    "user.invited": N_("Invitation sent"),
    "user.password_reset_asked": N_("New password asked for"),
    "user.signed_in": N_("Signed in"),
    "user.sign_in_failed": N_("Failed to sign in"),
    "user.second_factor_set": N_("Second factor set up"),
    "user.second_factor_removed": N_("Second factor taken away"),
    "user.signed_out": N_("Signed out everywhere"),
    "user.recovery_code_used": N_("Recovery code used"),
    "customer.created": N_("Customer added"),
    "customer.changed": N_("Customer corrected"),
    "markets.changed": N_("Markets changed"),
    "rates.changed": N_("Exchange rates set"),
    "rollout.started": N_("Roll-out of a policy begun"),
    "rollout.share_set": N_("Share of a roll-out set"),
    "rollout.rolled_back": N_("Roll-out of a policy rolled back"),
    "rollout.stopped": N_("Roll-out of a policy stopped by itself"),
    "rollout.adopted": N_("Policy on trial adopted"),
    "joint_schedule.changed": N_("Schedule of joint plans changed"),
    "key.created": N_("API key made"),
    "key.revoked": N_("API key revoked"),
    "role.created": N_("Role made"),
    "role.changed": N_("Role changed"),
    "role.removed": N_("Role removed"),
    "order.placed": N_("Order placed"),
    "order.sourced": N_("Stock found for the order"),
    "order.replanned": N_("Moved by a joint plan"),
    "order.units_cancelled": N_("Units cancelled"),
    "order.held": N_("Put on hold"),
    "order.hold_released": N_("Hold released"),
    "order.tagged": N_("Tags changed"),
    "order.note_added": N_("Note written"),
    "order.file_added": N_("File added"),
    "order.file_removed": N_("File removed"),
    "order.marked": N_("Order marked"),
    "order.units_released": N_("Released to picking"),
    "order.picking_started": N_("Picking began"),
    "order.units_picked": N_("Units picked"),
    "order.units_put_back": N_("Units put back"),
    "order.units_short": N_("Units missing"),
    "order.lots_moved": N_("Lots picked, shipped or put back"),
    "order.units_packed": N_("Units packed"),
    "order.units_shipped": N_("Units shipped"),
    "order.units_sent_to_shop": N_("Units sent to the shop"),
    "order.units_brought": N_("Units arrived at the shop"),
    "order.units_delivered": N_("Units delivered"),
    "order.pickup_ready": N_("Ready for pick-up"),
    "order.units_handed_over": N_("Units handed over"),
    "order.part_rejected": N_("Rejected by the location"),
    "order.part_withdrawn": N_("Taken from the location"),
    "order.line_pinned": N_("Line pinned to a location"),
    "order.line_unpinned": N_("Line no longer pinned"),
    "order.deadlines_set": N_("Deadlines set"),
    "order.dates_asked": N_("Dates of arrival asked for"),
    "order.days_changed": N_("Days changed"),
    "order.part_scheduled": N_("Work scheduled"),
    "order.preordered": N_("Ordered before the release"),
    "order.release_moved": N_("Release moved"),
    "order.part_opened": N_("Scheduled work opened"),
    "order.supply_dated": N_("Waiting units dated"),
    "order.delivery_changed": N_("Delivery changed"),
    "order.slot_booked": N_("Delivery slot taken"),
    "order.slot_moved": N_("Moved to another delivery slot"),
    "order.slot_given_back": N_("Delivery slot given back"),
    "order.round_started": N_("Left with a delivery round"),
    "order.stop_delivered": N_("Delivered by us"),
    "order.stop_failed": N_("Could not be delivered"),
    "order.units_returned": N_("Units returned"),
    "order.task_closed": N_("Task done"),
    "lot.blocked": N_("Lot blocked"),
    "lot.freed": N_("Lot freed"),
    "lot.changed": N_("Lot corrected"),
    "lot.set_aside": N_("Lot set aside"),
    "lot.put_back": N_("Lot put back"),
}


def role_name(role: Role) -> str:
    """A role's name: those that come with Ordito in the reader's words."""
    return word(ROLES, role.code) if role.built_in else role.name


def word(words: Mapping[str, str], code: str) -> str:
    """The word for a code; codes of others, which nobody named, are shown as they are."""
    if code in words or code in REASONS_OF_SHOPS:
        return _(words[code] if code in words else REASONS_OF_SHOPS[code])
    return code.replace("_", " ")


def choices(words: Mapping[str, str]) -> list[Choice]:
    """The codes with their words, for a select."""
    return [Choice(code, _(label)) for code, label in words.items()]


def bin_word(code: str) -> str:
    """A bin as people read it: its code; the built-in places have names."""
    return _(BIN_PLACES[code]) if code in BIN_PLACES else code
