"""Whether a delivery zone holds an address."""

from collections.abc import Iterable

from ordito.kernel.addresses import normal_postal_code
from ordito.locations.distances import Position, km_between
from ordito.locations.local_types import Zone

RANGE_SIGN = ".."
PREFIX_SIGN = "*"


def holds_address(
    zone: Zone, country: str, postal_code: str, *, here: Position | None, there: Position | None
) -> bool:
    """Whether an address is in the zone. here: the location; there: where the address is.

    A position that is only the middle of a country is near to nothing.
    """
    if not zone.active or zone.country != country:
        return False
    if is_listed(zone.postal_codes, postal_code):
        return True
    if zone.radius_km is None or here is None or there is None or not there.exact:
        return False
    return km_between(here, there) <= zone.radius_km


def is_listed(entries: Iterable[str], postal_code: str) -> bool:
    """Whether a code is among codes, beginnings (803*) and ranges (80331..80339)."""
    code = normal_postal_code(postal_code)
    return bool(code) and any(_fits(entry, code) for entry in entries)


def _fits(entry: str, code: str) -> bool:
    first, sign, last = entry.partition(RANGE_SIGN)
    if sign:
        low, high = normal_postal_code(first), normal_postal_code(last)
        # As text: codes of one length are in the order of their characters, zeros in front count.
        return len(code) == len(low) and low <= code <= high
    plain = normal_postal_code(entry)
    if plain.endswith(PREFIX_SIGN):
        return code.startswith(plain[:-1])
    return code == plain


def find_entry_fault(entry: str) -> str | None:
    """What is wrong with one of a zone's postal codes, in words; None when nothing is."""
    first, sign, last = entry.partition(RANGE_SIGN)
    if sign:
        low, high = normal_postal_code(first), normal_postal_code(last)
        if not (low.isalnum() and high.isalnum()):
            return f"“{entry}” is no range: write the first and the last code, 80331..80339."
        if len(low) != len(high):
            return f"“{entry}”: the first and the last code of a range are equally long."
        return None if low <= high else f"“{entry}” ends before it begins."
    plain = normal_postal_code(entry)
    if not plain.removesuffix(PREFIX_SIGN).isalnum():
        return f"“{entry}” is no postal code: write 80331, 803* or 80331..80339."
    return None
