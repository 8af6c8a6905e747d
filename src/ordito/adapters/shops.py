"""The kinds of shops that a channel can be connected to."""

from ordito.adapters.shopify.shop import Shopify
from ordito.channels.shops import Shop

SHOPS: dict[str, Shop] = {"shopify": Shopify()}
