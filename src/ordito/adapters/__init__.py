"""The world outside: one folder for each kind of system that Ordito talks to."""

from ordito.adapters.shopify.shop import Shopify
from ordito.channels.shops import Shop

SHOPS: dict[str, Shop] = {"shopify": Shopify()}
"""The kinds of shops that a channel can be connected to."""
