"""No one makes this server call into its own network."""

import ipaddress

import pytest

from ordito.webhooks.addresses import is_public, url_fault

INSIDE = """
    127.0.0.1 127.1 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.100.100.200
    224.0.0.1 255.255.255.255 168.63.129.16 2130706433 0x7f000001 0x7f.1 0177.0.0.1 [::1] [::]
    [::ffff:127.0.0.1] [::ffff:8.8.8.8] [::127.0.0.1] [fe80::1] [fc00::1] [fd00:ec2::254]
    [fec0::1] [ff02::1] [64:ff9b::7f00:1] [2002:7f00:1::] localhost LOCALHOST localhost.
    db.localhost printer.local metadata.google.internal
"""

OUTSIDE = """
    example.com 1.1.1.1 [2606:4700::1111] [64:ff9b::808:808] hooks.example.com:8443
"""


@pytest.mark.parametrize("host", INSIDE.split())
def test_an_address_inside_is_refused_in_every_notation(host: str) -> None:
    assert "private network" in url_fault(f"https://{host}/hook", lan=False)
    assert url_fault(f"https://{host}/hook", lan=True) == ""


@pytest.mark.parametrize("host", OUTSIDE.split())
def test_an_address_of_the_internet_is_taken(host: str) -> None:
    assert url_fault(f"https://{host}/hook?x=1", lan=False) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https:///path",
        "https://user:word@example.com/",
        "https://example.com/#part",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://[::1/",
        "https://münchen.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    assert url_fault(url, lan=False)


def test_a_wrapped_address_is_judged_by_what_is_inside() -> None:
    assert not is_public(ipaddress.ip_address("64:ff9b::a00:1"))
    assert is_public(ipaddress.ip_address("64:ff9b::808:808"))


def test_tunnels_of_the_past_are_refused_whatever_is_inside() -> None:
    for inside in ("2002:a00:1::1", "2002:808:808::1", "2001:0:808:808::1"):
        assert not is_public(ipaddress.ip_address(inside))
