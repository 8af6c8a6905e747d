"""Forms with files, as browsers and programs send them."""

from collections.abc import Sequence

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from ordito.platform.problems import InvalidInput

FIELDS_MAX = 5_000


class Sent(msgspec.Struct, frozen=True):
    """A field or a file of a form. name: of the file, "" where none was told."""

    field: str
    body: bytes
    name: str = ""
    is_file: bool = False


def is_form(content_type: bytes) -> bool:
    return parse_options_header(content_type)[0] == b"multipart/form-data"


def read_parts(content_type: bytes, body: bytes) -> list[Sent]:
    """All fields and files of a multipart form, in their order; raises InvalidInput.

    A file field that was left empty is a file without name and bytes.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise InvalidInput("The form names no boundary between its parts.")
    found: list[Sent] = []

    def keep_field(field: Field) -> None:
        found.append(Sent(_text(field.field_name), field.value or b""))
        if len(found) > FIELDS_MAX:
            raise FormParserError("too many fields")

    def keep_file(file: File) -> None:
        held = file.file_object
        held.seek(0)
        name = _text(file.file_name).replace("\\", "/").rsplit("/", 1)[-1]
        found.append(Sent(_text(file.field_name), held.read(), name[:200], is_file=True))
        file.close()

    # Nothing goes to a temporary file: the whole body is in memory already, and limited.
    config = {"MAX_MEMORY_FILE_SIZE": len(body) + 1, "MAX_BODY_SIZE": len(body) + 1}
    parser = FormParser(
        "multipart/form-data", keep_field, keep_file, boundary=boundary, config=config
    )
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as fault:
        raise InvalidInput("The form could not be read: its parts don't fit together.") from fault
    finally:
        parser.close()
    return found


def _text(given: bytes | None) -> str:
    return (given or b"").decode("utf-8", "replace").replace("\0", "")


def read_upload(content_type: bytes, body: bytes) -> Sent:
    """The one file that was sent: of a form, else the body itself. Raises InvalidInput."""
    if not is_form(content_type):
        return Sent("", body, is_file=True)
    files: Sequence[Sent] = [part for part in read_parts(content_type, body) if part.is_file]
    if len(files) != 1:
        raise InvalidInput("The form must hold exactly one file. Nothing was kept.")
    return files[0]
