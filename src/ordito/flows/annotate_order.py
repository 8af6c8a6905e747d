"""Write on an order: a note for colleagues, a kind, a special code."""

from uuid import UUID

from msgspec import UNSET

from ordito.flows.opened_orders import open_order
from ordito.flows.order_states import order_state
from ordito.orders.asks import AddNote, MarkOrder, SeeMentions
from ordito.orders.events import NoteAdded, OrderMarked
from ordito.orders.marks import write_marks
from ordito.orders.mentions import MentionsSeen, find_mentioned, insert_mentions, set_seen
from ordito.orders.notes import insert_note
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.accounts import list_users
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.masking import mask_cards
from ordito.platform.problems import Fault, InvalidInput


@command(permission="orders.write")
def add_note(tx: Tx, ask: AddNote) -> OrderState:
    """Add a note to an order; card numbers in it are masked before anything is stored.

    Colleagues whom it names, as “@Kasia Nowak” or “@kasia” for kasia@example.com, find it on
    their home page.
    """
    if not ask.body.strip():
        raise InvalidInput(
            "Nothing was noted.", errors=[Fault("/body", "required", "A note needs some words.")]
        )
    open_order(tx, ask.order_id, ask.version)
    write_note(tx, ask.order_id, ask.body)
    return order_state(tx, ask.order_id)


def write_note(tx: Tx, order_id: UUID, words: str) -> int:
    """Note words that are not blank on an order that is locked; returns the note's number."""
    body = mask_cards(words.strip())
    note_no = insert_note(tx, order_id, body)
    insert_mentions(tx, order_id, note_no, _mentioned(tx, body))
    tx.emit(ORDER, order_id, NoteAdded(note_no))
    return note_no


def _mentioned(tx: Tx, body: str) -> list[UUID]:
    """Active users whom a note names, but for its author."""
    if "@" not in body:
        return []
    people = [
        (user.id, (user.name, user.email, user.email.partition("@")[0]))
        for user in list_users(tx, limit=_USERS_MAX)
        if user.active and user.id != tx.actor.id
    ]
    return find_mentioned(body, people)


_USERS_MAX = 1_000
"""Users who can be named; a larger staff names the rest in words."""


@command(permission="orders.read")
def see_mentions(tx: Tx, ask: SeeMentions) -> MentionsSeen:
    """Who acts has seen the notes of an order that name them: they leave the home page."""
    open_order(tx, ask.order_id, ask.version)
    return MentionsSeen(set_seen(tx, ask.order_id))


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
