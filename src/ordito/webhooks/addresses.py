"""Which addresses may be called: no one makes this server call into its own network.

Calculators only; the adapter resolves names, asks here, and connects to what was checked.
"""

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

LAN = "webhooks.lan"
"""Under this name a process keeps whether http and private addresses may be called."""

_LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_NEVER = frozenset({IPv4Address("168.63.129.16")})
"""Public by their number, but the inside of a cloud: Azure's own services."""


def url_fault(url: str, *, lan: bool) -> str:
    """What is wrong with an endpoint's address; "" when nothing is.

    Names are not resolved: that happens before each call, since they change.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "Expected letters of ASCII without blanks; write others in their encoded form."
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "This is no address. Expected https://host/path."
    if parts.scheme not in {"https", "http"} or not host:
        return "Expected an address that begins with https://."
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "Leave login and fragment out of the address; messages are signed."
    return "" if lan else _private_fault(parts.scheme, host)


def _private_fault(scheme: str, host: str) -> str:
    if scheme != "https":
        return "Expected https. For tests ORDITO_WEBHOOKS_LAN=true allows http."
    if _is_local_name(host) or not _may_be_public(host):
        return "This address is inside a private network; ORDITO_WEBHOOKS_LAN=true allows that."
    return ""


def _is_local_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES)


def _may_be_public(host: str) -> bool:
    """False for numbers, in any notation, that are not public; True for names."""
    try:
        return is_public(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        # Also 2130706433, 0x7f.1 and 0177.0.0.1: what the system's resolver understands.
        return is_public(IPv4Address(socket.inet_aton(host)))
    except (OSError, ValueError):
        return True


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the open internet, and so is the one wrapped inside it.

    Tunnels of the past (6to4, Teredo) are refused whole: nobody serves there, and versions of
    Python differ in what they say of them.
    """
    if address in _NEVER or address.is_multicast or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return True
    if address.is_site_local or address.ipv4_mapped or address in _COMPATIBLE:
        return False
    if address.sixtofour or address.teredo:
        return False
    return address not in _NAT64 or is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
