"""Which files may be kept: told by what is in them, never by what they are called."""

import io
import re
import unicodedata
import zipfile

import msgspec

_ENDINGS: dict[str, tuple[str, ...]] = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/heic": ("heic", "heif"),
    "application/pdf": ("pdf",),
    "text/plain": ("txt", "csv", "tsv", "log"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "application/vnd.oasis.opendocument.presentation": ("odp",),
}
"""Media types that are kept → how names of such files end, the usual ending first."""

_OFFICE = {
    "word/document.xml": "wordprocessingml.document",
    "xl/workbook.xml": "spreadsheetml.sheet",
    "ppt/presentation.xml": "presentationml.presentation",
}
_STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": "application/pdf",
}
_HEIC_BRANDS = (b"heic", b"heix", b"heif", b"mif1", b"msf1")
NAME_MAX = 120
SHOWN_BYTES_MAX = 5_000_000
SHOWN_PIXELS_MAX = 50_000_000
_SHOWN = frozenset(("image/jpeg", "image/png", "image/gif", "image/webp"))


class Picture(msgspec.Struct, frozen=True):
    """Its size in pixels."""

    width: int
    height: int


def find_media_type(body: bytes) -> str | None:
    """The media type of what may be kept, else None: programs, pages, archives, macros."""
    for start, media_type in _STARTS.items():
        if body.startswith(start):
            return media_type
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp" and body[8:12] in _HEIC_BRANDS:
        return "image/heic"
    if body.startswith(b"PK\x03\x04"):
        return _find_office_type(body)
    return "text/plain" if _is_plain_text(body) else None


def _find_office_type(body: bytes) -> str | None:
    """Of a zip archive: only the directory is read, and a type's own small entry."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size <= 100:
                told = archive.read("mimetype").decode("ascii", "replace")
                return told if told in _ENDINGS else None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError, EOFError):
        return None
    if "[Content_Types].xml" not in names or any(n.endswith("vbaProject.bin") for n in names):
        return None
    for entry, kind in _OFFICE.items():
        if entry in names:
            return f"application/vnd.openxmlformats-officedocument.{kind}"
    return None


_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|script|svg|\?xml|iframe|!--)", re.IGNORECASE)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def _is_plain_text(body: bytes) -> bool:
    """UTF-8 without control characters, and no page that a browser would run."""
    start = body.removeprefix(b"\xef\xbb\xbf")
    if not start.strip() or start.startswith(b"#!") or _CONTROLS.search(body):
        return False
    if _MARKUP.match(start):
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def tidy_name(name: str, media_type: str) -> str:
    """A name that is safe to show and to save: no folders, no signs nobody sees, true ending."""
    last = re.split(r"[/\\]", name)[-1]
    # Category C holds controls and the marks that turn “gnp.exe” around in a list.
    seen = "".join(ch for ch in last if unicodedata.category(ch)[0] != "C" and ch not in '<>:"|?*')
    tidy = re.sub(r"\s+", " ", unicodedata.normalize("NFC", seen)).strip(" .")
    stem, dot, ending = tidy.rpartition(".")
    if not dot or ending.lower() not in _ENDINGS[media_type]:
        stem, ending = tidy, _ENDINGS[media_type][0]
    return f"{stem[: NAME_MAX - 1 - len(ending)].strip(' .') or 'file'}.{ending}"


def measure_picture(body: bytes, media_type: str) -> Picture | None:
    """How large a picture is; None for what is none, or can't be measured."""
    found: tuple[int, int] | None = None
    if media_type == "image/png" and body[12:16] == b"IHDR":
        found = _big(body[16:20]), _big(body[20:24])
    elif media_type == "image/gif":
        found = _little(body[6:8]), _little(body[8:10])
    elif media_type == "image/webp":
        found = _measure_webp(body)
    elif media_type == "image/jpeg":
        found = _measure_jpeg(body)
    if found is None or not (0 < found[0] <= 65_535 and 0 < found[1] <= 65_535):
        return None
    return Picture(*found)


def _big(digits: bytes) -> int:
    return int.from_bytes(digits, "big")


def _little(digits: bytes) -> int:
    return int.from_bytes(digits, "little")


def _measure_webp(body: bytes) -> tuple[int, int] | None:
    kind = body[12:16]
    if kind == b"VP8X":
        return _little(body[24:27]) + 1, _little(body[27:30]) + 1
    if kind == b"VP8L" and body[20:21] == b"\x2f":
        bits = _little(body[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and body[23:26] == b"\x9d\x01\x2a":
        return _little(body[26:28]) & 0x3FFF, _little(body[28:30]) & 0x3FFF
    return None


_NO_FRAME = frozenset((0xC4, 0xC8, 0xCC))


def _measure_jpeg(body: bytes) -> tuple[int, int] | None:
    """From the frame header, found by going from segment to segment."""
    at = 2
    while at + 9 <= len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            return _big(body[at + 7 : at + 9]), _big(body[at + 5 : at + 7])
        elif marker == 0xDA:
            return None
        else:
            at += 2 + max(_big(body[at + 2 : at + 4]), 2)
    return None


def is_shown(media_type: str, size_bytes: int, width: int | None, height: int | None) -> bool:
    """Whether a page may show it as a picture: of a harmless kind, and no bomb of pixels."""
    if media_type not in _SHOWN or width is None or height is None:
        return False
    return size_bytes <= SHOWN_BYTES_MAX and width * height <= SHOWN_PIXELS_MAX
