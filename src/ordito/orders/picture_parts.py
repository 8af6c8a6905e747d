"""What pictures of several kinds share: how they are turned, and that they can be damaged."""

import struct


class PictureDamaged(Exception):
    """The parts of a picture's file can't be told apart."""


def find_turn(exif: bytes) -> int:
    """How a photo has to be turned and mirrored, 1 (not at all) to 8; 1 where it isn't told."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, first)
        for n in range(min(entries, _ENTRIES_MAX)):
            tag, kind, count, turn = struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * n)
            if (tag, kind, count) == (_ORIENTATION, _SHORT, 1) and 1 <= turn <= 8:
                return int(turn)
    except struct.error:
        # What can't be read turns nothing; it is dropped all the same.
        return 1
    return 1


def tell_turn(turn: int) -> bytes:
    """Exif data that holds nothing but how the photo is turned."""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, turn, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)


_ORIENTATION = 0x0112
_SHORT = 3
_ENTRIES_MAX = 1000
