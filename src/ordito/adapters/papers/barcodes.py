"""Code 128 barcodes as SVG."""

from functools import lru_cache

from ordito.adapters.papers.problems import PapersMissing

BARCODE_MAX = 60
"""Longer codes would be too fine to scan on these papers."""


@lru_cache(maxsize=20_000)
def code_128(text: str) -> str:
    """The bars of a text, without letters below; "" for what a Code 128 can't hold.

    Raises PapersMissing.
    """
    try:
        import zint
    except ImportError as fault:
        raise PapersMissing('Install them with: pip install "ordito[pdf]".') from fault
    if not text or len(text) > BARCODE_MAX or not text.isascii() or not text.isprintable():
        return ""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.CODE128
    symbol.show_text = False
    symbol.encode(text)
    symbol.buffer_vector()
    bars = symbol.vector
    path = "".join(
        f"M{bar.x:g} {bar.y:g}h{bar.width:g}v{bar.height:g}h-{bar.width:g}z"
        for bar in bars.rectangles
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {bars.width:g} {bars.height:g}"'
        f' preserveAspectRatio="none"><path d="{path}"/></svg>'
    )
