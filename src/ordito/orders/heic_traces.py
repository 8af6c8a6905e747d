"""What HEIC photos tell beside what they show: overwritten in its place.

Positions are written down all over such a file, so nothing is cut out: Exif and XMP are items whose
bytes are set to 0. How the photo is turned is no part of them.
"""

import struct
from collections.abc import Iterator

from ordito.orders.picture_parts import PictureDamaged

Box = tuple[bytes, int, int]
"""(kind, where its content begins, where it ends)"""


def blank_heic(body: bytes) -> bytes:
    """The photo with its Exif, XMP and user data set to 0. Raises PictureDamaged, struct.error."""
    left = bytearray(body)
    for kind, begin, end in _boxes(body, 0, len(body)):
        if kind == b"meta":
            for start, length in _traces(body, begin, end):
                if start + length > len(body):
                    raise PictureDamaged("an item is longer than the file")
                left[start : start + length] = bytes(length)
        elif kind == b"uuid":
            left[begin:end] = bytes(end - begin)
        elif kind == b"moov":
            for name, start, stop in _boxes(body, begin, end):
                if name in (b"udta", b"meta"):
                    left[start:stop] = bytes(stop - start)
    return bytes(left)


def _boxes(body: bytes, at: int, end: int) -> Iterator[Box]:
    """The boxes between two positions."""
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", body, at)
        begin = at + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", body, begin)
            begin += 8
        stop = end if length == 0 else at + length
        if not begin <= stop <= end:
            raise PictureDamaged("a box is longer than what it lies in")
        yield kind, begin, stop
        at = stop


def _traces(body: bytes, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the items lie that hold Exif or XMP: (position, length) in the file."""
    # A version and flags come before the boxes in it.
    inner = {kind: (start, stop) for kind, start, stop in _boxes(body, begin + 4, end)}
    if b"iinf" not in inner or b"iloc" not in inner:
        return
    items = set(_trace_items(body, *inner[b"iinf"]))
    data = inner.get(b"idat", (0, 0))[0]
    for item, method, start, length in _places(body, *inner[b"iloc"]):
        if item in items and method in (_IN_FILE, _IN_DATA):
            yield start + (data if method == _IN_DATA else 0), length


def _trace_items(body: bytes, begin: int, end: int) -> Iterator[int]:
    """The numbers of items that are Exif, or text such as XMP."""
    begin += 6 if body[begin] == 0 else 8
    for kind, start, _stop in _boxes(body, begin, end):
        version = body[start]
        if kind != b"infe" or version < 2:
            continue
        form = ">HH4s" if version == 2 else ">IH4s"
        item, _protection, what = struct.unpack_from(form, body, start + 4)
        if what in (b"Exif", b"mime", b"uri "):
            yield item


def _places(body: bytes, begin: int, _end: int) -> Iterator[tuple[int, int, int, int]]:
    """(item, method, position, length) of every piece of every item, as `iloc` lists them."""
    reader = _Reader(body, begin + 4)
    version = body[begin]
    sizes = reader.number(2)
    size_of = [sizes >> shift & 15 for shift in (12, 8, 4, 0)]
    offset_size, length_size, base_size = size_of[:3]
    index_size = size_of[3] if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    left = _PIECES_MAX
    for _ in range(reader.number(wide)):
        item = reader.number(wide)
        method = reader.number(2) & 15 if version in (1, 2) else _IN_FILE
        reader.number(2)
        base = reader.number(base_size)
        pieces = reader.number(2)
        left -= 1 + pieces
        if left < 0:
            raise PictureDamaged("its parts are in too many pieces")
        for _piece in range(pieces):
            reader.number(index_size)
            offset = reader.number(offset_size)
            yield item, method, base + offset, reader.number(length_size)


class _Reader:
    """Numbers one after the other."""

    def __init__(self, body: bytes, at: int) -> None:
        self.body = body
        self.at = at

    def number(self, size: int) -> int:
        """The next number, of so many bytes; raises IndexError after the end."""
        found = self.body[self.at : self.at + size]
        if len(found) < size:
            raise IndexError("a list is longer than the file")
        self.at += size
        return int.from_bytes(found, "big")


_IN_FILE, _IN_DATA = 0, 1
_PIECES_MAX = 10_000
"""A photo of 48 million pixels has some 300."""
