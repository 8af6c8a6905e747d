"""All endpoints: routes, OpenAPI and tests are made from this one list."""

from ordito.api import (
    access,
    catalog,
    events,
    fulfillment,
    intake,
    inventory,
    orders,
    settings,
    shops,
)

ENDPOINTS = [
    *orders.ENDPOINTS,
    *fulfillment.ENDPOINTS,
    *inventory.ENDPOINTS,
    *catalog.ENDPOINTS,
    *settings.ENDPOINTS,
    *shops.ENDPOINTS,
    *intake.ENDPOINTS,
    *events.ENDPOINTS,
    *access.ENDPOINTS,
]
