"""Write on an order: a note for colleagues, a kind, a special code."""

from msgspec import UNSET

from ordito.flows.opened_orders import open_order
from ordito.flows.order_states import order_state
from ordito.orders.asks import AddNote, MarkOrder
from ordito.orders.events import NoteAdded, OrderMarked
from ordito.orders.marks import write_marks
from ordito.orders.notes import insert_note
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.masking import mask_cards
from ordito.platform.problems import Fault, InvalidInput


@command(permission="orders.write")
def add_note(tx: Tx, ask: AddNote) -> OrderState:
    """Add a note to an order; card numbers in it are masked before anything is stored."""
    body = mask_cards(ask.body.strip())
    if not body:
        raise InvalidInput(
            "Nothing was noted.", errors=[Fault("/body", "required", "A note needs some words.")]
        )
    open_order(tx, ask.order_id, ask.version)
    note_no = insert_note(tx, ask.order_id, body)
    tx.emit(ORDER, ask.order_id, NoteAdded(note_no))
    return order_state(tx, ask.order_id)


@command(permission="orders.write")
def mark_order(tx: Tx, ask: MarkOrder) -> OrderState:
    """Give an order a kind or a special code, or take the code away."""
    order = open_order(tx, ask.order_id, ask.version).order
    kind = order.kind if ask.kind is UNSET else ask.kind
    code = order.code if ask.code is UNSET else ask.code
    if (kind, code) != (order.kind, order.code):
        write_marks(tx, ask.order_id, kind, code)
        tx.emit(ORDER, ask.order_id, OrderMarked(kind, code))
    return order_state(tx, ask.order_id)
