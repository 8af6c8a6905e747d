"""Files on the order page: added, shown, saved, erased."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.api.answers import Answer, Document
from ordito.flows.attach_file import (
    FILES_MAX,
    AddFile,
    RemoveFile,
    add_file,
    find_file,
    next_bytes,
    remove_file,
)
from ordito.flows.opened_orders import look_at_orders, require_order
from ordito.orders.file_kinds import is_shown
from ordito.orders.types import OrderFile
from ordito.platform.problems import InvalidInput, NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.pages.order_page import order_id_of, order_url
from ordito.web.problem_pages import problem_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import UPLOAD_MAX, Route
from ordito.web.visits import Upload, Visit


def attach(visit: Visit) -> Answer:
    """Keep the files that were chosen or dropped, each alone: one may be refused."""
    visit.require("orders.write")
    order_id = order_id_of(visit)
    with visit.reading() as tx:
        require_order(tx, look_at_orders(tx, [order_id]), order_id)
    sent = [upload for field, upload in visit.uploads if field == "file"]
    if not sent:
        raise InvalidInput(_("Choose a file first. Nothing was kept."))
    refused = _keep(visit, order_id, sent)
    kept = len(sent) - len(refused)
    if refused and not kept:
        raise refused[0]
    text = ngettext("%(num)s file was added.", "%(num)s files were added.", kept)
    if refused:
        why = problem_words(refused[0])
        return visit.done(f"{text} {why}", order_url(visit), tone="attention")
    return visit.done(text, order_url(visit))


def _keep(visit: Visit, order_id: UUID, sent: Sequence[Upload]) -> list[Problem]:
    refused: list[Problem] = []
    for n, upload in enumerate(sent[:FILES_MAX]):
        words = visit.sent("words") if n == 0 else ""
        fields = {"order_id": order_id, "name": upload.name or "file", "note": words}
        ask = msgspec.structs.replace(convert(AddFile, fields), body=upload.body)
        try:
            visit.act(add_file, ask, part=str(n))
        except NotFound:
            raise
        except Problem as problem:
            refused.append(problem)
    return refused


def save_file(visit: Visit) -> Answer:
    """The file, to be saved."""
    return _send(visit, *_find(visit), shown=False)


def show_picture(visit: Visit) -> Answer:
    """A picture in its place; only those that are harmless to show."""
    order_id, file = _find(visit)
    if not is_shown(file.media_type, file.size_bytes, file.width, file.height):
        raise NotFound(_("This file is not shown as a picture; save it instead."))
    return _send(visit, order_id, file, shown=True)


def _find(visit: Visit) -> tuple[UUID, OrderFile]:
    visit.require("orders.read")
    order_id = order_id_of(visit)
    with visit.reading() as tx:
        return order_id, find_file(tx, order_id, visit.number("file"))


def _send(visit: Visit, order_id: UUID, file: OrderFile, *, shown: bool) -> Answer:
    key = (order_id, file.file_no)

    def read(no: int) -> bytes:
        return next_bytes(visit.db, visit.actor, key, no)

    document = Document(
        name=file.name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        read=read,
        shown=shown,
    )
    return Answer(200, [], read(0), document)


def remove_form(visit: Visit) -> Answer:
    """Ask before a file is erased."""
    visit.require("orders.write")
    _order_id, file = _find(visit)
    url = f"{order_url(visit)}/files/{file.file_no}/remove"
    return visit.form_page("orders/_remove_file_form.html", url=url, name=file.name)


def remove(visit: Visit) -> Answer:
    """Erase a file."""
    visit.require("orders.write")
    ask = {"order_id": order_id_of(visit), "file_no": visit.number("file")}
    visit.act(remove_file, convert(RemoveFile, ask))
    return visit.done(_("The file was removed."), order_url(visit))


_FILES = "/orders/{number:str}/files"
_FILE = _FILES + "/{file:str}"

ROUTES = [
    Route("POST", _FILES, attach, UPLOAD_MAX),
    Route("GET", _FILE, save_file),
    Route("GET", _FILE + "/picture", show_picture),
    Route("GET", _FILE + "/remove", remove_form),
    Route("POST", _FILE + "/remove", remove),
]
