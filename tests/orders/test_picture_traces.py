"""What pictures tell beside what they show goes; the picture stays, byte by byte."""

import struct
import zlib
from collections.abc import Callable

import pytest

from ordito.orders.file_kinds import measure_picture
from ordito.orders.picture_parts import PictureDamaged, find_turn, tell_turn
from ordito.orders.picture_traces import drop_traces

PLACE = b"51.7592 N 19.4560 E"


def exif(turn: int = 1, order: str = ">") -> bytes:
    """Exif with a turn and, behind it, a place; in either order of bytes."""
    start = b"MM\0*" if order == ">" else b"II*\0"
    ifd = struct.pack(f"{order}IH", 8, 2)
    make = struct.pack(f"{order}HHII", 0x010F, 2, 5, 50)
    turned = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turn, 0)
    return start + ifd + make + turned + bytes(4) + PLACE


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
COLOURS = segment(0xE2, b"ICC_PROFILE\0\1\1colours")
TABLE = segment(0xDB, b"\0" + bytes(range(64)))
FRAME = segment(0xC2, b"\x08" + struct.pack(">HHB", 50, 60, 1) + b"\1\x11\0")
SCANS = segment(0xDA, b"\1\1\0\0\x3f\0") + b"abc\xff\0def\xff\xd0ghi"
SCANS += segment(0xC4, b"more codes") + segment(0xDA, b"\1\1\0\0\x3f\0") + b"xyz"
END = b"\xff\xd9"


def jpeg(turn: int) -> bytes:
    traces = segment(0xE1, b"Exif\0\0" + exif(turn)) + segment(
        0xE1, b"http://ns.adobe.com " + PLACE
    )
    more = segment(0xE2, b"MPF\0" + PLACE) + segment(0xED, PLACE) + segment(0xFE, PLACE)
    behind = b"\xff\xd8" + segment(0xE1, PLACE) + END
    return b"\xff\xd8" + JFIF + traces + COLOURS + more + TABLE + FRAME + SCANS + END + behind


def test_a_jpeg_keeps_its_image_its_colours_and_its_turn() -> None:
    image = COLOURS + TABLE + FRAME + SCANS + END
    assert drop_traces(jpeg(1), "image/jpeg") == b"\xff\xd8" + JFIF + image

    turned = drop_traces(jpeg(6), "image/jpeg")

    assert turned == b"\xff\xd8" + JFIF + segment(0xE1, b"Exif\0\0" + tell_turn(6)) + image
    assert drop_traces(turned, "image/jpeg") == turned


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_png_keeps_what_its_picture_and_its_animation_need() -> None:
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">II5B", 640, 480, 8, 2, 0, 0, 0))
    moves = chunk(b"acTL", bytes(8)) + chunk(b"IDAT", b"pixels") + chunk(b"fdAT", b"more pixels")
    end = chunk(b"IEND", b"")
    traces = chunk(b"tEXt", b"Comment\0" + PLACE) + chunk(b"tIME", bytes(7)) + chunk(b"caBX", PLACE)
    body = start + chunk(b"eXIf", exif(8, "<")) + traces + moves + end + PLACE

    kept = drop_traces(body, "image/png")

    assert kept == start + chunk(b"eXIf", tell_turn(8)) + moves + end
    assert drop_traces(start + traces + moves + end, "image/png") == start + moves + end


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WEBP" + parts


def test_a_webp_says_of_itself_what_it_still_has() -> None:
    wide = b"\0\0\0\x7f\x02\0\xdf\x01\0"
    moves = ((b"ANIM", bytes(6)), (b"ANMF", b"one frame"))
    body = riff(
        (b"VP8X", b"\x2e" + wide), *moves, (b"EXIF", exif(3)), (b"XMP ", PLACE), (b"OWN ", PLACE)
    )

    kept = drop_traces(body + PLACE, "image/webp")

    assert kept == riff((b"VP8X", b"\x2a" + wide), *moves, (b"EXIF", tell_turn(3)))
    assert measure_picture(kept, "image/webp") == measure_picture(body, "image/webp")
    simple = riff((b"VP8 ", b"pixels."))
    assert drop_traces(simple, "image/webp") == simple
    unturned = riff((b"VP8X", b"\x0c" + wide), (b"VP8L", b"\x2f1234"), (b"EXIF", exif()))
    assert drop_traces(unturned, "image/webp") == riff(
        (b"VP8X", b"\0" + wide), (b"VP8L", b"\x2f1234")
    )


def test_a_gif_goes_on_moving() -> None:
    start = b"GIF89a" + struct.pack("<HHB", 12, 34, 0x80) + bytes(2 + 6)
    again = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    frame = b"\x21\xf9\x04\0\0\0\0\0" + b"\x2c" + bytes(8) + b"\x81" + bytes(12) + b"\x02\x03abc\0"
    told = b"\x21\xfe" + bytes((len(PLACE),)) + PLACE + b"\0"
    adobe = b"\x21\xff\x0bXMP DataXMP\x02<x\0"

    assert drop_traces(
        start + again + told + frame + adobe + frame + b";" + PLACE, "image/gif"
    ) == (start + again + frame + frame + b";")


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data) + 8, kind) + data


