"""All endpoints: routes, OpenAPI and tests are made from this one list."""

from ordito.api import (
    access,
    catalog,
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
    sourcing,
    webhooks,
)

ENDPOINTS = [
    *home.ENDPOINTS,
    *orders.ENDPOINTS,
    *desk.ENDPOINTS,
    *fulfillment.ENDPOINTS,
    *inventory.ENDPOINTS,
    *catalog.ENDPOINTS,
    *settings.ENDPOINTS,
    *sourcing.ENDPOINTS,
    *mails.ENDPOINTS,
    *shops.ENDPOINTS,
    *intake.ENDPOINTS,
    *events.ENDPOINTS,
    *access.ENDPOINTS,
    *webhooks.ENDPOINTS,
]
