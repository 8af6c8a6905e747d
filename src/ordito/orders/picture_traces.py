"""What pictures tell beside what they show: where, when and with what they were taken.

A photo of a damaged parcel carries the home of who took it. Such parts are cut out of the file,
the picture itself is never decoded: nothing is lost of it, animations stay, and a bomb of pixels
stays shut. How a photo has to be turned is kept. What each kind of file may hold is listed here;
all else goes, and so does whatever was put behind the picture's end.
"""

import re
import struct
import zlib
from collections.abc import Callable

from ordito.orders.heic_traces import blank_heic
from ordito.orders.picture_parts import PictureDamaged, find_turn, tell_turn


def drop_traces(body: bytes, media_type: str) -> bytes:
    """The same picture without places, times, names and previews; other files as they are.

    Raises PictureDamaged when the file's parts can't be told apart.
    """
    drop = _DROPS.get(media_type)
    if drop is None:
        return body
    try:
        return drop(body)
    except (IndexError, struct.error) as fault:
        raise PictureDamaged(str(fault)) from fault


def _drop_from_jpeg(body: bytes) -> bytes:
    """Segments up to the end of the image. Phones put videos and previews behind it."""
    kept, turn, at = [body[:2]], 1, 2
    while at < len(body):
        if body[at] != _MARK:
            raise PictureDamaged("a segment begins with no marker")
        marker = body[at + 1]
        if marker == _MARK:
            at += 1
            continue
        if marker == _JPEG_END:
            kept.append(body[at : at + 2])
            break
        end = at + 2 + _length_of_segment(body, at)
        segment = body[at:end]
        if marker == _SCAN:
            found = _SCAN_END.search(body, end)
            end = found.start() if found else len(body)
            segment = body[at:end]
        elif marker == _APP1 and segment[4:10] == b"Exif\0\0":
            turn = find_turn(segment[10:])
        if _stays_in_jpeg(marker, segment):
            kept.append(segment)
        at = end
    if turn != 1:
        told = b"Exif\0\0" + tell_turn(turn)
        # JFIF wants to be first, Exif next.
        first = 2 if len(kept) > 1 and kept[1][1] == _APP0 else 1
        kept.insert(first, bytes((_MARK, _APP1)) + struct.pack(">H", len(told) + 2) + told)
    return b"".join(kept)


def _length_of_segment(body: bytes, at: int) -> int:
    length: int = struct.unpack_from(">H", body, at + 2)[0]
    if length < 2 or at + 2 + length > len(body):
        raise PictureDamaged("a segment is longer than the file")
    return length


def _stays_in_jpeg(marker: int, segment: bytes) -> bool:
    """Whether a segment is part of the image: colours are (ICC, Adobe), previews are not."""
    if marker == _APP0:
        return segment[4:9] == b"JFIF\0"
    if marker == _APP2:
        return segment[4:16] == b"ICC_PROFILE\0"
    return marker == _ADOBE or not (_APP0 <= marker <= _APP15 or marker == _COMMENT)


_MARK, _JPEG_END, _SCAN = 0xFF, 0xD9, 0xDA
_APP0, _APP1, _APP2, _ADOBE, _APP15, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _drop_from_png(body: bytes) -> bytes:
    kept, turn, at = [body[:8]], 1, 8
    while at < len(body):
        length, kind = struct.unpack_from(">I4s", body, at)
        end = at + 12 + length
        if end > len(body) or not kind.isalpha():
            raise PictureDamaged("a chunk is longer than the file")
        if kind == b"eXIf":
            turn = find_turn(body[at + 8 : end - 4])
        # A capital letter: no picture without it.
        if kind[:1].isupper() or kind in _PNG_KEPT:
            kept.append(body[at:end])
        if kind == b"IEND":
            break
        at = end
    if turn != 1 and len(kept) > 1:
        told = b"eXIf" + tell_turn(turn)
        chunk = struct.pack(">I", len(told) - 4) + told + struct.pack(">I", zlib.crc32(told))
        kept.insert(2, chunk)
    return b"".join(kept)


_PNG_KEPT = frozenset(
    b"tRNS gAMA cHRM sRGB iCCP sBIT pHYs bKGD hIST sPLT cICP mDCV cLLI acTL fcTL fdAT".split()
)


def _drop_from_webp(body: bytes) -> bytes:
    whole = 8 + int(struct.unpack_from("<I", body, 4)[0])
    if whole > len(body) + 1:
        raise PictureDamaged("the file is shorter than it says")
    kept, turn, at = [], 1, 12
    while at + 8 <= min(whole, len(body)):
        kind, length = struct.unpack_from("<4sI", body, at)
        data = body[at + 8 : at + 8 + length]
        if len(data) < length:
            raise PictureDamaged("a chunk is longer than the file")
        if kind == b"EXIF":
            turn = find_turn(data.removeprefix(b"Exif\0\0"))
        if kind in _WEBP_KEPT:
            kept.append((kind, data))
        at += 8 + length + length % 2
    flags = 0
    if turn != 1:
        kept.append((b"EXIF", tell_turn(turn)))
        flags = _WEBP_EXIF
    chunks = b"".join(_webp_chunk(kind, data, flags) for kind, data in kept)
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _webp_chunk(kind: bytes, data: bytes, flags: int) -> bytes:
    if kind == b"VP8X":
        data = bytes((data[0] & ~(_WEBP_EXIF | _WEBP_XMP) | flags,)) + data[1:]
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


_WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def _drop_from_gif(body: bytes) -> bytes:
    at = 13 + _length_of_colours(body[10])
    kept = [body[:at]]
    while at < len(body) and body[at] != _GIF_END:
        begin = at
        if body[at] == _GIF_IMAGE:
            at = _after_blocks(body, at + 11 + _length_of_colours(body[at + 9]))
            stays = True
        elif body[at] == _GIF_EXTENSION:
            named = body[at + 3 : at + 14]
            stays = body[at + 1] == _GIF_CONTROL or (
                body[at + 1] == _GIF_PROGRAM and named in _GIF_KEPT
            )
            at = _after_blocks(body, at + 2)
        else:
            raise PictureDamaged("a block is of no known kind")
        if stays:
            kept.append(body[begin:at])
    return b"".join(kept) + bytes((_GIF_END,))


def _length_of_colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(body: bytes, at: int) -> int:
    """The position after a run of sub-blocks, which an empty one ends."""
    while length := body[at]:
        at += length + 1
    return at + 1


_GIF_EXTENSION, _GIF_IMAGE, _GIF_END = 0x21, 0x2C, 0x3B
_GIF_CONTROL, _GIF_PROGRAM = 0xF9, 0xFF
_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")

_DROPS: dict[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _drop_from_jpeg,
    "image/png": _drop_from_png,
    "image/webp": _drop_from_webp,
    "image/gif": _drop_from_gif,
    "image/heic": blank_heic,
}
