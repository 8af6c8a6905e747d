"""Put a file on an order, or take it away again."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.flows.annotate_order import write_note
from ordito.flows.opened_orders import look_at_orders, open_order, require_order
from ordito.flows.order_states import order_state
from ordito.kernel.asks import Ask
from ordito.orders.asks import OrderAsk
from ordito.orders.events import FileAdded, FileRemoved
from ordito.orders.file_kinds import find_media_type, measure_picture, tidy_name
from ordito.orders.files import (
    NewFile,
    count_files,
    erase_file,
    insert_file,
    read_chunk,
    read_file,
)
from ordito.orders.orders import ORDER
from ordito.orders.picture_parts import PictureDamaged
from ordito.orders.picture_traces import drop_traces
from ordito.orders.problems import FileKindRefused
from ordito.orders.states import OrderState
from ordito.orders.types import OrderFile
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, BodyTooLarge, Fault, InvalidInput, NotFound

FILE_BYTES_MAX = 20_000_000
FILES_MAX = 50


class AddFile(Ask, frozen=True, kw_only=True):
    """Keep a file with an order. name: as it was called; note: words that belong to it."""

    order_id: UUID
    body: bytes = b""
    name: Annotated[str, Meta(min_length=1, max_length=300)] = "file"
    note: Annotated[str, Meta(max_length=5000)] = ""


class RemoveFile(OrderAsk, frozen=True, kw_only=True):
    file_no: Annotated[int, Meta(ge=1, le=2_147_483_647)]


class AddedFile(msgspec.Struct, frozen=True):
    """What was kept. The name is left out: answers are kept longer than files may be."""

    order_id: UUID
    file_no: int
    media_type: str
    size_bytes: int


@command(permission="orders.write")
def add_file(tx: Tx, ask: AddFile) -> AddedFile:
    """Keep a picture, PDF, text or office file with an order, perhaps with a note beside it.

    What it is, is told by its content; of a picture, what it tells beside what it shows goes.
    Raises FileKindRefused, BodyTooLarge, ActionNotAllowed.
    """
    media_type, body = look_at_file(ask.body)
    open_order(tx, ask.order_id)
    return keep_file(tx, ask, media_type, body)


def look_at_file(given: bytes) -> tuple[str, bytes]:
    """What a file is, and its bytes without traces; raises what `add_file` does."""
    if not given:
        fault = Fault("", "required", "The file is empty.")
        raise InvalidInput("Nothing was kept: the file is empty.", errors=[fault])
    if len(given) > FILE_BYTES_MAX:
        raise BodyTooLarge("A file may have 20 MB. Nothing was kept; send a smaller one.")
    media_type = find_media_type(given)
    if media_type is None:
        raise FileKindRefused(
            "Pictures, PDF, plain text, and Word, Excel, PowerPoint or OpenDocument files without"
            " macros can be kept. Nothing was kept."
        )
    return media_type, _without_traces(given, media_type)


def keep_file(tx: Tx, ask: AddFile, media_type: str, body: bytes) -> AddedFile:
    """Write a file that was looked at; the caller has locked the order."""
    if count_files(tx, ask.order_id) >= FILES_MAX:
        raise ActionNotAllowed(
            f"The order has {FILES_MAX} files already. Remove one that nobody needs, then try"
            " again."
        )
    note_no = write_note(tx, ask.order_id, ask.note) if ask.note.strip() else None
    new = NewFile(
        name=tidy_name(ask.name, media_type),
        media_type=media_type,
        body=body,
        picture=measure_picture(body, media_type),
        note_no=note_no,
    )
    file_no = insert_file(tx, ask.order_id, new)
    tx.emit(ORDER, ask.order_id, FileAdded(file_no, media_type, len(body), note_no))
    return AddedFile(ask.order_id, file_no, media_type, len(body))


def _without_traces(body: bytes, media_type: str) -> bytes:
    """A photo without where and when it was taken; raises FileKindRefused for a damaged one."""
    try:
        return drop_traces(body, media_type)
    except PictureDamaged:
        raise FileKindRefused(
            "The picture is damaged: where it was taken can't be found in it and left out. Open"
            " it, save it anew, and add that one. Nothing was kept."
        ) from None


@command(permission="orders.write")
def remove_file(tx: Tx, ask: RemoveFile) -> OrderState:
    """Erase a file of an order for good; its number stays on the timeline. Raises NotFound."""
    open_order(tx, ask.order_id, ask.version)
    if not erase_file(tx, ask.order_id, ask.file_no):
        raise _no_file()
    tx.emit(ORDER, ask.order_id, FileRemoved(ask.file_no))
    return order_state(tx, ask.order_id)


def find_file(tx: Tx, order_id: UUID, file_no: int) -> OrderFile:
    """A file as far as the reader may see its order; raises NotPermitted, NotFound."""
    tx.actor.require("orders.read")
    require_order(tx, look_at_orders(tx, [order_id]), order_id)
    found = read_file(tx, order_id, file_no)
    if found is None:
        raise _no_file()
    return found


def _no_file() -> NotFound:
    return NotFound("The order has no such file, or it was removed.")


def next_bytes(db: Database, actor: Actor, file: tuple[UUID, int], chunk_no: int) -> bytes:
    """A chunk of a file that `find_file` has found, in a snapshot of its own; b"" after the last.

    A slow reader holds no connection between chunks. Raises NotFound when it was removed since.
    """
    with db.reading(actor) as tx:
        chunk = read_chunk(tx, *file, chunk_no)
        if chunk is None and read_file(tx, *file) is None:
            raise _no_file()
        return chunk or b""
