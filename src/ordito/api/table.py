"""All endpoints: routes, OpenAPI and tests are made from this one list."""

from ordito.api import (
    access,
    catalog,
    cycle_counts,
    desk,
    events,
    fulfillment,
    home,
    intake,
    inventory,
    mails,
    orders,
    settings,
    shops,
    transfers,
    webhooks,
)

ENDPOINTS = [
    *home.ENDPOINTS,
    *orders.ENDPOINTS,
    *desk.ENDPOINTS,
    *fulfillment.ENDPOINTS,
    *inventory.ENDPOINTS,
    *transfers.ENDPOINTS,
    *cycle_counts.ENDPOINTS,
    *catalog.ENDPOINTS,
    *settings.ENDPOINTS,
    *mails.ENDPOINTS,
    *shops.ENDPOINTS,
    *intake.ENDPOINTS,
    *events.ENDPOINTS,
    *access.ENDPOINTS,
    *webhooks.ENDPOINTS,
]
