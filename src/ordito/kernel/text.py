"""How texts that identify something are compared."""

import unicodedata


def normal_code(text: str) -> str:
    """A code as it is compared (SKU, barcode, external id): NFC, trimmed, case folded."""
    if text.isascii():
        return text.strip().lower()
    return unicodedata.normalize("NFC", text).strip().casefold()
