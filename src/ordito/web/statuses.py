"""The word, the shape and the tone of every state that pages show; one place, one meaning."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Tone = Literal["neutral", "progress", "success", "info", "attention", "critical"]


class Status(msgspec.Struct, frozen=True):
    """`label` is a msgid; `glyph` a symbol of img/glyphs.svg, so that colour never stands alone."""

    label: str
    tone: Tone
    glyph: str


def N_(text: str) -> str:
    """Marks a text for translation that is translated when it is shown (xgettext's usual name)."""
    return text


def NN_(one: str, many: str) -> tuple[str, str]:
    """Marks a counted text, as N_ does: one thing and many."""
    return one, many


LIFE: Mapping[str, Status] = {
    "draft": Status(N_("Draft"), "neutral", "dashed"),
    "open": Status(N_("Open"), "neutral", "ring"),
    "closed": Status(N_("Closed"), "neutral", "check"),
    "cancelled": Status(N_("Cancelled"), "neutral", "cross"),
}

FULFILMENT: Mapping[str, Status] = {
    "unfulfilled": Status(N_("Unfulfilled"), "neutral", "ring"),
    "scheduled": Status(N_("Scheduled"), "neutral", "clock"),
    "on_hold": Status(N_("On hold"), "attention", "pause"),
    "in_progress": Status(N_("In progress"), "progress", "quarter"),
    "partially_fulfilled": Status(N_("Partially fulfilled"), "progress", "half"),
    "fulfilled": Status(N_("Fulfilled"), "success", "check"),
}

MONEY: Mapping[str, Status] = {
    "pending": Status(N_("Payment pending"), "neutral", "dashed"),
    "authorized": Status(N_("Authorized"), "progress", "ring"),
    "partially_paid": Status(N_("Partially paid"), "progress", "half"),
    "paid": Status(N_("Paid"), "success", "check"),
    "overpaid": Status(N_("Overpaid"), "attention", "alert"),
    "partially_refunded": Status(N_("Partially refunded"), "info", "half"),
    "refunded": Status(N_("Refunded"), "info", "back"),
    "voided": Status(N_("Voided"), "neutral", "cross"),
}

RETURN: Mapping[str, Status] = {
    "none": Status(N_("No return"), "neutral", "dashed"),
    "requested": Status(N_("Return requested"), "attention", "back"),
    "in_progress": Status(N_("Return in progress"), "progress", "back"),
    "returned": Status(N_("Returned"), "info", "back"),
}

FULFILLMENT_ORDER: Mapping[str, Status] = {
    "scheduled": Status(N_("Scheduled"), "neutral", "clock"),
    "open": Status(N_("To release"), "neutral", "ring"),
    "released": Status(N_("Released to picking"), "progress", "quarter"),
    "in_progress": Status(N_("In progress"), "progress", "half"),
    "picking": Status(N_("Being picked"), "progress", "quarter"),
    "picked": Status(N_("Picked"), "progress", "half"),
    "packed": Status(N_("Packed"), "progress", "three-quarters"),
    "ready": Status(N_("Ready for pick-up"), "info", "dot"),
    "shipped": Status(N_("Shipped"), "success", "arrow"),
    "to_shop": Status(N_("On its way to the shop"), "progress", "arrow"),
    "at_shop": Status(N_("Arrived at the shop"), "success", "check"),
    "delivered": Status(N_("Delivered"), "success", "check"),
    "handed_over": Status(N_("Handed over"), "success", "check"),
    "not_collected": Status(N_("Not collected"), "attention", "alert"),
    "held": Status(N_("On hold"), "attention", "pause"),
    "cancelled": Status(N_("Cancelled"), "neutral", "cross"),
    "rejected": Status(N_("Rejected by location"), "critical", "cross"),
    "short": Status(N_("Short"), "critical", "alert"),
    "incomplete": Status(N_("Incomplete"), "attention", "half"),
}

REQUEST: Mapping[str, Status] = {
    "submitted": Status(N_("Waits for an answer"), "attention", "clock"),
    "accepted": Status(N_("Accepted"), "progress", "half"),
    "rejected": Status(N_("Rejected"), "critical", "cross"),
    "withdrawn": Status(N_("Taken back"), "neutral", "back"),
    "cancellation_requested": Status(N_("Asked to cancel"), "attention", "alert"),
    "cancellation_accepted": Status(N_("Cancelled, as agreed"), "neutral", "cross"),
    "cancellation_rejected": Status(N_("Accepted, not to be cancelled"), "progress", "half"),
    "closed": Status(N_("Done"), "success", "check"),
}

PROMISE: Mapping[str, Status] = {
    "on_time": Status(N_("On time"), "neutral", "clock"),
    "due": Status(N_("Due today"), "neutral", "clock"),
    "at_risk": Status(N_("At risk"), "attention", "clock"),
    "late": Status(N_("Late"), "critical", "alert"),
    "met": Status(N_("Met"), "success", "check"),
    "missed": Status(N_("Missed"), "critical", "cross"),
}

LINE: Mapping[str, Status] = {
    "completed": Status(N_("completed"), "success", "check"),
    "delivered": Status(N_("delivered"), "success", "check"),
    "shipped": Status(N_("shipped"), "success", "arrow"),
    "packed": Status(N_("packed"), "progress", "three-quarters"),
    "picked": Status(N_("picked"), "progress", "half"),
    "released": Status(N_("released"), "progress", "quarter"),
    "reserved": Status(N_("reserved"), "neutral", "ring"),
    "open": Status(N_("not sourced"), "attention", "dashed"),
    "backordered": Status(N_("backordered"), "attention", "clock"),
    "returned": Status(N_("returned"), "info", "back"),
    "cancelled": Status(N_("cancelled"), "neutral", "cross"),
}

STOCK: Mapping[str, Status] = {
    "available": Status(N_("free"), "success", "check"),
    "reserved": Status(N_("reserved"), "neutral", "ring"),
    "picked": Status(N_("picked"), "progress", "half"),
    "quality_control": Status(N_("in quality control"), "info", "clock"),
    "safety": Status(N_("safety stock"), "neutral", "pause"),
    "damaged": Status(N_("damaged"), "critical", "cross"),
    "incoming": Status(N_("incoming"), "info", "arrow"),
}

TRANSFER: Mapping[str, Status] = {
    "draft": Status(N_("Draft"), "neutral", "dashed"),
    "requested": Status(N_("Requested"), "neutral", "ring"),
    "shipped": Status(N_("On its way"), "progress", "arrow"),
    "partly_received": Status(N_("Partly received"), "progress", "half"),
    "received": Status(N_("Received"), "success", "check"),
    "cancelled": Status(N_("Cancelled"), "neutral", "cross"),
}

ASSEMBLY: Mapping[str, Status] = {
    "draft": Status(N_("Draft"), "neutral", "dashed"),
    "started": Status(N_("Started"), "progress", "ring"),
    "partly_made": Status(N_("Partly made"), "progress", "half"),
    "finished": Status(N_("Finished"), "success", "check"),
    "cancelled": Status(N_("Cancelled"), "neutral", "cross"),
}

EXPECTED: Mapping[str, Status] = {
    "open": Status(N_("To come"), "progress", "arrow"),
    "overdue": Status(N_("Overdue"), "attention", "alert"),
    "received": Status(N_("Received"), "success", "check"),
    "closed": Status(N_("Nothing more comes"), "neutral", "cross"),
}

CYCLE_COUNT: Mapping[str, Status] = {
    "open": Status(N_("To count"), "progress", "ring"),
    "waiting": Status(N_("Waiting for approval"), "attention", "alert"),
    "finished": Status(N_("Finished"), "success", "check"),
}

COUNT_LINE: Mapping[str, Status] = {
    "open": Status(N_("to count"), "neutral", "ring"),
    "waiting": Status(N_("waiting for approval"), "attention", "alert"),
    "done": Status(N_("counted"), "success", "check"),
    "skipped": Status(N_("left out"), "neutral", "dashed"),
}

WEBHOOK: Mapping[str, Status] = {
    "on": Status(N_("On"), "success", "check"),
    "retrying": Status(N_("Trying again"), "attention", "clock"),
    "down": Status(N_("Doesn’t answer"), "critical", "alert"),
    "person": Status(N_("Switched off"), "neutral", "pause"),
    "gone": Status(N_("Receiver is gone"), "critical", "cross"),
    "failing": Status(N_("Switched off: kept failing"), "critical", "cross"),
}

DELIVERY: Mapping[str, Status] = {
    "taken": Status(N_("Taken"), "success", "check"),
    "failed": Status(N_("Failed"), "critical", "alert"),
}

DATA_IMPORT: Mapping[str, Status] = {
    "read": Status(N_("Read"), "neutral", "dashed"),
    "checking": Status(N_("Being looked at"), "progress", "quarter"),
    "checked": Status(N_("Looked at"), "info", "ring"),
    "running": Status(N_("Running"), "progress", "half"),
    "stopped": Status(N_("Stopped"), "attention", "pause"),
    "failed": Status(N_("Failed"), "critical", "alert"),
    "finished": Status(N_("Finished"), "success", "check"),
    "undoing": Status(N_("Being undone"), "progress", "half"),
    "undone": Status(N_("Undone"), "neutral", "back"),
}

IMPORT_ROW: Mapping[str, Status] = {
    "new": Status(N_("New"), "success", "dot"),
    "changed": Status(N_("Changed"), "info", "half"),
    "same": Status(N_("Same"), "neutral", "ring"),
    "faulty": Status(N_("Not taken"), "critical", "alert"),
    "undone": Status(N_("Undone"), "neutral", "back"),
    "kept": Status(N_("Not undone"), "attention", "alert"),
}

LOT: Mapping[str, Status] = {
    "free": Status(N_("Free to sell"), "success", "check"),
    "blocked": Status(N_("Blocked"), "critical", "cross"),
    "too_old": Status(N_("Too old to sell"), "attention", "alert"),
}

STOP: Mapping[str, Status] = {
    "waiting": Status(N_("Not begun"), "neutral", "ring"),
    "picking": Status(N_("Being picked"), "progress", "quarter"),
    "packed": Status(N_("Packed"), "progress", "half"),
    "held": Status(N_("On hold"), "attention", "pause"),
    "out": Status(N_("On its way"), "progress", "arrow"),
    "delivered": Status(N_("Delivered"), "success", "check"),
    "failed": Status(N_("Not delivered"), "attention", "alert"),
    "returned": Status(N_("Came back"), "neutral", "back"),
    "dropped": Status(N_("Not brought any more"), "neutral", "cross"),
}

STATUSES: Mapping[str, Mapping[str, Status]] = {
    "life": LIFE,
    "fulfilment": FULFILMENT,
    "money": MONEY,
    "return": RETURN,
    "fulfillment_order": FULFILLMENT_ORDER,
    "request": REQUEST,
    "promise": PROMISE,
    "line": LINE,
    "stock": STOCK,
    "transfer": TRANSFER,
    "assembly": ASSEMBLY,
    "expected": EXPECTED,
    "cycle_count": CYCLE_COUNT,
    "count_line": COUNT_LINE,
    "webhook": WEBHOOK,
    "delivery": DELIVERY,
    "data_import": DATA_IMPORT,
    "import_row": IMPORT_ROW,
    "lot": LOT,
    "stop": STOP,
}


def status(axis: str, state: str) -> Status:
    """Words and shape of a state; KeyError for a state that no page was taught to show."""
    return STATUSES[axis][state]
