"""Shopify: webhooks and the Admin GraphQL API, behind the protocol `channels.shops.Shop`."""
