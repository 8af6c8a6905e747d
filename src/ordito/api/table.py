"""All endpoints: routes, OpenAPI and tests are made from this one list."""

from ordito.api import (
    access,
    catalog,
    desk,
    events,
    files,
    fulfillment,
    home,
    intake,
    inventory,
    mails,
    orders,
    papers,
    settings,
    shops,
    watches,
    webhooks,
)

ENDPOINTS = [
    *home.ENDPOINTS,
    *orders.ENDPOINTS,
    *files.ENDPOINTS,
    *desk.ENDPOINTS,
    *fulfillment.ENDPOINTS,
    *papers.ENDPOINTS,
    *inventory.ENDPOINTS,
    *catalog.ENDPOINTS,
    *settings.ENDPOINTS,
    *mails.ENDPOINTS,
    *shops.ENDPOINTS,
    *intake.ENDPOINTS,
    *events.ENDPOINTS,
    *access.ENDPOINTS,
    *watches.ENDPOINTS,
    *webhooks.ENDPOINTS,
]
