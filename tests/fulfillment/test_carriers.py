"""Links to carriers: only to addresses that we wrote, whatever somebody types as a number."""

from urllib.parse import urlsplit

import pytest

from ordito.fulfillment.carriers import _PAGES, tracking_url

ROGUES = ["javascript:x", "https://evil.example/", '"><script>', "1&x=2#y", "//evil", "a b", "é"]


@pytest.mark.parametrize("number", ROGUES)
@pytest.mark.parametrize("carrier", sorted(_PAGES))
def test_a_number_never_changes_where_a_link_leads(carrier: str, number: str) -> None:
    url = tracking_url(carrier.upper() + " Express", number)

    assert urlsplit(url).scheme == "https"
    assert urlsplit(url).netloc == urlsplit(_PAGES[carrier]).netloc
    assert url.startswith(_PAGES[carrier])
    assert set(url[len(_PAGES[carrier]) :]).isdisjoint("\"'<>&#?/: é")


@pytest.mark.parametrize(
    ("carrier", "number"),
    [("javascript:", "1"), ("https://evil.example", "1"), ("dhlx", "1"), ("DHL", " "), ("", "1")],
)
def test_an_unknown_carrier_has_no_link(carrier: str, number: str) -> None:
    assert tracking_url(carrier, number) == ""