def heic(version: int, position: int) -> bytes:
    """A photo whose image and Exif lie in `mdat`, and its XMP in `idat` where that is known."""
    kinds = ((1, b"hvc1"), (2, b"Exif"), (3, b"mime"))
    entries = b"".join(
        box(b"infe", b"\2\0\0\0" + struct.pack(">HH4s", item, 0, what) + b"\0")
        for item, what in kinds
    )
    infos = box(b"iinf", bytes(4) + struct.pack(">H", 3) + entries)
    method = struct.pack(">H", 1) if version else b""
    places = [(1, b"", position, 6), (2, b"", position + 6, len(PLACE))]
    if version:
        places = [(item, b"\0\0", at, size) for item, _method, at, size in places]
        places.append((3, method, 2, len(PLACE)))
    rows = b"".join(
        struct.pack(">H", item) + how + struct.pack(">HHII", 0, 1, at, size)
        for item, how, at, size in places
    )
    listed = bytes((version, 0, 0, 0, 0x44, 0)) + struct.pack(">H", len(places)) + rows
    inner = infos + box(b"iloc", listed) + box(b"idat", b"__" + PLACE if version else b"__")
    meta = box(b"meta", bytes(4) + inner)
    own = box(b"uuid", b"0123456789abcdef" + PLACE)
    film = box(b"moov", box(b"trak", b"pixels") + box(b"udta", PLACE))
    return box(b"ftyp", b"heic\0\0\0\0mif1") + meta + own + film + box(b"mdat", b"IMAGE!" + PLACE)


@pytest.mark.parametrize("version", [0, 1])
def test_a_heic_photo_keeps_every_position(version: int) -> None:
    body = heic(version, len(heic(version, 0)) - 6 - len(PLACE))

    kept = drop_traces(body, "image/heic")

    assert PLACE in body
    assert PLACE not in kept
    assert len(kept) == len(body)
    blank = bytes(len(PLACE))
    expected = body.replace(b"0123456789abcdef", bytes(16)).replace(PLACE, blank)
    assert kept == expected
    assert kept.endswith(b"IMAGE!" + blank)
    assert b"pixels" in kept


def test_other_files_stay_as_they_are() -> None:
    assert drop_traces(b"%PDF-1.7 " + PLACE, "application/pdf") == b"%PDF-1.7 " + PLACE


PNG_START = b"\x89PNG\r\n\x1a\n"
DAMAGED: dict[str, tuple[str, bytes]] = {
    "a JPEG's segment": ("image/jpeg", b"\xff\xd8" + b"\xff\xe1\xff\xff" + PLACE),
    "no marker": ("image/jpeg", b"\xff\xd8" + JFIF + PLACE),
    "a JPEG's end": ("image/jpeg", b"\xff\xd8\xff"),
    "a PNG's chunk": ("image/png", PNG_START + struct.pack(">I4s", 10**6, b"eXIf") + PLACE),
    "a PNG's kind": ("image/png", PNG_START + chunk(b"\0\0\0\0", PLACE)),
    "a PNG's end": ("image/png", PNG_START + b"\0\0"),
    "a WebP's size": ("image/webp", b"RIFF" + struct.pack("<I", 10**6) + b"WEBP" + PLACE),
    "a WebP's chunk": ("image/webp", riff((b"EXIF", PLACE)).replace(b"EXIF\x13", b"EXIF\xff")),
    "a GIF's block": ("image/gif", b"GIF89a" + bytes(7) + PLACE),
    "a GIF's end": ("image/gif", b"GIF89a" + bytes(7) + b"\x21\xfe\xff" + PLACE),
    "a HEIC's box": ("image/heic", box(b"ftyp", b"heic")[:-1]),
    "a HEIC's item": ("image/heic", heic(1, 10**6)),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_picture_is_refused_and_never_kept_with_its_traces(what: str) -> None:
    media_type, body = DAMAGED[what]
    with pytest.raises(PictureDamaged):
        drop_traces(body, media_type)


def test_a_heic_photo_in_a_million_pieces_is_refused_at_once() -> None:
    row = struct.pack(">HHH", 2, 0, 65_535)
    listed = box(b"iloc", bytes(4) + b"\0\0" + struct.pack(">H", 65_535) + row * 65_535)
    infos = box(b"iinf", bytes(4) + struct.pack(">H", 0))
    body = box(b"ftyp", b"heic\0\0\0\0") + box(b"meta", bytes(4) + infos + listed)
    with pytest.raises(PictureDamaged, match="pieces"):
        drop_traces(body, "image/heic")


@pytest.mark.parametrize(
    ("told", "turn"),
    [
        (exif(6), 6),
        (exif(3, "<"), 3),
        (exif(9), 1),
        (exif(6)[:20], 1),
        (b"", 1),
        (b"MM\0*\xff\xff\xff\xff", 1),
        (tell_turn(5), 5),
    ],
)
def test_the_turn_is_read_where_it_is_told(told: bytes, turn: int) -> None:
    assert find_turn(told) == turn


def test_no_kind_of_damage_gets_out_as_another_error() -> None:
    """Every picture cut anywhere, or with a byte turned round, is cleaned or refused."""
    kinds: dict[str, Callable[[], bytes]] = {
        "image/jpeg": lambda: jpeg(6),
        "image/heic": lambda: heic(1, 300),
        "image/webp": lambda: riff((b"VP8X", bytes(10)), (b"EXIF", exif(3)), (b"VP8 ", b"pixels")),
        "image/png": lambda: PNG_START + chunk(b"IHDR", bytes(13)) + chunk(b"eXIf", exif(4)),
        "image/gif": lambda: b"GIF89a" + bytes(7) + b"\x21\xfe\x02ab\0;",
    }
    for media_type, made in kinds.items():
        whole = made()
        for at in range(12, len(whole)):
            turned = whole[:at] + bytes((whole[at] ^ 0xFF,)) + whole[at + 1 :]
            for body in (whole[:at], turned):
                try:
                    drop_traces(body, media_type)
                except PictureDamaged:
                    continue
