"""Input: bytes become structs, or every fault of them is told at once. Owns nothing.

Invariants: a value that comes out of here can be stored (no NUL, no lone surrogate, no NaN,
integers in 64 bits, bounded decimals, years that PostgreSQL and Python share); an input that is
refused names all its faults with JSON pointers; no key is ever given twice.
"""

from ordito.platform.validation.bodies import convert, decode, decode_many

__all__ = ["convert", "decode", "decode_many"]
