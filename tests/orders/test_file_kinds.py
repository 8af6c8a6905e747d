"""What a file is, told by its content."""

import io
import struct
import zipfile

import pytest

from ordito.orders.file_kinds import find_media_type, is_shown, measure_picture, tidy_name

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 12, 34)
JPEG = b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + b"\xff\xc2\x00\x0b\x08" + struct.pack(">HH", 50, 60)
WEBP = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0"
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\x05\0\0\0\x2f" + struct.pack("<I", 99 | 49 << 14)


def zipped(*names: str, mimetype: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument."
SHEET = "application/vnd.oasis.opendocument.spreadsheet"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (PNG, "image/png"),
        (GIF, "image/gif"),
        (JPEG, "image/jpeg"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (WEBP, "image/webp"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", None),
        (b"%PDF-1.7\n", "application/pdf"),
        ("Zażółć\r\ngęślą;1\n".encode(), "text/plain"),
        (b"\xef\xbb\xbfsku;qty\n", "text/plain"),
        (b"  \n", None),
        (b"#!/bin/sh\n", None),
        (b" <!DOCTYPE html><p>", None),
        (b"<svg xmlns='x'/>", None),
        (b"a\0b", None),
        (b"\xfe\xed", None),
        (b"MZ\x90\x00", None),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
        (zipped("[Content_Types].xml", "word/document.xml"), OFFICE + "wordprocessingml.document"),
        (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (zipped("a.exe"), None),
        (zipped("content.xml", mimetype=SHEET), SHEET),
        (zipped("content.xml", mimetype="text/html"), None),
        (b"PK\x03\x04 no archive", None),
    ],
)
def test_content_says_what_a_file_is(body: bytes, media_type: str | None) -> None:
    assert find_media_type(body) == media_type


@pytest.mark.parametrize(
    ("name", "media_type", "tidy"),
    [
        ("scan.PDF", "application/pdf", "scan.PDF"),
        ("evil.exe", "application/pdf", "evil.exe.pdf"),
        ("page.html", "text/plain", "page.html.txt"),
        ("C:\\tmp\\..\\żółw.jpeg", "image/jpeg", "żółw.jpeg"),
        ("a\u202egnp.exe", "image/png", "agnp.exe.png"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("", "image/gif", "file.gif"),
        ("x" * 300 + ".csv", "text/plain", "x" * 116 + ".csv"),
        ("a\r\nb: c.txt", "text/plain", "ab c.txt"),
    ],
)
def test_names_are_safe_and_end_truly(name: str, media_type: str, tidy: str) -> None:
    assert tidy_name(name, media_type) == tidy


@pytest.mark.parametrize(
    ("body", "media_type", "size"),
    [
        (PNG, "image/png", (640, 480)),
        (GIF, "image/gif", (12, 34)),
        (JPEG, "image/jpeg", (60, 50)),
        (WEBP, "image/webp", (640, 480)),
        (LOSSLESS, "image/webp", (100, 50)),
        (b"\xff\xd8\xff", "image/jpeg", None),
        (b"\xff\xd8\xff\xda" + bytes(20), "image/jpeg", None),
        (PNG[:12], "image/png", None),
        (b"%PDF-", "application/pdf", None),
    ],
)
def test_pictures_are_measured(body: bytes, media_type: str, size: tuple[int, int] | None) -> None:
    found = measure_picture(body, media_type)
    assert (found and (found.width, found.height)) == size


def test_only_harmless_pictures_are_shown() -> None:
    assert is_shown("image/png", 5_000_000, 8000, 6000)
    assert not is_shown("image/png", 5_000_001, 10, 10)
    assert not is_shown("image/png", 1000, 60_000, 60_000)
    assert not is_shown("image/png", 1000, None, None)
    assert not is_shown("image/heic", 1000, 10, 10)
    assert not is_shown("application/pdf", 1000, None, None)
