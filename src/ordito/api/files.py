"""Files of orders over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.answers import Document
from ordito.api.endpoints import Endpoint, reading, writing
from ordito.flows.attach_file import (
    AddedFile,
    AddFile,
    add_file,
    find_file,
    next_bytes,
    remove_file,
)
from ordito.kernel.asks import Ask
from ordito.listings.order_page import read_order_page
from ordito.orders.types import OrderFile
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx

TAG = "Orders"
_FILES = "/orders/{order_id}/files"
_FILE = _FILES + "/{file_no}"


class FilesOf(Ask, frozen=True, kw_only=True):
    order_id: UUID


class FileKey(Ask, frozen=True, kw_only=True):
    order_id: UUID
    file_no: Annotated[int, Meta(ge=1, le=2_147_483_647)]


class OrderFiles(msgspec.Struct, frozen=True):
    """In the order in which they were added."""

    items: tuple[OrderFile, ...]


def list_order_files(tx: Tx, params: FilesOf) -> OrderFiles:
    """What is kept with the order."""
    return OrderFiles(read_order_page(tx, params.order_id).files)


def download_order_file(db: Database, actor: Actor, params: FileKey) -> Document:
    """The file as it was sent, always to be saved: nothing in it runs."""
    with db.reading(actor) as tx:
        found = find_file(tx, params.order_id, params.file_no)
    key = (params.order_id, params.file_no)
    return Document(
        name=found.name,
        media_type=found.media_type,
        size_bytes=found.size_bytes,
        read=lambda no: next_bytes(db, actor, key, no),
    )


ENDPOINTS = [
    reading(_FILES, TAG, "List the files of an order", list_order_files, "orders.read"),
    Endpoint(
        method="POST",
        path=_FILES,
        tag=TAG,
        summary="Add a file to an order",
        description="The bytes as the body, with `name` in the query; or a form with one file."
        " Pictures, PDF, plain text, Word, Excel, PowerPoint and OpenDocument without macros, told"
        " by their content; up to 20 MB each and 50 an order. Pictures lose what they tell of"
        " places and times. `note` writes a note with it.",
        call=add_file,
        ask=AddFile,
        answer=AddedFile,
        status=201,
        kind="upload",
        problems=("file-kind-refused",),
    ),
    Endpoint(
        method="GET",
        path=_FILE,
        tag=TAG,
        summary="Download a file of an order",
        call=download_order_file,
        ask=FileKey,
        answer=None,
        kind="document",
        permission="orders.read",
    ),
    writing("DELETE", _FILE, TAG, "Erase a file of an order", remove_file),
]
